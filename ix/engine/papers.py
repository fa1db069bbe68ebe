"""Invoices that are told again though their bytes are others: a second scan of one, or the mail beside the letter."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from ix import untrusted
from ix.config import MIB
from ix.database.jobs.alike import Mark, mark_of
from ix.job import Claim

MOST_BYTES = MIB
"""Of an answer that is looked into on the event loop."""


def paper_of(claim: Claim, response: bytes) -> Mark:
    """What tells an invoice from others of a client: who sells, by VAT id or else by name, its number and its total.
    None where the answer says not all of it, or is large."""
    if len(response) > MOST_BYTES or b'"invoice_number"' not in response:
        return None
    result = untrusted.parse(response).get("result")
    if not isinstance(result, dict):
        return None
    seller = _plain(result.get("seller_vat_id")) or _plain(result.get("seller_name"))
    number, total = _plain(result.get("invoice_number")), _amount(result.get("grand_total"))
    if not (seller and number and total):
        return None
    return mark_of(claim.client_id, "invoice", seller, number, total, result.get("currency"))


def _plain(value: Any) -> str:
    """Letters and digits alone: spaces and marks are read in one way here and in another there."""
    return "".join(letter for letter in value.casefold() if letter.isalnum()) if isinstance(value, str) else ""


def _amount(value: Any) -> str:
    try:
        return f"{Decimal(str(value)):.2f}" if type(value) in (int, float) else ""
    except InvalidOperation:
        return ""
