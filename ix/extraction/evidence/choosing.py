"""Choosing among several places that would all support a value, by what stands around them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from ix.extraction.evidence.boxes import FAR, label_distance, row_distance
from ix.extraction.evidence.searching import Search
from ix.extraction.evidence.wordindex import Hit
from ix.extraction.layout import around
from ix.extraction.page import Box
from ix.fields import Field


class Chooser:
    """Knows where labels stand and which words other values already took.

    The cost of a place is its distance from the field's label (for a member of a table row: from the row's other
    members), plus a penalty for words that support another value, and small ones for later pages and for standing
    inside a longer word."""

    # On the scale of distances, where 1 is unrelated (`boxes.FAR`). Chosen by hand so that the order of importance is:
    # words of another value, then the label's distance, then everything that only parts equals.
    TAKEN = 0.6
    UNWHOLE = 0.05
    LESS_TELLING = 0.03
    LATER_PAGE = 0.02
    LATER_PLACE = 1e-4

    def __init__(self, search: Search, fields: Iterable[Field]) -> None:
        self._search = search
        self._fields = [field for field in fields if field.labels]
        self._taken: set[tuple[int, int]] = set()
        self._rows: dict[str, list[Hit]] = {}

    def take(self, hit: Hit, row: str) -> None:
        """Remembers that the words of `hit` support a value; `row` is the path of its table row, empty outside one."""
        self._taken.update((hit.page, word) for word in hit.words)
        if row:
            self._rows.setdefault(row, []).append(hit)

    def best(self, hits: Sequence[Hit], field: Field, row: str) -> int:
        """The index in `hits` of the place that fits best; the earlier of equals."""
        costs = [self._cost(hit, field, row) + at * self.LATER_PLACE for at, hit in enumerate(hits)]
        return costs.index(min(costs))

    def _cost(self, hit: Hit, field: Field, row: str) -> float:
        distance = self._from_row(hit, row) if row else self._from_label(hit, field)
        taken = sum((hit.page, word) in self._taken for word in hit.words) / len(hit.words)
        return distance + self.TAKEN * taken + self.UNWHOLE * (not hit.whole) + self.LATER_PAGE * hit.page

    def _from_row(self, hit: Hit, row: str) -> float:
        box, placed = self._box(hit), [other for other in self._rows.get(row, ()) if other.page == hit.page]
        return min((row_distance(self._box(other), box) for other in placed), default=FAR)

    def _from_label(self, hit: Hit, field: Field) -> float:
        labels = [(rank, at) for rank, at in self._labels.get(field.path, ()) if at.page == hit.page]
        distances = (label_distance(self._box(at), self._box(hit)) + rank * self.LESS_TELLING for rank, at in labels)
        return min([FAR, *distances])

    @cached_property
    def _labels(self) -> dict[str, list[tuple[int, Hit]]]:
        """Where each field's labels stand, but not inside a longer label of another field: the total of `sub total` is
        not `total`."""
        found = {
            f.path: [(rank, at) for rank, label in enumerate(f.labels) for at in self._search.label(label)]
            for f in self._fields
        }
        every = [(path, at.page, frozenset(at.words)) for path, places in found.items() for _, at in places]

        def swallowed(path: str, at: Hit) -> bool:
            return any(page == at.page and own != path and frozenset(at.words) < words for own, page, words in every)

        return {path: [(rank, at) for rank, at in places if not swallowed(path, at)] for path, places in found.items()}

    def _box(self, hit: Hit) -> Box:
        return around(word.box for word in self._search.words(hit))
