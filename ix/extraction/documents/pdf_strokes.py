"""Points and minus signs of numbers that are drawn as shapes, so that the text layer says 1234 where 12.34 is seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from ix.extraction.documents.pdf_words import Entry
from ix.extraction.page import Box

DOT = 0.25
"""Sides of a point, of its line's height, at most."""
LOW = 0.18, 0.45
"""How high above the bottom of its line the middle of a point is, of the line's height; underlines are lower."""
DASH = 0.15, 0.7
"""How long a minus sign is, of its line's height; it is half as high as long at most."""
MIDDLE = 0.35, 0.65
"""How high above the bottom of its line a minus sign is."""
BEFORE, AFTER = 0.6, 0.25
"""How far before a number its sign may be, and how far after its digits a point, of the line's height."""
DOTTED = 3
"""Points in one number from which they are a dotted line."""
MOST = 2_000
"""Shapes of a page beyond which none is looked at: it is a drawing."""
ROWS = 100
"""Strips of a page in which numbers are looked for."""


def complete_numbers(shapes: Sequence[Box], words: Iterable[Entry], ratio: float) -> bool:
    """Whether one of the shapes of a page stands where the point or the sign of a visible number would. `ratio` is the
    page's width to its height; boxes are fractions of the page as given."""
    small = [box for box in shapes[:MOST] if box[3] - box[1] < 1 / ROWS and box[2] - box[0] < 2 / ROWS / ratio]
    if not small or len(shapes) > MOST:
        return False
    rows: defaultdict[int, list[Entry]] = defaultdict(list)
    for word in words:
        if word.glyphs and not word.hidden and not round(word.angle / 90) % 4:
            rows[int(word.box[3] * ROWS)].append(word)
    points: defaultdict[int, int] = defaultdict(int)
    for box in small:
        row = int((box[1] + box[3]) / 2 * ROWS)
        # a line of print is up to five strips high
        for number in (each for near in range(row - 1, row + 6) for each in rows.get(near, ())):
            if is_sign(box, number.box, ratio):
                return True
            points[id(number)] += is_point(box, number.box, ratio) and not is_said((box[0] + box[2]) / 2, number)
    return any(0 < count < DOTTED for count in points.values())


def is_point(box: Box, number: Box, ratio: float) -> bool:
    """Whether a shape stands where a point of a number would."""
    across, wide, high, above = placed(box, number, ratio)
    reach = (number[2] - number[0]) * ratio / (number[3] - number[1])
    return max(wide, high) <= DOT and LOW[0] <= above <= LOW[1] and 0 <= across <= reach + AFTER


def is_said(middle: float, number: Entry) -> bool:
    """Whether the text has a character of its own there."""
    return any(glyph[0] <= middle <= glyph[2] for glyph in number.glyphs)


def is_sign(box: Box, number: Box, ratio: float) -> bool:
    """Whether a shape stands where the sign of a number would."""
    across, wide, high, above = placed(box, number, ratio)
    return DASH[0] <= wide <= DASH[1] and high <= wide / 2 and MIDDLE[0] <= above <= MIDDLE[1] and -BEFORE <= across < 0


def placed(box: Box, number: Box, ratio: float) -> tuple[float, float, float, float]:
    """How far to the right of a number's beginning the middle of a shape is, how wide and high it is, and how far above
    the number's bottom, all in heights of its line."""
    (x0, y0, x1, y1), tall = box, max(number[3] - number[1], 1e-9)
    across = ((x0 + x1) / 2 - number[0]) * ratio / tall
    return across, (x1 - x0) * ratio / tall, (y1 - y0) / tall, (number[3] - (y0 + y1) / 2) / tall
