"""A value's own characters among the words that support it: the `11.40` of `RM 11.40`, the date of `Date:05/03/2019`.

What prints the value is cut out of words that OCR or a text layer glued together. Where the words support the value
without printing it, as those of a sum or a choice, all of them are its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from ix.extraction.evidence.agreement import Scalar, as_number
from ix.extraction.evidence.folding import confusable, fold, folded, plain
from ix.extraction.evidence.printed import amount_places, currency_places, date_places, word_amounts
from ix.fields import Field, Kind

Part = tuple[int, int]
"""Offsets of a value's first character and of the one behind its last."""
_ALONE = re.compile(r"\d+(?:[.,]\d+)*")
_PERCENTAGE = re.compile(r"(?<![\d.,])-?\d+(?:[.,]\d+)?\s?%")


def own_part(value: Scalar, field: Field, text: str) -> Part:
    """Where in the text the value's own characters stand; all of it where they cannot be told."""
    if isinstance(value, bool) or field.kind == "boolean":
        return 0, len(text)
    # letters that OCR takes for digits are looked at last, where nothing else prints the value
    undone = confusable(value) if isinstance(value, str) and field.kind in ("identifier", "iban", "vat_id") else value
    return _part(value, field, text) or _part(undone, field, confusable(text)) or (0, len(text))


def _part(value: Scalar, field: Field, text: str) -> Part | None:
    if (number := as_number(value, field)) is not None:
        return _number(number, field.kind, text)
    return _PARTS.get(field.kind, _text)(str(value), text)


def _number(value: Decimal, kind: Kind, text: str) -> Part | None:
    # most numbers stand alone
    if _ALONE.fullmatch(text):
        return 0, len(text)
    if kind == "percentage" and (found := _percentage(value, text)):
        return found
    for places in (amount_places, word_amounts):
        read = list(places(text))
        # a credit may be printed without its minus, and a discount with one
        for wanted in (value, -value):
            if found := _shortest((start, end) for said, start, end in read if said == wanted):
                return found
    return None


def _percentage(value: Decimal, text: str) -> Part | None:
    for match in _PERCENTAGE.finditer(text):
        if {value, value * 100} & {said for said, _, _ in word_amounts(match[0].rstrip(" %"))}:
            return match.span()
    return None


def _date(value: str, text: str) -> Part | None:
    found = _shortest((start, end) for day, start, end in date_places(text) if day.isoformat() == value[:10])
    return found or _text(value, text)


def _currency(value: str, text: str) -> Part | None:
    return _shortest((start, end) for code, start, end in currency_places(text) if code == value.upper())


def _identifier(value: str, text: str) -> Part | None:
    """The letters and digits of a code, whatever stands between them."""
    kept = [(char, at) for char, at in zip(*_pairs(text), strict=True) if char.isalnum()]
    wanted = "".join(filter(str.isalnum, folded(value)))
    at = "".join(char for char, _ in kept).find(wanted) if wanted else -1
    return None if at < 0 else (kept[at][1], kept[at + len(wanted) - 1][1] + 1)


def _text(value: str, text: str) -> Part | None:
    """The value as it stands there, or but for case, accents, spaces and punctuation."""
    wanted = plain(value)
    if wanted and (at := text.find(wanted)) >= 0:
        return at, at + len(wanted)
    printed, letters = fold(text), folded(value)
    if not letters or (at := printed.text.find(letters)) < 0:
        return None
    start, end = printed.origin[at], printed.origin[at + len(letters) - 1] + 1
    # what is folded away at an end belongs to the value if it has it too
    tail = re.search(r"[^\w\s]*$", wanted)
    return start, end + len(tail[0]) if tail and text.startswith(tail[0], end) else end


def _pairs(text: str) -> tuple[str, tuple[int, ...]]:
    read = fold(text)
    return read.text, read.origin


def _shortest(parts: Iterable[Part]) -> Part | None:
    return min(parts, key=lambda part: part[1] - part[0], default=None)


_PARTS: Mapping[Kind, Callable[[str, str], Part | None]] = {
    "date": _date,
    "currency": _currency,
    "iban": _identifier,
    "vat_id": _identifier,
    "identifier": _identifier,
}
