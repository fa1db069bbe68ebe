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
        assert [row[-2:] for row in rows(f"{line}\n{'-' * 70}")][0] == ["12", "3.50"], line
