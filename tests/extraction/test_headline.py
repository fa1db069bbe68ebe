"""The result in one line."""

from __future__ import annotations

from typing import Any

import pytest

from ix.extraction.headline import headline
from ix.use_cases import Extraction, bank_statement_header, check_schema, invoice, receipt

SELLER = {"seller_name": "Harbour  Lane\nGrocers Ltd", "grand_total": 1180.5, "currency": "EUR", "net_total": 9999.0}
GUESSED = {
    "type": "object",
    "properties": {
        "note": {"type": "string"},
        "customer_name": {"type": "string", "x-ix": {"kind": "person"}},
        "net_amount": {"type": "number"},
        "total_amount": {"type": "number"},
        "lines": {"type": "array", "items": {"type": "object", "properties": {"total": {"type": "number"}}}},
    },
}


@pytest.mark.parametrize(
    ("use_case", "result", "line"),
    [
        (invoice.USE_CASE, SELLER, "Harbour Lane Grocers Ltd · 1180.50 EUR"),
        (invoice.USE_CASE, {**SELLER, "seller_name": None, "currency": None}, "1180.50"),
        (invoice.USE_CASE, {**SELLER, "grand_total": 0.125}, "Harbour Lane Grocers Ltd · 0.125 EUR"),
        (invoice.USE_CASE, {}, None),
        (receipt.USE_CASE, {"company": "Corner Shop", "total": 20.21, "currency": "GBP"}, "Corner Shop · 20.21 GBP"),
        (
            bank_statement_header.USE_CASE,
            {"holder": "Ann Lee", "period_end": "2026-10-31", "closing_balance": -3, "currency": "CHF"},
            "Ann Lee · 2026-10-31 · -3.00 CHF",
        ),
    ],
)
def test_built_in_use_cases_name_their_fields(use_case: Extraction, result: dict[str, Any], line: str | None) -> None:
    assert headline(result, use_case.schema) == line


@pytest.mark.parametrize(
    ("result", "line"),
    [
        ({"note": "x", "customer_name": "Ann Lee", "net_amount": 10, "total_amount": 12.5}, "Ann Lee · 12.50"),
        ({"note": "x", "net_amount": True}, "x"),
        ({"note": " ", "total_amount": 10**30}, "1000000000000000000000000000000.00"),
        ({"note": "y" * 500, "total_amount": 1}, "y" * 120 + " · 1.00"),
        ({"note": ["no", "text"], "total_amount": "12"}, None),
        (["no object"], None),
        (None, None),
    ],
)
def test_of_other_schemas_the_first_name_and_the_largest_amount_are_taken(result: Any, line: str | None) -> None:
    assert headline(result, GUESSED) == line


def test_a_schema_may_say_it() -> None:
    schema = {**GUESSED, "x-ix": {"headline": ["note", "net_amount", "unknown", "lines"]}}
    check_schema(schema)
    assert headline({"note": "x", "net_amount": 1, "total_amount": 2, "lines": [1]}, schema) == "x · 1.00"
    with pytest.raises(ValueError, match="headline"):
        check_schema({**GUESSED, "x-ix": {"headline": "note"}})
