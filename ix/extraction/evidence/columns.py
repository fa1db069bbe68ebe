"""Reading orders of a page's words: row by row, and column by column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ix.extraction.layout import Line, Span, overlap

_REACH = 1.6
"""A cell continues the column above it across a gap of up to this many heights: lines of one block are set closer than
two lines apart."""
_SHARED = 0.3
"""Least part of the narrower one's width that a cell and the one above it share."""


def row_order(rows: Sequence[Line]) -> tuple[int, ...]:
    """Words row by row, across all columns."""
    return tuple(index for row in rows for index in row.indices)


def column_order(rows: Sequence[Line]) -> tuple[int, ...]:
    """Words block by block: cells that stand below each other are read together, so an address beside another column
    stays whole."""
    blocks: list[list[Span]] = []
    for row in rows:
        open_blocks = [block for block in blocks if _continues(block[-1], row)]
        for cell in row.cells:
            _join(cell, open_blocks, blocks)
    return tuple(_indices(blocks))


def _continues(last: Span, row: Line) -> bool:
    return row.box[1] - last.box[3] <= _REACH * max(last.height, row.height)


def _join(cell: Span, open_blocks: list[list[Span]], blocks: list[list[Span]]) -> None:
    """Puts the cell into the block that it lies under best, or starts one."""
    best = max(open_blocks, key=lambda block: _fit(block[-1], cell), default=None)
    if best is None or overlap(best[-1].box, cell.box) < _SHARED:
        blocks.append([cell])
    else:
        best.append(cell)
        open_blocks.remove(best)


def _fit(last: Span, cell: Span) -> tuple[float, float]:
    # rounded, so that cells which lie under two columns about as well follow the one with the nearer left edge
    return round(overlap(last.box, cell.box), 1), -abs(last.box[0] - cell.box[0])


def _indices(blocks: Sequence[Sequence[Span]]) -> Iterator[int]:
    return (index for block in blocks for cell in block for index in cell.indices)
