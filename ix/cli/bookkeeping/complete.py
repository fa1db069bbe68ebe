"""Whether an invoice says all that EN 16931 asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ix.cli.bookkeeping.amounts import CREDIT_NOTES, Share, amount, shares
from ix.errors import IxError

GREECE = {"EL": "GR"}
"""The one VAT number whose prefix is not the country's code."""


def require_complete(invoice: Mapping[str, Any]) -> None:
    """Raises `IxError` that names all that is missing, or does not come out."""
    if (amount(invoice.get("grand_total")) or 0) < 0:
        raise IxError("an invoice below zero is not written; a credit note says what is given back above zero")
    if lacking := list(_lacking(invoice)):
        raise IxError(f"the invoice is not complete: {', '.join(lacking)}")


def is_credit_note(invoice: Mapping[str, Any]) -> bool:
    """Whether its amounts are given back, as its type says."""
    return invoice.get("type_code") in CREDIT_NOTES


def country(invoice: Mapping[str, Any], side: str) -> str:
    """Where `seller` or `buyer` is, as it says or its VAT number does; empty where neither does."""
    said = (invoice.get(side) or {}).get("country")
    prefix = str(invoice.get(f"{side}_vat_id") or "")[:2].upper()
    return said or GREECE.get(prefix, prefix if prefix.isalpha() else "")


def _lacking(invoice: Mapping[str, Any]) -> Iterator[str]:
    for name in ("invoice_number", "issue_date", "currency", "seller_name", "buyer_name", "grand_total"):
        if not invoice.get(name):
            yield f"{name} is not said"
    for side in ("seller", "buyer"):
        if not country(invoice, side):
            yield f"{side}.country is not said, nor is {side}_vat_id"
    if not invoice.get("seller_vat_id"):
        yield "seller_vat_id is not said"
    found = shares(invoice)
    if not found:
        yield "net_total, tax_total and taxes do not come to grand_total at known rates"
    if any(share.rate == 0 for share in found):
        yield "why no tax is due is not said"
    yield from _lines_lacking(invoice, found)


def _lines_lacking(invoice: Mapping[str, Any], found: Sequence[Share]) -> Iterator[str]:
    lines = invoice.get("lines") or []
    if not lines:
        yield "lines are not said"
    for number, line in enumerate(lines, 1):
        for name in ("name", "quantity", "unit_price", "line_total"):
            if line.get(name) is None:
                yield f"lines[{number}].{name} is not said"
        rate = amount((line.get("details") or {}).get("tax_rate"))
        if len(found) > 1 and rate not in {share.rate for share in found}:
            yield f"lines[{number}].details.tax_rate is not said"
    if found and sum(amount(line.get("line_total")) or 0 for line in lines) != sum(share.base for share in found):
        yield "lines do not come to net_total"
