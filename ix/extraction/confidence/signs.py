"""Signs: what is known of a value that says whether it is right, each a number near 0 to 1.

They are the same for all use cases: none knows a field's name, a company or a layout."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Container, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from ix.extraction.evidence.folding import folded
from ix.extraction.evidence.placing import Found

MOST_LINES = 400
"""Characters of the lines around a value in which its labels are looked for."""
MOST_TEXT = 200
"""Characters of a text that are looked at."""
_NEAR_CERTAIN = 0.02
"""The smallest doubt that is told from none: confidences of 0.98 and 1 are printed alike by OCR."""
_ODD = re.compile(r"[a-z]\d|\d[a-z]{2}|[a-z][A-Z]|\b[A-Z]{2,}[a-z]+\b|\b\d[A-Z]{2,}|\d{3}[OIl]\b|[^\w\s.,;:&/()'’#+@-]")
"""Shapes that print seldom has and misreadings often: a digit in a word, capitals within one, `4330O`, strange signs."""
_POSTCODE = re.compile(r"\b\d{4,6}\b|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|\b\d{3}[ -]\d{2}\b")
_CUT = re.compile(r"[,/&-]\s*$|^\s*[,.;:)/-]|^\s*[a-z]")
"""A text that goes on, or began before."""


class Known(NamedTuple):
    """What is known of a value: how the place step found it, its evidence, the codes of findings about it, whether a
    sum proves it, and the kinds of problem that the document has."""

    found: Found
    node: Mapping[str, Any]
    codes: Container[str]
    is_proven: bool


def signs(known: Known) -> dict[str, float]:
    """Every sign of a value by its name, in the order of `SIGNS`."""
    return {name: float(sign(known)) for name, sign in SIGNS.items()}


def _own(known: Known) -> float:
    own = known.found.leaf.confidence
    return 1.0 if own is None else min(max(own, 0.0), 1.0)


def _doubt(confidence: float) -> float:
    """How unsure, so that steps near certainty count as those far from it do: 0 for certain, about 1 for a half."""
    return math.log((1 - min(max(confidence, 0.0), 1.0) + _NEAR_CERTAIN) / _NEAR_CERTAIN) / math.log(25)


def _worst_word(known: Known) -> float:
    return _doubt(min((word.confidence for word in known.found.words), default=0.0))


def _mean_word(known: Known) -> float:
    words = known.found.words
    return _doubt(sum(word.confidence for word in words) / len(words) if words else 0.0)


def _is_recognised(known: Known) -> bool:
    """OCR read it: text layers are certain of every word."""
    return any(word.confidence < 1 for word in known.found.words)


def _text(known: Known) -> str:
    value = known.found.leaf.value
    return value[:MOST_TEXT] if isinstance(value, str) else ""


def _is_labelled(known: Known) -> bool:
    near = folded(known.found.lines[:MOST_LINES])
    return any(label in near for label in _labels(known.found.field.labels))


# a schema's fields have the same labels for all its jobs
@lru_cache(maxsize=512)
def _labels(labels: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(filter(None, dict.fromkeys(map(folded, labels))))


SIGNS: Mapping[str, Callable[[Known], float]] = {
    "own": lambda known: 1 - _own(known),
    "own_doubt": lambda known: _doubt(_own(known)),
    "no_own": lambda known: known.found.leaf.confidence is None,
    "worst_word": _worst_word,
    "mean_word": _mean_word,
    "recognised": _is_recognised,
    "unplaced": lambda known: known.node["match"] == "none",
    "normalised": lambda known: known.node["match"] == "normalised",
    "fuzzy": lambda known: known.node["match"] == "fuzzy",
    "derived": lambda known: known.node["method"] == "derive",
    "in_row": lambda known: known.found.in_row,
    "labelled": _is_labelled,
    "repeated": lambda known: min(max(known.found.places - 1, 0), 3) / 3,
    "proven": lambda known: known.is_proven,
    "finding": lambda known: bool(known.codes),
    "words": lambda known: math.log1p(len(known.found.words)) / 2,
    "odd": lambda known: min(len(_ODD.findall(_text(known))), 3) / 2,
    "cut": lambda known: bool(_CUT.search(_text(known))),
    "postcode": lambda known: bool(_POSTCODE.search(_text(known))),
}
"""Each sign by its name. A new one counts once the weights are fitted again (`python -m training.calibrate`)."""
