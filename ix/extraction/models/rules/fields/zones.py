"""Fields of a machine-readable zone: its lines are looked for on the pages, and read as the standard has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from ix.extraction.layout import Span, joined
from ix.extraction.models import Leaf
from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.page.reading import Reading, Row
from ix.extraction.values import mrz
from ix.extraction.values.mrz import Zone
from ix.fields import Field

_CHECKED, _FAILED, _UNCHECKED = 0.98, 0.4, 0.85
"""Scores of a member whose check digit holds, of one whose does not, and of one that has none; see
`page.candidates`."""
_APART = 3.0
"""Lines of a zone lie no further apart, in heights of a line."""


class _Read(NamedTuple):
    zone: Zone
    page: int
    lines: Sequence[Span]


def zoned(fields: Sequence[Field], reading: Reading) -> dict[str, Leaf]:
    """The leaves of those fields that stand in a zone, by the names of its members (`ix.extraction.values.mrz`)."""
    wanted = [field for field in fields if field.zoned]
    if not wanted:
        return {}
    # a scan may show a document twice: the zone that OCR read best counts
    read = max(_zones(reading), key=lambda one: -len(one.zone.failed), default=None)
    return {field.name: _leaf(field.name, read) for field in wanted}


def _zones(reading: Reading) -> Iterator[_Read]:
    """Every run of two or three lines that is a zone."""
    lines = [(row, text) for row in reading.rows if mrz.is_line(text := mrz.compacted(row.text))]
    for at in range(len(lines)):
        # most identity cards have three lines, passports and visas two
        for count in (3, 2):
            run = lines[at : at + count]
            together = len(run) == count and _together([row for row, _ in run])
            if together and (zone := mrz.parse([text for _, text in run])):
                yield _Read(zone, run[0][0].page, [Span(row.line.words, row.line.indices) for row, _ in run])
                break


def _together(rows: Sequence[Row]) -> bool:
    # one scan may show two documents, whose lines are no zone together
    gaps = (
        (upper.page, (lower.line.box[1] - upper.line.box[3]) / max(upper.line.height, 1e-6), lower.page)
        for upper, lower in pairwise(rows)
    )
    return all(one == other and gap < _APART for one, gap, other in gaps)


def _leaf(name: str, read: _Read | None) -> Leaf:
    if read is None:
        return Leaf(None)
    if name == "mrz":
        whole = joined(read.lines)
        return Candidate(" ".join(read.zone.lines), read.page, whole, _UNCHECKED, derived=True).leaf()
    value = read.zone.members.get(name)
    if value is None:
        return Leaf(None)
    place = read.lines[read.zone.line_of(name)]
    said = value.isoformat() if isinstance(value, date) else value
    return Candidate(said, read.page, place, _score(name, read.zone), derived=True).leaf()


def _score(name: str, zone: Zone) -> float:
    if name in zone.failed:
        return _FAILED
    return _CHECKED if name in mrz.CHECKED else _UNCHECKED
