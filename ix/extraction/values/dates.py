"""Dates, in the layouts that documents use, in seven languages, glued to a time as OCR leaves them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import NamedTuple

from ix.extraction.values.amounts import DIGIT
from ix.languages import load, merged, one_of, phrases

_WORDS = merged()


def _folded(name: str) -> str:
    """Lower case without accents: "März" is "marz"."""
    return "".join(c for c in unicodedata.normalize("NFKD", name.lower()) if not unicodedata.combining(c))


_MONTH = {_folded(name): number for number, names in enumerate(_WORDS.months, 1) for name in phrases(names)}
_ORDINALS = one_of(rf"{_WORDS.ordinals} | \.")
# English alone writes "March 5th": other languages' ordinals stand before the month only
_ORDINALS_BEHIND_MONTH = one_of(" | ".join(each.ordinals for each in load() if each.month_first))
_JOINER = rf"[\s./,-]*(?:{one_of(_WORDS.date_joiners)}\s+)?"
_YEAR4 = r"(?P<year>(?:19|20)\d{2})"
# OCR joins the year to the time, as in 201914:33 and 1914:33; two digits may have an apostrophe
_YEAR = r"(?P<year>(?:19|20)\d{2}(?!\d)|(?:19|20)\d{2}(?=\d{1,2}[:.]\d{2})|'?\d{2}(?![\d,])|\d{2}(?=\d{2}:\d{2}))"
_NAME = rf"(?P<name>[^\W\d_]{{{min(map(len, _MONTH))},{max(map(len, _MONTH))}}})"
_NUMERIC = re.compile(
    r"(?:(?<![\d.,/-])|(?<=\d-)(?=\d{1,2}([/.])\d{1,2}\1\d{4}))"  # not in a longer number, but behind "2019-"
    rf"(?P<a>\d{{1,2}})\s?(?P<sep>[-/.])\s?(?P<b>\d{{1,2}})\s?(?P=sep){{1,2}}\s?{_YEAR}"
)
_ISO = re.compile(
    rf"(?<!\d){_YEAR4}\s?(?P<sep>[-/.])\s?(?P<month>\d{{1,2}})\s?(?P=sep)\s?"
    r"(?P<day>\d{2}(?=\d{2}:)|\d{1,2}(?!\d))"  # OCR joins the day to the time: 2019-03-0511:20
)
_COMPACT = re.compile(rf"(?<![\w.,/-]){_YEAR4}(?P<month>\d{{2}})(?P<day>\d{{2}})(?![\w/-])")
_DAY_FIRST = re.compile(rf"(?<!\d)(?P<day>\d{{1,2}}){_ORDINALS}?{_JOINER}{_NAME}{_JOINER}{_YEAR}", re.I)
_MONTH_FIRST = re.compile(
    rf"(?<![^\W\d_]){_NAME}[\s./-]*(?P<day>\d{{1,2}}){_ORDINALS_BEHIND_MONTH}?(?:\s*,\s*|\s+|-|/){_YEAR4}", re.I
)
_PATTERNS = (_ISO, _COMPACT, _DAY_FIRST, _MONTH_FIRST)
_LONGEST = 100
"""Characters of the longest date, with its weekday, its time and spaces."""
_AROUND = re.compile(r"[\s,.;:()|-]*(?:[^\W\d_]{2,10}\.?,?\s+)?")
_CLOCK = rf"\d{{1,2}}[:.]\d{{2}}(?:[:.]\d{{2}}(?:\.\d+)?)?\s*{one_of(f'{_WORDS.clock} | z')}?(?:[+-]\d{{2}}:?\d{{2}})?"
_TIME = re.compile(rf"[\s,T@|-]*(?:\(?[^\W\d_]{{2,9}}\)?)?\s*(?:{_CLOCK})?[\s,.;)]*", re.I)


class FoundDate(NamedTuple):
    """A date found in running text and where it stands. `other` is what it says if day and month are swapped, where
    they can be and that makes another day."""

    value: date
    start: int
    end: int
    other: date | None = None

    @property
    def ambiguous(self) -> bool:
        """Whether it has another reading."""
        return self.other is not None


def parse_date(text: str, day_first: bool = True) -> date | None:
    """The date that the whole of `text` says, perhaps with a weekday before it and a time after it; None if it says
    something else."""
    for found in find_dates(text, day_first) if len(text) <= _LONGEST else ():
        if _AROUND.fullmatch(text[: found.start]) and _TIME.fullmatch(text[found.end :]):
            return found.value
    return None


def find_dates(text: str, day_first: bool = True) -> list[FoundDate]:
    """Every date in running text, left to right. `day_first` reads 03/04/2019 as 3 April; a number over 12 decides for
    itself."""
    found: list[FoundDate] = []
    if not DIGIT.search(text):
        return found
    for each in sorted(_all(text, day_first), key=lambda each: (each.start, -each.end)):
        if not found or each.start >= found[-1].end:
            found.append(each)
    return found


def prefers_day_first(texts: Iterable[str]) -> bool | None:
    """Whether numeric dates in these texts put the day first, by those that can be read in one way only; None if none
    can."""
    votes = [_vote(match) for text in texts for match in _NUMERIC.finditer(text)]
    balance = sum(votes)
    return balance > 0 if balance else None


def _vote(match: re.Match[str]) -> int:
    first, second = int(match["a"]), int(match["b"])
    return (first > 12 >= second) - (second > 12 >= first)


def _all(text: str, day_first: bool) -> Iterator[FoundDate]:
    for pattern in _PATTERNS:
        yield from _matches(pattern, text, _year_month_day)
    yield from _matches(_NUMERIC, text, lambda match: _numeric(match, day_first))


def _matches(
    pattern: re.Pattern[str], text: str, read: Callable[[re.Match[str]], tuple[int, int, int] | None]
) -> Iterator[FoundDate]:
    for match in pattern.finditer(text):
        if (parts := read(match)) and (value := _date(*parts)):
            yield FoundDate(value, match.start(), match.end(), _swapped(match, value) if pattern is _NUMERIC else None)


def _swapped(match: re.Match[str], value: date) -> date | None:
    """The other reading of a numeric date."""
    # with points the day comes first wherever that is written
    if match["sep"] == "." or value.day > 12 or value.day == value.month:
        return None
    return date(value.year, value.day, value.month)


def _year_month_day(match: re.Match[str]) -> tuple[int, int, int] | None:
    groups = match.groupdict()
    month = int(groups["month"]) if groups.get("month") else _MONTH.get(_folded(match["name"]), 0)
    return (_full_year(match["year"]), month, int(match["day"])) if month else None


def _numeric(match: re.Match[str], day_first: bool) -> tuple[int, int, int]:
    year, first, second = _full_year(match["year"]), int(match["a"]), int(match["b"])
    # dates with points are European: the day comes first, whatever the rest of the page says
    month_first = match["sep"] != "." and (second > 12 or (not day_first and first <= 12))
    return (year, first, second) if month_first else (year, second, first)


def _full_year(written: str) -> int:
    """Two digits by POSIX's pivot: 69 to 99 are of the twentieth century."""
    year = int(written.lstrip("'"))
    if year > 99:
        return year
    return year + (1900 if year >= 69 else 2000)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
