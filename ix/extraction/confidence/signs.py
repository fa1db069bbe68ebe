"""Signs: what is known of a value that says whether it is right, each a number of about 0 to 1.

They are the same for all use cases: none knows a field's name, a company or a layout. Kinds of field weigh them each in
its own way, where that was seen to help: how long a name is says more of a name than of an amount."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Container, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from ix.extraction.evidence import Found

MOST_AROUND = 400
"""Characters of the lines around a value in which its labels are looked for."""
MOST_TEXT = 200
"""Characters of a text that are looked at."""
_SLIGHT = 0.02
"""A doubt hardly told from none: of print that is read well OCR says 0.98 to 1."""
_ODD = re.compile(
    r"[a-z]\d|\d[a-z]{2}|[a-z][A-Z]|\b[A-Z]{2,}[a-z]+\b|\b\d[A-Z]{2,}"
    r"|\d{3}[OIl]\b|[^\w\s.,;:&/()'’#+@-]"
)
"""Shapes that print seldom has and misreadings often: a digit in a word, capitals within one, `4330O`, odd signs."""
_LONG_NUMBER = re.compile(r"\b\d{4,6}\b|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|\b\d{3}[ -]\d{2}\b")
"""What a postcode looks like. A name has none: there it is a number of the register."""
_CUT = re.compile(r"[,/&-]\s*$|^\s*[,.;:)/-]|^\s*[a-z]")
"""A text that goes on, or began before."""


class Known(NamedTuple):
    """What is known of a value: as the place step found it, its evidence, the codes of findings about it, and whether a
    sum proves it."""

    found: Found
    node: Mapping[str, Any]
    codes: Container[str]
    is_proven: bool


def doubt(confidence: float) -> float:
    """How unsure, in steps that are as wide near certainty as far from it: 0 for 1, about 1 for a half."""
    return math.log((1 - min(max(confidence, 0.0), 1.0) + _SLIGHT) / _SLIGHT) / math.log(25)


def _own(known: Known) -> float:
    own = known.found.leaf.confidence
    # a model says nothing of how sure it is: the other signs have to
    return 1.0 if own is None else min(max(own, 0.0), 1.0)


def _worst_word(known: Known) -> float:
    return doubt(min((word.confidence for word in known.found.words), default=0.0))


def _mean_word(known: Known) -> float:
    words = known.found.words
    return doubt(sum(word.confidence for word in words) / len(words) if words else 0.0)


def _recognised(known: Known) -> float:
    # text layers are certain of every word
    return any(word.confidence < 1 for word in known.found.words)


def _close(known: Known) -> float:
    margin = known.found.leaf.margin
    return 0.0 if margin is None else 1 - min(max(margin, -1.0), 1.0)


def _labelled(known: Known) -> float:
    # plainly, since it is asked of every value; of cells nobody knows what stands beside them
    near = known.found.around[:MOST_AROUND].casefold()
    return bool(near) and any(label in near for label in _labels(known.found.field.labels))


# a schema's fields have the same labels for all its jobs
@lru_cache(maxsize=512)
def _labels(labels: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(filter(None, dict.fromkeys(label.casefold() for label in labels)))


def _text(known: Known) -> str:
    value = known.found.leaf.value
    return value[:MOST_TEXT] if isinstance(value, str) else ""


Sign = Callable[[Known], float]
OF_ALL: Mapping[str, Sign] = {
    "own_doubt": lambda known: doubt(_own(known)),
    "close": _close,
    "worst_word": _worst_word,
    "normalised": lambda known: known.node["match"] == "normalised",
    "fuzzy": lambda known: known.node["match"] == "fuzzy",
    "derived": lambda known: known.node["method"] == "derive",
    "in_row": lambda known: known.found.in_row,
    "labelled": _labelled,
    "repeated": lambda known: min(max(known.found.places - 1, 0), 3) / 3,
    "proven": lambda known: known.is_proven,
    "finding": lambda known: bool(known.codes),
}
"""Signs that count in the same way for every kind of field."""
OF_KINDS: Mapping[str, Mapping[str, Sign]] = {
    "address": {
        "own_doubt": OF_ALL["own_doubt"],
        "postcode": lambda known: bool(_LONG_NUMBER.search(_text(known))),
        "odd": lambda known: min(len(_ODD.findall(_text(known))), 3) / 2,
        "words": lambda known: math.log1p(len(known.found.words)) / 2,
        "mean_word": _mean_word,
        "cut": lambda known: bool(_CUT.search(_text(known))),
    },
    "organisation": {
        "close": _close,
        "number": lambda known: bool(_LONG_NUMBER.search(_text(known))),
        "odd": lambda known: min(len(_ODD.findall(_text(known))), 3) / 2,
        "words": lambda known: math.log1p(len(known.found.words)) / 2,
        "cut": lambda known: bool(_CUT.search(_text(known))),
    },
    "money": {"own": lambda known: 1 - _own(known), "close": _close, "proven": OF_ALL["proven"]},
    "date": {"recognised": _recognised, "close": _close},
    "iban": {"finding": OF_ALL["finding"]},
    "vat_id": {"finding": OF_ALL["finding"]},
}
"""Signs that count for one kind alone, or for it more than for others."""


def signs(known: Known) -> tuple[dict[str, float], dict[str, float]]:
    """Every sign of a value by its name: those of all kinds, and those of its own."""
    of_kind = OF_KINDS.get(known.found.field.kind, {})
    return {name: float(sign(known)) for name, sign in OF_ALL.items()}, {
        name: float(sign(known)) for name, sign in of_kind.items()
    }
