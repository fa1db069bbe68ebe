"""Phrases: those that languages list, looked for in a text without trying hundreds of them at each of its letters.

Most lines of a page have no word of a list. So the pattern of all phrases runs only where a text has a word that one of
them may begin with; on other texts a pattern runs of those phrases whose beginning no letters tell."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import lru_cache

from ix.extraction.models.rules.vocabulary.folding import caseless
from ix.languages import one_of, phrases

_PREFIX = 2
"""Letters that tell the beginning of a phrase that is an expression."""
TEXTS = 2048
"""Texts of which is kept what they say, a few pages of lines: several fields ask for each, and neighbours."""
_WORD = re.compile(r"\w+")
_PLAIN = re.compile(r"\w+(?: +\w+)*")
_BEGUN = re.compile(r"[^\W_]{2,}(?![?*+{])")
"""Letters that an expression begins with, of which the last may be left out."""
_ABBREVIATED = re.compile(r"([^\W_])(?:(?:\\[.s]|[-/ ])[?*]?)+(?:([^\W_])(?![?*+{])|$)")
"""A letter, and behind points and blanks another one: `s\\.?a\\.?`."""


class Phrases:
    """A pattern, in any case, in which `PHRASES` stands for any of those `listed`, each of which begins with a word of
    the text and ends with one."""

    def __init__(self, listed: str, pattern: str = r"\bPHRASES\b") -> None:
        beginnings = {phrase: frozenset(_beginnings(phrase)) for phrase in phrases(listed)}
        untold = " | ".join(phrase for phrase, words in beginnings.items() if not words)
        self._all, self._untold = (
            re.compile(pattern.replace("PHRASES", one_of(each)), re.I) for each in (listed, untold)
        )
        self._words = frozenset[str]().union(*beginnings.values())

    def search(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """The first match between two offsets."""
        return self._pattern(text).search(text, start, end)

    def match(self, text: str) -> re.Match[str] | None:
        """The match that a text begins with."""
        return self._pattern(text).match(text)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """The match that a text is."""
        return self._pattern(text).fullmatch(text)

    def finditer(self, text: str, start: int = 0, end: int = sys.maxsize) -> Iterator[re.Match[str]]:
        """Every match between two offsets."""
        return self._pattern(text).finditer(text, start, end)

    def _pattern(self, text: str) -> re.Pattern[str]:
        return self._untold if self._words.isdisjoint(_words(text)) else self._all


# fewer, since a line of a hundred words takes 18 kB, and all lists ask for it one after the other
@lru_cache(maxsize=TEXTS // 4)
def _words(text: str) -> frozenset[str]:
    """The words of a text and the letters that they begin with."""
    words = _WORD.findall(text.lower()) if text.isascii() else [caseless(word) for word in _WORD.findall(text)]
    return frozenset(words).union([word[:_PREFIX] for word in words])


def _beginnings(phrase: str) -> Iterator[str]:
    """What a word is, or begins with, that the phrase may begin with; nothing where no letters tell."""
    if _PLAIN.fullmatch(phrase):
        yield caseless(phrase.split()[0])
    # a bar may part an expression into two that begin differently
    elif "|" in phrase.split("(")[0]:
        return
    elif abbreviated := _ABBREVIATED.match(phrase):
        first, second = abbreviated.groups(default="")
        yield from {caseless(first), caseless(first + second)[:_PREFIX]}
    elif begun := _BEGUN.match(phrase):
        yield caseless(begun[0])[:_PREFIX]
