"""Paper: sheets one after the other, and the blocks that documents are laid out in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from training.generator.sheet import A4, Align, Face, Sheet, width_of, wrapped

Pair = tuple[str, str]


class Column(NamedTuple):
    """A column of a table: its heading, the edge that its cells keep to, on which side, and how wide its texts may
    be."""

    heading: str
    x: float
    align: Align = "l"
    width: float = 200.0


@dataclass
class Paper:
    """The sheets of a document. `y` is where the next line goes; `begin` prints the head of each sheet but the
    first."""

    face: Face = "sans"
    size: float = 9.0
    width: float = A4[0]
    height: float = A4[1]
    margin: float = 50.0
    bottom: float = 80.0
    lead: float = 1.35
    begin: Callable[[Paper], None] | None = None
    end: Callable[[Paper], None] | None = None
    sheets: list[Sheet] = field(default_factory=list)
    y: float = 0.0

    def __post_init__(self) -> None:
        self.turn(first=True)

    @property
    def sheet(self) -> Sheet:
        """The one that is printed on."""
        return self.sheets[-1]

    @property
    def right(self) -> float:
        """The right edge of the print."""
        return self.width - self.margin

    @property
    def step(self) -> float:
        """From one line to the next."""
        return self.size * self.lead

    def turn(self, first: bool = False) -> None:
        """Begins a sheet."""
        if not first and self.end:
            self.end(self)
        self.sheets.append(Sheet(self.width, self.height, self.face))
        self.y = self.margin
        if not first and self.begin:
            self.begin(self)

    def room(self, lines: float) -> bool:
        """Whether so many lines fit on the sheet."""
        return self.y + lines * self.step <= self.height - self.bottom

    def line(self, x: float, text: str, size: float = 0.0, bold: bool = False, align: Align = "l") -> None:
        """Prints a line and goes to the next."""
        self.sheet.put(x, self.y, text, size or self.size, bold, align)
        self.y += (size or self.size) * self.lead

    def lines(self, x: float, texts: Sequence[str], size: float = 0.0, align: Align = "l") -> None:
        """Prints lines, one below the other."""
        for text in texts:
            self.line(x, text, size, align=align)

    def prose(self, text: str, x: float = 0.0, width: float = 0.0) -> None:
        """Prints a paragraph."""
        x = x or self.margin
        self.lines(x, wrapped(text, width or self.right - x, self.size, self.face))

    def pairs(self, x: float, values: float, pairs: Sequence[Pair], colon: str = "", align: Align = "l") -> None:
        """Names with their values beside them, one pair a line."""
        for name, value in pairs:
            self.sheet.put(x, self.y, f"{name}{colon}" if name else "", self.size)
            self.line(values, value, align=align)

    def inline(self, x: float, pairs: Sequence[Pair], colon: str = ":") -> None:
        """Names with their values right behind them."""
        for name, value in pairs:
            self.line(x, f"{name}{colon} {value}" if name else value)

    def strip(self, pairs: Sequence[Pair], x: float = 0.0, right: float = 0.0) -> None:
        """Names in one line, and their values in the line below."""
        x, right = x or self.margin, right or self.right
        step = (right - x) / max(len(pairs), 1)
        for at, (name, value) in enumerate(pairs):
            self.sheet.put(x + at * step, self.y, name, self.size - 1)
            self.sheet.put(x + at * step, self.y + self.step, value, self.size)
        self.y += 2.4 * self.step

    def heading(self, columns: Sequence[Column], bold: bool = True) -> None:
        """The headings of a table; one that is too wide for its column wraps."""
        most = 1
        for column in columns:
            lines = wrapped(column.heading, column.width, self.size, self.face)
            most = max(most, len(lines))
            for at, text in enumerate(lines):
                self.sheet.put(column.x, self.y + at * self.step, text, self.size, bold, column.align)
        self.y += most * self.step
        self.sheet.rule(self.margin, self.y, self.right)
        self.y += 0.4 * self.step

    def row(self, columns: Sequence[Column], cells: Sequence[str]) -> None:
        """A row of a table, its texts over as many lines as they need."""
        texts = [wrapped(cell, column.width, self.size, self.face) for column, cell in zip(columns, cells, strict=True)]
        for column, lines in zip(columns, texts, strict=True):
            for at, text in enumerate(lines):
                self.sheet.put(column.x, self.y + at * self.step, text, self.size, align=column.align)
        self.y += max(map(len, texts), default=1) * self.step


def columns(parts: Sequence[tuple[str, float, Align]], left: float, right: float) -> list[Column]:
    """Columns that take these shares of the width between two edges."""
    whole, x, found = sum(share for _, share, _ in parts), left, []
    for heading, share, align in parts:
        width = (right - left) * share / whole
        edge = {"l": x, "r": x + width - 4, "c": x + width / 2}[align]
        found.append(Column(heading, edge, align, width - 8))
        x += width
    return found


def widest(texts: Sequence[str], size: float, face: Face) -> float:
    """The width of the widest text."""
    return max((width_of(text, size, face) for text in texts), default=0.0)
