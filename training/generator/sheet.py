"""Sheets of paper: runs of print with places, in points from the top left."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Face = Literal["sans", "serif", "mono", "narrow"]
Align = Literal["l", "r", "c"]
A4 = (595.0, 842.0)
_FACTOR = {"sans": 1.0, "serif": 0.92, "narrow": 0.82}
"""Widths of a face, as multiples of those of a sans serif."""
_MONO = 0.6
_GROUPS = (
    ("iljI.,:;|!'’`", 0.27),
    ('ftr()[]/-–"°º*', 0.34),
    (" ", 0.28),
    ("mwMW@%—", 0.86),
    ("ABCDEFGHJKLNOPQRSTUVXYZÄÖÜÉÀÅØŁŚŻ&€+<>=", 0.68),
)
_WIDTHS = {char: width for chars, width in _GROUPS for char in chars}
_USUAL = 0.545
"""Of digits and small letters, in ems (those of Helvetica, rounded)."""


@dataclass(frozen=True, slots=True)
class Run:
    """Print of one size on one line: its left edge, the top of its letters, and its width."""

    text: str
    x: float
    y: float
    size: float
    width: float
    bold: bool = False
    face: Face = "sans"


@dataclass(slots=True)
class Sheet:
    """A sheet and what is printed on it. `rules` are lines (x0, y0, x1, y1)."""

    width: float = A4[0]
    height: float = A4[1]
    face: Face = "sans"
    runs: list[Run] = field(default_factory=list)
    rules: list[tuple[float, float, float, float]] = field(default_factory=list)

    def put(self, x: float, y: float, text: str, size: float = 9.0, bold: bool = False, align: Align = "l") -> float:
        """Prints a text that begins, ends or has its middle at x; gives its width."""
        text = " ".join(text.split())
        width = width_of(text, size, self.face) * (1.06 if bold and self.face != "mono" else 1.0)
        left = x - {"l": 0.0, "r": width, "c": width / 2}[align]
        if text:
            self.runs.append(Run(text, left, y, size, width, bold, self.face))
        return width

    def rule(self, x0: float, y: float, x1: float) -> None:
        """Draws a level line."""
        self.rules.append((x0, y, x1, y))


def width_of(text: str, size: float, face: Face = "sans") -> float:
    """How wide a text is, in points."""
    if face == "mono":
        return _MONO * size * len(text)
    return size * _FACTOR[face] * sum(_WIDTHS.get(char, _USUAL) for char in text)


def wrapped(text: str, width: float, size: float, face: Face = "sans") -> list[str]:
    """The lines of a text that is set so wide; a word that is wider has a line of its own."""
    lines: list[str] = []
    for word in text.split():
        if lines and width_of(f"{lines[-1]} {word}", size, face) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
