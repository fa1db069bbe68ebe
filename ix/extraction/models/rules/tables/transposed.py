"""Transposed tables: a line for each column of the schema, and under one another a row's values.

Model               AL-50     AL-80     AL-120
Rated power [kW]     0.55      1.10       2.20       two rows or more, each read from top to bottom
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from ix.extraction.layout import Span
from ix.extraction.models.rules.forms.readers import reader_of
from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.page.reading import Reading, Row
from ix.extraction.models.rules.tables.titled import LIKE, Likes
from ix.fields import Field

_SCORE = 0.65
"""Score of a value beside a title that is its column's; see `page.candidates`."""
_FEWEST = 2
"""Rows of the shortest such table; one alone is a form."""
_NAMED = 0.5
"""Least share of the columns that have a line."""
_FAR = 3.0
"""Distance of two lines, in heights, up to which they are of one table."""
_NEAR = 0.06
"""How far a value may stand from the middle of its row's, as a fraction of the page's width."""


class _Line(NamedTuple):
    row: Row
    field: int
    cells: Sequence[Span]


class Transposed(NamedTuple):
    """The rows by the paths of their columns, and the positions of the lines that they stand on."""

    rows: list[dict[str, Candidate]]
    lines: frozenset[int]


def read_transposed(fields: Sequence[Field], reading: Reading, taken: Collection[int]) -> Transposed:
    """The rows of the block of lines that names most columns; none where no block names half of them. Lines that are
    `taken` are of other tables."""
    likes = Likes(fields, reading)
    best = max(_blocks(likes, reading, taken), key=len, default=[])
    if len(best) < max(_FEWEST, _NAMED * len(fields)):
        return Transposed([], frozenset())
    middles = max(([_middle(cell) for cell in line.cells] for line in best), key=len)
    rows: list[dict[str, Candidate]] = [{} for _ in middles]
    for line in best:
        say = reader_of(fields[line.field], reading)
        for cell in line.cells:
            at = min(range(len(middles)), key=lambda at: abs(middles[at] - _middle(cell)))
            if abs(middles[at] - _middle(cell)) < _NEAR and (read := say(cell.text)):
                rows[at][fields[line.field].path] = Candidate(read.value, line.row.page, cell, _SCORE)
    return Transposed([row for row in rows if row], frozenset(line.row.at for line in best))


def _blocks(likes: Likes, reading: Reading, taken: Collection[int]) -> Iterator[list[_Line]]:
    """The blocks of lines that begin with the name of another column each and go on with as many cells."""
    block: list[_Line] = []
    for row in reading.rows:
        line = None if row.at in taken else _line(row, likes)
        if block and (line is None or not _goes_on(line, block)):
            yield block
            block = []
        if line is not None:
            block.append(line)
    if block:
        yield block


def _line(row: Row, likes: Likes) -> _Line | None:
    first, *cells = row.line.cells
    if len(cells) < _FEWEST or first.text.endswith(":"):
        return None
    like, field = max(((like, -at) for at, like in likes.of(first.text).items()), default=(0.0, 0))
    return _Line(row, -field, cells) if like >= LIKE else None


def _goes_on(line: _Line, block: Sequence[_Line]) -> bool:
    last = block[-1].row
    gap = line.row.line.box[1] - last.line.box[3]
    is_near = line.row.page == last.page and gap < _FAR * last.line.height
    return is_near and len(line.cells) == len(block[0].cells) and all(line.field != other.field for other in block)


def _middle(cell: Span) -> float:
    return (cell.box[0] + cell.box[2]) / 2
