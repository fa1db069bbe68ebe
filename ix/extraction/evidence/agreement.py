"""Does a value agree with the words it is said to come from?

extract   the value stands in the words, if need be in another writing: 1.234,56 is 1234.56, 5. März 2019 is 2019-03-05
derive    the words support the value without printing it: a currency's sign or country, a percentage as fraction, a
          minus, a sum, a choice, yes or no
None      they do not
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Literal

from rapidfuzz import fuzz

from ix.extraction.evidence.folding import folded
from ix.extraction.evidence.printed import amounts_in, currencies_in, dates_in, days_in, sum_in
from ix.extraction.values import as_decimal, find_amounts
from ix.extraction.values.countries import CURRENCY_OF, origins
from ix.fields import Field, Kind

Method = Literal["extract", "derive"]
Scalar = str | int | float | bool

STRICT_KINDS: frozenset[Kind] = frozenset(
    {"date", "money", "number", "percentage", "currency", "iban", "vat_id", "identifier"}
)
"""Kinds in which one other character is another value: never matched fuzzily."""
TEXT_SCORE = 85.0
"""Lowest `rapidfuzz.fuzz.partial_ratio` of a folded text with the words it is said to come from."""
REORDERED_SHARE = 0.9
"""Lowest share of a text's words that stand in the quote, in any order."""
_ZONED = re.compile(r"\D")
"""What stands between year, month and day, and not in a machine-readable zone: 740812 is 1974-08-12."""
_PERCENTAGE = re.compile(r"(?<!\d)\d+(?:[.,]\d+)?\s?%")


def agrees(value: Scalar, field: Field, text: str) -> Method | None:
    """How the value follows from the text, or None."""
    # no words print a yes or no as such, so any that were named count
    if isinstance(value, bool) or field.kind == "boolean":
        return "derive"
    if (number := as_number(value, field)) is not None:
        # the 19 of "19 %" is no amount of 19.00
        return _number(number, _PERCENTAGE.sub(" ", text) if field.kind == "money" else text)
    return _RULES.get(field.kind, _text)(str(value), text) or ("derive" if field.choices else None)


def as_number(value: Scalar, field: Field) -> Decimal | None:
    """The value as a number, if it is meant as one."""
    if isinstance(value, str) and field.kind not in ("money", "number", "percentage"):
        return None
    return as_decimal(value)


def _number(value: Decimal, text: str) -> Method | None:
    # most are written as they are usually read
    if any(found.value == value for found in find_amounts(text)) or value in (printed := amounts_in(text)):
        return "extract"
    fraction = "%" in text and value * 100 in printed
    return "derive" if fraction or -value in printed or value == sum_in(text) else None


def _date(value: str, text: str) -> Method | None:
    printed = value[:10] in {day.isoformat() for day in dates_in(text)} or folded(value) in folded(text)
    if printed:
        return "extract"
    return "derive" if value[5:10] in days_in(text) or _ZONED.sub("", value[2:10]) in text else None


def _currency(value: str, text: str) -> Method | None:
    if re.search(rf"(?<![^\W\d_]){re.escape(value)}(?![^\W\d_])", text, re.IGNORECASE):
        return "extract"
    # or a tax number, a telephone number, a country's name: what is paid with there
    places = (CURRENCY_OF[one.country] for one in origins(text))
    return "derive" if value.upper() in currencies_in(text) or value.upper() in places else None


def _identifier(value: str, text: str) -> Method | None:
    wanted, printed = _alnum(folded(value)), _alnum(folded(text))
    return "extract" if wanted and wanted in printed else None


def _text(value: str, text: str) -> Method | None:
    wanted, printed = folded(value), folded(text)
    # what is all punctuation folds to nothing, and nothing stands in every text
    if wanted in printed if wanted else value in text:
        return "extract"
    # a text much shorter than the value would match a part of it perfectly
    if len(printed) >= len(wanted) * 0.8 and fuzz.partial_ratio(wanted, printed) >= TEXT_SCORE:
        return "extract"
    return "derive" if _share(value, text) >= REORDERED_SHARE else None


def _share(value: str, text: str) -> float:
    wanted = [folded(word) for word in value.split()]
    printed = {folded(word) for word in text.split()}
    return sum(word in printed for word in wanted) / len(wanted) if wanted else 0.0


def _alnum(text: str) -> str:
    return "".join(filter(str.isalnum, text))


_RULES: Mapping[Kind, Callable[[str, str], Method | None]] = {
    "date": _date,
    "currency": _currency,
    "iban": _identifier,
    "vat_id": _identifier,
    "identifier": _identifier,
}
