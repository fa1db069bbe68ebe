"""The table of what was done and what held."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WIDTHS = (34, 26, 62, 6)


@dataclass
class Row:
    """One fault. The test says what it did and what came of it; whether it passed is seen from outside."""

    fault: str = ""
    load: str = ""
    result: str = ""
    passed: bool = False

    def did(self, fault: str, load: str) -> None:
        """Names the fault and what it met."""
        self.fault, self.load = fault, load

    def found(self, *results: str) -> None:
        """Says what came of it, before anything is asserted."""
        self.result = "; ".join(results)

    @property
    def cells(self) -> Sequence[str]:
        return self.fault, self.load, self.result, "yes" if self.passed else "NO"


def table(rows: Iterable[Row]) -> str:
    """The rows under each other, in columns as wide as a terminal."""
    parts = [_line(("fault", "load", "result", "pass")), _line(["-" * width for width in WIDTHS])]
    return "\n".join(parts + [_line(row.cells) for row in rows if row.fault])


def _line(cells: Sequence[str]) -> str:
    columns = [textwrap.wrap(cell, width) or [""] for cell, width in zip(cells, WIDTHS, strict=True)]
    height = max(map(len, columns))
    padded = [[*column, *[""] * (height - len(column))] for column in columns]
    return "\n".join("  ".join(f"{c:{w}}" for c, w in zip(line, WIDTHS, strict=True)).rstrip() for line in zip(*padded, strict=True))
