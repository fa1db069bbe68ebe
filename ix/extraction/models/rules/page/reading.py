"""The pages as the rules read them: lines from top to bottom over all pages, and what the whole document says about its
notation."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Iterator, Sequence
from datetime import date
from statistics import median
from typing import Any, TypeVar

from ix.extraction.kept import kept
from ix.extraction.layout import Line, Sides, Span, lines
from ix.extraction.page import Box, Page
from ix.extraction.records import record
from ix.extraction.values import Amount, FoundDate, Notation, find_amounts, find_dates

T = TypeVar("T")

# "6 Stk." or "1 kg net (box)": a word of up to eight letters, one of up to three, and a bracket. What goes on longer
# is a sentence with a number in it
_UNITS_BEHIND = re.compile(r"\W*(?:[^\W\d_]{1,8}(?![^\W\d_])\W*(?:[^\W\d_]{1,3}(?![^\W\d_])\W*)?)?(?:\([^)]*\)\W*)?")
# "List price: 4,500.00" under an item is none of its columns' amounts
_NAMED_DETAIL = re.compile(r"[^\W\d_]\s*[:=]\s*[-+]?$")


@record
class Row:
    """One line: its position among all lines of the document, the index of its page, its words, and how its document
    writes amounts."""

    at: int
    page: int
    line: Line
    notation: Notation

    @kept
    def text(self) -> str:
        """The line's words, joined by one space."""
        return self.line.text

    @kept
    def cells(self) -> tuple[tuple[int, Span], ...]:
        """The line's cells with the offset at which each starts in the text."""
        starts, at = [], 0
        for cell in self.line.cells:
            starts.append(at)
            at += len(cell.text) + 1
        return tuple(zip(starts, self.line.cells, strict=True))

    @kept
    def amounts(self) -> tuple[Amount, ...]:
        """The amounts of each cell, with their offsets in the row's text: none runs from one cell into the next."""
        return tuple(
            self.notation.settled(
                found._replace(start=found.start + at, end=found.end + at) if at else found, self.text
            )
            for at, cell in self.cells
            for found in find_amounts(cell.text)
        )

    @kept
    def standing_amounts(self) -> Sequence[tuple[Amount, Span]]:
        """The amounts that stand in a column, with the words that print them: nothing but a unit follows in their cell,
        and no "name:" leads them."""
        follows = [*(amount.start for amount in self.amounts[1:]), len(self.text)]
        found = []
        for amount, following in zip(self.amounts, follows, strict=False):
            offset, cell = self.cell_at(amount.start)
            until = min(following, offset + len(cell.text))
            if _UNITS_BEHIND.fullmatch(self.text, amount.end, until) and not _NAMED_DETAIL.search(
                self.text[offset : amount.start]
            ):
                found.append((amount, self.line.part(amount.start, amount.end)))
        return found

    def dates(self, day_first: bool) -> Sequence[FoundDate]:
        """The dates of the row's text."""
        return self._dates_day_first if day_first else self._dates_month_first

    @kept
    def _dates_day_first(self) -> Sequence[FoundDate]:
        return find_dates(self.text, True, self.notation.languages)

    @kept
    def _dates_month_first(self) -> Sequence[FoundDate]:
        return find_dates(self.text, False, self.notation.languages)

    @kept
    def has_money(self) -> bool:
        """Whether the row has an amount with decimals."""
        return any(amount.decimals for amount in self.amounts)

    def cell_at(self, offset: int) -> tuple[int, Span]:
        """The cell that holds this offset of the text, and where it starts."""
        return self.cells[max(bisect_right(self.cells, offset, key=_offset) - 1, 0)]

    def cells_between(self, start: int, end: int) -> tuple[tuple[int, Span], ...]:
        """The cells that touch the text between two offsets."""
        first = max(bisect_right(self.cells, start, key=_offset) - 1, 0)
        last = bisect_left(self.cells, end, key=_offset)
        return tuple(pair for pair in self.cells[first:last] if pair[0] + len(pair[1].text) > start)

    def cells_across(self, box: Box) -> Iterator[tuple[int, Span]]:
        """The cells whose sides reach over or under a box, left to right."""
        return (self.cells[at] for at in self._sides.touching(box[0], box[2]))

    @kept
    def _sides(self) -> Sides:
        return Sides([(cell.box[0], cell.box[2]) for _, cell in self.cells])


def _offset(cell: tuple[int, Span]) -> int:
    return cell[0]


class Reading:
    """The rows of all pages, and what the document as a whole says: everything that finders look at."""

    def __init__(self, pages: Sequence[Page]) -> None:
        found = [(page, line) for page, content in enumerate(pages) for line in lines(content)]
        self.notation = Notation(lambda: (row.text for row in self.rows))
        """How the document writes its amounts."""
        self.rows = [Row(at, page, line, self.notation) for at, (page, line) in enumerate(found)]
        self.memory: dict[Hashable, Any] = {}
        """What is found out of the pages once, for all who ask (`once`)."""

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, made once for each key."""
        if key not in self.memory:
            self.memory[key] = make()
        found: T = self.memory[key]
        return found

    @kept
    def text(self) -> str:
        """All lines of all pages, one below the other."""
        return "\n".join(row.text for row in self.rows)

    @property
    def day_first(self) -> bool:
        """How numeric dates are read, by all that the pages show (`Notation`)."""
        return self.notation.day_first

    def ambiguous(self, found: FoundDate) -> date | None:
        """The other reading of a date found on the pages, if it has one and nothing on them decides between the two."""
        return self.notation.ambiguous(found)

    @kept
    def text_height(self) -> float:
        """Median height of a line, as a fraction of the page's."""
        return median(row.line.height for row in self.rows) if self.rows else 0.0

    @kept
    def on_first_page(self) -> list[Row]:
        """The rows of the first page."""
        return [row for row in self.rows if row.page == 0]

    def before(self, row: Row, count: int) -> list[Row]:
        """The rows of the same page right above, from top to bottom."""
        found = self.rows[max(row.at - count, 0) : row.at]
        # pages come one after the other: most often all are of one
        return found if found and found[0].page == row.page else [each for each in found if each.page == row.page]

    def after(self, row: Row, count: int) -> list[Row]:
        """The next rows of the same page."""
        found = self.rows[row.at + 1 : row.at + 1 + count]
        return found if found and found[-1].page == row.page else [each for each in found if each.page == row.page]
