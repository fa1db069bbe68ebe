"""What is printed on the lines of a statement: days, and figures that stand in columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ix.extraction.kept import kept
from ix.extraction.layout import Span
from ix.extraction.models.rules.page.reading import Reading, Row
from ix.extraction.page import Box
from ix.extraction.values import find_amounts
from ix.extraction.values.yearless import Day, find_days

_MARK = re.compile(r"\s*(?P<mark>[-+−–]|CR|DR|Cr|Dr|[SHDC])(?![\w.,-])\.?")
"""What says behind an amount which side of the account it is on: S and H are a German bank's, D and C others'."""
_OUT = frozenset(("-", "−", "–", "DR", "Dr", "S", "D"))
_PURE = re.compile(
    r"[-+−–(]?\s?(?:[A-Z]{3}|[€$£¥]|kr|zł)?\s?[-+−–(]?[\d.,' ’:]+\)?\s?(?:[A-Z]{1,3}|[€$£¥]|kr|zł|[-+−–])?\s?[A-Z]{0,2}"
)
"""A cell with an amount and nothing else."""
_ISO = re.compile(r"(?<!\d)(?:19|20)\d\d-\d\d-\d\d(?!\d)")


@dataclass(frozen=True)
class Figure:
    """An amount at the end of a cell. `mark` is -1 where it is marked as paid out, 1 as paid in, 0 not at all; `pure`
    says that nothing else stands in its cell."""

    value: Decimal
    mark: int
    span: Span
    pure: bool

    @property
    def box(self) -> Box:
        """Where it stands, with its mark."""
        return self.span.box

    @property
    def signed(self) -> Decimal:
        """The amount, below zero where it is marked so."""
        return -abs(self.value) if self.mark < 0 else abs(self.value)


@dataclass(frozen=True)
class Printed:
    """A line with its days and figures."""

    row: Row
    days: Sequence[tuple[Day, Span]]
    figures: Sequence[Figure]

    @kept
    def first(self) -> float:
        """Its left edge."""
        return self.row.line.box[0]


def printed(reading: Reading) -> list[Printed]:
    """Every line of the pages."""
    # who writes 2024-03-05 writes 03-05 where the year goes without saying
    day_first = reading.day_first and not _ISO.search(reading.text)
    return [Printed(row, list(_days(row, day_first)), list(_figures(row))) for row in reading.rows]


def _days(row: Row, day_first: bool) -> Iterator[tuple[Day, Span]]:
    for day in find_days(row.text, day_first):
        yield day, row.line.part(day.start, day.end)


def _figures(row: Row) -> Iterator[Figure]:
    cells = row.cells
    for at, (offset, cell) in enumerate(cells):
        found = [amount for amount in find_amounts(cell.text) if amount.decimals]
        if not found:
            continue
        last = found[-1]
        rest = cell.text[last.end :]
        follows = _MARK.match(rest)
        # "(12.00)" and "12.00-" have their marks within
        behind = rest[follows.end() :] if follows else rest
        if re.search(r"[^\W_]{3}|\d", re.sub(r"\b[A-Z]{3}\b", "", behind)):
            continue
        mark, end, span = _side(cell.text, last.start, last.end, last.value, follows), len(cell.text), None
        # the mark may stand in a cell of its own
        if not mark and at + 1 < len(cells) and (beside := _MARK.fullmatch(cells[at + 1][1].text)):
            mark = -1 if beside["mark"] in _OUT else 1
            span = row.line.part(offset + last.start, cells[at + 1][0] + len(cells[at + 1][1].text))
        start = last.start - 1 if last.start and cell.text[last.start - 1] in "+" else last.start
        yield Figure(
            last.value, mark, span or row.line.part(offset + start, offset + end), bool(_PURE.fullmatch(cell.text))
        )


def _side(text: str, start: int, end: int, value: Decimal, follows: re.Match[str] | None) -> int:
    own = text[start:end]
    if re.search(r"[CcHh](?:R|r|ABEN|aben)\b|CR", own):
        return 1
    if follows:
        return -1 if follows["mark"] in _OUT else 1
    if value < 0:
        return -1
    return 1 if start and text[start - 1] == "+" else 0
