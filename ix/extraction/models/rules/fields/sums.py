"""Sums: which amounts of a document are made by its others, and how surely that makes one the total.

    cash - change                                12.00 of 20.00 - 8.00
    base + tax, + rounding, charge or - discount
    total + rounding                             where the rounded one is printed, it is what is paid
    the lines above the first sum                where two or more add up
    totals of the rates of tax                   "Total 6% supplies" and "Total 0% supplies"
    a sum and the taxes below it (`stacks`)      "Total", "CGST" and "SGST", "Grand total"

Each kind of sum counts once for a total, and several kinds count together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import combinations, islice, pairwise, product
from typing import NamedTuple

from ix.extraction.models.rules.fields.labelled_amounts import Labelled
from ix.extraction.models.rules.fields.stacks import stacks
from ix.extraction.models.rules.vocabulary.money import Concept

_MOST_VALUES = 100
"""Different values of one concept that a sum of two is tried with, from the top; an invoice has five."""
_MOST_IN_SUMS_OF_THREE = 8
"""Values of one concept that a sum of three is tried with: they make 2,048 sums."""
_BEFORE_ROUNDING = frozenset(("total", "subtotal", "net", "due"))
"""What an amount is that is rounded."""
_MOST_LINES = 400
"""Lines that are added up; the longest receipt has about 200."""


class _Weight:
    """What each kind of sum counts; see `page.candidates` for where the numbers are from."""

    SURE = 0.4  # least weight of what takes part

    CASH_LESS_CHANGE, CASH_ALONE = 0.35, 0.2
    BASE_AND_MORE, BASE_AND_TWO = 0.1, 0.15
    ROUNDED = 0.25
    LINES = 0.15
    RATES = 0.3
    STACKED = 0.3


class Supported(NamedTuple):
    """How surely each value is the total, by what other amounts make it; and what cash less change leaves, where both
    are printed and the difference is as well."""

    by_value: Mapping[Decimal, float]
    spent: Decimal | None

    def of(self, value: Decimal) -> float:
        """How surely a value is the total."""
        return self.by_value.get(value, 0.0)


def supported(found: Sequence[Labelled]) -> Supported:
    """What the amounts of a document say of its total."""
    values = _by_concept(found)
    printed = {one.value for one in found}
    paid = {**values, "paid": [*values.get("paid", ()), *_above_change(found)]}
    spent = {given - abs(change) for given, change in _pairs(paid, "paid", "change") if change} & printed
    kinds: list[Mapping[Decimal, float]] = [
        _paid(paid),
        _added(values),
        dict.fromkeys(_lines(found), _Weight.LINES),
        dict.fromkeys(_rates(found), _Weight.RATES),
        dict.fromkeys((stack.total.value for stack in stacks(found)), _Weight.STACKED),
    ]
    totals: dict[Decimal, float] = {}
    for kind in kinds:
        for total, weight in kind.items():
            totals[total] = totals.get(total, 0.0) + weight
    for base, total in islice(_rounded(found), _MOST_VALUES):
        # whatever bears out the one before rounding bears out the one after it
        totals[total] = max(totals.get(total, 0.0), totals.get(base, 0.0)) + _Weight.ROUNDED
    return Supported(totals, next(iter(spent)) if len(spent) == 1 else None)


Values = Mapping[Concept, Sequence[Decimal]]
"""Values that surely are of a concept, from the top, each once."""


def _by_concept(found: Iterable[Labelled]) -> Values:
    values: dict[Concept, dict[Decimal, None]] = {}
    for one in found:
        for concept, weight in one.weights.items():
            of_concept = values.setdefault(concept, {})
            if weight >= _Weight.SURE and len(of_concept) < _MOST_VALUES:
                of_concept[one.value] = None
    return {concept: list(known) for concept, known in values.items()}


def _pairs(values: Values, one: Concept, other: Concept) -> Iterator[tuple[Decimal, Decimal]]:
    return product(values.get(one, ()), values.get(other, ()))


def _above_change(found: Sequence[Labelled]) -> Iterator[Decimal]:
    """The amount without a known word right above change: what was given, whatever it is called."""
    for one, change in pairwise(found):
        if not one.weights and change.strongest == "change" and one.row.at == change.row.at - 1:
            yield one.value


def _paid(values: Values) -> dict[Decimal, float]:
    return {
        given - abs(change): _Weight.CASH_LESS_CHANGE if change else _Weight.CASH_ALONE
        for given, change in _pairs(values, "paid", "change")
    }


def _added(values: Values) -> dict[Decimal, float]:
    """What is taxed and what is added to it: tax, service and rounding, or a discount taken off."""
    bases = list(dict.fromkeys([*values.get("net", ()), *values.get("subtotal", ())]))
    added = [*values.get("charge", ()), *values.get("rounding", ()), *(-abs(one) for one in values.get("discount", ()))]
    taxes = values.get("tax", ())
    totals = {
        base + more: _Weight.BASE_AND_MORE
        for base, more in product(bases, [*taxes, *added])
        if more and abs(base) > abs(more)
    }
    # service is added to what was a total before it: "Food total", "Service", "Balance due"
    known = {*values.get("total", ()), *values.get("due", ())}
    for base, more in product(values.get("total", ()), values.get("charge", ())):
        if more and abs(base) > abs(more) and base + more in known:
            totals[base + more] = _Weight.BASE_AND_TWO
    few = _MOST_IN_SUMS_OF_THREE
    for base, tax, more in product(bases[: 2 * few], taxes[:few], added[: 2 * few]):
        if tax and more and abs(base) > abs(tax):
            totals[base + tax + more] = _Weight.BASE_AND_TWO
    return totals


def _rounded(found: Sequence[Labelled]) -> Iterator[tuple[Decimal, Decimal]]:
    """Totals before and after they are rounded to the smallest coin: the one is printed above the rounding, the other
    below."""
    for at, rounding in enumerate(found):
        # of ringgit or francs a few hundredths, of kronor up to a half
        if rounding.strongest != "rounding" or not rounding.value or abs(rounding.value) >= 1:
            continue
        above = (one for one in found[:at] if one.strongest in _BEFORE_ROUNDING)
        below = {one.value for one in found[at + 1 :]}
        # tills leave its minus out
        for base, more in product(list(dict.fromkeys(one.value for one in above))[:_MOST_VALUES], (1, -1)):
            if base + more * rounding.value in below:
                yield base, base + more * rounding.value


def _lines(found: Sequence[Labelled]) -> Iterator[Decimal]:
    """What the lines above the first sum add up to, by the last amount of each and what is taken off; the first sum may
    be a line that no word names and that is all those above it."""
    rows: dict[int, Decimal] = {}
    for one in found:
        if one.strongest and one.strongest != "discount" and one.weights[one.strongest] >= _Weight.SURE:
            break
        if one.amount.decimals and len(rows) < _MOST_LINES:
            rows[one.row.at] = -abs(one.value) if one.strongest == "discount" else one.value
    above = Decimal()
    for count, value in enumerate(rows.values()):
        if count > 1 and value == above:
            break
        above += value
    if len(rows) > 1:
        yield above


def _rates(found: Iterable[Labelled]) -> Iterator[Decimal]:
    """The sums of two or three totals that are each of one rate of tax."""
    parts = list(dict.fromkeys(one.value for one in found if one.partial and "total" in one.weights and one.value))
    for count in (2, 3):
        yield from (sum(some, Decimal()) for some in combinations(parts[:_MOST_IN_SUMS_OF_THREE], count))
