"""Searching all pages of a job for a quote, or for a value in the ways it may be printed, best kind of match first."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any, TypeVar

from ix.extraction.evidence.agreement import STRICT_KINDS, Scalar, as_number
from ix.extraction.evidence.cutting import Cutter
from ix.extraction.evidence.folding import folded, plain
from ix.extraction.evidence.printed import spellings
from ix.extraction.evidence.wordindex import Hit, PageIndex
from ix.extraction.kept import kept
from ix.extraction.layout import Line
from ix.extraction.models import Leaf
from ix.extraction.page import Page, Word
from ix.extraction.values import Notation
from ix.fields import Field

T = TypeVar("T")
S = TypeVar("S", bound=Hashable)
MAX_PLACES = 1000
"""Most places of one value that are weighed against each other; what stands further back is not looked at."""
MAX_LABEL = 240
"""Characters of the longest label that is looked for."""


class Search:
    """The pages of a job, indexed once."""

    def __init__(self, pages: Sequence[Page], *, hidden: bool = False) -> None:
        self.pages = pages
        self.indexes = [PageIndex(page, number, hidden=hidden) for number, page in enumerate(pages)]
        self._memory: dict[Hashable, Any] = {}

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, made once for each key: many fields may have one value."""
        if key not in self._memory:
            self._memory[key] = make()
        found: T = self._memory[key]
        return found

    @kept
    def notation(self) -> Notation:
        """How the pages write amounts."""
        return Notation(lambda: (row.text for index in self.indexes for row in index.rows))

    def rows_of(self, hit: Hit) -> list[Line]:
        """The lines of print that hold words of a hit, those that a person cannot see left out."""
        index = self.indexes[hit.page]
        found = dict.fromkeys(index.row_of[word] for word in hit.words if word in index.row_of)
        return [index.rows[at] for at in found]

    @kept
    def with_hidden(self) -> Search | None:
        """A search of these pages that finds the words that nobody can see, too; None if there are none."""
        has_hidden = any(word.hidden for page in self.pages for word in page.words)
        return Search(self.pages, hidden=True) if has_hidden else None

    def around(self, hit: Hit) -> str:
        """The lines of print that hold words of a hit, and the line above the first of them: where labels stand."""
        index = self.indexes[hit.page]
        # an index of words by line, which other searches need as well
        held = sorted({index.row_of[word] for word in hit.words if word in index.row_of})
        return " ".join(index.rows[at].text for at in [max(held[0] - 1, 0), *held]) if held else ""

    @kept
    def _flat(self) -> str:
        """All words that a person can see, in lower case, between spaces."""
        words = (word.text for page in self.pages for word in page.words if not word.hidden)
        return f" {' '.join(words)} ".casefold()

    def repeated(self, text: str) -> int:
        """How often words stand on the pages one after another, but for case: plainly, so that it costs next to
        nothing."""
        return self._flat.count(f" {text} ".casefold()) if text else 0

    def words(self, hit: Hit) -> list[Word]:
        """The words of a hit, in the order in which they were read."""
        return [self.pages[hit.page].words[i] for i in hit.words]

    def text(self, hit: Hit) -> str:
        """The words of a hit as printed, joined by one space."""
        return self.indexes[hit.page].text(hit.words)

    def cut(self, hit: Hit, start: int, end: int) -> list[Word]:
        """The words of a hit that the characters `start:end` of its text touch, cut to these characters."""
        cutter, at, found = self.once((Cutter, hit.page), lambda: Cutter(self.pages[hit.page])), 0, []
        for word in self.words(hit):
            length = len(plain(word.text))
            if at < end and start < at + length:
                found.append(cutter.part(word, start - at, end - at))
            at += length + 1
        return found

    def hint(self, leaf: Leaf) -> Hit | None:
        """The words that the backend itself named, if a person can see them and they say what it quoted."""
        if leaf.page is None or not 0 <= leaf.page < len(self.indexes):
            return None
        index = self.indexes[leaf.page]
        if not index.visible(leaf.words):
            return None
        text = index.text(leaf.words)
        quote = text if leaf.quote is None else plain(leaf.quote)
        if text == quote:
            return Hit(leaf.page, tuple(leaf.words), "exact")
        return Hit(leaf.page, tuple(leaf.words), "normalised") if folded(text) == folded(quote) else None

    def quote(self, quote: str, field: Field) -> Iterator[list[Hit]]:
        """The quote's occurrences, one list for each kind of match that has any."""
        strict = field.kind in STRICT_KINDS
        for kind in (PageIndex.exact, PageIndex.normalised, PageIndex.confused if strict else PageIndex.fuzzy):
            if hits := self._places(kind, quote):
                yield hits

    def value(self, value: Scalar, field: Field) -> Iterator[list[Hit]]:
        """Occurrences of the value itself, in the ways it may be printed."""
        if isinstance(value, bool):
            return
        if isinstance(value, str):
            yield from self.quote(value, field)
        if (number := as_number(value, field)) is not None:
            # a credit is often printed without its minus, and a discount with one
            for signed in (number, -number):
                yield self._places(PageIndex.amounts, signed)
        elif field.kind == "date" and (day := as_date(value)):
            # by its digits alone as well, for a date that is glued to a time or a number
            yield self._places(PageIndex.dates, day)
            yield [hit for spelling in spellings(day) for hit in self._places(PageIndex.normalised, spelling)]
        elif field.kind == "currency":
            yield self._places(PageIndex.currencies, str(value).upper())

    def label(self, label: str) -> list[Hit]:
        """Where a label stands on any page, but for case, accents, spaces and punctuation."""
        return self._places(PageIndex.normalised, label) if len(label) <= MAX_LABEL else []

    def _places(self, kind: Callable[[PageIndex, S], list[Hit]], wanted: S) -> list[Hit]:
        """Where the pages have it, the first `MAX_PLACES` at the most."""
        return self.once((kind, wanted), lambda: list(islice(self._all_places(kind, wanted), MAX_PLACES)))

    def _all_places(self, kind: Callable[[PageIndex, S], list[Hit]], wanted: S) -> Iterator[Hit]:
        return (hit for index in self.indexes for hit in kind(index, wanted))


def as_date(value: Scalar) -> date | None:
    """The value as a date, if it is an ISO 8601 one."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
