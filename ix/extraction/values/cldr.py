"""Names of months and weekdays, and the marks of numbers, in many languages: the Unicode Common Locale Data Repository,
as `python -m training.calendars` writes it here out of `babel` (2.19)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

PATH = Path(__file__).with_name("cldr.json")


class Calendar(NamedTuple):
    """How a language names months and weekdays (Monday first), in all forms and in lower case; the marks before the
    decimals and between groups of digits, and the order of a date's parts: `dmy`, `mdy` or `ymd`."""

    months: tuple[tuple[str, ...], ...]
    days: tuple[tuple[str, ...], ...]
    decimal: str
    group: str
    order: str


@cache
def calendars() -> Mapping[str, Calendar]:
    """The languages of the table by ISO 639-1 code; read when they are first asked for."""
    return {code: _calendar(**row) for code, row in json.loads(PATH.read_text(encoding="utf-8")).items()}


def _calendar(months: list[str], days: list[str], decimal: str, group: str, order: str) -> Calendar:
    return Calendar(_split(months), _split(days), decimal, group, order)


def _split(names: list[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(filter(None, forms.split("|"))) for forms in names)
