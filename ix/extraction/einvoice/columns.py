"""Where pages print the rows of an invoice: the line that each row stands on, and the columns of its numbers.

Rows teach each other. Where the numbers of one row stand under those of the others, the number there is what the page
says of that row, whatever the XML says:

    XML     2 x 40.00 = 80.00      page     2    40.00    80.00
            7 x 10.00 = 30.00               3    10.00    30.00     the quantity stands under a quantity, and is 3
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple

from ix.extraction.evidence.printed import amount_places, word_amounts
from ix.extraction.layout import Line, lines, overlap
from ix.extraction.models import Leaf, Tree
from ix.extraction.page import Box, Page
from ix.extraction.values import as_decimal

UNDER = 0.5
"""Share of the narrower one's width that two numbers of one column have in common."""
FLUSH = 0.004
"""How far apart two sides that are flush may be, as a fraction of the page's width: a third of a digit."""
LEAST = 2
"""Fewest values of a row on a line, its texts counted too, that make it the row's."""
MOST_LINES = 5_000
"""Most lines of pages that are looked at."""
TOLD = frozenset({"quantity", "unit_price", "line_total", "details.tax_rate", "rate", "base", "amount", "percent"})
"""The values of a row that a page's column tells; the others only explain what stands in one."""
_CORE = frozenset({"quantity", "unit_price", "line_total", "base", "amount"})
"""Values that a row stands on its line with."""
_BESIDE = frozenset({"details.tax_rate", "details.price_quantity", "details.id"})
"""Values that many lines share: they tell no row."""
_TELLING = frozenset(
    {"name", "details.description", *(f"details.{one}_item_id" for one in ("seller", "buyer", "standard"))}
)
"""Texts that tell a row by where they stand."""
ONE = Decimal(1)
"""How many units a price is for where nothing is said: nobody prints that."""


class Number(NamedTuple):
    """A number as it is printed: in every reading, without signs, and where its line has it."""

    readings: frozenset[Decimal]
    shown: Decimal
    box: Box


class Cell(NamedTuple):
    """What a page prints in a row's column, with its sign: the same number as the XML's, or another one."""

    same: bool
    shown: Decimal


@dataclass(frozen=True)
class PrintedLine:
    """One line of a page, by the page's place among the pages."""

    page: int
    line: Line

    @cached_property
    def numbers(self) -> tuple[Number, ...]:
        """Its numbers, those of several words before the words."""
        found: dict[tuple[int, ...], tuple[set[Decimal], Decimal, Box]] = {}
        for cell in self.line.cells or (self.line,):
            for value, start, end in chain(amount_places(cell.text), word_amounts(cell.text)):
                part = cell.part(start, end)
                found.setdefault(part.indices, (set(), value, part.box))[0].add(abs(value))
        longest = sorted(found.items(), key=lambda one: -len(one[0]))
        return tuple(Number(frozenset(values), shown, box) for _, (values, shown, box) in longest)

    @cached_property
    def readings(self) -> frozenset[Decimal]:
        """All that any number of it can be read as."""
        return frozenset(chain.from_iterable(number.readings for number in self.numbers))


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the XML: its numbers by their dotted names without signs, and the boxes of its texts with the place of
    their page."""

    at: int
    numbers: Mapping[str, Decimal]
    texts: Sequence[tuple[int, Box]]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a table that were found on pages: the line of each, by its number, and how many values stand on
    it."""

    name: str
    rows: Sequence[Row]
    lines: Mapping[int, PrintedLine]
    scores: Mapping[int, int]

    def cells(self) -> Iterator[tuple[str, Cell]]:
        """The path of each number whose column is known, and what the page prints there."""
        for row in self.rows:
            if (line := self.lines.get(row.at)) is None:
                continue
            for name, value in row.numbers.items():
                if name not in TOLD:
                    continue
                found = self._under(line, row.at, name)
                if same := next((one for one in found if value in one.readings), None):
                    yield f"{self.name}.{row.at}.{name}", Cell(True, -value if same.shown < 0 else value)
                elif other := next((one for one in found if self._contradicts(one, row, name)), None):
                    yield f"{self.name}.{row.at}.{name}", Cell(False, other.shown)

    def printed_in(self, path: str) -> frozenset[Decimal]:
        """The numbers, without signs, on the line of the row that a path leads into; none where it has no line."""
        _, at, *_ = path.split(".")
        line = self.lines.get(int(at)) if at.isdigit() else None
        return line.readings if line else frozenset()

    def support(self, number: Number, name: str, but: int | None = None, flush: bool = False) -> int:
        """How many rows, `but` one, have their value of this name in the column of the number, `flush` with it."""
        return sum(
            any(
                row.numbers[name] in one.readings and _is_under(one.box, number.box, flush)
                for one in self.lines[row.at].numbers
            )
            for row in self.rows
            if row.at != but and row.at in self.lines and name in row.numbers
        )

    def _under(self, line: PrintedLine, row: int, name: str) -> list[Number]:
        """The numbers of a line that stand where most other rows have this value."""
        # the row itself does not teach: what stands elsewhere on its line by chance would be its column
        counts = [(self.support(number, name, row), number) for number in line.numbers]
        most = max((count for count, _ in counts), default=0)
        return [number for count, number in counts if count == most] if most else []

    def _contradicts(self, number: Number, row: Row, name: str) -> bool:
        """Whether the number is no other value of the row, whose column this is as well; and, where the line has every
        value of the row, whether it is flush with the column: running text has none."""
        own = self.support(number, name, row.at)
        is_another = any(
            value in number.readings and self.support(number, other, row.at) >= own
            for other, value in row.numbers.items()
            if other != name
        )
        line = self.lines[row.at]
        needed = [
            value
            for other, value in row.numbers.items()
            if other in _CORE or (other in ("details.tax_rate", "details.id") and value in line.readings)
        ]
        if is_another or not _has_all(line.numbers, needed):
            return not is_another
        return self.support(number, name, row.at, flush=True) > 0


