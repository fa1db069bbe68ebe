"""Tax by rate: the lines that print a rate, what is taxed with it and the tax, wherever they stand.

    USt. 19 %   336.00   63.84        336.00 x 19 % = 63.84: a row
    VAT         403.55   19   76.67   without a percent sign as well

Nothing but the arithmetic tells such a line, so that the rows count only where they add up to a total of the document,
and where no rate has two of them: a table of positions may print the tax of each."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import permutations
from typing import NamedTuple

from ix.extraction.layout import Span
from ix.extraction.models import Leaf, Tree
from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.page.reading import Reading, Row
from ix.extraction.values import as_decimal
from ix.fields import Field

MEMBERS = ("rate", "base", "amount")
"""What a table of taxes by rate has."""
HIGHEST = 30
"""Percent; no country's value added tax is higher than 27."""
MOST_AMOUNTS = 8
"""Amounts of a line beyond which it is none of such a table."""
_SCORE = 0.8
_CENT = Decimal("0.01")
_PERCENT = re.compile(r"(?<![\d.,])(\d{1,2}(?:[.,]\d{1,3})?)\s?%")


class _Printed(NamedTuple):
    value: Decimal
    span: Span


class _Rate(NamedTuple):
    """One line: rate, base and tax."""

    row: Row
    rate: _Printed
    base: _Printed
    amount: _Printed


def is_by_rate(table: Field) -> bool:
    """Whether the rows of a table are taxes by their rate."""
    return {field.name for field in table.fields} >= set(MEMBERS)


def read_rates(table: Field, reading: Reading, totals: Collection[Decimal]) -> list[Tree]:
    """The rows, top to bottom; none where they do not add up to any of the `totals`."""
    found: dict[tuple[Decimal, Decimal, Decimal], _Rate] = {}
    for row in reading.rows:
        for one in _rates(row):
            # a summary may be printed twice
            found.setdefault((one.rate.value, one.base.value, one.amount.value), one)
    rows = list(found.values())
    # amounts of one rate in two lines are those of positions, or of pages that are carried forward
    sums = {abs(sum(getattr(one, name).value for one in rows)) for name in ("base", "amount")} - {0}
    if not sums & set(totals) or len({one.rate.value for one in rows}) < len(rows):
        return []
    return [_tree(table.fields, one) for one in rows]


def _rates(row: Row) -> Iterator[_Rate]:
    """The row, where it is one."""
    amounts = [found for found in row.amounts if found.decimals][:MOST_AMOUNTS]
    if len(amounts) < 2:
        return
    money = [_Printed(found.value, row.line.part(found.start, found.end)) for found in amounts]
    percents = [
        _Printed(value, row.line.part(*match.span(1)))
        for match in _PERCENT.finditer(row.text)
        if (value := as_decimal(match[1].replace(",", "."))) is not None
    ]
    plain = [found for found in row.amounts if not found.decimals]
    # under a heading such as "USt. %" a rate has no sign of its own
    rates = percents or [_Printed(found.value, row.line.part(found.start, found.end)) for found in plain]
    for rate in rates:
        for base, amount in permutations(money, 2):
            if rate.value <= HIGHEST and _is_tax(base.value, rate.value, amount.value):
                yield _Rate(row, rate, base, amount)
                return


def _is_tax(base: Decimal, rate: Decimal, amount: Decimal) -> bool:
    if rate == 0:
        return amount == 0 != base
    return abs((base * rate / 100).quantize(_CENT, ROUND_HALF_UP) - amount) <= _CENT < abs(amount)


def _tree(fields: Sequence[Field], one: _Rate) -> Tree:
    printed = dict(zip(MEMBERS, (one.rate, one.base, one.amount), strict=True))
    return {
        field.name: _leaf(one.row, printed[field.name]) if field.name in printed else Leaf(None) for field in fields
    }


def _leaf(row: Row, printed: _Printed) -> Leaf:
    return Candidate(float(printed.value), row.page, printed.span, _SCORE).leaf()
