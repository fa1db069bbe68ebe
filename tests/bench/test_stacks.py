"""Stacks of the benchmark: their boundaries are known, and what is found is counted against them."""

from __future__ import annotations

import random

from bench.stacks import Counted, Known, counted, drawn, parted, row, tally
from ix.extraction.page import Word
from tests.extraction.sorting.pages import page
from tests.extraction.sorting.test_boundaries import FIRST, LAST, OTHER

INVOICE = Known("invoices", "a.pdf", [page(FIRST), page(LAST, 2)])
GROCER = Known("invoices", "b.pdf", [page(OTHER)])


def test_boundaries_that_are_found_missed_and_wrong_are_counted() -> None:
    assert counted([[INVOICE, GROCER]], False) == Counted(1, 1, 1, 1, 0)
    same = [GROCER, GROCER]
    assert counted([same], False) == Counted(1, 0, 1, 0, 0)
    torn = Known("invoices", "c.pdf", [page(LAST), page(OTHER, 2)])
    assert counted([[torn]], False) == Counted(1, 0, 0, 0, 1)


def test_what_was_counted_is_told_as_shares() -> None:
    assert row("invoices", Counted(4, 3, 10, 9, 1)).split()[1:] == [
        "4",
        "75.0%",
        "10",
        "90.0%",
        "90.0%",
        "(1",
        "wrong",
        "cuts)",
    ]
    assert tally("receipts", ["receipt", "", "invoice"], "receipt").split() == ["receipts", "3", "1", "1", "1"]
    assert tally("letters", ["", "invoice"], "").split() == ["letters", "2", "1", "0", "1"]


def test_a_stack_is_drawn_of_different_documents() -> None:
    assert sorted(one.file for one in drawn([INVOICE, GROCER], random.Random(1))) == ["a.pdf", "b.pdf"]


def test_labelled_lines_become_words_as_wide_as_their_letters() -> None:
    words = parted(Word("AB C", (0.1, 0.2, 0.5, 0.3)))
    assert [(word.text, round(word.box[0], 2), round(word.box[2], 2)) for word in words] == [
        ("AB", 0.1, 0.3),
        ("C", 0.4, 0.5),
    ]
