"""Choices: which of a schema's own words stands in a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

from ix.extraction.models.rules.page.near import Read
from ix.extraction.models.rules.page.reading import Reading, Row
from ix.extraction.models.rules.vocabulary.folding import caseless

_TOKEN = re.compile(r"\w+")


class Choice:
    """Reads one of a field's choices from a text: the longest that stands there as whole words, in any case."""

    def __init__(self, options: Sequence[str], reading: Reading) -> None:
        self._reading = reading
        known = reading.once(Choice, lambda: _rows(reading))
        # the longest first, since one choice may be a part of another: "net" and "net 30"
        ordered = [(option, _tokens(option)) for option in sorted(options, key=len, reverse=True)]
        # what has a word that stands on no page stands on none itself, and most choices do
        self._options = [(option, words) for option, words in ordered if words <= known.keys()]
        self._patterns: dict[str, re.Pattern[str]] = {}

    def __call__(self, text: str) -> Read | None:
        """The choice that a text names."""
        there = _tokens(text)
        for option, words in self._options:
            if words <= there and (match := self._pattern(option).search(text)):
                return Read(option, match.start(), match.end())
        return None

    def only(self) -> tuple[Row, Read] | None:
        """Where the choice stands first, if no other one stands anywhere on the pages."""
        return self._only

    @cached_property
    def _only(self) -> tuple[Row, Read] | None:
        first: tuple[Row, Read] | None = None
        for row in self._possible():
            if read := self(row.text):
                first = first or (row, read)
                if read.value != first[1].value:
                    return None
        return first

    def _possible(self) -> Iterable[Row]:
        """The rows that have a word of any choice."""
        known, rows = self._reading.once(Choice, lambda: _rows(self._reading)), self._reading.rows
        if not all(words for _, words in self._options):
            return rows
        return (
            rows[at]
            for at in sorted(
                {at for _, words in self._options for at in known[min(words, key=lambda word: len(known[word]))]}
            )
        )

    def _pattern(self, option: str) -> re.Pattern[str]:
        # kept here, since `re` keeps only 512 patterns
        if option not in self._patterns:
            self._patterns[option] = re.compile(rf"(?<!\w){re.escape(option)}(?!\w)", re.I)
        return self._patterns[option]


def _tokens(text: str) -> frozenset[str]:
    """The words of a text, alike wherever `re.IGNORECASE` takes them for alike."""
    return frozenset(_TOKEN.findall(caseless(text)))


def _rows(reading: Reading) -> dict[str, list[int]]:
    """Where each word of the pages stands: the positions of its rows."""
    found: dict[str, list[int]] = {}
    for row in reading.rows:
        for word in _tokens(row.text):
            found.setdefault(word, []).append(row.at)
    return found
