"""What a value won against: the best candidate with another value, and by how much."""

from __future__ import annotations

from itertools import starmap

import pytest

from ix.extraction.layout import Span
from ix.extraction.models import Leaf
from ix.extraction.models.rules.answer import answer
from ix.extraction.models.rules.page.candidates import Candidate, best
from ix.extraction.page import Word
from ix.use_cases.invoice import USE_CASE as INVOICE
from ix.use_cases.receipt import USE_CASE as RECEIPT
from tests.extraction.rules.documents import page

SPAN = Span((Word("x", (0.0, 0.0, 1.0, 1.0)),), (0,))


def leaf(schema: dict[str, object], name: str, text: str) -> Leaf:
    found = answer([page(text)], schema)[name]
    assert isinstance(found, Leaf)
    return found


def chosen(*candidates: tuple[str, float]) -> Leaf:
    top = best(starmap(lambda value, score: Candidate(value, 0, SPAN, score), candidates))
    assert top is not None
    return top.leaf()


def test_the_rival_is_the_next_best_value_and_not_the_same_one_again() -> None:
    found = chosen(("A-1", 0.9), ("a 1", 0.8), ("B-2", 0.6), ("C-3", 0.5))
    assert (found.value, found.rival) == ("A-1", "B-2")
    assert found.margin == pytest.approx(0.3)


def test_what_nothing_rivals_has_all_its_support_for_a_margin() -> None:
    assert (chosen(("A-1", 0.8)).rival, chosen(("A-1", 0.8)).margin) == (None, 0.8)


def test_a_second_total_is_the_rival_of_the_first() -> None:
    found = leaf(RECEIPT.schema, "total", "Soap  3.40\nBrush  8.60\nTotal   12.00\nTotal   13.00")
    assert {found.value, found.rival} == {12.0, 13.0}
    assert found.margin is not None
    assert found.margin < 0.2


def test_a_date_without_a_label_has_the_other_date_for_a_rival() -> None:
    found = leaf(RECEIPT.schema, "date", "Corner Shop\n03.04.2021 12:31\nSoap  3.40\nTotal   3.40\nvalid 30.04.2021")
    assert (found.value, found.rival) == ("2021-04-03", "2021-04-30")


def test_what_a_label_settles_keeps_its_distance() -> None:
    found = leaf(INVOICE.schema, "invoice_number", "Invoice number: 4711-A\nOrder number: 815-B")
    assert (found.value, found.rival) == ("4711-A", None)
    assert found.margin == pytest.approx(found.confidence, abs=0.01)
