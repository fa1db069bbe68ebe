"""Folding text so that two writings of the same thing become equal, with the way back to the characters they came from.

Three foldings, each coarser than the one before:

    plain       whitespace runs are one space
    folded      Unicode NFKD without accents, case, spaces and punctuation; what separates digits stays, because 1.50 is
                not 150
    confusable  letters that OCR takes for digits become the digit, then folded
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# Pairs that OCR engines swap in print: the letters and the digits below them.
_CONFUSABLE = str.maketrans("oOqQdDiIlL|zZsSgGbB", "0000001111122556688")
_DECIMAL = ".,'’"


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text. `origin[i]` is the offset in the original of the folded character `i`."""

    text: str
    origin: tuple[int, ...]


def plain(text: str) -> str:
    """The text with every run of whitespace as one space."""
    return " ".join(text.split())


def fold(text: str) -> Folded:
    """Folds a text, keeping for each folded character where it came from."""
    pairs = [(char, at) for at, raw in enumerate(text) for char in _kept(text, at, raw)]
    return Folded("".join(char for char, _ in pairs), tuple(at for _, at in pairs))


# a quote is looked for on every page: the last few are enough
@lru_cache(maxsize=64)
def folded(text: str) -> str:
    """The text as it is compared, without the way back; see `fold`."""
    return fold(text).text


def confusable(text: str) -> str:
    """The text with OCR's usual confusions of letters and digits undone, all in favour of digits; same length."""
    return text.translate(_CONFUSABLE)


def _kept(text: str, at: int, raw: str) -> str:
    letters = _letters(raw)
    if letters or raw.isspace():
        return letters
    # between digits every sign counts: a point, comma or apostrophe as itself, any other (12/2019, 12-2019) as one
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if after.isdigit() and before.isdigit():
        return raw if raw in _DECIMAL else "-"
    # and a minus before a number, but not the hyphen of A-4711
    return "-" if raw in "-−–" and after.isdigit() and not before.isalnum() else ""


@lru_cache(maxsize=4096)
def _letters(raw: str) -> str:
    decomposed = unicodedata.normalize("NFKD", raw).casefold()
    return "".join(char for char in decomposed if char.isalnum())


def is_whole(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]` is not cut out of a longer word or number: `12.50` is whole in `(12.50)`, not in
    `112.50` or `-12.50`."""
    return _clean_edge(text, start, -1) and _clean_edge(text, end - 1, 1)


def _clean_edge(text: str, inside: int, step: int) -> bool:
    # `near` and `far` are the two characters outside the edge: "12.50" is not whole in "1.12.50" nor in "12.50.1"
    edge, near, far = text[inside], _at(text, inside + step), _at(text, inside + 2 * step)
    if edge.isalnum() and near.isalnum():
        return False
    if not edge.isdigit():
        return True
    if near in _DECIMAL and near and far.isdigit():
        return False
    return not (near in ("-", "−") and not far.isalnum())


def _at(text: str, offset: int) -> str:
    return text[offset] if 0 <= offset < len(text) else ""
