"""What the texts of an invoice's XML say, by the kind of the field that wants them."""

from __future__ import annotations

import re
from datetime import date
from typing import TypeAlias

from ix.extraction.values import as_decimal
from ix.fields import Field

Value: TypeAlias = str | int | float | bool | None
_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?=\D|$|\d{4,6}$)")
"""A day as UBL (ISO 8601) and CII (format 102, or 203 and 204 with a time) write it."""
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_COUNTRY = re.compile(r"[A-Z]{2}")


def valued(text: str, field: Field, form: str = "") -> Value:
    """The value, None where there is none. What is not of the field's kind stays as it is written, for the checks to
    mind. `form` is the code of a date's format (UNTDID 2379)."""
    if not text:
        return None
    if field.kind == "boolean":
        return text.lower() in ("true", "1")
    if field.kind in ("money", "number", "percentage"):
        return _number(text)
    if field.kind == "date":
        return _day(text) if form in ("", "102", "203", "204") else text
    if field.kind == "iban":
        compact = re.sub(r"\s", "", text).upper()
        # an account of another kind stands where an IBAN may stand
        return compact if _IBAN.fullmatch(compact) else None
    if field.kind == "vat_id":
        return re.sub(r"[\s.-]", "", text) if _COUNTRY.match(text) else text
    return text


def _number(text: str) -> float | str:
    number = as_decimal(text)
    return text if number is None else float(number)


def _day(text: str) -> str:
    if (found := _DAY.match(text)) is None:
        return text
    try:
        return date(*map(int, found.groups())).isoformat()
    except ValueError:
        return text
