"""Days as tables write them, with their year or without: `12.03.`, `05/03`, `03-05`, `12 Mar`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import date
from typing import NamedTuple

from ix.extraction.values.amounts import DIGIT
from ix.extraction.values.calendar import month_numbers
from ix.extraction.values.dates import find_dates

# a day and a month between points end in one more, since 12.03 is an amount
_NUMERIC = re.compile(r"(?<![\w.,/-])(\d{1,2})(?:([/-])(\d{1,2})|\.\s?(\d{1,2})\.)(?![\d/-]|[.,]\d)")
# OCR takes a letter for a digit in names too: apri1
_NAMED = re.compile(r"(?<![\w.,/-])(\d{1,2})(?:\.|st|nd|rd|th)?[\s-]?([^\W\d_][^\W_]{2,12})(?![\w-])\.?")
_GOES_ON = re.compile(r"[./-]\d")
_LEAP = 2000
"""A year that has every day."""


class Day(NamedTuple):
    """A day found in running text, and where it stands; `year` is None where none is written."""

    month: int
    day: int
    year: int | None
    start: int
    end: int

    def on(self, year: int) -> date | None:
        """The day in that year; None for 29 February in most."""
        try:
            return date(self.year or year, self.month, self.day)
        except ValueError:
            return None

    def within(self, first: date, last: date) -> date | None:
        """The day that lies within a period, or else nearest to it."""
        # a value date may lie in the year before or after those of the period
        found = [day for year in range(first.year - 1, last.year + 2) if (day := self.on(year))]
        return min(found, key=lambda day: max(first - day, day - last, first - first), default=None)


def find_days(text: str, day_first: bool = True, languages: Collection[str] = ()) -> list[Day]:
    """Every day in running text, left to right. `day_first` reads 05/03 as 5 March; whoever writes
    2024-03-05 elsewhere writes 03-05 here. Months have the names that they have in these languages (ISO 639-1), in any
    where none is given."""
    if not DIGIT.search(text):
        return []
    # "12.03. 13.03." are two days, and no year 13
    full = [one for one in find_dates(text, day_first) if not _GOES_ON.match(text, one.end)]
    found = [Day(one.value.month, one.value.day, one.value.year, one.start, one.end) for one in full]
    for one in (*_numeric(text, day_first), *_named(text, languages)):
        if all(one.end <= other.start or one.start >= other.end for other in found):
            found.append(one)
    return sorted(found, key=lambda one: one.start)


def _numeric(text: str, day_first: bool) -> Iterator[Day]:
    for match in _NUMERIC.finditer(text):
        one, other = int(match[1]), int(match[3] or match[4])
        first = day_first or match[4] is not None
        # a number over twelve decides for itself
        day, month = (one, other) if (first or one > 12) and other <= 12 else (other, one)
        if _exists(month, day):
            yield Day(month, day, None, *match.span())


def _named(text: str, languages: Collection[str]) -> Iterator[Day]:
    for match in _NAMED.finditer(text):
        month = next(iter(month_numbers(match[2], languages, foreign=False)), None)
        if month and _exists(month, int(match[1])):
            yield Day(month, int(match[1]), None, *match.span())


def _exists(month: int, day: int) -> bool:
    try:
        return bool(date(_LEAP, month, day))
    except ValueError:
        return False
