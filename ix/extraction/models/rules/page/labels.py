"""Labels: where the words that announce a field stand, in spite of OCR errors, joined words and accents.

Every run of up to six words of a cell is compared with every label at once. Where two labels claim overlapping words,
the longer one owns them, so that "due date" is not read as "date"; distractors (`vocabulary.distractors`) own their
words too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from ix.extraction.models.rules.page.reading import Reading, Row
from ix.extraction.models.rules.vocabulary.distractors import DISTRACTORS
from ix.extraction.models.rules.vocabulary.folding import fold
from ix.fields import Field

# 0, 1, 5 and 8 for O, I or l, S and B
_TOKEN = re.compile(r"[^\W\d_]+(?:[0158][^\W\d_]+)*|\d+")
"""Words, with digits inside that OCR reads for letters; and numbers."""
_BETWEEN_WORDS = re.compile(r"[\s.,'’/()&°º#+-]*")
_LONGEST = 6
"""Words of the longest label that is looked for."""
_WORD = 4
"""Letters of the longest label that may be a word of everyday: "to", "vom", "date"."""
_LESS_TELLING, _LEAST_TELLING = 0.015, 0.7
"""What each label further back in its field's list loses of its score, and the share that the last one keeps; see
`page.candidates`."""
_ENOUGH = 82
"""Likeness, in percent, below which no label is recognised."""


@dataclass(frozen=True)
class Hit:
    """A label found: the field's path ("" for a distractor), the row, the characters of its text, and a score of 0..1:
    how like the words are to the label (`ratio`), less for a label that stands far back in its field's list."""

    path: str
    row: Row
    start: int
    end: int
    score: float
    ratio: float = 1.0


@dataclass(frozen=True)
class _Window:
    row: Row
    start: int
    end: int


class Labels:
    """All labels of a schema found on the pages."""

    def __init__(self, reading: Reading, fields: Sequence[Field]) -> None:
        self._owners = _owners(fields)
        self._parties = {field.path for field in fields if field.kind in ("organisation", "person")}
        hits = list(_owned(self._matches(reading)))
        self._by_row: dict[int, list[Hit]] = {}
        for hit in sorted(hits, key=lambda hit: (hit.row.at, hit.start)):
            self._by_row.setdefault(hit.row.at, []).append(hit)

    def of(self, path: str) -> list[Hit]:
        """Where the labels of a field stand, from top to bottom."""
        return [hit for hits in self._by_row.values() for hit in hits if hit.path == path]

    def party_heads(self) -> list[Hit]:
        """Where headings of parties stand, from top to bottom."""
        return [
            hit for hits in self._by_row.values() for hit in hits if hit.path in self._parties and not _only_a_word(hit)
        ]

    def on(self, row: Row) -> list[Hit]:
        """Every label of a row, distractors included, left to right."""
        return self._by_row.get(row.at, [])

    def cover(self, row: Row, start: int, end: int) -> bool:
        """Whether a label takes up most of the characters between two offsets."""
        return any(min(hit.end, end) - max(hit.start, start) > 0.8 * (end - start) for hit in self.on(row))

    def next_start(self, hit: Hit) -> int:
        """Where the next label of the row starts, or its text's end. A short word within a cell, such as "to" or "vom",
        ends nothing."""
        return min(
            (o.start for o in self.on(hit.row) if o.start >= hit.end and not _only_a_word(o)), default=len(hit.row.text)
        )

    def _matches(self, reading: Reading) -> Iterator[Hit]:
        windows: dict[str, list[_Window]] = {}
        for row in reading.rows:
            for window in _windows(row):
                windows.setdefault(fold(row.text[window.start : window.end]), []).append(window)
        labels, texts = list(self._owners), list(windows)
        if not labels or not texts:
            return
        ratios = process.cdist(labels, texts, scorer=fuzz.ratio, score_cutoff=_ENOUGH)
        for one, other in zip(*ratios.nonzero(), strict=True):
            label, text, ratio = labels[one], texts[other], float(ratios[one, other])
            # likeness alone would find "invoice" in "invoices" and "Rechnung" in "Rechnungen", which announce no value
            if ratio >= _needed(label, text) and abs(len(label) - len(text)) <= len(label) // 8:
                yield from (hit for window in windows[text] for hit in self._hits(label, window, ratio / 100))

    def _hits(self, label: str, window: _Window, ratio: float) -> Iterator[Hit]:
        for path, rank in self._owners[label]:
            yield Hit(
                path,
                window.row,
                window.start,
                window.end,
                ratio * max(1.0 - _LESS_TELLING * rank, _LEAST_TELLING),
                ratio,
            )


def _only_a_word(hit: Hit) -> bool:
    text = hit.row.text
    at_start = any(offset == hit.start for offset, _ in hit.row.cells)
    return hit.end - hit.start <= _WORD and not at_start and not text[hit.end : hit.end + 2].lstrip().startswith(":")


def _owners(fields: Sequence[Field]) -> dict[str, list[tuple[str, int]]]:
    owners: dict[str, list[tuple[str, int]]] = {}
    for field in fields:
        for rank, label in enumerate(field.labels):
            if key := fold(label):
                owners.setdefault(key, []).append((field.path, rank))
    for label in DISTRACTORS:
        owners.setdefault(fold(label), [("", 0)])
    return owners


def _needed(label: str, text: str) -> float:
    """Short labels must match to the letter; long ones may carry about one error in seven letters, but hardly in their
    first."""
    if len(label) <= 4:
        return 100.0
    if label[0] != text[:1]:
        return 93.0
    return 85.0 if len(label) <= 12 else _ENOUGH


def _windows(row: Row) -> Iterator[_Window]:
    for offset, cell in row.cells:
        tokens = [(m.start() + offset, m.end() + offset) for m in _TOKEN.finditer(cell.text)]
        for first, (start, _) in enumerate(tokens):
            # no label begins with a number or goes on with one: that is where its value begins
            if row.text[start].isdigit():
                continue
            for last in range(first, min(first + _LONGEST, len(tokens))):
                if last > first and (
                    not _BETWEEN_WORDS.fullmatch(row.text, tokens[last - 1][1], tokens[last][0])
                    or row.text[tokens[last][0]].isdigit()
                ):
                    break
                yield _Window(row, start, tokens[last][1])


def _owned(hits: Iterable[Hit]) -> Iterator[Hit]:
    """The hits whose words no better hit of the row claims: more letters first, then the better likeness. Labels that
    are spelt alike share their words."""
    by_row: dict[int, list[Hit]] = {}
    for hit in hits:
        by_row.setdefault(hit.row.at, []).append(hit)
    for group in by_row.values():
        taken: dict[tuple[int, int], float] = {}
        for hit in sorted(group, key=lambda hit: (-_claim(hit), hit.start)):
            words = (hit.start, hit.end)
            if taken.get(words) == hit.ratio or all(hit.end <= start or hit.start >= end for start, end in taken):
                taken[words] = hit.ratio
                yield hit


def _claim(hit: Hit) -> float:
    """How strongly a hit claims its words: its letters, and much less for each that is misread."""
    return len(fold(hit.row.text[hit.start : hit.end])) * hit.ratio**6
