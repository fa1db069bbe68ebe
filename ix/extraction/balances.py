"""Balances that run: from row to row, and from page to page.

The rule `running` of a schema (`ix.extraction.checks`) names a list of `rows` with an `amount` each, and what there was
at the `start` and at the `end`; it may name the `balance` after a row, and `carried`, a list of balances that pages end
with (`carried.balance`). Amounts are exact, so that nothing is rounded: a cent too much is a mistake."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import accumulate
from typing import Any

from ix.extraction.values import as_decimal

_EXACT = Decimal("0.001")
"""Below the smallest unit of any currency."""


def broken(value: Mapping[str, Any], rule: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The paths of balances that do not follow from what stands before them, with the names of their fields."""
    rows = [row for row in _list(value.get(rule["rows"])) if isinstance(row, Mapping)]
    amounts = [as_decimal(row.get(rule["amount"])) for row in rows]
    start = as_decimal(value.get(rule["start"]))
    if rule.get("balance"):
        yield from _rows(rows, amounts, start, rule)
    # without one of the amounts nothing can be said of what comes after it
    known = [amount for amount in amounts if amount is not None]
    if start is None or len(known) < len(amounts):
        return
    run = list(accumulate(known, initial=start))
    if (end := as_decimal(value.get(rule["end"]))) is not None and rows and _differs(run[-1], end):
        yield rule["end"], rule["end"]
    if rule.get("carried"):
        yield from _carried(value, rule["carried"], run)


def _rows(
    rows: Sequence[Mapping[str, Any]], amounts: Sequence[Decimal | None], start: Decimal | None, rule: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Each balance against the one before it and the amounts between."""
    before = start
    for at, (row, amount) in enumerate(zip(rows, amounts, strict=True)):
        before = None if before is None or amount is None else before + amount
        said = as_decimal(row.get(rule["balance"]))
        if said is None:
            continue
        if before is not None and _differs(before, said):
            yield f"{rule['rows']}.{at}.{rule['balance']}", rule["balance"]
        # what follows is judged from what is printed, so that one mistake is one finding
        before = said


def _carried(value: Mapping[str, Any], path: str, run: Sequence[Decimal]) -> Iterator[tuple[str, str]]:
    """Each balance that is carried forward against the balances that the account ran through, in their order."""
    name, _, member = path.partition(".")
    places: dict[Decimal, list[int]] = {}
    for place, balance in enumerate(run):
        places.setdefault(balance.normalize(), []).append(place)
    at = 0
    for number, row in enumerate(_list(value.get(name))):
        said = as_decimal(row.get(member)) if isinstance(row, Mapping) else None
        if said is None:
            continue
        # the next place where the account held that
        own = places.get(said.normalize(), [])
        if (found := bisect_left(own, at)) == len(own):
            yield f"{name}.{number}.{member}", member
        else:
            at = own[found]


def _differs(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) > _EXACT


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
