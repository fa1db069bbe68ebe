"""What is printed on the lines of a statement: days, and figures that stand in columns."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence, Set
from decimal import Decimal

from ix.extraction.layout import Span, joined
from ix.extraction.models.rules.page.reading import Reading, Row
from ix.extraction.page import Box
from ix.extraction.records import record
from ix.extraction.values import Amount, find_amounts
from ix.extraction.values.yearless import Day, find_days

_MARK = re.compile(r"\s*(?P<mark>[-+−–]|CR|DR|Cr|Dr|[SHDC])(?![\w.,-])\.?")
"""What says behind an amount which side of the account it is on: S and H are a German bank's, D and C others'."""
_OUT = frozenset(("-", "−", "–", "DR", "Dr", "S", "D"))
_UNIT = re.compile(r"[-+−–]|[A-Z]{1,3}|Cr|Dr|[€$£¥]|kr\.?|zł|\W+")
"""A word beside an amount that is its currency or its mark."""
_MISREAD = re.compile(
    r"(?<![\w.,/-])(?=\d|[OolIS]\d)[\dOolISB]{1,2}([./-])[\dOolISB]{1,2}"
    r"(?:\1(?:[\dOolISB]{4}|[\dOolISB]{2})?)?(?![\w/-])"
)
"""A day in which OCR may have taken digits for letters: 23/O5, 1O.l2.2022."""
_DIGITS = str.maketrans("OolISB", "001158")
_ISO = re.compile(r"(?<!\d)(?:19|20)\d\d-\d\d-\d\d(?!\d)")


@record
class Figure:
    """An amount with decimals. `mark` is -1 where it is marked as paid out, 1 as paid in, 0 not at all; `pure` says
    that nothing but figures and days stands before it in its cell."""

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


@record
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
    told = reading.notation.told
    languages = told.in_play if told.languages else ()
    return [_printed(row, day_first, languages) for row in reading.rows]


def _printed(row: Row, day_first: bool, languages: Collection[str]) -> Printed:
    days = [
        (day, cell, cell.part(day.start, day.end))
        for _, cell in row.cells
        for day in find_days(_MISREAD.sub(_as_digits, cell.text), day_first, languages)
    ]
    taken = {index for _, _, span in days for index in span.indices}
    figures = list(_figures(row, taken))
    used = taken.union(*(figure.span.indices for figure in figures))
    leads = [(day, span) for day, cell, span in days if _leads(cell, span, used)]
    return Printed(row, [(day, span) for day, _, span in days], figures, leads)


def _as_digits(match: re.Match[str]) -> str:
    return match[0].translate(_DIGITS)


def _leads(cell: Span, span: Span, used: Set[int]) -> bool:
    """Whether nothing stands before a day in its cell but other days, figures, and their currencies."""
    before = zip(cell.words, cell.indices, strict=True)
    return all(index in used or _UNIT.fullmatch(word.text) for word, index in before if index < span.indices[0])


def _figures(row: Row, days: Set[int]) -> Iterator[Figure]:
    """The figures of a line, but for those whose words are days."""
    cells = row.cells
    for at, (offset, cell) in enumerate(cells):
        # whole numbers are of accounts, cheques and references
        found = [amount for amount in find_amounts(cell.text) if amount.decimals]
        found = [one for one in found if days.isdisjoint(cell.part(one.start, one.end).indices)]
        leading = _leading(cell, found, days) if found else 0
        following = cells[at + 1][1] if at + 1 < len(cells) else None
        for place, one in enumerate(found):
            # a mark in the next cell belongs to the figure beside it
            yield _figure(row, offset, cell, one, place < leading, following if one is found[-1] else None)


def _leading(cell: Span, found: Sequence[Amount], days: Set[int]) -> int:
    """How many of a cell's figures have nothing before them but figures, their marks and currencies, and days."""
    own = [set(cell.part(one.start, one.end).indices) for one in found]
    taken = set(days).union(*own)
    for word, index in zip(cell.words, cell.indices, strict=True):
        if index not in taken and not _UNIT.fullmatch(word.text):
            return sum(max(indices) < index for indices in own)
    return len(found)


def _figure(row: Row, offset: int, cell: Span, one: Amount, pure: bool, following: Span | None) -> Figure:
    follows = _MARK.match(cell.text, one.end)
    mark, span = _side(cell.text, one, follows), None
    # "(12.00)" and "12.00-" have their marks within; others stand in a cell of their own
    if not mark and following and one.end == len(cell.text) and (beside := _MARK.fullmatch(following.text)):
        mark = -1 if beside["mark"] in _OUT else 1
        span = joined([cell.part(one.start, one.end), following])
    # a plus is no part of the amount that was found, but evidence is to show it
    start = one.start - (one.start > 0 and cell.text[one.start - 1] == "+")
    end = follows.end() if follows else one.end
    return Figure(one.value, mark, span or row.line.part(offset + start, offset + end), pure)


def _side(text: str, one: Amount, follows: re.Match[str] | None) -> int:
    own = text[one.start : one.end]
    if re.search(r"[CcHh](?:R|r|ABEN|aben)\b|CR", own):
        return 1
    if follows:
        return -1 if follows["mark"] in _OUT else 1
    if one.value < 0:
        return -1
    return 1 if one.start and text[one.start - 1] == "+" else 0
