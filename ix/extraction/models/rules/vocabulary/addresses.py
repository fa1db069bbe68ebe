"""What looks like a part of a postal address."""

from __future__ import annotations

import re
from functools import lru_cache

from ix.extraction.models.rules.vocabulary.phrases import TEXTS, Phrases
from ix.extraction.values.amounts import DIGIT
from ix.languages import merged, one_of, phrases

_WORDS = merged()
_PATTERNS = phrases(_WORDS.street_patterns)
# what is in brackets may be anything but a digit
_NUMBERED = [pattern for pattern in _PATTERNS if r"\d" in re.sub(r"\[[^]]*\]", "", pattern)]
_STREET = Phrases(
    _WORDS.streets, rf"\bPHRASES\b|{one_of(' | '.join(one for one in _PATTERNS if one not in _NUMBERED))}"
)
_NUMBERED_STREET = re.compile(rf"{one_of(' | '.join(_NUMBERED))}|\b\w+{one_of(_WORDS.street_endings)}\s+\d", re.I)
_UNIT = re.compile(
    r"#\d{1,3}-\d{1,4}\b"  # Singapore's floor and door: #02-117
    rf"|^\W*{one_of(_WORDS.units)}\b[\s.,:]*\w*\d"
    r"|^\W*(?:[A-Z]{1,2}-)*[A-Z]{0,2}\d+[\w&/.-]*\s*,(?!\s?\d\d(?:\s*[A-Z€]{1,3})?\W*$)",  # 12A, but not 12,50 EUR
    re.I,
)
# five digits within a date, a telephone number or an amount are none; then the United Kingdom's form
_POSTCODE = re.compile(r"(?<![\d./:-])(?:[A-Z]{1,2}[- ]\s?)?\d{5}(?![\d./:-])|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b")
_LOCALITY = re.compile(
    r"^\W*(?:[A-Z]{1,3}[- ]+)?\d{4,5}\s*,?\s*[^\W\d_][^\d:€$]*$"  # 12345 Stadt, D-12345 Stadt, 1234 AB Dorp
    r"|^\W*(?:[A-Z]{2}[- ]+)?(?:\d{4}-\d{3}|\d\d-\d{3})\s+[^\W\d_][^\d:€$]*$"  # 1100-200 Lisboa, 00-950 Warszawa
    r"|^\W*(?:[A-Z]{2}\s+)?[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b"  # SW1A 1AA London
    r"|^[^\d:]{3,40}[ ,]+[A-Z]{2,3}[ ,]+\d{4,5}(?:-\d{4})?\W*$"  # Town ST 12345
    r"|^[^:€$]{3,60}, ?[A-Z]{2}\.? \d{5}(?:-\d{4})?\W*$"  # 1 Street, Town, ST 12345
    r"|^[^\d:]{3,40}[ ,]+(?:[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d)\W*$"  # Town AB1 2CD
    r"|^[^:€$]{3,60}, ?(?:[A-Z]{1,3}-)?\d{4,5}\s+[^\W\d_][^\d:€$]*$"  # Street 1, 12345 Town
    r"|^\W*[^\W\d_]{4,20} \d{6}\W*$"  # Singapore 123456
)
_REGION = Phrases(_WORDS.regions)
_STOP = Phrases(f"www | http | iban | {_WORDS.not_addresses}", r"\bPHRASES\b|@|://|\.com\b")
_LETTER, _LETTERS = re.compile(r"[^\W\d_]"), re.compile(r"[^\W\d_]{2}")
_LIKELY = 1.0
"""The weight of one sure sign."""
_POSTCODE_WEIGHT, _REGION_WEIGHT = 0.8, 0.5
"""What is no address by itself: five digits may be any number, a country stands in names as well. Chosen by hand on the
labelled receipts and invoices (`make accuracy`); a change here is measured with it."""

_LEAD = Phrases(_WORDS.address_keys, r"^\W*(?:PHRASES\b[\s.:]*)+(?=\S)")
_LEAST = 8
"""Characters of an address that something else follows in the same line."""


def is_address(text: str) -> bool:
    """Whether a line speaks of a street, a building, a postcode with a city, or a region."""
    return weight(text) >= _LIKELY


@lru_cache(maxsize=TEXTS)
def weight(text: str) -> float:
    """How much a line looks like a part of an address: one for each of a street, a unit, and a postcode with its city;
    less for a postcode or a region alone."""
    if not _LETTER.search(text) or ends_address(text):
        return 0.0
    # many lines have no number, and are not searched for what needs one
    has_number = bool(DIGIT.search(text))
    found = float(bool(_STREET.search(text) or (has_number and _NUMBERED_STREET.search(text))))
    if has_number:
        found += bool(_UNIT.search(text)) + bool(_LOCALITY.search(text))
    if _REGION.search(text):
        found += _REGION_WEIGHT
    if has_number and _POSTCODE.search(text) and _LETTERS.search(text):
        found += _POSTCODE_WEIGHT
    return found


def starts_with_unit(text: str) -> bool:
    """Whether a line begins with a house or unit number, as the first line of an address does."""
    return is_address(text) and bool(_UNIT.search(text))


@lru_cache(maxsize=TEXTS)
def is_locality(text: str) -> bool:
    """Whether a line is a postcode and a city."""
    return bool(DIGIT.search(text) and _LOCALITY.search(text)) and not ends_address(text)


def has_region(text: str) -> bool:
    """Whether a line names a state or a country, as the last line of an address does."""
    return bool(_REGION.search(text))


@lru_cache(maxsize=TEXTS)
def ends_address(text: str) -> bool:
    """Whether a line is something that follows an address: telephone, tax number, document number."""
    return bool(_STOP.search(text))


@lru_cache(maxsize=TEXTS)
def before_stop(text: str) -> int:
    """Where in a line an address ends that something else follows: "47100 Puchong Tel: 03-1234567"; 0 for nowhere."""
    found = _STOP.search(text, _LEAST)
    if found is None or _STOP.search(text, 0, found.start()):
        return 0
    head = text[: found.start()].rstrip(" ([,;|·-–")
    return len(head) if weight(head) >= _POSTCODE_WEIGHT else 0


def lead(text: str) -> int:
    """How many characters of a line only announce an address: "Address: "."""
    found = _LEAD.match(text)
    return found.end() if found else 0


def is_region(text: str) -> bool:
    """Whether a text is nothing but a state or a country."""
    return bool(_REGION.fullmatch(text.strip(" .,;")))
