"""Text as somebody laid it out, by blanks, by tabs or between upright strokes, and prose that nobody did."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby, islice
from typing import NamedTuple

from ix.extraction.documents.grid import COLUMNS, GAP, TAB, TABLE, folded, table
from ix.extraction.documents.pasted import with_tabs

_APART = re.compile(rf" {{{GAP}}}")
"""What sets parts of a line apart that somebody laid out; sentences have two blanks at most between them."""
_MOST_CELLS = 50
"""Of a line; more are no table that anybody copied."""
_MOST_ROWS = 600
"""Of a table whose columns are as wide as its widest cell: ten pages, so that no more is laid out than is read."""


class _Parting(NamedTuple):
    """How a line is parted into cells, and into how many; no mark for one that is not."""

    mark: str = ""
    cells: int = 0


def plain(text: str) -> Iterator[str]:
    """The lines of a text, without tabs, those that are too long folded: prose as on paper, and only far behind that
    what is laid out in columns, which would else stand below one another."""
    for line in _in_columns(text):
        yield from folded(line, TABLE if _APART.search(line) else COLUMNS)


def _in_columns(text: str) -> Iterator[str]:
    """Lines that are parted alike become a table: a tab or a stroke says that a cell ends, and not how wide it is."""
    for parting, group in groupby(with_tabs(list(map(str.rstrip, text.split("\n")))), key=_parting):
        if not parting.mark:
            yield from (line.expandtabs(TAB) for line in group)
            continue
        while rows := list(islice(group, _MOST_ROWS)):
            # blanks within frames set numbers to the right, and stay
            yield from table([_cells(line, parting.mark) for line in rows])


def _parting(line: str) -> _Parting:
    for mark in "\t|":
        cells = _cells(line, mark) if mark in line else []
        # several tabs, or one before all, were pressed to come to a tab stop
        if 1 < len(cells) <= _MOST_CELLS and (mark == "|" or all(map(str.strip, cells))):
            return _Parting(mark, len(cells))
    return _Parting()


def _cells(line: str, mark: str) -> list[str]:
    """The cells of a line; strokes part it only where they frame it."""
    if mark == "\t":
        return line.split("\t")
    line = line.strip()
    return line[1:-1].split("|") if len(line) > 1 and line[0] == line[-1] == "|" else []
