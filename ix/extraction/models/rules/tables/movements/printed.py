"""What is printed on the lines of a statement: days, and figures that stand in columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal

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
    """A line with its days and figures. `leads` are the days that begin a cell, as those of movements do."""

    row: Row
    days: Sequence[tuple[Day, Span]]
    figures: Sequence[Figure]
    leads: Sequence[tuple[Day, Span]] = ()


def printed(reading: Reading) -> list[Printed]:
    """Every line of the pages."""
    # who writes 2024-03-05 writes 03-05 where the year goes without saying
    day_first = reading.day_first and not _ISO.search(reading.text)
    return [_printed(row, day_first) for row in reading.rows]


def _printed(row: Row, day_first: bool) -> Printed:
    days, leads = [], []
    for _, cell in row.cells:
        until = 0
        for day in find_days(cell.text, day_first):
            found = (day, cell.part(day.start, day.end))
            days.append(found)
            # one day behind the other, and nothing before them
            if not cell.text[until : day.start].strip():
                leads.append(found)
                until = day.end
    taken = {index for _, span in days for index in span.indices}
    return Printed(row, days, list(_figures(row, taken)), leads)


def _figures(row: Row, days: Set[int]) -> Iterator[Figure]:
    """The figures of a line, but for those whose words are days."""
    cells = row.cells
    for at, (offset, cell) in enumerate(cells):
        found = [amount for amount in find_amounts(cell.text) if amount.decimals]
        found = [one for one in found if days.isdisjoint(cell.part(one.start, one.end).indices)]
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
