"""Untitled tables: lines one under another that have as many cells as the table has columns, each of its column's kind,
in the schema's order. Nothing else tells such a table, so that kinds must: texts alone fit any words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from ix.extraction.models.rules.forms.captions import COLON
from ix.extraction.models.rules.forms.readers import Say, reader_of
from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.page.reading import Reading, Row
from ix.extraction.models.rules.tables.gridded import Cut, sums_up
from ix.fields import Field

_SCORE = 0.55
"""Score of a value that order and kind alone say is its column's; see `page.candidates`."""
_FEWEST = 2
"""Lines of the shortest table without titles, and columns of the narrowest."""
_TYPED = frozenset(("number", "money", "date", "percentage"))


class Line(NamedTuple):
    """A line of the table: its position among all rows, and its values by path."""

    at: int
    values: dict[str, Candidate]


def read_untitled(fields: Sequence[Field], reading: Reading, taken: Collection[int]) -> list[Line]:
    """The longest run of such lines; none where the kinds of the columns do not tell them from others. Lines that are
    `taken` are of other tables."""
    if len(fields) < _FEWEST or not any(field.kind in _TYPED for field in fields):
        return []
    readers = [reader_of(field, reading) for field in fields]
    runs = list(_runs(fields, readers, reading, taken))
    best = max(runs, key=len, default=[])
    return best if len(best) >= _FEWEST else []


def _runs(
    fields: Sequence[Field], readers: Sequence[Say], reading: Reading, taken: Collection[int]
) -> Iterator[list[Line]]:
    run: list[Line] = []
    for row in reading.rows:
        line = None if row.at in taken else _line(row, fields, readers)
        if line is not None:
            run.append(line)
        elif run:
            yield run
            run = []
    yield run


def _line(row: Row, fields: Sequence[Field], readers: Sequence[Say]) -> Line | None:
    cells = row.line.cells
    # a form of two captions a line has cells as well
    if len(cells) != len(fields) or COLON.search(row.text) or sums_up(Cut(row, tuple(cells)), len(fields) + 1):
        return None
    values: dict[str, Candidate] = {}
    for field, say, cell in zip(fields, readers, cells, strict=True):
        read = say(cell.text)
        # a currency or a unit may stand beside a value; with more beside it, it is a part of a text
        if read is None or (field.kind in _TYPED and len(cell.text) - (read.end - read.start) > 4):
            return None
        values[field.path] = Candidate(read.value, row.page, cell, _SCORE)
    return Line(row.at, values)
