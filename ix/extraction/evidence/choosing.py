"""Choosing among several places that would all support a value, by what stands around them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ix.extraction.evidence.boxes import FAR, label_distance, row_distance
from ix.extraction.evidence.searching import Search
from ix.extraction.evidence.wordindex import MAX_HITS, Hit
from ix.extraction.kept import kept
from ix.extraction.layout import Sides, around
from ix.extraction.page import Box
from ix.fields import Field

MAX_HEIGHTS = 32
"""Different heights of a row's members that others are compared with."""


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
        self._rows: dict[tuple[str, int], dict[Box, None]] = {}
        self._boxes: dict[tuple[int, tuple[int, ...]], Box] = {}
        self._distances: dict[tuple[int, tuple[int, ...]], float] = {}

    def take(self, hit: Hit, row: str) -> None:
        """Remembers that the words of `hit` support a value; `row` is the path of its table row, empty outside one."""
        self._taken.update((hit.page, word) for word in hit.words)
        if row and len(placed := self._rows.setdefault((row, hit.page), {})) < MAX_HEIGHTS:
            # only heights matter: members on one line of print are as good as one
            _, top, _, bottom = self._box(hit)
            placed.setdefault((0.0, top, 0.0, bottom))

    def best(self, hits: Sequence[Hit], field: Field, row: str) -> int:
        """The index in `hits` of the place that fits best; the earlier of equals."""
        costs = [self._cost(hit, field, row) + at * self.LATER_PLACE for at, hit in enumerate(hits)]
        return costs.index(min(costs))

    def _cost(self, hit: Hit, field: Field, row: str) -> float:
        distance = self._from_row(hit, row) if row else self._from_label(hit, field)
        taken = sum((hit.page, word) in self._taken for word in hit.words) / len(hit.words)
        return distance + self.TAKEN * taken + self.UNWHOLE * (not hit.whole) + self.LATER_PAGE * hit.page

    def _from_row(self, hit: Hit, row: str) -> float:
        box, placed = self._box(hit), self._rows.get((row, hit.page), ())
        return min((row_distance(other, box) for other in placed), default=FAR)

    def _from_label(self, hit: Hit, field: Field) -> float:
        labels = self._labels.get((field.path, hit.page))
        if labels is None:
            return FAR
        key = labels.places, hit.words
        if key not in self._distances:
            self._distances[key] = min([FAR, *labels.distances(self._box(hit), self.LESS_TELLING)])
        return self._distances[key]

    @kept
    def _labels(self) -> dict[tuple[str, int], _Labels]:
        """The labels of each field on each page that has any."""
        found: dict[tuple[str, int], list[tuple[int, Hit]]] = {}
        for path, places in self._found.items():
            for rank, at in places:
                on_page = found.setdefault((path, at.page), [])
                if len(on_page) < MAX_HITS:
                    on_page.append((rank, at))
        alike: dict[object, _Labels] = {}
        return {key: self._made(key[1], places, alike) for key, places in found.items()}

    def _made(self, page: int, places: Sequence[tuple[int, Hit]], alike: dict[object, _Labels]) -> _Labels:
        """The labels at these places; fields that have all of them in common share one."""
        own = page, tuple((rank, at.words) for rank, at in places)
        if own not in alike:
            alike[own] = _Labels(len(alike), [(rank, self._box(at)) for rank, at in places])
        return alike[own]

    @kept
    def _found(self) -> dict[str, list[tuple[int, Hit]]]:
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


class _Labels:
    """Labels of a field on a page; `places` is the same number for those that stand in the same places."""

    def __init__(self, places: int, labels: Sequence[tuple[int, Box]]) -> None:
        self.places = places
        self._labels = labels
        # values stand beside a label or up to six lines below it (`boxes.label_distance`)
        self._reach = Sides([(top, bottom + 6.001 * (bottom - top)) for _, (_, top, _, bottom) in labels])

    def distances(self, box: Box, less_telling: float) -> Iterator[float]:
        """How far a place is from each label that it may belong to."""
        for rank, label in (self._labels[at] for at in self._reach.touching(box[1], box[3])):
            yield label_distance(label, box) + rank * less_telling


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
