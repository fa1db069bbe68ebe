"""Texts that are laid out by blanks keep their columns, however wide; prose is folded as on paper."""

from __future__ import annotations

import pytest

from ix.extraction import documents
from ix.extraction.documents import Limits
from ix.extraction.layout import lines
from ix.extraction.page import Page

LIMITS = Limits(pages=3, pixels=1_000_000)
PRINTER = 132
"""Columns of a line printer's paper, by which programs lay reports out to this day."""


def rows(text: str) -> list[list[str]]:
    """The cells of each line of the first page."""
    opened = documents.read(text.encode(), LIMITS)[0]
    page = Page(1, opened.width, opened.height, tuple(opened.words))
    return [[cell.text for cell in line.cells] for line in lines(page)]


ROW = f"{'4711':<20}{'Brake pads, front axle':<60}{'2 pcs':>20}{'1,234.50':>{PRINTER - 100}}"


@pytest.mark.parametrize("text", [ROW, f"<html><pre>{ROW}</pre></html>"], ids=["plain text", "preformatted HTML"])
def test_a_row_of_a_wide_report_stays_one_row(text: str) -> None:
    assert rows(text) == [["4711", "Brake pads, front axle", "2 pcs", "1,234.50"]]


def test_what_is_far_to_the_right_stays_in_one_line() -> None:
    assert rows("Dear Ms Hale,\n" + "Leeds, 14 November 2023".rjust(PRINTER)) == [
        ["Dear Ms Hale,"],
        ["Leeds, 14 November 2023"],
    ]


def test_a_paragraph_without_an_end_of_line_is_folded() -> None:
    sentence = "The goods arrived on Monday, and two of the boxes were damaged.  Please tell us what to do. "
    assert [len("  ".join(row)) <= 100 for row in rows(sentence * 5)] == [True] * 5


def test_two_blanks_always_set_cells_apart() -> None:
    for before in range(40):
        line = f"{'Paper':<{before + 5}}  12  3.50"
        first, _ = rows(f"{line}\n{'x' * 70}")
        assert first[-2:] == ["12", "3.50"], line


TABLE = [["Item", "Qty", "Price"], ["Canvas, primed, two metres wide", "2", "18.00"], ["Nails", "100", "3.50"]]


def markdown(table: list[list[str]]) -> str:
    head, *body = ["| " + " | ".join(row) + " |" for row in table]
    return "\n".join([head, "|---|--:|--:|", *body])


@pytest.mark.parametrize(
    "text",
    ["\n".join(map("\t".join, TABLE)) + "\n\n\tSubtotal\t\t39.50", markdown(TABLE)],
    ids=["tabs", "Markdown"],
)
def test_what_is_copied_out_of_a_table_has_its_columns(text: str) -> None:
    assert rows(text)[:3] == TABLE
    opened = documents.read(text.encode(), LIMITS)[0]
    starts = {word.text: word.box[0] for word in opened.words}
    assert starts["Qty"] == starts["2"] == starts["100"]


def test_several_tabs_come_to_their_stop() -> None:
    text = "Subtotal\t\t39.50\nTotal including tax\t42.00\nTip\t\t\t 3.00"
    opened = documents.read(text.encode(), LIMITS)[0]
    starts = {word.text: word.box[0] for word in opened.words}
    assert starts["39.50"] < starts["3.00"]


DRAWN = """
****************
+------+-------+
| Item | Price |
+======+=======+
| Nail |  3.50 |
+------+-------+
┌──────┬───────┐
│ Item │ Price │
└──────┴───────┘
Sum ........: 3.50
Tax......0.50
# Thank you
Paid by **Ann Low** in **May**
> a
> b
>> c
"""


def test_what_letters_only_draw_is_no_word() -> None:
    assert rows(DRAWN) == [
        *([["Item", "Price"], ["Nail", "3.50"], ["Item", "Price"]]),
        ["Sum", ": 3.50"],
        ["Tax", "0.50"],
        ["Thank you"],
        ["Paid by", "Ann Low", "in", "May"],
        *(["a"], ["b"], ["c"]),
    ]


def test_marks_that_say_something_are_kept() -> None:
    said = ["> 30 days", "A | B", "C++ 2*3 -5 --", "wait... #12", "************1234", "x = y", "Name: ______", "2**10"]
    assert [" ".join(row) for row in rows("\n".join(said))] == said


def test_a_text_of_nothing_but_tabs_is_laid_out_at_once() -> None:
    pages = documents.read(b"a\tb\n" * 180 + b"a\t" * 20_000, Limits(pages=300, pixels=1_000_000))
    assert len(pages[0].words) == 120


PASTED = """\
Bezeichnung Menge Einzelpreis Gesamtpreis
Dübel 8 mm 100 0,04 4,00
Zement, 25 kg 3 6,90 € 20,70 €
Summe 24,70
"""


def test_a_pasted_table_has_the_columns_of_its_headings() -> None:
    assert rows(PASTED) == [
        ["Bezeichnung", "Menge", "Einzelpreis", "Gesamtpreis"],
        ["Dübel 8 mm", "100", "0,04", "4,00"],
        ["Zement, 25 kg", "3", "6,90 €", "20,70 €"],
        ["Summe 24,70"],
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Item Unit Price Amount\nNails 2 3.50",
        "Item Qty Price\nNails 2 of 3",
        "Anna Maria Ivanovna\nTotal 2 12",
        "Item  Qty Price\nNails 2 3.50",
        "Dear Ms Low\nYour invoice 4711 of March",
        "A B C\n7 8.00 9.00",
    ],
)
def test_what_may_be_no_table_is_left_as_it_is(text: str) -> None:
    opened = documents.read(text.encode(), LIMITS)[0]
    words = {word.text: word.box[0] for word in opened.words}
    letter = opened.words[0].box[2] - opened.words[0].box[0]
    second = text.split("\n")[1].split()
    assert words[second[1]] - words[second[0]] == pytest.approx(letter / len(text.split()[0]) * (len(second[0]) + 1))


@pytest.mark.parametrize("mark", "|;,")
def test_a_text_of_nothing_but_one_mark_is_read(mark: str) -> None:
    assert len(documents.read((mark * 300 + "\n\n" + mark).encode(), LIMITS)) <= 1
