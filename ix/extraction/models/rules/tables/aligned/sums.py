"""Sums under a table of goods: what its lines add up to, what comes on top, and both together, whatever their names.

Skrivbord      2    500,00    1 000,00
Stol           1    200,00      200,00
Delsumma                      1 200,00      the lines together: without tax
Moms 25 %                       300,00      taxes, any number of them
Att erhålla                   1 500,00      all that stands above together
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise

from ix.extraction.layout import Span, joined
from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.page.reading import Reading
from ix.extraction.models.rules.tables.items import Values
from ix.extraction.values import as_decimal

_SCORE = 0.95
"""Score of what adds up twice; see `page.candidates`."""
_LINES = 16
"""Lines under a table in which its sums stand."""
_MOST_TAXES = 6
_CENT = Decimal("0.015")


def sums_under(rows: Sequence[Values], total: str, reading: Reading) -> Mapping[str, Candidate]:
    """`net`, `tax` and `total` of a table, of which `total` is the path of its lines' amounts; none where its lines and
    what stands below do not add up."""
    cells = [row.get(total) for row in rows]
    amounts = [as_decimal(cell.value) if cell else None for cell in cells]
    last = cells[-1] if cells else None
    if last is None or None in amounts:
        return {}
    lines = sum((amount for amount in amounts if amount is not None), Decimal())
    # nothing comes on top of nothing: "Charges 0.00"
    below = [one for one in _amounts_below(last, reading) if one[0]]
    # before and after discounts and charges there may be none of
    starts = [at for at, (value, _) in enumerate(below) if abs(value - lines) < _CENT]
    return _with_taxes(below[starts[-1] : starts[-1] + _MOST_TAXES + 2]) if starts else {}


def _with_taxes(below: Sequence[tuple[Decimal, Candidate]]) -> Mapping[str, Candidate]:
    """The first of the amounts, those that follow, and the one that all before it add up to."""
    whole = below[0][0]
    for at in range(1, len(below)):
        # what is taken off on the way, as tax that is withheld, is no tax that comes on top
        taxes = [one for value, one in below[1:at] if (value > 0) == (below[0][0] > 0)]
        if taxes and abs(whole - below[at][0]) < _CENT:
            return {"net": below[0][1], "tax": _together(taxes), "total": below[at][1]}
        whole += below[at][0]
    return {}


def _together(taxes: Sequence[Candidate]) -> Candidate:
    if len(taxes) == 1:
        return taxes[0]
    value = float(sum(Decimal(str(one.value)) for one in taxes))
    spans: list[Span] = [one.span for one in taxes if one.page == taxes[0].page]
    return Candidate(value, taxes[0].page, joined(spans), _SCORE, derived=True)


def _amounts_below(last: Candidate, reading: Reading) -> Iterator[tuple[Decimal, Candidate]]:
    """The amounts under a table: the last one of each line with words, or all of a line that has several under as many
    words."""
    bottom = last.span.box[3]
    rows = [row for row in reading.rows if (row.page, row.line.box[1]) > (last.page, bottom - last.span.height / 2)]
    for above, row in pairwise([None, *rows[:_LINES]]):
        standing = [(amount, span) for amount, span in row.standing_amounts if amount.decimals] if row else []
        if row is None or not standing:
            continue
        is_strip = above is not None and not above.has_money and len(above.line.cells) == len(standing)
        for amount, span in standing if is_strip else standing[-1:]:
            yield amount.value, Candidate(float(amount.value), row.page, span, _SCORE)
