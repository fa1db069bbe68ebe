"""Which columns the figures and days of a statement stand in, and what each of them is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise, permutations
from typing import Literal

from ix.extraction.models.rules.tables.movements.printed import Figure, Printed
from ix.extraction.page import Box
from ix.extraction.records import record

What = Literal["amount", "debit", "credit", "balance"]
_APART = 0.022
"""Edges of figures further apart than this, as a share of the page's width, are those of two columns; a minus behind
an amount is a third of it wide."""
_RARE = 0.02
"""Least share of lines with days that have a figure in a column; a column of credits may be nearly empty."""
# days are told by where they begin, figures by where they end
_STARTS = 0.015
_OFTEN = 0.25
"""Of the most days in any column, so many stand in one of days at least."""


@record
class Strip:
    """A column: where the edges lie that its figures or days keep to."""

    left: float
    right: float

    def has(self, edge: float) -> bool:
        """Whether an edge is one of the column's."""
        return self.left - _APART / 2 <= edge <= self.right + _APART / 2


@record
class Plan:
    """The columns of figures, by what they are, and those of days, left to right."""

    figures: dict[Strip, What]
    days: Sequence[Strip]

    def of(self, figure: Figure) -> What | None:
        """What the column of a figure is; None where it stands in none."""
        return next((what for strip, what in self.figures.items() if strip.has(figure.box[2])), None)

    def day_column(self, box: Box) -> int | None:
        """The column of days that a day stands in."""
        return next((at for at, strip in enumerate(self.days) if abs(strip.left - box[0]) < _STARTS), None)


def strips(lines: Sequence[Printed]) -> list[Strip]:
    """The columns that figures stand in, left to right: on lines that a day leads, and on those that share a column
    with them."""
    dated = [line for line in lines if line.leads and line.figures]
    found = _columns(dated)
    within = [line for line in lines if line.figures and dated and line.row.at >= dated[0].row.at]
    # of several movements on one day often the first alone prints it
    return _columns([line for line in within if any(strip.has(one.box[2]) for strip in found for one in line.figures)])


def _columns(lines: Sequence[Printed]) -> list[Strip]:
    every = [figure for line in lines for figure in line.figures]
    # amounts among words keep to no edge, unless all of them have words beside them
    edges = sorted(figure.box[2] for figure in [one for one in every if one.pure] or every)
    groups = _grouped(edges, _APART)
    return [Strip(group[0], group[-1]) for group in groups if len(group) >= max(_RARE * len(lines), 1)]


def day_strips(lines: Sequence[Printed], columns: Sequence[Strip]) -> list[Strip]:
    """The columns that days stand in on lines with a figure in its column."""
    found = [
        span.box[0]
        for line in lines
        if any(strip.has(figure.box[2]) for figure in line.figures for strip in columns)
        for _, span in line.leads
    ]
    groups = _grouped(sorted(found), _STARTS)
    most = max(map(len, groups), default=0)
    return [Strip(group[0], group[-1]) for group in groups if len(group) >= _OFTEN * most]


def _grouped(edges: Sequence[float], apart: float) -> list[list[float]]:
    groups: list[list[float]] = []
    # -1 lies left of every page, so that the first edge opens a group
    for before, edge in pairwise([-1.0, *edges]):
        if edge - before > apart:
            groups.append([])
        groups[-1].append(edge)
    return groups


def plans(columns: Sequence[Strip], named: Callable[[Strip], What | None]) -> list[dict[Strip, What]]:
    """What the columns may be, likeliest first: as headings name them, then in the order that is usual."""
    kinds: Sequence[Sequence[What]]
    if len(columns) == 1:
        kinds = [("amount",), ("debit",), ("credit",)]
    elif len(columns) == 2:
        kinds = [("amount", "balance"), ("debit", "credit"), ("credit", "debit")]
        # an account from which nothing was paid, or to which nothing was
        kinds += [("debit", "balance"), ("credit", "balance")]
    else:
        kinds = [("debit", "credit", "balance"), ("credit", "debit", "balance"), ("amount", "balance")]
    said = {strip: name for strip in columns if (name := named(strip))}
    found = []
    for kind in kinds:
        # of more columns than there are kinds the rightmost count: left of them are foreign amounts and rates
        used = columns[-len(kind) :]
        found.append(dict(zip(used, kind, strict=True)))
    # few banks print the balance first or between, but arithmetic can tell
    if len(columns) >= 3:
        every: Sequence[What] = ("debit", "credit", "balance")
        found += [dict(zip(columns[-3:], order, strict=True)) for order in permutations(every)]
    return sorted(found, key=lambda plan: -sum(_agrees(plan, strip, name) for strip, name in said.items()))


def _agrees(plan: dict[Strip, What], strip: Strip, name: What) -> float:
    if strip not in plan:
        return 0.0
    return 1.0 if plan[strip] == name else -1.0
