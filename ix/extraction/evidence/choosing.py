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
        self._boxes: dict[tuple[int, tuple[int, ...]], Box] = {}

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
        longer = _Longer((path, at) for path, places in found.items() for _, at in places)
        return {
            path: [(rank, at) for rank, at in places if not longer.swallows(path, at)] for path, places in found.items()
        }

    def _box(self, hit: Hit) -> Box:
        key = hit.page, hit.words
        if key not in self._boxes:
            self._boxes[key] = around(word.box for word in self._search.words(hit))
        return self._boxes[key]


class _Longer:
    """The labels that stand around a label's words, found by a word that they share."""

    def __init__(self, found: Iterable[tuple[str, Hit]]) -> None:
        # who has a label of exactly these words: two are enough to tell whether anybody else has
        self._owners: dict[tuple[int, frozenset[int]], set[str]] = {}
        self._around: dict[tuple[int, int], list[tuple[frozenset[int], set[str]]]] = {}
        self._swallowed: dict[tuple[int, frozenset[int]], set[str]] = {}
        for path, at in found:
            key = at.page, frozenset(at.words)
            if key not in self._owners:
                self._owners[key] = set()
                for word in key[1]:
                    self._around.setdefault((at.page, word), []).append((key[1], self._owners[key]))
            if len(self._owners[key]) < 2:
                self._owners[key].add(path)

    def swallows(self, path: str, at: Hit) -> bool:
        """Whether a label's words are a part of a longer label of another field."""
        key = at.page, frozenset(at.words)
        if key not in self._swallowed:
            fewest = min((self._around[at.page, word] for word in key[1]), key=len)
            # of two or more others, one at least is another field
            self._swallowed[key] = {own for words, owners in fewest if key[1] < words for own in owners}
        return bool(self._swallowed[key] - {path})
