"""Misread words: what OCR makes of letters, undone where the word itself or the document tells what was printed.

    PlLAR  8runnhof  LE0NOR  lngreso                  a digit among letters, a small l for a capital I
    Geldautomaat  Geldautomaat  Gcldautomaat          a word that stands elsewhere, and more often

Numbers and codes stay as they were read: nothing tells which of their characters are wrong."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from ix.extraction.models.rules.page.reading import Reading

_SHORTEST = 4
"""Letters of a word that is told from a code."""
_OFTEN = 2
"""How often a word stands in the document that another one is a misreading of."""
_MOST = 4_000
"""Different words of a document that are compared."""
_WORD = re.compile(r"[^\W_]+")
_ALIKE = str.maketrans("015lI8c", "OISIIBe")
_DIGIT = re.compile(r"(?<![^\W\d_])[0158](?=[^\W\d_]{3})|(?<=[^\W\d_])[0158](?=[^\W\d_])")
_INITIAL = re.compile(r"(?<!\w)5(?=\.[A-Z]\.)")
_CAPITAL = re.compile(r"(?<=[A-Z])l(?=[A-Z])|(?<![^\W\d_])l(?=[A-Z]{2}|[bcdfgkmnpqrtv][a-z]{2}|h(?:r|ne|m))")
"""A small l where only a capital I can stand: words of no language that ix has begin with "ln" or "lb"."""
_CAPITALS = {"0": "O", "1": "I", "5": "S", "8": "B"}
_SMALL = {"0": "o", "1": "l", "5": "s", "8": "B"}


def mended(text: str, reading: Reading) -> str:
    """A text of the pages as it was printed, as far as that can be told; as it is on pages that no OCR read."""
    if not reading.once(_is_read, lambda: _is_read(reading)):
        return text
    known = reading.once(_misread, lambda: _misread(reading))
    return _WORD.sub(lambda found: known.get(found[0]) or _mended(found[0]), _INITIAL.sub("S", text))


def _is_read(reading: Reading) -> bool:
    return any(word.confidence < 1.0 for row in reading.rows for word in row.line.words)


def _mended(word: str) -> str:
    if sum(map(str.isalpha, word)) < _SHORTEST:
        return word
    if sum(map(str.isdigit, word)) == 1:
        word = _DIGIT.sub(lambda found: _letter(word, found), word)
    return _CAPITAL.sub("I", word) if word.isalpha() else word


def _letter(word: str, found: re.Match[str]) -> str:
    beside = word[found.start() - 1] if found.start() else word[found.end()]
    capital = not found.start() or beside.isupper()
    return (_CAPITALS if capital else _SMALL)[found[0]]


def _misread(reading: Reading) -> Mapping[str, str]:
    """By a word that stands once, the one that it is a misreading of."""
    counts = Counter(word for word in _WORD.findall(reading.text) if len(word) >= _SHORTEST)
    words = counts.most_common(_MOST)
    printed: dict[str, str] = {}
    for word, count in words:
        if count >= _OFTEN and word.isalpha():
            printed.setdefault(_shape(word), word)
    alike = ((word, printed.get(_shape(word))) for word, count in words if count < _OFTEN and printed)
    return {word: other for word, other in alike if other}


def _shape(word: str) -> str:
    """What is equal for words that OCR takes for each other."""
    return word.translate(_ALIKE).replace("rn", "m")
