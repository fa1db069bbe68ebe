"""Text on pages of a typewriter's grid, so that its words have boxes: how all formats without pages are laid out.

A format turns what it reads into sections, each of which begins a page, of lines: text as it is (`plain`), paragraphs
(`paragraph`), and tables (`table`), whose columns stay columns: the words of a cell lie within its column, those of a
row at one height."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, takewhile, zip_longest
from typing import TypeVar

from PIL import Image

from ix.errors import DocumentError
from ix.extraction.documents import Limits, OpenedPage, drawn, typed
from ix.extraction.page import Word
from ix.extraction.ranges import OPEN

LINES = 60
"""Lines of a page: as many as a typewriter gets onto A4 or Letter."""
COLUMNS = 100
"""Characters of a line, above which it is folded; plain-text mail and reports stay below 80."""
CELL = 6.0, 12.0
"""Width and height of a character, points: 10 to 12 point typewriter type."""
LEADING = 0.05
"""Of a line's height, above and below its letters. Two blanks are as wide as a line is high: so they always set cells
apart, as people mean them in tables, which else is left to rounding."""
MARGIN = 2
"""Empty cells around the grid."""
TAB = 8
"""Columns from one tab stop to the next, as terminals and mail programs show them."""
GAP = 3
"""Blanks between two columns of a table: wider than a line is high, which is what sets cells apart on any page
(`ix.extraction.layout`)."""
TABLE = 200
"""Characters of a table's line, above which its widest columns are folded."""
NARROW = 12
"""Width below which no column is folded: that of an amount, which must not be cut."""
MAX_CELLS = 500_000
"""Most cells of a table, empty ones too; a document has at most 200,000 words."""
WORD = re.compile(r"\S+")
Cells = Sequence[str]
Section = Iterable[str]
T = TypeVar("T", bound=Cells)


class GridDocument:
    """Sections of lines, cut into pages of `LINES`. No more is laid out than the limit of pages allows. `warnings` are
    those of the first page."""

    def __init__(self, sections: Iterable[Section], limits: Limits, warnings: Sequence[str] = ()) -> None:
        self._pages: dict[int, list[str]] = {}
        self._count = 0
        for index, lines in enumerate(pages_of(sections)):
            # what lies behind the last page that is read is not laid out
            if index >= limits.ranges.last:
                break
            self._count = index + 1
            if self._count not in limits.ranges:
                continue
            if len(self._pages) == limits.pages:
                raise DocumentError(
                    f"the document has more than the {limits.pages} pages allowed, of {LINES} lines each",
                    code="document_too_large",
                )
            self._pages[index] = lines
        self._warnings = list(warnings)

    def __len__(self) -> int:
        return self._count

    def pages(self) -> Iterator[OpenedPage]:
        warnings = self._warnings
        for lines in self._pages.values():
            columns = width_of(lines)
            width, height = (columns + 2 * MARGIN) * CELL[0], (LINES + 2 * MARGIN) * CELL[1]
            yield OpenedPage(width, height, list(words_of(lines, columns)), warnings=warnings)
            warnings = []

    def image(self, page: int, dpi: int, longest: int) -> Image.Image:
        lines = self._pages[page]
        return typed.drawn(lines, (width_of(lines) + 2 * MARGIN, LINES + 2 * MARGIN), CELL, MARGIN, dpi, longest)

    def close(self) -> None: ...


def left_out(pictures: int, hidden: int) -> list[str]:
    """What there is to say of a document of which so many pictures and hidden parts were not read."""
    of_pictures = [f"pictures that were not read: {pictures}"] if pictures else []
    of_hidden = [f"parts that a person cannot see and that were not read: {hidden}"] if hidden else []
    return [*of_pictures, *of_hidden]


def pages_of(sections: Iterable[Section]) -> Iterator[list[str]]:
    """The lines of each page. Empty lines at the end of a section are left out, and so are empty sections."""
    for section in sections:
        page: list[str] = []
        for line in section:
            if len(page) == LINES:
                yield page
                page = []
            page.append(line)
        while page and not page[-1]:
            page.pop()
        if page:
            yield page


def paragraph(text: str) -> Iterator[str]:
    """A paragraph, whose own blanks mean nothing but for tabs: these part it as they do on a letter."""
    for line in text.split("\n"):
        yield from folded("\t".join(" ".join(part.split()) for part in line.split("\t")).expandtabs(TAB).rstrip())


def table(rows: Iterable[Cells]) -> Iterator[str]:
    """The lines of a table of cells that are tidy or laid out already, its columns one beside the other. What is wider
    than its column goes on in the next line; empty rows stay empty lines."""
    rows = list(rows)
    widths = column_widths(rows)
    for row in rows:
        if is_title(row):
            before, text = " " * indent(row, widths), next(filter(None, row))
            yield from (before + part for line in text.split("\n") for part in folded(line, TABLE))
        else:
            yield from row_lines(row, widths)


