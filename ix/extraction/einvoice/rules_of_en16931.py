"""The arithmetic that EN 16931-1 asks of an invoice (its rules BR-CO and those of taxes), over a result.

Amounts are compared to the cent: the standard rounds each of them to two decimals, and sums of such need no tolerance.
Tax is a product, which may be rounded either way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ix.extraction.findings import finding
from ix.extraction.values import as_decimal
from ix.job import Finding

CENT = Decimal("0.01")
NONE = Decimal(0)


def broken(result: Mapping[str, Any]) -> list[Finding]:
    """A finding for each rule that the values break; what lacks a value breaks none of its rules."""
    return [
        finding("einvoice_rule", path, rule=rule, text=message)
        for check in (_sums, _totals, _taxes)
        for rule, message, path in check(result)
    ]


Broken = tuple[str, str, str]
"""The rule's name, what it says in the fields' names, and the field at fault."""


def _sums(result: Mapping[str, Any]) -> Iterator[Broken]:
    for rule, total, rows, column in (
        ("BR-CO-10", "line_total", "lines", "line_total"),
        ("BR-CO-11", "allowance_total", "allowances", "amount"),
        ("BR-CO-12", "charge_total", "charges", "amount"),
        ("BR-CO-14", "tax_total", "taxes", "amount"),
    ):
        numbers = [_number(row.get(column)) for row in _rows(result, rows)]
        known = [number for number in numbers if number is not None]
        stated = _number(result.get(total))
        if not numbers or len(known) < len(numbers) or not _differs(stated, wanted := sum(known, NONE)):
            continue
        # before EN 16931 deductions were written with a minus, and their sum without
        if rows == "lines" or _differs(stated, -wanted):
            yield rule, f"{total} is not the sum of {rows}.{column}", total


def _totals(result: Mapping[str, Any]) -> Iterator[Broken]:
    def of(name: str) -> Decimal | None:
        return _number(result.get(name))

    def or_none(name: str) -> Decimal:
        return of(name) or NONE

    line, net, tax, grand = map(of, ("line_total", "net_total", "tax_total", "grand_total"))
    if line is not None and _differs(net, line - or_none("allowance_total") + or_none("charge_total")):
        yield "BR-CO-13", "net_total is not line_total - allowance_total + charge_total", "net_total"
    if net is not None and _differs(grand, net + (tax or NONE)):
        yield "BR-CO-15", "grand_total is not net_total + tax_total", "grand_total"
    # payments of third parties are XRechnung's own, whose rule BR-DEX-09 adds them
    others = sum((_number(row.get("amount")) or NONE for row in _rows(result, "prepayments")), NONE)
    if grand is not None and _differs(of("due_amount"), grand - or_none("prepaid") + or_none("rounding") + others):
        yield "BR-CO-16", "due_amount is not grand_total - prepaid + rounding", "due_amount"


def _taxes(result: Mapping[str, Any]) -> Iterator[Broken]:
    parts = _parts(result)
    for at, row in enumerate(_rows(result, "taxes")):
        base, rate, amount = (_number(row.get(name)) for name in ("base", "rate", "amount"))
        if base is not None and rate is not None and amount is not None:
            wanted = (base * rate / 100).quantize(CENT, ROUND_HALF_UP)
            # the official rule allows one unit of the currency: programs tax each position and round
            if abs(abs(amount) - abs(wanted)) >= 1:
                yield "BR-CO-17", f"the tax of {_say(rate)} % is not its base times the rate", f"taxes.{at}.amount"
        if base is not None:
            taxed = parts.get((row.get("category"), rate or NONE))
            if taxed is not None and abs(base - taxed) >= 1:
                yield "BR-S-08", f"the base of {_say(rate)} % is not the sum of what is taxed so", f"taxes.{at}.base"


def _bases_are_known(result: Mapping[str, Any]) -> bool:
    """Whether every position, deduction and addition says how it is taxed."""
    lines = [(row.get("details") or {}) for row in _rows(result, "lines")]
    others = [*_rows(result, "allowances"), *_rows(result, "charges")]
    return bool(lines) and all(row.get("tax_category") for row in [*lines, *others])


def _parts(result: Mapping[str, Any]) -> dict[tuple[Any, Decimal], Decimal]:
    """The sums of what is taxed alike, by category and rate; none where something does not say how it is taxed."""
    if not _bases_are_known(result):
        return {}
    found: dict[tuple[Any, Decimal], Decimal] = {}
    rows: list[tuple[Mapping[str, Any], str, int]]
    rows = [({**row, **(row.get("details") or {})}, "line_total", 1) for row in _rows(result, "lines")]
    rows += [(row, "amount", -1) for row in _rows(result, "allowances")]
    rows += [(row, "amount", 1) for row in _rows(result, "charges")]
    for row, column, sign in rows:
        key = row.get("tax_category"), _number(row.get("tax_rate")) or NONE
        # deductions are below zero
        found[key] = found.get(key, NONE) + sign * (_number(row.get(column)) or NONE)
    return found


def _rows(holder: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    return [row for row in holder.get(name) or () if isinstance(row, Mapping)]


def _number(value: Any) -> Decimal | None:
    return as_decimal(value)


def _differs(one: Decimal | None, other: Decimal) -> bool:
    return one is not None and abs(one - other) >= CENT


def _say(rate: Decimal | None) -> str:
    return f"{rate.normalize():f}" if rate is not None else "no"
