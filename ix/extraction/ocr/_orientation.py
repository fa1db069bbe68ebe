"""Which way up a page lies, told from its lines before any is read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ix.extraction.ocr._lines import HEIGHT, Line, sides
from ix.extraction.ocr._weights import GREY_MIDDLE, Floats, Model

WIDTH = 192
"""Width of what the classifier looks at, pixels: the beginning of a line."""
VOTERS = 12
"""Lines that it is asked about, the widest: of single ones it takes some for the other way up."""
LONG = 2.0
"""How much longer one side of a line is than the other where the line tells how the page lies."""


def is_sideways(rectangles: Sequence[Floats]) -> bool:
    """Whether most lines that are clearly longer than high run up or down."""
    sizes = [sides(rectangle) for rectangle in rectangles]
    telling = [(width, height) for width, height in sizes if max(width, height) > LONG * min(width, height)]
    return sum(height > width for width, height in telling) * 2 > len(telling)


class Orientation:
    """Tells lines that stand on their heads."""

    def __init__(self, session: Model) -> None:
        self._session = session

    def head_first(self, lines: Sequence[Line]) -> float:
        """How sure it is that most of the lines stand on their heads, 0..1; 0.5 where there are none."""
        widest = sorted(lines, key=lambda line: -line.picture.shape[1])[:VOTERS]
        if not widest:
            return 0.5
        # the wheel's classifier is small and takes three channels
        batch = np.zeros((len(widest), 3, HEIGHT, WIDTH), np.float32)
        for row, line in zip(batch, widest):
            part = line.picture[:, :WIDTH]
            row[:, :, : part.shape[1]] = (part.astype(np.float32) - GREY_MIDDLE) / GREY_MIDDLE
        return float(self._session(batch)[0][:, 1].mean())
