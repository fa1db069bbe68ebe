"""When an answered value is the labelled one, by the kind of its field.

    money, number, percentage     the same number, whatever its notation and currency
    date                          the same day; a labelled one with two readings is read day first
    iban, vat_id, identifier,     the same letters and digits, whatever the case and what stands between
    currency
    boolean                       the same
    all others                    the same letters and digits, accents aside; close from a likeness of 0.9

A label that is a list has several right values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from rapidfuzz import fuzz

from ix.extraction.values import find_amounts, find_dates, parse_amount, parse_date

CLOSE = 90.0
"""Likeness (`rapidfuzz.fuzz.ratio` of the letters and digits) from which two texts are close."""
NUMBERS = frozenset({"money", "number", "percentage"})
CODES = frozenset({"iban", "vat_id", "identifier", "currency"})
_PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?")


class Likeness(NamedTuple):
    """How an answered value compares: equal after normalising, or close, which what is equal is too."""

    exact: bool
    close: bool


NOT_ALIKE = Likeness(exact=False, close=False)


def is_empty(value: object) -> bool:
    """Whether there is no value: null, an empty text, an empty list."""
    return value is None or value == "" or value == []


def choices(label: object) -> Sequence[object]:
    """The values of which any is right."""
    return label if isinstance(label, list) else [label]


def compare(kind: str, label: object, answer: object) -> Likeness:
    """The best that the answer is like any of the labelled values, none of which is null."""
    found = [_compare(kind, one, answer) for one in choices(label) if not is_empty(one)]
    return max(found, default=NOT_ALIKE)


def _compare(kind: str, label: object, answer: object) -> Likeness:
    if is_empty(answer):
        return NOT_ALIKE
    # True is 1 in Python
    if isinstance(label, bool) or isinstance(answer, bool):
        same = str(label).lower() == str(answer).lower()
    elif kind in NUMBERS:
        same = number(label) is not None and number(label) == number(answer)
    elif kind == "date":
        same = day(label) is not None and day(label) == day(answer)
    else:
        one, other = letters(label), letters(answer)
        # what is all punctuation has no letters, and is like nothing else
        if not one and not other:
            one, other, kind = str(label).strip(), str(answer).strip(), "identifier"
        same = one == other
        return Likeness(same, same or (kind not in CODES and fuzz.ratio(one, other) >= CLOSE))
    return Likeness(same, same)


def letters(text: object) -> str:
    """Letters and digits only, lower case, without accents."""
    decomposed = unicodedata.normalize("NFKD", str(text)).casefold()
    return "".join(char for char in decomposed if char.isalnum())


def number(value: object) -> Decimal | None:
    """A labelled or answered number, whatever its notation and currency."""
    if isinstance(value, int | float | Decimal):
        return Decimal(str(value))
    text = str(value).strip()
    # written as JSON writes numbers: 1.234 is no thousand here
    if _PLAIN_NUMBER.fullmatch(text):
        return Decimal(text)
    return parse_amount(text) or next((found.value for found in find_amounts(text)), None)


def day(value: object) -> date | None:
    """A labelled or answered date, day first where it is ambiguous."""
    text = str(value)
    return parse_date(text) or next((found.value for found in find_dates(text)), None)
