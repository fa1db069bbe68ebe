"""Reading lines: a model says for every eighth column of a line which character begins there, or none (connectionist
temporal classification); repetitions of a character are one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ix.extraction.ocr._lines import HEIGHT, Grey
from ix.extraction.ocr._mask import unread
from ix.extraction.ocr._weights import GREY_MIDDLE, Floats, Head, Model, Recogniser

MULTIPLE = 32
"""Widths of lines are rounded up to it, so that the runtime plans for few shapes."""
FITTING, UNREAD = 0.9, 0.1
"""Mean confidence in a line below which characters are sought that are neither Latin nor Greek, and the share of its
width from which they are that is print without a character: letters that a head does not know are none to it."""
SURE = 0.6
"""Confidence of a character below which it is a guess."""


class Character(NamedTuple):
    """A character that was read, where it begins and ends in the line's picture, pixels, and how surely."""

    text: str
    start: float
    end: float
    confidence: float

    @property
    def middle(self) -> float:
        """Where the model saw it, pixels."""
        return (self.start + self.end) / 2


class Recognition:
    """Reads pictures of lines; several may be read at once."""

    def __init__(self, session: Model, recogniser: Recogniser) -> None:
        self._session = session
        self._alphabet, self._whole = recogniser.alphabet, recogniser.whole

    def __call__(self, picture: Grey) -> list[Character]:
        """The characters of a line `HEIGHT` pixels high, spaces among them, in the order in which they stand."""
        width = math.ceil(picture.shape[1] / MULTIPLE) * MULTIPLE
        values = np.zeros((1, 1, HEIGHT, width), np.float32)
        np.divide(picture.astype(np.float32) - GREY_MIDDLE, GREY_MIDDLE, out=values[0, 0, :, : picture.shape[1]])
        (features,), (probabilities,) = self._session(values)
        best, sure = probabilities.argmax(1), probabilities.max(1)
        step = width / len(best)
        found = list(_characters(best, sure, self._alphabet, step))
        if sureness(found) >= FITTING and unknown(picture, found) <= UNREAD * picture.shape[1]:
            return found
        return list(_characters(*_decided(features, self._whole), self._whole.alphabet, step))


def sureness(characters: list[Character]) -> float:
    """Mean confidence of characters; 0 of none."""
    return sum(one.confidence for one in characters) / max(len(characters), 1)


def unknown(picture: Grey, characters: list[Character]) -> int:
    """Columns of a line's print that are no character, or one that is guessed."""
    return unread(picture, (one.middle for one in characters if one.confidence >= SURE and not one.text.isspace()))


def _decided(features: Floats, head: Head) -> tuple[npt.NDArray[np.intp], Floats]:
    """The likeliest class for each column, and its probability (softmax)."""
    weights = features @ head.weights + head.bias
    best = weights.argmax(1)
    weights -= weights.max(1, keepdims=True)
    return best, 1 / np.exp(weights, out=weights).sum(1)


def _characters(best: npt.NDArray[np.intp], sure: Floats, alphabet: list[str], step: float) -> Iterator[Character]:
    first = best != 0
    first[1:] &= best[1:] != best[:-1]
    for column in np.flatnonzero(first):
        # a character is seen from half a column before the one that names it to one after
        yield Character(alphabet[best[column]], (column - 0.5) * step, (column + 1.5) * step, float(sure[column]))
