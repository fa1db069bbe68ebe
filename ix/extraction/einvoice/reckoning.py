"""What the values of an electronic invoice should be by the others: the arithmetic of EN 16931 turned around."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, DivisionByZero, InvalidOperation
from itertools import chain
from typing import Any, TypeAlias

from ix.extraction.models import Leaf, Tree
from ix.extraction.values import as_decimal

Reckoned: TypeAlias = "tuple[str, Decimal | None]"
_CENT, _TENTH, _NONE = Decimal("0.01"), Decimal("0.1"), Decimal(0)


def reckoned(values: Mapping[str, Tree]) -> dict[str, list[float]]:
    """By its path, what each value can be when only the others are believed: one number for each way to reckon it."""
    found: dict[str, list[float]] = {}
    for path, number in chain(_totals(values), _rows_of_totals(values), _positions(values), _taxes(values)):
        if number is not None:
            found.setdefault(path, []).append(float(number.quantize(_CENT)))
    # a price may be of parts of a cent
    for one in _numbered(values):
        if one.listed is not None and not one.fits:
            found.setdefault(f"lines.{one.at}.unit_price", []).append(float(one.listed))
    return found


def _totals(values: Mapping[str, Tree]) -> Iterator[Reckoned]:
    def get(name: str) -> Decimal | None:
        return _number(values.get(name))

    line, net, tax = get("line_total"), get("net_total"), get("tax_total")
    grand, due = get("grand_total"), get("due_amount")
    off, on = get("allowance_total") or _NONE, get("charge_total") or _NONE
    prepaid, rounding = get("prepaid") or _NONE, get("rounding") or _NONE
    yield "line_total", _sum(values, "lines", "line_total")
    yield "line_total", _plus(net, off - on)
    yield "tax_total", None if grand is None or net is None else grand - net
    yield "tax_total", _sum(values, "taxes", "amount")
    yield "net_total", None if grand is None or tax is None else grand - tax
    yield "net_total", _plus(line, on - off)
    yield "grand_total", None if net is None or tax is None else net + tax
    yield "grand_total", _plus(due, prepaid - rounding)
    yield "due_amount", _plus(grand, rounding - prepaid)
    yield "prepaid", None if grand is None or due is None else grand + rounding - due
    yield "allowance_total", _sum(values, "allowances", "amount")
    yield "charge_total", _sum(values, "charges", "amount")


def _rows_of_totals(values: Mapping[str, Tree]) -> Iterator[Reckoned]:
    """What each row is when the total and the other rows are believed."""
    for name, column, total in (
        ("lines", "line_total", "line_total"),
        ("taxes", "amount", "tax_total"),
        ("taxes", "base", "net_total"),
        ("allowances", "amount", "allowance_total"),
        ("charges", "amount", "charge_total"),
    ):
        stated, summed = _number(values.get(total)), _sum(values, name, column)
        if stated is None or summed is None:
            continue
        for at, row in enumerate(_rows(values, name)):
            yield f"{name}.{at}.{column}", _plus(_number(row.get(column)), stated - summed)


@dataclass(frozen=True, slots=True)
class _Position:
    """The numbers of a position: its price is for so many `units`, `more` is added to it, `listed` is its price by
    what it is before a discount."""

    at: int
    quantity: Decimal
    price: Decimal
    total: Decimal
    units: Decimal
    more: Decimal
    listed: Decimal | None

    @property
    def fits(self) -> bool:
        """Whether quantity times price is its total, as far as a price in cents tells."""
        reckoned = _over(self.quantity * self.price, self.units)
        tolerance = abs(_over(self.quantity, self.units) or _NONE) * _CENT / 2 + _CENT / 2
        return reckoned is not None and abs(abs(reckoned + self.more) - abs(self.total)) <= tolerance


def fitting(values: Mapping[str, Tree]) -> Iterator[tuple[str, str]]:
    """The paths of price and total of the positions whose price is right by quantity and total."""
    for one in _numbered(values):
        if one.fits:
            yield f"lines.{one.at}.unit_price", f"lines.{one.at}.line_total"


def _numbered(values: Mapping[str, Tree]) -> Iterator[_Position]:
    for at, row in enumerate(_rows(values, "lines")):
        quantity, price, total = (_number(row.get(name)) for name in ("quantity", "unit_price", "line_total"))
        details = row.get("details")
        details = details if isinstance(details, dict) else {}
        if quantity is None or price is None or total is None:
            continue
        # what is deducted from a position or added to it stands between price and total
        more = (_sum(row, "charges", "amount") or _NONE) - (_sum(row, "allowances", "amount") or _NONE)
        listed = _plus(_number(details.get("gross_price")), -(_number(details.get("price_discount")) or _NONE))
        units = _number(details.get("price_quantity")) or Decimal(1)
        yield _Position(at, quantity, price, total, units, more, listed)


def _positions(values: Mapping[str, Tree]) -> Iterator[Reckoned]:
    for one in _numbered(values):
        yield f"lines.{one.at}.line_total", _plus(_over(one.quantity * one.price, one.units), one.more)
        yield f"lines.{one.at}.quantity", _over((one.total - one.more) * one.units, one.price)
        by_total = _over((one.total - one.more) * one.units, one.quantity)
        # the rounded price of parts of a cent says nothing
        yield f"lines.{one.at}.unit_price", by_total if abs(one.price) >= 1 else None


def _taxes(values: Mapping[str, Tree]) -> Iterator[Reckoned]:
    for at, row in enumerate(_rows(values, "taxes")):
        base, rate, amount = (_number(row.get(name)) for name in ("base", "rate", "amount"))
        if base is not None and rate is not None:
            yield f"taxes.{at}.amount", base * rate / 100
        if amount is not None and rate:
            yield f"taxes.{at}.base", amount * 100 / rate
        if amount is not None and base:
            yield f"taxes.{at}.rate", (amount * 100 / base).quantize(_TENTH)
    rates = {rate for row in _rows(values, "taxes") if (rate := _number(row.get("rate"))) is not None}
    for at, _ in enumerate(_rows(values, "lines")):
        yield f"lines.{at}.details.tax_rate", rates.copy().pop() if len(rates) == 1 else None


def _rows(values: Mapping[str, Tree], name: str) -> Sequence[dict[str, Tree]]:
    rows = values.get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _sum(values: Mapping[str, Tree], name: str, column: str) -> Decimal | None:
    numbers = [_number(row.get(column)) for row in _rows(values, name)]
    known = [number for number in numbers if number is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(numbers) else None


def _number(tree: Any) -> Decimal | None:
    return as_decimal(tree.value) if isinstance(tree, Leaf) else None


def _plus(one: Decimal | None, more: Decimal) -> Decimal | None:
    return None if one is None else one + more


def _over(one: Decimal, other: Decimal) -> Decimal | None:
    try:
        return one / other
    except (DivisionByZero, InvalidOperation):
        return None
