"""Lists of plain values: what stands behind their caption with commas between, or under it a line each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ix.extraction.layout import Span
from ix.extraction.models.rules.forms.captions import Caption, captions, row_offset
from ix.extraction.models.rules.forms.likeness import Alike, Asked, likeness
from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.page.reading import Reading, Row
from ix.fields import Field

_LIKE = 0.75
"""Least likeness of the caption of a list; see `page.candidates` for where the numbers are from."""
_SCORE = 0.7
_BULLET = re.compile(r"^\s*(?:[•·▪●○–—*-]|\d{1,2}[.)])\s+")
# with a space behind it, since the comma of 1,5 parts nothing
_BETWEEN = re.compile(r"\s*[,;•|]\s+")
_MOST = 200
_EDGE = 0.03
_STEP = 2.0
"""Distance of two entries, in heights, up to which they are of one list."""


def read_list(field: Field, reading: Reading) -> list[Candidate]:
    """The entries, top to bottom; none without a caption."""
    asked = Asked.of(field, ())
    found = captions(reading)
    alike = Alike(sorted({word for one in found for word in one.words}), sorted(asked.words()))
    likes = [(likeness(one.words, asked, alike, ()), one) for one in found]
    for like, caption in sorted(likes, key=lambda pair: (-pair[0], not pair[1].has_colon, pair[1].key)):
        if like < _LIKE:
            break
        if entries := list(_entries(caption, reading)):
            return entries[:_MOST]
    return []


def _entries(caption: Caption, reading: Reading) -> Iterator[Candidate]:
    end = row_offset(caption) + len(caption.cell.text)
    rest = caption.row.text[caption.end : end]
    # a dash or a colon alone is no value: then the entries stand below
    if re.search(r"\w", rest):
        yield from _parts(caption.row, caption.end, rest)
        return
    yield from _lines(caption, reading)


def _parts(row: Row, start: int, text: str) -> Iterator[Candidate]:
    at = 0
    for found in (*_BETWEEN.finditer(text), None):
        until = found.start() if found else len(text)
        piece = text[at:until]
        if entry := piece.strip(" .:"):
            begin = start + at + piece.index(entry)
            yield Candidate(entry, row.page, row.line.part(begin, begin + len(entry)), _SCORE)
        at = found.end() if found else until


def _lines(caption: Caption, reading: Reading) -> Iterator[Candidate]:
    last, bullets = caption.row, None
    for row in reading.after(caption.row, _MOST):
        cells = [pair for pair in row.cells if abs(pair[1].box[0] - caption.cell.box[0]) < _EDGE]
        if not cells or row.line.box[1] - last.line.box[1] > _STEP * max(last.line.height, row.line.height):
            return
        offset, cell = cells[0]
        bullet = _BULLET.match(row.text[offset:])
        # the first entry tells whether all have one
        if bullets is None:
            bullets = bullet is not None
        # what has no bullet follows the list, and what ends in a colon heads another
        if bullets != (bullet is not None) or cell.text.endswith(":"):
            return
        start = offset + (bullet.end() if bullet else 0)
        end = _end(row.cells, offset, bullet is not None)
        if start < end:
            yield Candidate(row.text[start:end], row.page, row.line.part(start, end), _SCORE)
        last = row


def _end(cells: Sequence[tuple[int, Span]], offset: int, with_next: bool) -> int:
    """Where the cell at an offset ends, or the one behind it where that one is its bullet alone."""
    for at, (start, cell) in enumerate(cells):
        if start == offset:
            # a wide gap may set a bullet apart from its text
            if with_next and len(cell.text) <= 3 and at + 1 < len(cells):
                following, other = cells[at + 1]
                return following + len(other.text)
            return start + len(cell.text)
    return offset
