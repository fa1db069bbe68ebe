"""What the values of an electronic invoice should be by the others: the arithmetic of EN 16931 turned around."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, DivisionByZero, InvalidOperation
from typing import Any

from ix.extraction.models import Leaf, Tree
from ix.extraction.values import as_decimal

_CENT = Decimal("0.01")
_MOST_ROWS = 2_000
"""Rows of one table that are reckoned with."""


def reckoned(values: Mapping[str, Tree]) -> dict[str, float]:
    """By its path, what each value is when only the others are believed: those that can be reckoned."""
    found = {**dict(_totals(values)), **dict(_of_lines(values)), **dict(_of_taxes(values))}
    return {path: float(number.quantize(_CENT)) for path, number in found.items() if number is not None}


def _totals(values: Mapping[str, Tree]) -> Iterator[tuple[str, Decimal | None]]:
    def get(name: str) -> Decimal | None:
        return _number(values.get(name))

    line, net, tax = get("line_total"), get("net_total"), get("tax_total")
    grand, due = get("grand_total"), get("due_amount")
    none = Decimal(0)
    off, on = get("allowance_total") or none, get("charge_total") or none
    prepaid, rounding = get("prepaid") or none, get("rounding") or none
    yield "line_total", _sum(values, "lines", "line_total")
    yield "tax_total", _first(_difference(grand, net), _sum(values, "taxes", "amount"))
    yield "net_total", _first(_difference(grand, tax), None if line is None else line - off + on)
    yield "grand_total", _first(None if net is None or tax is None else net + tax, _plus(due, prepaid - rounding))
    yield "due_amount", _plus(grand, rounding - prepaid)
    yield "prepaid", None if grand is None or due is None else grand + rounding - due
    yield "allowance_total", _sum(values, "allowances", "amount")
    yield "charge_total", _sum(values, "charges", "amount")
    for name, total in (("allowances", "allowance_total"), ("charges", "charge_total")):
        rows = values.get(name)
        # of one row alone the total tells its amount
        if isinstance(rows, list) and len(rows) == 1:
            yield f"{name}.0.amount", get(total)


def _of_lines(values: Mapping[str, Tree]) -> Iterator[tuple[str, Decimal | None]]:
    for at, row in enumerate(_rows(values, "lines")):
        quantity, price, total = (_number(row.get(name)) for name in ("quantity", "unit_price", "line_total"))
        details = row.get("details")
        details = details if isinstance(details, dict) else {}
        # what is deducted from a position or added to it stands between price and total
        if details.get("allowances") or details.get("charges") or quantity is None or price is None or total is None:
            continue
        units = _number(details.get("price_quantity")) or Decimal(1)
        yield f"lines.{at}.line_total", _over(quantity * price, units)
        yield f"lines.{at}.quantity", _over(total * units, price)
        yield f"lines.{at}.unit_price", _over(total * units, quantity)


def _of_taxes(values: Mapping[str, Tree]) -> Iterator[tuple[str, Decimal | None]]:
    rows = _rows(values, "taxes")
    for at, row in enumerate(rows):
        base, rate, amount = (_number(row.get(name)) for name in ("base", "rate", "amount"))
        if base is not None and rate is not None:
            yield f"taxes.{at}.amount", base * rate / 100
        if len(rows) == 1:
            yield f"taxes.{at}.base", _number(values.get("net_total"))
        elif amount is not None and rate:
            yield f"taxes.{at}.base", amount * 100 / rate


def _rows(values: Mapping[str, Tree], name: str) -> Sequence[dict[str, Tree]]:
    rows = values.get(name)
    return [row for row in rows if isinstance(row, dict)][:_MOST_ROWS] if isinstance(rows, list) else []


def _sum(values: Mapping[str, Tree], name: str, column: str) -> Decimal | None:
    numbers = [_number(row.get(column)) for row in _rows(values, name)]
    known = [number for number in numbers if number is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(numbers) else None


def _number(tree: Any) -> Decimal | None:
    return as_decimal(tree.value) if isinstance(tree, Leaf) else None


def _first(*numbers: Decimal | None) -> Decimal | None:
    return next((number for number in numbers if number is not None), None)


def _difference(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one - other


def _plus(one: Decimal | None, more: Decimal) -> Decimal | None:
    return None if one is None else one + more


def _over(one: Decimal, other: Decimal) -> Decimal | None:
    try:
        return one / other
    except (DivisionByZero, InvalidOperation):
        return None
