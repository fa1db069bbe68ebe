"""What amounts, dates and currencies a few words can be read as. Every reading counts: whether 03/04/2019 is in March
or in April and whether 1.234 has decimals is for the value to say that is compared with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import chain

from ix.extraction.values import find_amounts, find_dates, parse_amount, parse_currency
from ix.extraction.values.yearless import find_days

_MARKS = (None, ".", ",")
"""Decimal marks that an amount is read with: none means the one that the amount itself suggests."""
_NAME = re.compile(r"[A-Za-z]{0,3}\$|[^\W\d_]+\.?|[^\w\s]")
_SHARED = {
    "$": frozenset(["ARS", "AUD", "BRL", "CAD", "CLP", "COP", "HKD", "MXN", "NZD", "SGD", "TWD", "USD"]),
    "¥": frozenset({"CNY", "JPY"}),
    "kr": frozenset({"DKK", "ISK", "NOK", "SEK"}),
    "rs": frozenset({"INR", "LKR", "NPR", "PKR"}),
}
"""Signs that more than one currency uses."""


def amount_places(text: str) -> Iterator[tuple[Decimal, int, int]]:
    """Every amount in the text, in every reading, and where it stands."""
    for mark in _MARKS:
        yield from ((found.value, found.start, found.end) for found in find_amounts(text, mark))


def word_amounts(text: str) -> Iterator[tuple[Decimal, int, int]]:
    """Every word of the text that says an amount with what is glued to it, in every reading, and where its digits
    stand."""
    for word in re.finditer(r"\S+", text):
        for value in readings(word.group()):
            digits = [at for at, char in enumerate(word.group()) if char.isdigit()]
            yield value, word.start() + digits[0], word.start() + digits[-1] + 1


@lru_cache(maxsize=4096)
def readings(word: str) -> frozenset[Decimal]:
    """What one word says as a number: `1.234` says 1234 and 1.234, `(5.00)` says -5 and 5."""
    if not any(map(str.isdigit, word)):
        return frozenset()
    # a quantity or a footnote's sign may be glued to it: 2x, 5.00*, 19%
    stripped = word.strip("%:;*xX")
    written = {stripped, stripped.strip("().")}
    said = (parse_amount(each, mark) for mark in _MARKS for each in written)
    return frozenset(value for value in said if value is not None)


def amounts_in(text: str) -> list[Decimal]:
    """Every amount in the text, in every reading, left to right."""
    places = chain(amount_places(text), word_amounts(text))
    return list(dict.fromkeys(value for value, _, _ in sorted(places, key=lambda place: place[1])))


def sum_in(text: str) -> Decimal | None:
    """The sum of the amounts in the text; None if there are not at least two."""
    values = [found.value for found in find_amounts(text)]
    return sum(values, Decimal(0)) if len(values) > 1 else None


def date_places(text: str) -> Iterator[tuple[date, int, int]]:
    """Every date in the text, in every reading, and where it stands."""
    for day_first in (True, False):
        yield from ((found.value, found.start, found.end) for found in find_dates(text, day_first))


def dates_in(text: str) -> set[date]:
    """Every date in the text, in every reading."""
    return {value for value, _, _ in date_places(text)}


def days_in(text: str) -> set[str]:
    """Every day that stands there without its year, as `MM-DD`, in every reading."""
    found = (day for day_first in (True, False) for day in find_days(text, day_first) if day.year is None)
    return {f"{day.month:02}-{day.day:02}" for day in found}


def currencies_in(text: str) -> set[str]:
    """Every currency, by ISO 4217 code, that a sign or name in the text may stand for."""
    return {code for code, _, _ in currency_places(text)}


def currency_places(text: str) -> Iterator[tuple[str, int, int]]:
    """Every currency that a sign or name in the text may stand for, and where that stands."""
    for name in _NAME.finditer(text):
        code = parse_currency(name[0])
        # a dollar may be that of any of its countries
        for each in {*([code] if code else []), *_SHARED.get(name[0].lower().rstrip("."), ())}:
            yield each, *name.span()


def spellings(day: date) -> list[str]:
    """A date in digits, for places where it is glued to what is no date. Folding makes `/`, `-` and other separators
    the same."""
    orders = ("%d{0}%m{0}%Y", "%m{0}%d{0}%Y", "%d{0}%m{0}%y", "%Y{0}%m{0}%d")
    return [day.strftime(order.format(mark)) for order in orders for mark in ".-"]
