"""Movements as rows of the table that is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from ix.extraction.layout import Span, joined
from ix.extraction.models import Leaf, Tree
from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.page.misread import mended
from ix.extraction.models.rules.page.reading import Reading
from ix.extraction.models.rules.tables.movements.entries import Entries, Movement
from ix.extraction.models.rules.tables.movements.printed import Printed
from ix.extraction.models.rules.tables.movements.roles import Roles
from ix.extraction.values.yearless import Day

_PERIOD = 120
"""Days that the dates of a statement's head may lie apart and be those of its period."""


class Dated(NamedTuple):
    """A day as printed, and the index of its page."""

    day: Day
    span: Span
    page: int


def rows(
    found: Entries, lines: Sequence[Printed], roles: Roles, value_first: bool, score: float, reading: Reading
) -> list[Tree]:
    """A row for each movement."""
    period = _period(lines, found)
    return [
        {field.name: values[field.name].leaf() if field.name in values else Leaf(None) for field in roles.fields}
        for one, booked, valued in _dated(found.movements, value_first)
        for values in [dict(_values(one, (booked, valued), roles, period, score, reading))]
    ]


def _dated(movements: Sequence[Movement], value_first: bool) -> Iterator[tuple[Movement, Dated | None, Dated | None]]:
    """Each movement with its days; one without a day of its own has that of the movement before."""
    booked, valued = (1, 0) if value_first else (0, 1)
    before: Dated | None = None
    for one in movements:
        days = {at: Dated(day, span, one.line.row.page) for at, (day, span) in one.days.items()}
        # a single column of days is that of booking
        before = days.get(booked) or (days.get(valued) if before is None else before)
        yield one, before, days.get(valued)


def _values(
    one: Movement,
    days: tuple[Dated | None, Dated | None],
    roles: Roles,
    period: tuple[date, date],
    score: float,
    reading: Reading,
) -> Iterator[tuple[str, Candidate]]:
    page = one.line.row.page
    for field, dated in zip((roles.date, roles.value_date), days, strict=True):
        if field and dated and (day := dated.day.within(*period)):
            # without a year the words say but a part of the day
            derived = dated.day.year is None
            yield field.name, Candidate(day.isoformat(), dated.page, dated.span, score, derived)
    if one.text:
        text = joined(one.text)
        yield roles.text.name, Candidate(mended(text.text, reading), page, text, score)
    yield roles.amount.name, Candidate(float(one.amount), page, one.figure.span, score)
    if roles.balance and one.balance:
        yield roles.balance.name, Candidate(float(one.balance.signed), page, one.balance.span, score)


def _period(lines: Sequence[Printed], found: Entries) -> tuple[date, date]:
    """The first and last day that the head of the statement names, or any of its lines; else the year up to now."""
    first = found.movements[0].line.row.at if found.movements else len(lines)
    for some in (lines[:first], lines):
        named = [day.on(day.year) for line in some for day, _ in line.days if day.year]
        days = [day for day in named if day]
        if days:
            last = max(days)
            # a head may name days long before as well, such as that of a contract
            return min(day for day in days if last - day < timedelta(_PERIOD)), last
    # a statement tells of the past, and seldom of more than a year of it
    today = date.today()
    return today - timedelta(365), today
