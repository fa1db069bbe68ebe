"""Looks: what the text of one line says of itself, wherever it stands."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from ix.extraction.models.rules.vocabulary import addresses, names
from ix.extraction.models.rules.vocabulary.folding import fold
from ix.extraction.models.rules.vocabulary.phrases import TEXTS

_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}:\d{2}\b")
# begun by a plus, a zero or a bracket, or parted as in America: other long numbers are of accounts
_PHONE = re.compile(r"(?:\+\s?\d|\b0|\(\d)(?:[\s()/-]*\d){7,}|\b\d{3}[-. ]\d{3}[-. ]\d{4}\b")
# a name that is set in two lines breaks behind such a word
_UNFINISHED = re.compile(r"(?:[&,/+–-]|\b(?:and|und|et|en|y|e|of|the|de|der|du))\s*$", re.I)
_GOES_ON = re.compile(r"\s*[&+(-]")


class Looks(NamedTuple):
    """Signs of a line of text: shares and counts as they are, what it is or is not as 1 or 0."""

    letters: float
    """Share of letters in letters and digits."""
    characters: float
    """Letters and digits, in units of 20."""
    words: float
    """In units of 5."""
    capitals: float
    initials: float
    """Share of words that begin with a capital letter."""
    small: float
    """Begins with a small letter."""
    digit: float
    """Begins with a digit."""
    comma: float
    colon: float
    bracket: float
    """Begins with a bracket."""
    unclosed: float
    unfinished: float
    """Ends with a comma, an "&" or an "and"."""
    goes_on: float
    """Begins with what goes on: an "&", a bracket."""
    form: float
    last_form: float
    """Ends with a legal form."""
    trade: float
    registration: float
    salutation: float
    other: float
    stop: float
    """What follows addresses: telephone, tax number, document number."""
    date: float
    phone: float
    address: float
    """Weight of signs of an address, see `vocabulary.addresses`, up to 3."""
    locality: float
    region: float
    unit: float


_LONGEST = 160
"""Characters of a line that are looked at: a dozen patterns run over it, and what is longer is prose."""


def is_locality(text: str) -> bool:
    """What `looks` says of this one sign, for who needs no other; so are the next three."""
    return addresses.is_locality(text[:_LONGEST])


def address_weight(text: str) -> float:
    """How much a line looks like a part of an address, up to 3."""
    return min(addresses.weight(text[:_LONGEST]), 3.0)


def ends_address(text: str) -> bool:
    """Whether a line is something that follows an address."""
    return addresses.ends_address(text[:_LONGEST])


def has_phone(text: str) -> bool:
    """Whether a line has a telephone number."""
    return bool(_PHONE.search(text[:_LONGEST]))


@lru_cache(maxsize=TEXTS)
def looks(text: str) -> Looks:
    """The looks of a text; remembered, since neighbours are looked at from both sides."""
    text = text[:_LONGEST]
    letters = "".join(filter(str.isalpha, text))
    folded, words = fold(text), text.split()
    return Looks(
        len(letters) / max(len(folded), 1),
        len(folded) / 20,
        len(words) / 5,
        float(bool(letters) and all(map(str.isupper, letters))),
        sum(word[:1].isupper() for word in words) / max(len(words), 1),
        float(text[:1].islower()),
        float(text[:1].isdigit()),
        float("," in text),
        float(":" in text),
        float(text[:1] in "([<{"),
        float(text.count("(") > text.count(")")),
        float(bool(_UNFINISHED.search(text))),
        float(bool(_GOES_ON.match(text))),
        float(names.has_form(text)),
        float(names.ends_with_form(text)),
        float(names.trades(text)),
        float(names.is_registration(text)),
        float(bool(names.salutation(text))),
        float(names.is_other(text)),
        float(ends_address(text)),
        float(bool(_DATE.search(text))),
        float(has_phone(text)),
        address_weight(text),
        float(is_locality(text)),
        float(addresses.has_region(text)),
        float(addresses.starts_with_unit(text)),
    )