def _is_under(one: Box, other: Box, flush: bool) -> bool:
    if flush:
        edges = one[0] - other[0], one[2] - other[2], (one[0] + one[2] - other[0] - other[2]) / 2
        return min(map(abs, edges)) <= FLUSH
    return overlap(one, other) >= UNDER


def _has_all(numbers: Sequence[Number], values: Sequence[Decimal]) -> bool:
    """Whether each value has a number of its own."""
    owners: dict[int, int] = {}

    def place(at: int, seen: set[int]) -> bool:
        for which, number in enumerate(numbers):
            if which not in seen and values[at] in number.readings:
                seen.add(which)
                # whoever has it moves, if another number says the same
                if which not in owners or place(owners[which], seen):
                    owners[which] = at
                    return True
        return False

    return all(place(at, set()) for at in range(len(values)))


def printed_lines(pages: Sequence[Page]) -> list[PrintedLine]:
    """The lines of all pages, from the first page's top on."""
    found = (PrintedLine(at, line) for at, page in enumerate(pages) for line in lines(page))
    return [line for line, _ in zip(found, range(MOST_LINES))]


def tables(
    values: Mapping[str, Tree], evidence: Any, pages: Sequence[Page], printed: Sequence[PrintedLine]
) -> dict[str, Table]:
    """The tables of the XML by their names, with the `printed_lines` of the pages that their rows stand on. `evidence`
    is where the values were found."""
    places = {(page.document, page.number): at for at, page in enumerate(pages)}
    found = {}
    for name, tree in values.items():
        if isinstance(tree, list) and name != "other_values":
            rows = [_row(at, one, evidence[name][at], places) for at, one in enumerate(tree)]
            found[name] = _table(name, rows, printed)
    return found


def _table(name: str, rows: Sequence[Row], printed: Sequence[PrintedLine]) -> Table:
    """Each row on the line that has most of it; a line is one row's, and of equal ones the first is taken."""
    by_number: dict[Decimal, list[int]] = {}
    for at, line in enumerate(printed):
        for value in line.readings:
            by_number.setdefault(value, []).append(at)
    # the surest first: a row that is nowhere would take the line of one that is
    scored = sorted(
        (-score, row.at, at)
        for row in rows
        for at, columns in _matches(row, by_number).items()
        if (score := _score(row, columns, printed[at])) >= LEAST
    )
    taken: dict[int, int] = {}
    scores: dict[int, int] = {}
    for score, row, at in scored:
        if row not in scores and at not in taken:
            taken[at], scores[row] = row, -score
    return Table(name, rows, {row: printed[at] for at, row in taken.items()}, scores)


def _matches(row: Row, by_number: Mapping[Decimal, Sequence[int]]) -> dict[int, set[str]]:
    """The names of the row's numbers that each line has."""
    found: dict[int, set[str]] = {}
    for column, value in row.numbers.items():
        for at in by_number.get(value, ()):
            found.setdefault(at, set()).add(column)
    return found


def _score(row: Row, columns: set[str], line: PrintedLine) -> int:
    columns = columns - _BESIDE
    values = {row.numbers[column] for column in columns}
    # a value that stands there once is not two
    numbers = sum(bool(number.readings & values) for number in line.numbers)
    top, bottom = line.line.box[1], line.line.box[3]
    beside = any(page == line.page and box[1] < bottom and top < box[3] for page, box in row.texts)
    return min(len(columns), numbers) + beside


def _row(at: int, tree: Tree, evidence: Any, places: Mapping[tuple[int, int], int]) -> Row:
    numbers: dict[str, Decimal] = {}
    texts: list[tuple[int, Box]] = []
    for name, leaf, node in _leaves(tree, evidence, ""):
        # positions are numbered where they are printed, and that number is in no other column
        counted = name == "details.id" or not isinstance(leaf.value, str | bool)
        value = as_decimal(leaf.value) if counted else None
        # nobody prints a deduction of nothing, or that a price is for one; a rate of nothing is printed
        if value is not None and (value or name.endswith("rate")) and (name, value) != ("details.price_quantity", ONE):
            numbers[name] = abs(value)
        elif name in _TELLING and isinstance(leaf.value, str) and node and node["boxes"]:
            page = places.get((node["document"], node["page"]))
            texts += [(page, tuple(box)) for box in node["boxes"] if page is not None]
    return Row(at, numbers, texts)


def _leaves(tree: Tree, evidence: Any, at: str) -> Iterator[tuple[str, Leaf, Any]]:
    """The values of a row and of its parts; what is listed within a row stands elsewhere."""
    if isinstance(tree, Leaf):
        yield at, tree, evidence
    elif isinstance(tree, dict):
        for name, one in tree.items():
            yield from _leaves(one, (evidence or {}).get(name), f"{at}.{name}" if at else name)
