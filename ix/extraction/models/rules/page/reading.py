"""The pages as the rules read them: lines from top to bottom over all pages, and what the whole document says about its
notation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median

from ix.extraction.layout import Line, Span, lines
from ix.extraction.page import Page
from ix.extraction.values import Amount, find_amounts, prefers_day_first

# a state and ZIP code, or the country; capitals and five digits stand on other paper too, hence the `$` as well
_US = re.compile(r"\b[A-Z]{2} \d{5}(?:-\d{4})?\b|\bUSA\b|\bUnited States\b")


@dataclass(frozen=True)
class Row:
    """One line: its position among all lines of the document, the index of its page, and its words."""

    at: int
    page: int
    line: Line

    @property
    def text(self) -> str:
        """The line's words, joined by one space."""
        return self.line.text

    @cached_property
    def cells(self) -> tuple[tuple[int, Span], ...]:
        """The line's cells with the offset at which each starts in the text."""
        starts, at = [], 0
        for cell in self.line.cells:
            starts.append(at)
            at += len(cell.text) + 1
        return tuple(zip(starts, self.line.cells, strict=True))

    @cached_property
    def amounts(self) -> tuple[Amount, ...]:
        """The amounts of each cell, with their offsets in the row's text: none runs from one cell into the next."""
        return tuple(
            found._replace(start=found.start + at, end=found.end + at)
            for at, cell in self.cells
            for found in find_amounts(cell.text)
        )

    @cached_property
    def has_money(self) -> bool:
        """Whether the row has an amount with decimals."""
        return any(amount.decimals for amount in self.amounts)

    def cell_at(self, offset: int) -> tuple[int, Span]:
        """The cell that holds this offset of the text, and where it starts."""
        return next((pair for pair in reversed(self.cells) if pair[0] <= offset), self.cells[0])


class Reading:
    """The rows of all pages, and what the document as a whole says: everything that finders look at."""

    def __init__(self, pages: Sequence[Page]) -> None:
        found = [(page, line) for page, content in enumerate(pages) for line in lines(content)]
        self.rows = [Row(at, page, line) for at, (page, line) in enumerate(found)]

    @cached_property
    def text(self) -> str:
        """All lines of all pages, one below the other."""
        return "\n".join(row.text for row in self.rows)

    @cached_property
    def day_first(self) -> bool:
        """How numeric dates are read: as the unambiguous ones on the pages are, else month first only with signs of the
        United States."""
        found = prefers_day_first(row.text for row in self.rows)
        return not ("$" in self.text and _US.search(self.text)) if found is None else found

    @cached_property
    def text_height(self) -> float:
        """Median height of a line, as a fraction of the page's."""
        return median(row.line.height for row in self.rows) if self.rows else 0.0

    @property
    def on_first_page(self) -> list[Row]:
        """The rows of the first page."""
        return [row for row in self.rows if row.page == 0]

    def on_page(self, row: Row) -> list[Row]:
        """The rows of the same page."""
        return [other for other in self.rows if other.page == row.page]

    def after(self, row: Row, count: int) -> list[Row]:
        """The next rows of the same page."""
        return [other for other in self.rows[row.at + 1 : row.at + 1 + count] if other.page == row.page]
