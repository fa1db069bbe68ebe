"""Values near a label: behind it on its line, under it, or on the next line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from ix.extraction.layout import Span, overlap
from ix.extraction.models.rules.page.candidates import Candidate, Scalar
from ix.extraction.models.rules.page.labels import Hit, Labels
from ix.extraction.models.rules.page.reading import Reading, Row

_REACH = 400
"""Characters around a label that are looked at; the longest line of print has 200."""
_INSIDE_CELL = 0.8
"""Factors of a label's score, see `page.candidates`: for a label with words before it in its cell,"""
_BESIDE_WORDS = 0.6
"""for what stands under a label with words behind it,"""
_BELOW = (0.85, 0.7, 0.55)
"""for the first, second and third line below it,"""
_NEXT_LINE = 0.5
"""and for a next line that is one cell and not under it."""


class Read(NamedTuple):
    """A value read from a text and the characters that print it."""

    value: Scalar
    start: int
    end: int


Reader = Callable[[str], Read | None]


class Zone(NamedTuple):
    """A part of a row's text where a label's value may stand, and how likely it is there."""

    factor: float
    row: Row
    start: int
    end: int


def near(reading: Reading, labels: Labels, path: str, read: Reader) -> list[Candidate]:
    """The first value that `read` finds around each label of a field, those left out that are no better than one before
    them. `read` is called once for a label, however many fields have it."""
    return labels.once((near, read, labels.alike(path)), lambda: list(_near(reading, labels, path, read)))


def _near(reading: Reading, labels: Labels, path: str, read: Reader) -> Iterator[Candidate]:
    top = 0.0
    for hit, score in labels.of(path):
        # no zone is more likely than its label
        if score > top and (found := labels.once((read, hit), partial(_first, reading, labels, hit, read))):
            value, row, span, factor = found
            top = max(top, score * factor)
            yield Candidate(value, row.page, span, score * factor)


def _first(reading: Reading, labels: Labels, hit: Hit, read: Reader) -> tuple[Scalar, Row, Span, float] | None:
    for zone in zones(reading, labels, hit):
        if found := read(zone.row.text[zone.start : min(zone.end, zone.start + _REACH)]):
            span = zone.row.line.part(zone.start + found.start, zone.start + found.end)
            return found.value, zone.row, span, zone.factor
    return None


def zones(reading: Reading, labels: Labels, hit: Hit) -> Iterator[Zone]:
    """Where the label's value may stand, most likely first."""
    lead = 1.0 if starts_cell(hit) else _INSIDE_CELL
    rest_end = labels.next_start(hit)
    yield Zone(lead, hit.row, hit.end, rest_end)
    rest = hit.row.text[hit.end : min(cell_end(hit), hit.end + _REACH)]
    alone = lead if not re.search(r"[^\W_]{2}", rest) else _BESIDE_WORDS * lead
    yield from _below(reading, labels, hit, alone)
    if not re.search(r"\d", hit.row.text[hit.end : hit.end + _REACH]):
        yield from (
            Zone(_NEXT_LINE * alone, row, 0, len(row.text)) for row in reading.after(hit.row, 1) if len(row.cells) == 1
        )


def starts_cell(hit: Hit) -> bool:
    """Whether nothing but signs and digits stands before the label in its cell."""
    offset, _ = hit.row.cell_at(hit.start)
    return not re.search(r"[^\W\d_]{2}", hit.row.text[max(offset, hit.start - _REACH) : hit.start])


def cell_end(hit: Hit) -> int:
    """Where the label's cell ends."""
    offset, cell = hit.row.cell_at(hit.start)
    return offset + len(cell.text)


def _below(reading: Reading, labels: Labels, hit: Hit, lead: float) -> Iterator[Zone]:
    label = hit.row.line.part(hit.start, hit.end)
    for factor, row in zip(_BELOW, reading.after(hit.row, 3), strict=False):
        for offset, cell in row.cells_across(label.box):
            if overlap(cell.box, label.box) > 0.2 and not labels.within(row, offset, offset + len(cell.text)):
                yield Zone(factor * lead, row, offset, _until(row, offset, cell))


def _until(row: Row, offset: int, cell: Span) -> int:
    """A cell's end, or the next one's if this one only leads to it: "No:   4711"."""
    end = offset + len(cell.text)
    if not cell.text.endswith(":") or end >= len(row.text):
        return end
    at, following = row.cell_at(end + 1)
    return at + len(following.text)
