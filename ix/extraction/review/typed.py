"""From what a person typed, or pointed at, to a value of a field's kind.

A person's language says what a lone mark means: `1.234` is a thousand and more to a German, and hardly more than one to
an Englishman. On a page, its other numbers and dates say that (`Notation`, `prefers_day_first`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from ix.errors import InvalidInput
from ix.extraction.evidence.folding import folded
from ix.extraction.values import (
    Notation,
    find_amounts,
    find_dates,
    find_ibans,
    find_vat_ids,
    parse_amount,
    parse_currency,
    parse_date,
    parse_iban,
    parse_vat_id,
)
from ix.fields import Field, Kind

Value = str | int | float | bool
COMMA = frozenset({"da", "de", "es", "fr", "it", "nb", "nl", "no", "pt", "sv"})
"""Languages that put a comma before decimals."""
LARGEST = Decimal(10) ** 15
"""Numbers from which on not every one has a value of its own (IEEE 754, double precision)."""
_NUMBERS = frozenset({"money", "number", "percentage"})
_YES = frozenset({"yes", "true", "1", "x", "ja", "wahr", "oui", "vrai", "si", "sim", "sì", "sí"})
_NO = frozenset({"no", "false", "0", "nein", "falsch", "non", "faux", "nee", "nej", "não", "nao"})


class Reader:
    """Reads texts as values. `language` is a person's, as browsers name it (`en-US`); `notation` and `day_first` are
    those of a page, where the text is printed on one."""

    def __init__(self, language: str = "", notation: Notation | None = None, day_first: bool | None = None) -> None:
        primary, _, region = language.lower().partition("-")
        marks = {"": None, **dict.fromkeys(COMMA, ",")}
        self._mark = marks.get(primary, ".")
        # months come first in no other place that browsers name
        self._day_first = region != "us" if day_first is None else day_first
        self._notation = notation

    def value(self, text: str, field: Field) -> Value:
        """The value that a text says. Raises `InvalidInput` without a field where it says none of the kind."""
        plain = " ".join(text.split())
        if not plain:
            raise InvalidInput("", "is empty")
        if field.choices:
            return _choice(plain, field)
        if field.json_type == "boolean" or field.kind == "boolean":
            return _boolean(plain)
        if field.json_type in ("number", "integer"):
            return _number(self._amount(plain), field)
        if field.kind in _NUMBERS:
            return f"{self._amount(plain):f}"
        rule = _RULES.get(field.kind)
        return rule(self, plain) if rule else plain

    def _amount(self, text: str) -> Decimal:
        # a percentage is the number before its sign, as results have them
        bare = text.rstrip("% ")
        if self._notation is None:
            said = parse_amount(bare, self._mark)
            if (number := parse_amount(bare) if said is None else said) is not None:
                return number
        found = find_amounts(bare, None if self._notation else self._mark)
        # on a page, what its other numbers show of its marks decides
        if self._notation:
            found = [self._notation.settled(one, bare) for one in found]
        if len({one.value for one in found}) > 1:
            raise InvalidInput("", "says more than one number")
        if found:
            return found[0].value
        if (number := parse_amount(bare.strip("*xX ;"))) is None:
            raise InvalidInput("", "says no number")
        return number

    def _date(self, text: str) -> str:
        whole = parse_date(text, self._day_first)
        days = {whole} if whole else {one.value for one in find_dates(text, self._day_first)}
        if len(days) != 1:
            raise InvalidInput("", "says more than one date" if days else "says no date")
        return days.pop().isoformat()

    def _currency(self, text: str) -> str:
        if code := parse_currency(text):
            return code
        if re.fullmatch(r"[A-Za-z]{3}", text):
            return text.upper()
        raise InvalidInput("", "says no currency")

    def _iban(self, text: str) -> str:
        found = find_ibans(text.upper())
        return parse_iban(text) or (found[0][0] if found else _compact(text))

    def _vat_id(self, text: str) -> str:
        found = find_vat_ids(text.upper())
        return parse_vat_id(text) or (found[0][0] if found else _compact(text))


_RULES: Mapping[Kind, Callable[[Reader, str], str]] = {
    "date": Reader._date,
    "currency": Reader._currency,
    "iban": Reader._iban,
    "vat_id": Reader._vat_id,
}


def _number(number: Decimal, field: Field) -> Value:
    if abs(number) >= LARGEST:
        raise InvalidInput("", "says a number too large to hold")
    if field.json_type == "integer":
        if number != number.to_integral_value():
            raise InvalidInput("", "says no whole number")
        return int(number)
    return float(number)


def _choice(text: str, field: Field) -> str:
    wanted = folded(text)
    found = next((choice for choice in field.choices if choice == text or folded(choice) == wanted), None)
    if found is None:
        raise InvalidInput("", "is not one of the values that the schema allows")
    return found


def _boolean(text: str) -> bool:
    said = text.lower().strip(" .")
    if said in _YES or said in _NO:
        return said in _YES
    raise InvalidInput("", "says neither yes nor no")


def _compact(text: str) -> str:
    """Letters and digits alone: what is wrong with them is for the checks to say."""
    if not (kept := re.sub(r"[^A-Z0-9]", "", text.upper())):
        raise InvalidInput("", "says no number")
    return kept