def table_or_flow(rows: Iterable[Cells]) -> list[str]:
    """The lines of a table. One that only puts its parts below one another, as mails and letters have them for their
    layout, is none."""
    rows = list(rows)
    if any(not is_title(row) and any(row) for row in rows):
        return list(table(rows))
    return [line for row in rows for cell in row if cell for line in cell.split("\n")]


def without_gaps(rows: Iterable[Cells]) -> Iterator[Cells]:
    """The rows of a sheet, of many empty ones in a row only the first."""
    empty = True
    for row in rows:
        if any(row) or not empty:
            yield row
        empty = not any(row)


def tight(lines: Iterable[str]) -> list[str]:
    """The lines with at most one empty one between two others, and none at either end."""
    found: list[str] = []
    for line in lines:
        if line or (found and found[-1]):
            found.append(line)
    return found[:-1] if found and not found[-1] else found


def is_title(row: Cells) -> bool:
    """Whether a row has one cell alone, which may reach over the columns beside it."""
    return len(list(islice(filter(None, row), 2))) == 1


def indent(row: Cells, widths: Sequence[int]) -> int:
    """Characters before the first cell that is not empty."""
    before = sum(1 for _ in takewhile(lambda cell: not cell, row))
    return sum(widths[:before]) + GAP * before


def bounded(rows: Iterable[T], limits: Limits) -> Iterator[T]:
    """The rows of a table, as long as they fit onto the pages allowed; without those behind the pages that are asked
    for, since each takes a line or more. Raises `DocumentError`."""
    count, most = 0, limits.reach * LINES
    for number, row in enumerate(rows):
        count += len(row)
        if number >= most and limits.ranges.last != OPEN:
            return
        if number >= most or count > MAX_CELLS:
            raise DocumentError(
                f"a table has more than the {most} rows or {MAX_CELLS} cells allowed",
                code="document_too_large",
            )
        yield row


def row_lines(row: Cells, widths: Sequence[int]) -> Iterator[str]:
    """A row of a table, in as many lines as its highest cell has."""
    parts = [
        [part for line in cell.split("\n") for part in folded(line, width)]
        for cell, width in zip(row, widths, strict=False)
    ]
    for line in zip_longest(*parts, fillvalue="") if any(parts) else [()]:
        yield (" " * GAP).join(part.ljust(width) for part, width in zip(line, widths, strict=False)).rstrip()


def column_widths(rows: Sequence[Cells]) -> list[int]:
    """Characters of each column: its widest line's, less for the widest where the table were too wide."""
    widths: list[int] = []
    for row in rows:
        widths += [0] * (len(row) - len(widths))
        if not is_title(row):
            for at, cell in enumerate(row):
                widths[at] = max(widths[at], _widest_line(cell))
    over = sum(widths) + GAP * (len(widths) - 1) - TABLE
    while over > 0 and (most := max(widths)) > NARROW:
        # the widest give way down to the next narrower ones, all by as much
        next_width = max((width for width in widths if width < most), default=NARROW)
        wide = widths.count(most)
        less = min(most - max(next_width, NARROW), -(-over // wide))
        widths = [width - less if width == most else width for width in widths]
        over -= less * wide
    return widths


def _widest_line(cell: str) -> int:
    return max(map(len, cell.split("\n")))


def tidied(cell: str) -> str:
    """A cell's text, its lines kept, other white space as single blanks."""
    return "\n".join(" ".join(line.split()) for line in cell.strip().split("\n"))


def folded(line: str, width: int = COLUMNS) -> Iterator[str]:
    """The line in parts of so many characters, cut between words where that is possible."""
    start = 0
    while len(line) - start > width:
        cut = line.rfind(" ", start + 1, start + width + 1)
        # an indented line is not cut within its indent, which would give an empty line
        cut = cut if line[start : max(cut, start)].strip() else start + width
        yield line[start:cut].rstrip()
        start = cut
        while line[start : start + 1].isspace():
            start += 1
    yield line[start:]


def width_of(lines: Sequence[str]) -> int:
    """Columns of the grid: the longest line's."""
    return max(map(len, lines), default=1) or 1


def words_of(lines: Sequence[str], columns: int) -> Iterator[Word]:
    """The words with the boxes of their cells; what only draws is none."""
    across, down = columns + 2 * MARGIN, LINES + 2 * MARGIN
    for row, line in enumerate(drawn.said(lines), MARGIN):
        for found in WORD.finditer(line):
            left, right = (MARGIN + at for at in found.span())
            top, bottom = row + LEADING, row + 1 - LEADING
            yield Word(found[0], (left / across, top / down, right / across, bottom / down))
