"""The result in one line, for lists: what is named first, and how much it is about.

    {"company": "Harbour Grocers Ltd", "total": 20.21, "currency": "GBP"}   ──▶   Harbour Grocers Ltd · 20.21 GBP

A schema says which fields that are with `{"x-ix": {"headline": ["company", "total"]}}` at its root, a currency beside
each amount without being asked. Of any other the first text and the largest amount are taken."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeGuard

from ix.fields import Field, Kind, fields_of, once

LONGEST = 200
"""Characters of a headline; a list shows fewer."""
LONGEST_PART = 120
"""Characters of one field in it."""
BETWEEN = " · "
_NAMES: tuple[Kind, ...] = ("organisation", "person", "text", "identifier", "address")
"""Kinds of which the first field with a value names a result, the most telling ones before the others."""


def headline(result: Any, schema: Mapping[str, Any]) -> str | None:
    """The line, cut to `LONGEST` characters; None where the result says nothing that could stand in it."""
    if not isinstance(result, Mapping):
        return None
    known = once(schema, headline, lambda: {field.name: field for field in fields_of(schema)})
    named = (schema.get("x-ix") or {}).get("headline")
    fields = [known[name] for name in named if name in known] if named else _telling(known.values(), result)
    parts = [part for field in fields if (part := _part(field, result, known))]
    return BETWEEN.join(parts)[:LONGEST] or None


def _telling(fields: Any, result: Mapping[str, Any]) -> Iterator[Field]:
    """The first field that names a result, and the largest amount."""
    filled = [field for field in fields if _has_value(result.get(field.name))]
    for kind in _NAMES:
        if first := next((field for field in filled if field.kind == kind), None):
            yield first
            break
    amounts = [field for field in filled if field.kind == "money" and _is_number(result[field.name])]
    if amounts:
        # the first of equal ones: a total stands before what is still to pay of it
        yield max(amounts, key=lambda field: result[field.name])


def _part(field: Field, result: Mapping[str, Any], known: Mapping[str, Field]) -> str:
    value = result.get(field.name)
    if field.kind == "money" and _is_number(value):
        return f"{_amount(value)} {_currency(result, known)}".rstrip()
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return ""
    # one line, whatever stood on the page
    return " ".join(str(value).split())[:LONGEST_PART]


def _amount(value: float) -> str:
    """With two places, or as many as it has."""
    exact = Decimal(str(value))
    places = -int(exact.as_tuple().exponent) if exact.is_finite() else 0
    return f"{exact:.2f}" if places < 2 else f"{exact:f}"[:LONGEST_PART]


def _currency(result: Mapping[str, Any], known: Mapping[str, Field]) -> str:
    codes: Sequence[Any] = [result.get(name) for name, field in known.items() if field.kind == "currency"]
    return next((code[:10] for code in codes if isinstance(code, str)), "")


def _has_value(value: Any) -> bool:
    return (isinstance(value, str) and bool(value.strip())) or _is_number(value)


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
