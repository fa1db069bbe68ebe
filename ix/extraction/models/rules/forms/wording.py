"""Wording: the words of captions and of fields, made comparable.

    "Geburtsdatum:"  "date of birth"  "dateOfBirth"  "DOB"   ->   birth date

Words are folded; abbreviations and words of other languages become the English ones that mean the same
(`ix.languages`), and what says nothing is left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from ix.extraction.models.rules.vocabulary.folding import fold
from ix.fields import Field, words_of
from ix.languages import load, merged, phrases

Words = tuple[str, ...]
_LANGUAGES: Final = merged()
_TERMS: Final[Mapping[str, Words]] = {
    fold(word) or word: tuple(term.split()) for term, words in _LANGUAGES.terms.items() for word in phrases(words)
}
_PARTS: Final[Mapping[str, Words]] = {
    fold(word): tuple(term.split())
    for language in load()
    if language.compounds
    for term, words in language.terms.items()
    for word in phrases(words)
}
_SMALL: Final = frozenset(map(fold, phrases(_LANGUAGES.small_words)))
_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)?|#")
_ELIDED: Final = re.compile(r"\b(?:d|l|dell|all|nell|dall|sull|jusqu)['’](?=[^\W\d_])", re.I)
"""A small word that is written with the next one: "nome dell'animale"."""
_SINGLE: Final = re.compile(r"\b([^\W\d_])[/.]([^\W\d_])\b\.?")
"""Letters that are one abbreviation: "B/L", "I.D."."""
_LINKS: Final = ("", "s", "n", "en", "es")
"""What German puts between the parts of a compound."""
_SHORTEST_PART: Final = 3
_KNOWN_HEAD: Final = 4
_COMPOUND: Final = 7
_LONGEST: Final = 40
"""Letters of a word that is looked into: what is longer is a code."""
_GENERIC: Final[Mapping[str, float]] = {
    **dict.fromkeys(("field",), 0.2),
    **dict.fromkeys(("details", "information", "info", "data", "full", "list"), 0.3),
    **dict.fromkeys(("number", "identification", "value", "text"), 0.4),
    **dict.fromkeys(("code", "amount", "document"), 0.5),
    **dict.fromkeys(("name", "date", "type", "item"), 0.6),
    **dict.fromkeys(("total", "reference"), 0.75),
}
"""What words count that many captions have; all others count one."""
MOST_WORDS: Final = 60
"""Words of a text that are compared."""


@lru_cache(maxsize=16_384)
def words(text: str) -> Words:
    """The words of a text as they are compared, in its order; all of them where each is a small one."""
    found = _WORD.findall(_ELIDED.sub("", _SINGLE.sub(r"\1\2", text[:2_000])))[:MOST_WORDS]
    folded = [fold(word) or word for word in found]
    # "To" and "From" may be all that a caption says
    telling = [word for word in folded if word not in _SMALL] or folded
    return tuple(part for word in telling for part in _meant(word))


@lru_cache(maxsize=16_384)
def _meant(word: str) -> Words:
    """The English words that a word means, itself where nothing is known of it."""
    if known := _TERMS.get(word):
        return known
    if len(word) > 4 and word.endswith("s") and not word.endswith("ss"):
        # one and several are one: "charges"
        return _TERMS.get(word[:-1], (word[:-1],))
    if _COMPOUND <= len(word) <= _LONGEST:
        return _parted(word) or (word,)
    return (word,)


def _parted(word: str) -> Words | None:
    """What the two known words of a compound mean: "kundennummer"."""
    for at in range(len(word) - _SHORTEST_PART, _SHORTEST_PART - 1, -1):
        head, tail = word[:at], word[at:]
        if (last := _PARTS.get(tail)) is None:
            continue
        # the end alone may be known too, and so may the beginning, which says whose it is
        for link in _LINKS:
            first = _PARTS.get(head.removesuffix(link)) if head.endswith(link) else None
            if first:
                return (*first, *last)
        # a known end makes "aktennummer" a number, whatever of
        if len(tail) >= 5 and len(head) >= 4:
            return (head, *last)
    for at in range(len(word) - _KNOWN_HEAD, _KNOWN_HEAD - 1, -1):
        if (first := _PARTS.get(word[:at])) and word[:at].isalpha():
            return (*first, word[at:])
    return None


def weight(word: str) -> float:
    """How much a word tells, 0..1."""
    return _GENERIC.get(word, 1.0)


def weights(found: Iterable[str]) -> float:
    """How much words tell together."""
    return sum(map(weight, found))


def initials(phrase: Words) -> str:
    """The first letters of a phrase: those of "medical record number" are "mrn"."""
    return "".join(word[0] for word in phrase) if len(phrase) > 1 else ""


def phrases_of(field: Field) -> tuple[Words, ...]:
    """What may stand beside a field's value, most telling first: what its description quotes, its title and its
    name."""
    texts = [*field.printed, *field.labels] if field.is_described else [*field.printed, *field.labels[:-1]]
    named = words(" ".join(words_of(field.name)) or field.name)
    return tuple(dict.fromkeys(found for found in (*map(words, texts), named) if found))
