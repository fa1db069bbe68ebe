"""Changes made again on an answer: rows and what is said of their cells."""

from __future__ import annotations

from ix.extraction.review.changes import Change
from ix.extraction.review.replay import Review
from tests.extraction.review.answers import SCHEMA

PLACE = {"document": 0, "page": 1, "quote": "50,00", "boxes": [(0.1, 0.1, 0.2, 0.2)]}


def test_cells_of_a_row_that_was_put_in_have_places() -> None:
    """Into a table with rows as into one that has none, and was never looked for."""
    for rows, evidence in (([{"name": "a", "amount": 1.0}], [{"name": None, "amount": None}]), (None, None)):
        review = Review(SCHEMA, {"lines": rows}, {"lines": evidence}, [])
        for change in (
            {"path": "lines", "op": "insert", "at": 0, "value": {"amount": 50.0}},
            {"path": "lines.0.amount", "value": 50.0, "evidence": PLACE},
        ):
            review.entry(Change.model_validate(change))
        assert review.evidence["lines"][0]["amount"]["quote"] == "50,00"
        assert len(review.evidence["lines"]) == len(review.result["lines"])
