"""HTML: what a browser without scripts shows, and what is said of the rest."""

from __future__ import annotations

import pytest

from ix.errors import DocumentError
from ix.extraction import documents
from ix.extraction.documents import Limits, OpenedPage

LIMITS = Limits(pages=3, pixels=1_000_000)


def read(html: str, encoding: str = "utf-8") -> OpenedPage:
    (page,) = documents.read(f"<!DOCTYPE html>{html}".encode(encoding), LIMITS)
    return page


def text(page: OpenedPage) -> str:
    return " ".join(word.text for word in page.words)


def lefts(page: OpenedPage, *wanted: str) -> int:
    return len({word.box[0] for word in page.words if word.text in wanted})


def rows(page: OpenedPage) -> list[list[str]]:
    """The words of each line."""
    found: dict[float, list[str]] = {}
    for word in page.words:
        found.setdefault(word.box[1], []).append(word.text)
    return list(found.values())


def test_words_are_joined_over_tags_and_parted_by_blocks() -> None:
    page = read("<p>In<b>voice</b> <i>45</i><br>next</p><div>a</div><div>b</div><ul><li>c<li>d</ul>")
    assert rows(page) == [["Invoice", "45"], ["next"], ["a"], ["b"], ["c"], ["d"]]


def test_columns_of_a_table_are_columns_of_the_page() -> None:
    page = read("<table><tr><th>Item<th>Price<tr><td>Bolt M4<td>1,50&nbsp;€<tr><td>Nut<td>0,75</table>")
    assert rows(page) == [["Item", "Price"], ["Bolt", "M4", "1,50", "€"], ["Nut", "0,75"]]
    assert lefts(page, "Price", "1,50", "0,75") == lefts(page, "Item", "Bolt", "Nut") == 1


def test_cells_that_reach_over_others_keep_the_columns() -> None:
    page = read(
        "<table><tr><td rowspan=2>A<td>b<td>c<tr><td>d<td>e<tr><td colspan=2>Total<td>f<tr><td colspan=x>g<td>h</table>"
    )
    assert rows(page) == [["A", "b", "c"], ["d", "e"], ["Total", "f"], ["g", "h"]]
    assert lefts(page, "c", "e", "f") == lefts(page, "b", "d", "h") == 1


def test_tables_for_the_layout_are_none() -> None:
    inner = "<table><tr><td>a<td>b<tr><td>c<td>d</table>"
    page = read(f"<table><tr><td>{'long ' * 15}</td></tr><tr><td>{inner}</td></tr><tr><td></td></tr></table>")
    assert lefts(page, "a", "c") == lefts(page, "b", "d") == 1
    assert page.words[0].box[0] == page.words[-2].box[0]


@pytest.mark.parametrize(
    "hidden",
    [
        "<div style='display:none'>secret</div>",
        "<span style='color:red; visibility: hidden'>secret</span>",
        "<p hidden>secret</p>",
        "<p style='font-size:0px'>secret</p>",
        "<p style='opacity:0'>secret</p>",
        "<style>.x, #y { display : none } @media print { .z { color: red } }</style><p class=x>secret</p>",
        "<table><tr style='display:none'><td>secret</table>",
    ],
)
def test_what_is_hidden_is_told_and_not_read(hidden: str) -> None:
    page = read(f"<p>seen</p>{hidden}")
    assert text(page) == "seen"
    assert page.warnings == ["parts that a person cannot see and that were not read: 1"]


@pytest.mark.parametrize(
    "silent",
    ["<script>var secret</script>", "<style>.secret{}</style>", "<!-- secret -->", "<template>secret</template>"],
)
def test_what_no_browser_shows_is_not_read(silent: str) -> None:
    page = read(f"<head><title>secret</title></head><p>seen{silent}</p>")
    assert (text(page), page.warnings) == ("seen", [])


def test_rules_for_print_or_small_screens_hide_nothing() -> None:
    page = read("<style>@media (max-width:600px) { .a { display:none } }</style><p class=a>seen</p>")
    assert (text(page), page.warnings) == ("seen", [])


def test_fields_of_forms_show_their_values_and_pictures_are_counted() -> None:
    page = read(
        "<input value=12.50><input type=hidden value=secret><select><option>a<option selected>b</select>"
        "<textarea>note</textarea><img src=x><img src=y width=1 height=1>"
    )
    assert text(page) == "12.50 b note"
    assert page.warnings == ["pictures that were not read: 1"]


@pytest.mark.parametrize("encoding", ["iso-8859-2", "windows-1250", "utf-8", "utf-16"])
def test_it_is_read_in_the_encoding_that_it_names(encoding: str) -> None:
    page = read(f"<meta charset={encoding}><p>Zakład, do zapłaty 12,50 zł", encoding)
    assert (text(page), page.warnings) == ("Zakład, do zapłaty 12,50 zł", [])


def test_a_wrong_name_of_the_encoding_does_no_harm() -> None:
    assert text(read("<meta charset=iso-8859-1><p>Zakład", "utf-8")) == "Zakład"
    assert text(read("<meta charset=none-such><p>Müller", "utf-8")) == "Müller"


@pytest.mark.parametrize("start", ["<html>", "<?xml version='1.0'?><html>", "\n<!-- a --><body>", "<table>", "<p>"])
def test_it_is_told_by_its_first_element(start: str) -> None:
    assert documents.recognised(f"{start}<p>Total 12.50".encode()).name == "HTML"


def test_elements_in_each_other_have_a_limit() -> None:
    assert text(read("<div>" * 150 + "deep")) == "deep"
    with pytest.raises(DocumentError, match="in each other"):
        read("<b>" * 300 + "deep")
    with pytest.raises(DocumentError, match="in each other"):
        read("<table><tr><td>" * 150 + "deep")
