"""Arithmetic on boxes: joining words into lines, and how a value stands to its label."""

from __future__ import annotations

from collections.abc import Sequence

from ix.extraction.layout import around, clamped
from ix.extraction.page import Box, Quad, Word
from ix.extraction.straight import drawn

FAR = 1.0
"""The greatest distance: as good as unrelated."""
BESIDE, BELOW = 0.05, 0.2
"""Where a distance begins right of a label and below it: beside is the more usual, unless the gap is a third of the
page."""


def same_line(a: Box, b: Box) -> bool:
    """Whether two boxes overlap vertically by at least half of the lower one's height."""
    overlap = min(a[3], b[3]) - max(a[1], b[1])
    return overlap >= 0.5 * min(a[3] - a[1], b[3] - b[1])


def line_boxes(words: Sequence[Word], quad: Quad | None = None) -> list[list[float]]:
    """One box for each line of the words, which are in reading order; fractions within the page, rounded to four
    decimals. Lines of a page that was made straight, hence the `quad`, are told there; their boxes are around where
    they lie on the page as it is drawn."""
    lines: list[list[Box]] = []
    for word in words:
        if lines and same_line(lines[-1][-1], word.box) and word.box[0] >= lines[-1][-1][0]:
            lines[-1].append(word.box)
        else:
            lines.append([word.box])
    return [[round(edge, 4) for edge in clamped(drawn(around(line), quad))] for line in lines]


def label_distance(label: Box, value: Box) -> float:
    """How far a value stands from its label, 0 (in it) to `FAR`: right of it on its line is near, below it less so,
    elsewhere is far."""
    if _inside(label, value):
        return 0.0
    if same_line(label, value):
        # boxes of neighbours may overlap by a little; left of its label a value hardly ever stands
        gap = value[0] - label[2]
        return BESIDE + 0.5 * gap if gap > -0.02 else FAR
    below, height = value[1] - label[3], label[3] - label[1]
    beside = max(value[0] - label[2], label[0] - value[2], 0.0)
    # a value under its label starts within six lines and hardly beside it: a tenth of the page is one column
    if below < -0.5 * height or below > 6 * height or beside > 0.1:
        return FAR
    # a page is read in lines, so a step down weighs eight times a step to the right
    return min(FAR, BELOW + 4 * max(below, 0.0) + 2 * beside)


def row_distance(anchor: Box, value: Box) -> float:
    """How far apart two members of a table row are vertically, 0 to `FAR`."""
    if same_line(anchor, value):
        return 0.0
    return min(FAR, 0.1 + 4 * abs((anchor[1] + anchor[3]) - (value[1] + value[3])) / 2)


def _inside(inner: Box, outer: Box) -> bool:
    return all((inner[0] >= outer[0], inner[1] >= outer[1], inner[2] <= outer[2], inner[3] <= outer[3]))
