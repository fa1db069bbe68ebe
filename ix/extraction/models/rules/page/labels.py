"""Labels: where the words that announce a field stand, in spite of OCR errors, joined words and accents.

Every run of up to six words of a cell is compared with every label (`page.windows`). Where two labels claim overlapping
words, the longer one owns them, so that "due date" is not read as "date"; distractors (`vocabulary.distractors`) own
their words too."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from ix.extraction.kept import kept
from ix.extraction.models.rules.page.reading import Reading, Row
from ix.extraction.models.rules.page.windows import MOST_LETTERS, Wanted, Window, likenesses, windows
from ix.extraction.models.rules.vocabulary.distractors import DISTRACTORS
from ix.extraction.models.rules.vocabulary.folding import fold
from ix.extraction.models.rules.vocabulary.parties import speaks_of_counterpart
from ix.extraction.records import entity
from ix.extraction.values.telling import speakers
from ix.fields import Field

_WORD = 4
"""Letters of the longest label that may be a word of everyday: "to", "vom", "date"."""
_LESS_TELLING, _LEAST_TELLING = 0.015, 0.7
"""What each label further back in its field's list loses of its score, and the share that the last one keeps; see
`page.candidates`."""
_SCHEMAS = 64
"""Sets of fields whose labels are kept: each use case has one, and another for its table, for each set of languages."""
_BEFORE = 40
"""Characters before a label that may say whose it is."""
_OWN = 8
"""Languages that the labels of a client's own field may be in, or share with the use cases' labels."""
T = TypeVar("T")


@entity
class Hit:
    """Words that labels are like: the row, the characters of its text, how like they are to the labels, 0..1, and the
    fields that have these labels, by path ("" for a distractor), with the labels' places in their lists."""

    row: Row
    start: int
    end: int
    ratio: float
    owners: dict[str, int]

    @property
    def path(self) -> str:
        """The field, the last of several."""
        return next(reversed(self.owners))

    def score(self, path: str) -> float:
        """How surely it is a field's label, 0..1: less for one that stands far back in the field's list."""
        return self.ratio * max(1.0 - _LESS_TELLING * self.owners[path], _LEAST_TELLING)

    @property
    def is_of_the_document(self) -> bool:
        """Whether it is a field's label that tells of the document itself, not of an order or a delivery."""
        return "" not in self.owners

    @kept
    def is_only_a_word(self) -> bool:
        """Whether it is a short word within a cell, such as "to" or "vom", or a letter: the A of "A Coruña"."""
        text = self.row.text
        at_start = self.row.cell_at(self.start)[0] == self.start and self.end - self.start > 1
        followed = text[self.end : self.end + 2].lstrip().startswith(":")
        return self.end - self.start <= _WORD and not at_start and not followed


class Labelled(NamedTuple):
    """A field's label found, and how surely it is one (`Hit.score`)."""

    hit: Hit
    score: float


