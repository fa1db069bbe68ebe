"""Layout: words become lines, lines fall into cells, and cells are read row by row or column by column."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ix.extraction.evidence.columns import column_order, row_order
from ix.extraction.layout import around, clamped, joined, lines, overlap
from ix.extraction.page import Page, Word

ROWS = (
    "Blue Kettle Ltd            Invoice 4711",
    "12 Mill Lane               1 May 2020",
    "Lewes",
    "Kettle                   2      10.00     20.00",
    "Lid                      1       5.00      5.00",
    "Handle                   3       1.00      3.00",
    "Cash on delivery, no discount",
    "Total                                     28.00",
    "Thank you",
)


def page(*rows: str, skew: float = 0.0) -> Page:
    """Text on a grid: characters are 1/60 of the width, lines 1/40 of the height; `skew` lowers a word by that part of
    its distance from the left edge."""
    words = [_word(match, at, skew) for at, row in enumerate(rows) for match in re.finditer(r"\S+", row)]
    return Page(1, 600, 800, tuple(words))


def _word(match: re.Match[str], at: int, skew: float) -> Word:
    left, right = match.start() / 60, match.end() / 60
    top = at / 40 + skew * (left + right) / 2
    return Word(match.group(), (left, top + 0.004, right, top + 0.021))


def texts(of: Page) -> list[str]:
    return [line.text for line in lines(of)]


PLAIN = [" ".join(row.split()) for row in ROWS]


def test_words_at_one_height_are_a_line_from_left_to_right() -> None:
    assert texts(page(*ROWS)) == PLAIN


@given(st.integers())
def test_the_order_in_which_a_source_gives_words_does_not_matter(seed: int) -> None:
    words = list(page(*ROWS).words)
    random.Random(seed).shuffle(words)
    assert texts(Page(1, 600, 800, tuple(words))) == PLAIN


@given(st.floats(min_value=-0.03, max_value=0.03))
def test_a_slight_skew_is_undone(skew: float) -> None:
    assert texts(page(*ROWS, skew=skew)) == PLAIN


def test_boxes_beyond_any_page_take_no_more_memory_than_it() -> None:
    far = [replace(one, box=(at, 1e12 * at, at + 0.1, 1e12 * at + 0.01)) for at, one in enumerate(page(*ROWS).words)]
    assert len(lines(Page(1, 600, 800, tuple(far)))) == len(far)


def test_a_straight_page_with_few_lines_is_left_alone() -> None:
    assert texts(page("a b", "c d")) == ["a b", "c d"]


def test_words_that_stand_on_each_other_are_not_one_line() -> None:
    one, other = Word("one", (0.1, 0.100, 0.3, 0.120)), Word("other", (0.1, 0.106, 0.3, 0.126))
    assert texts(Page(1, 600, 800, (one, other))) == ["one", "other"]


def test_a_small_word_beside_a_large_one_is_on_its_line() -> None:
    large, small = Word("Total", (0.1, 0.10, 0.4, 0.15)), Word("EUR", (0.45, 0.118, 0.5, 0.135))
    assert texts(Page(1, 600, 800, (large, small))) == ["Total EUR"]


def test_hidden_and_empty_words_are_left_out_and_indices_still_fit() -> None:
    words = (
        Word("secret", (0.1, 0.1, 0.2, 0.12), hidden=True),
        Word(" ", (0.2, 0.1, 0.3, 0.12)),
        Word("seen", (0.3, 0.1, 0.4, 0.12)),
    )
    [line] = lines(Page(1, 600, 800, words))
    assert (line.text, line.indices) == ("seen", (2,))


def test_a_page_without_words_has_no_lines() -> None:
    assert lines(Page(1, 600, 800)) == []


def test_a_page_without_size_is_survived() -> None:
    assert [line.text for line in lines(Page(1, 0, 0, page("a b").words))] == ["a b"]


def test_lines_are_made_once_for_a_page_and_anew_for_another() -> None:
    one = page("Total 12.50")
    assert lines(one) is lines(one)
    assert texts(replace(one, words=())) == []


def test_wide_gaps_part_a_line_into_cells() -> None:
    assert [cell.text for cell in lines(page(*ROWS))[3].cells] == ["Kettle", "2", "10.00", "20.00"]


def test_a_part_of_a_span_is_the_words_that_the_characters_touch() -> None:
    line = lines(page("Blue Kettle Ltd"))[0]
    assert line.part(5, 11).text == "Kettle"
    assert line.part(6, 7).text == "Kettle"
    assert line.part(3, 6).text == "Blue Kettle"


def test_characters_between_words_touch_none() -> None:
    with pytest.raises(ValueError, match="touch no word"):
        lines(page("Blue Kettle"))[0].part(4, 5)


@given(st.data())
def test_a_part_prints_the_characters_asked_for(data: st.DataObject) -> None:
    line = lines(page(ROWS[0]))[0]
    start = data.draw(st.integers(0, len(line.text) - 1))
    end = data.draw(st.integers(start + 1, len(line.text)))
    if line.text[start:end].strip():
        assert line.text[start:end].strip() in line.part(start, end).text


def test_spans_join_in_the_order_given() -> None:
    found = lines(page("a b", "c d"))
    whole = joined([found[1], found[0]])
    assert (whole.text, whole.indices, whole.box) == (
        "c d a b",
        (2, 3, 0, 1),
        around(word.box for word in page("a b", "c d").words),
    )


def test_a_box_is_cut_at_the_edge_of_the_page() -> None:
    assert clamped((-0.1, 0.2, 1.1, 0.3)) == (0.0, 0.2, 1.0, 0.3)


def test_a_box_of_no_numbers_is_put_on_the_page() -> None:
    nan, far = float("nan"), float("inf")
    assert clamped((nan, -far, far, 0.5)) == (0.0, 0.0, 1.0, 0.5)


def test_overlap_is_a_share_of_the_narrower_box_and_negative_apart() -> None:
    wide, narrow, far = (0.0, 0.0, 0.4, 0.1), (0.3, 0.0, 0.5, 0.1), (0.6, 0.0, 0.7, 0.1)
    assert overlap(wide, narrow) == pytest.approx(0.5)
    assert overlap(wide, far) < 0


def test_words_are_read_row_by_row() -> None:
    source = page("Blue Kettle      To:", "12 Mill Lane     Ann Lee")
    assert [source.words[at].text for at in row_order(lines(source))] == [
        "Blue",
        "Kettle",
        "To:",
        "12",
        "Mill",
        "Lane",
        "Ann",
        "Lee",
    ]


def test_words_are_read_block_by_block() -> None:
    source = page("Blue Kettle      To:", "12 Mill Lane     Ann Lee")
    assert [source.words[at].text for at in column_order(lines(source))] == [
        "Blue",
        "Kettle",
        "12",
        "Mill",
        "Lane",
        "To:",
        "Ann",
        "Lee",
    ]


@given(st.integers())
def test_both_orders_hold_every_word_once(seed: int) -> None:
    words = list(page(*ROWS).words)
    random.Random(seed).shuffle(words)
    found = lines(Page(1, 600, 800, tuple(words)))
    assert sorted(row_order(found)) == sorted(column_order(found)) == list(range(len(words)))
