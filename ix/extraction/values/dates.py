"""Dates, in the forms and languages that documents use, glued to a time as OCR leaves them.

What a form says is in `dateforms`; here it is found in texts, and settled where a weekday beside it says more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from ix.extraction.values.amounts import plain_signs
from ix.extraction.values.dateforms import NUMERIC, Day, Manner, forms, may_be_numeric, numeric, weekday_beside
from ix.languages import merged, one_of

_WORDS = merged()
_LONGEST = 100
"""Characters of the longest date, with its weekday, its time and spaces."""
_KEPT, _SHORT = 4096, 200
"""Texts whose dates are kept, since several ask for those of a line, and the characters of the longest of them."""
_AROUND = re.compile(r"[\s,.;:()|-]*(?:[^\W\d_]{2,10}\.?,?\s+)?")
_CLOCK = (
    rf"(?:\d{{1,2}}[:.]\d{{2}}(?:[:.]\d{{2}}(?:\.\d+)?)?|\d{{6}})\s*{one_of(f'{_WORDS.clock} | z')}?"
    r"(?:[+-]\d{2}:?\d{2})?"
)
_TIME = re.compile(rf"[\s,T@|/-]*(?:\(?[^\W\d_]{{1,9}}\)?)?\s*(?:{_CLOCK})?[\s,.;)]*", re.I)
_DATE = re.compile(r"\d|[一二三四五六七八九十]日")
"""Without one there is no date."""


class FoundDate(NamedTuple):
    """A date found in running text and where it stands. `other` is its other reading, where it has one: day and month
    are swapped, or its month's name is another month in another language."""

    value: date
    start: int
    end: int
    other: date | None = None

    @property
    def ambiguous(self) -> bool:
        """Whether it has another reading."""
        return self.other is not None


def parse_date(text: str, day_first: bool = True, languages: Iterable[str] = ()) -> date | None:
    """The date that the whole of `text` says, perhaps with a weekday before it and a time after it; None if it says
    something else."""
    for found in find_dates(text, day_first, languages) if len(text) <= _LONGEST else ():
        if _AROUND.fullmatch(text[: found.start]) and _TIME.fullmatch(plain_signs(text[found.end :])):
            return found.value
    return None


def find_dates(text: str, day_first: bool = True, languages: Iterable[str] = ()) -> list[FoundDate]:
    """Every date in running text, left to right. `day_first` reads 03/04/2019 as 3 April; a number over 12, or a
    weekday beside it, decides for itself. `languages` (ISO 639-1) are those of the document, where they are known."""
    if not _DATE.search(text):
        return []
    manner = Manner(day_first, tuple(languages))
    return list(_kept(text, manner) if len(text) <= _SHORT else _found(text, manner))


def prefers_day_first(texts: Iterable[str]) -> bool | None:
    """Whether numeric dates in these texts put the day first, by those that can be read in one way only; None if none
    can."""
    plain = filter(may_be_numeric, map(plain_signs, texts))
    balance = sum(_vote(match) for text in plain for match in NUMERIC.finditer(text))
    return balance > 0 if balance else None


def _vote(match: re.Match[str]) -> int:
    """1 for a date that says that the day stands first, -1 for the month, 0 where it may be either."""
    first, second = int(match["a"]), int(match["b"])
    # amounts such as "10.85 .65" are none, and with points the day is first wherever that is written
    if match["sep"] == "." or max(first, second) > 31:
        return int(31 >= first > 12 >= second)
    if max(first, second) > 12:
        return (first > 12 >= second) - (second > 12 >= first)
    # where it may be either, a weekday tells
    days = [day for day in map(_date, numeric(match, Manner())) if day]
    fitting = _by_weekday(match, Manner(), days)
    if len(fitting) == len(days):
        return 0
    return 1 if fitting[0].day == first else -1


def _found(text: str, manner: Manner) -> tuple[FoundDate, ...]:
    found: list[FoundDate] = []
    # of forms that match at one place the longest leaves nothing of the date unread
    for each in sorted(_all(plain_signs(text), manner), key=lambda each: (each.start, -each.end)):
        if not found or each.start >= found[-1].end:
            found.append(each)
    return tuple(found)


_kept = lru_cache(maxsize=_KEPT)(_found)


def _all(text: str, manner: Manner) -> Iterator[FoundDate]:
    for pattern, read in forms(text, manner):
        for match in pattern.finditer(text):
            if days := list(dict.fromkeys(filter(None, map(_date, read(match, manner))))):
                value, *others = _by_weekday(match, manner, days)
                yield FoundDate(value, match.start(), match.end(), others[0] if others else None)


def _by_weekday(match: re.Match[str], manner: Manner, days: list[date]) -> list[date]:
    """The readings that fit the weekday beside the date, or all if it fits none."""
    weekdays = weekday_beside(match, manner.languages) if len(days) > 1 else ()
    # a weekday that fits no reading is misread itself
    return [day for day in days if day.weekday() in weekdays] or days


def _date(day: Day) -> date | None:
    try:
        return date(*day)
    except ValueError:
        return None