class Labels:
    """All labels of a schema found on the pages."""

    def __init__(self, reading: Reading, fields: Sequence[Field]) -> None:
        self.fields = fields
        self._parties = {field.path for field in fields if field.kind in ("organisation", "person")}
        self._by_row: dict[int, list[Hit]] = {}
        self._by_words: dict[int, list[tuple[int, Hit]]] = {}
        self._words_of: dict[str, list[int]] = {}
        self._memory: dict[Hashable, Any] = {}
        for at, hit in enumerate(
            sorted(
                map(_Theirs(fields), _owned(_matches(reading, *_wanted(tuple(fields), reading.notation.told.in_play)))),
                key=lambda hit: (hit.row.at, hit.start),
            )
        ):
            self._by_row.setdefault(hit.row.at, []).append(hit)
            # words that are spelt alike have one `owners`, so that fields are told by that and not hit by hit
            if (spelt := id(hit.owners)) not in self._by_words:
                for path in hit.owners:
                    self._words_of.setdefault(path, []).append(spelt)
            self._by_words.setdefault(spelt, []).append((at, hit))

    def of(self, path: str) -> list[Labelled]:
        """Where the labels of a field stand, from top to bottom."""
        return self.once((Labelled, self.alike(path)), lambda: self._merged(path))

    def alike(self, path: str) -> tuple[tuple[int, float], ...]:
        """What is equal for fields whose labels stand in the same places and score the same."""
        found = (self._by_words[spelt] for spelt in self._words_of.get(path, ()))
        return tuple((hits[0][0], hits[0][1].score(path)) for hits in found)

    def _merged(self, path: str) -> list[Labelled]:
        scored = []
        for spelt in self._words_of.get(path, ()):
            score = self._by_words[spelt][0][1].score(path)
            scored += [(at, hit, score) for at, hit in self._by_words[spelt]]
        return [Labelled(hit, score) for _, hit, score in sorted(scored, key=lambda each: each[0])]

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, made once for each key: what several fields ask for alike."""
        if key not in self._memory:
            self._memory[key] = make()
        found: T = self._memory[key]
        return found

    def party_above(self, row: Row, reach: int) -> str | None:
        """The party (a field's path) whose heading stands nearest above a row, on its page and within so many rows."""
        for at in range(row.at - 1, row.at - reach - 1, -1):
            if (head := self._party_heads.get(at)) and head[0] == row.page:
                return head[1]
        return None

    @kept
    def _party_heads(self) -> dict[int, tuple[int, str]]:
        """By row, its page and the last party that is headed there."""
        found: dict[int, tuple[int, str]] = {}
        for at, hits in self._by_row.items():
            for hit in hits:
                paths = [path for path in hit.owners if path in self._parties]
                if paths and not hit.is_only_a_word:
                    found[at] = hit.row.page, paths[-1]
        return found

    def on(self, row: Row) -> list[Hit]:
        """Every label of a row, distractors included, left to right; they do not overlap."""
        return self._by_row.get(row.at, [])

    def within(self, row: Row, start: int, end: int) -> list[Hit]:
        """The labels of a row that start between two offsets."""
        hits = self.on(row)
        return hits[bisect_left(hits, start, key=_start) : bisect_left(hits, end, key=_start)]

    def before(self, row: Row, offset: int) -> Hit | None:
        """The last label of a row that ends before an offset."""
        hits = self.on(row)
        at = bisect_right(hits, offset, key=_end)
        return hits[at - 1] if at else None

    def cover(self, row: Row, start: int, end: int) -> bool:
        """Whether a label takes up most of the characters between two offsets."""
        hits = self.on(row)
        touching = hits[bisect_right(hits, start, key=_end) : bisect_left(hits, end, key=_start)]
        return any(min(hit.end, end) - max(hit.start, start) > 0.8 * (end - start) for hit in touching)

    def next_start(self, hit: Hit) -> int:
        """Where the next label of the row starts, or its text's end. A short word within a cell, such as "to" or "vom",
        ends nothing."""
        hits = self._ending.get(hit.row.at, [])
        at = bisect_left(hits, hit.end, key=_start)
        return hits[at].start if at < len(hits) else len(hit.row.text)

    @kept
    def _ending(self) -> dict[int, list[Hit]]:
        """By row, the labels that end what stands before them."""
        return {at: [hit for hit in hits if not hit.is_only_a_word] for at, hits in self._by_row.items()}


def _start(hit: Hit) -> int:
    return hit.start


def _end(hit: Hit) -> int:
    return hit.end


class _Theirs:
    """Gives a number that a label announces to the party addressed, where a word before the label says that it is
    theirs: "Your ref", "Vores ref"."""

    def __init__(self, fields: Sequence[Field]) -> None:
        numbers = [field for field in fields if field.kind == "identifier"]
        self._theirs = [field.path for field in numbers if field.side == "counterpart"]
        self._ours = {field.path for field in numbers if field.side == "issuer"}
        self._owners: dict[int, tuple[dict[str, int], dict[str, int]]] = {}

    def __call__(self, hit: Hit) -> Hit:
        """The label, with other owners where it is the other party's."""
        if not self._theirs or self._ours.isdisjoint(hit.owners):
            return hit
        start, _ = hit.row.cell_at(hit.start)
        if not speaks_of_counterpart(hit.row.text[max(start, hit.start - _BEFORE) : hit.start]):
            return hit
        rank = min(hit.owners[path] for path in hit.owners if path in self._ours)
        # one for labels that are spelt alike, as `Labels` tells them; the old one is kept, so that its place is its own
        _, owners = self._owners.setdefault(id(hit.owners), (hit.owners, dict.fromkeys(self._theirs, rank)))
        return replace(hit, owners=owners)


Owners = dict[str, list[tuple[str, int]]]
"""The fields that have a label (by its folded text), and its place in each one's list."""


def _matches(reading: Reading, owners: Owners, wanted: Wanted) -> Iterator[Hit]:
    found = windows(reading)
    like, places = likenesses(wanted, found), found.places
    for text, (ratio, alike) in sorted(like.items(), key=lambda item: (item[1].labels[0], _place(places[item[0]][0]))):
        paths: dict[str, int] = {}
        for path, rank in (owner for at in alike for owner in owners[wanted.labels[at]]):
            # of two labels of one field the more telling one counts; the order is that of the last
            paths[path] = min(rank, paths.pop(path, rank))
        yield from (Hit(row, start, end, ratio / 100, paths) for row, start, end in places[text])


def _place(window: Window) -> tuple[int, int, int]:
    """Where a run of words stands among all that are read."""
    row, start, end = window
    return row.at, start, end


@lru_cache(maxsize=_SCHEMAS)
def _wanted(fields: tuple[Field, ...], spoken: frozenset[str]) -> tuple[Owners, Wanted]:
    """The labels of these fields in these languages, as they are compared with pages; the same for all documents of a
    use case in a language."""
    owners = _owners(fields, spoken)
    return owners, Wanted.of({label: min(rank for _, rank in found) for label, found in owners.items()})


def _owners(fields: Sequence[Field], spoken: frozenset[str]) -> Owners:
    owners: Owners = {}
    for field in fields:
        for rank, label in enumerate(_spoken(field.labels, spoken)):
            # signs go when a label is folded: what is much longer is no label however it is folded
            if len(label) <= 3 * MOST_LETTERS and (key := fold(label)) and len(key) <= MOST_LETTERS:
                owners.setdefault(key, []).append((field.path, rank))
    for label in _spoken(DISTRACTORS, spoken):
        # before the fields, of which the last one is the label's
        owners.setdefault(fold(label), []).insert(0, ("", 0))
    return owners


def _spoken(labels: Sequence[str], languages: frozenset[str]) -> Sequence[str]:
    """The labels of these languages, and those of none that ix has. A client's own are in few languages, and all are
    looked for."""
    own = [speakers(label) for label in labels]
    if len(frozenset().union(*own)) <= _OWN:
        return labels
    return [label for label, codes in zip(labels, own, strict=True) if not codes or codes & languages]


def _owned(hits: Iterable[Hit]) -> Iterator[Hit]:
    """The hits whose words no better hit of the row claims: more letters first, then the better likeness."""
    by_row: dict[int, list[Hit]] = {}
    for hit in hits:
        by_row.setdefault(hit.row.at, []).append(hit)
    for group in by_row.values():
        taken = bytearray(len(group[0].row.text))
        for hit in sorted(group, key=lambda hit: (-_claim(hit), hit.start)):
            if 1 not in taken[hit.start : hit.end]:
                taken[hit.start : hit.end] = b"\1" * (hit.end - hit.start)
                yield hit


def _claim(hit: Hit) -> float:
    """How strongly a hit claims its words: its letters, and much less for each that is misread."""
    return len(fold(hit.row.text[hit.start : hit.end])) * hit.ratio**6
