"""Lines of text on a page, as rectangles that may be slanted: their order, and their pictures.

A rectangle is an array of four corners (x, y) in pixels, clockwise from the line's top left."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from ix.extraction.ocr._weights import Floats

Grey: TypeAlias = npt.NDArray[np.uint8]
"""Rows of 8-bit grey samples."""
HEIGHT = 48
"""Height of a line as the recogniser takes it, pixels."""
WIDEST = 4_000
"""Width beyond which a line is squeezed, pixels at that height: some 200 characters, or a rule taken for a line."""
LEAST = 3.0
"""Least side of a line, pixels."""
UPRIGHT = 1.5
"""How much taller than wide a line is that runs upwards: a single character is no wider than tall."""


class Line(NamedTuple):
    """A line's picture, `HEIGHT` pixels high, and its corners on the page."""

    picture: Grey
    corners: Floats


class Sheet(NamedTuple):
    """A page's picture and the rectangles of its lines."""

    grey: Grey
    rectangles: list[Floats]

    def turned(self, degrees: int) -> Sheet:
        """The sheet rotated clockwise by a multiple of 90 degrees."""
        sheet = self
        for _ in range(degrees // 90 % 4):
            height = sheet.grey.shape[0]
            lines = [arranged(np.stack([height - line[:, 1], line[:, 0]], 1)) for line in sheet.rectangles]
            sheet = Sheet(np.rot90(sheet.grey, -1), lines)
        return Sheet(np.ascontiguousarray(sheet.grey), sheet.rectangles)


def arranged(corners: Any) -> Floats:
    """Corners in any order, clockwise from the top left."""
    by_x = corners[np.argsort(corners[:, 0])]
    (top_left, bottom_left), (top_right, bottom_right) = (side[np.argsort(side[:, 1])] for side in (by_x[:2], by_x[2:]))
    return np.array([top_left, top_right, bottom_right, bottom_left], np.float32)


def sides(rectangle: Floats) -> tuple[float, float]:
    """Width and height of a rectangle, along its own edges, pixels."""
    top_left, top_right, bottom_right, bottom_left = rectangle
    width = max(np.linalg.norm(top_right - top_left), np.linalg.norm(bottom_right - bottom_left))
    height = max(np.linalg.norm(bottom_left - top_left), np.linalg.norm(bottom_right - top_right))
    return float(width), float(height)


def in_order(rectangles: Iterable[Floats], straight: Callable[[Floats], Any] = lambda corners: corners) -> list[Floats]:
    """From top to bottom, and from left to right where they share a row, as they stand once they are made straight."""
    rows: list[list[tuple[Any, Floats]]] = []
    for one in sorted(((straight(rectangle), rectangle) for rectangle in rectangles), key=lambda one: _middle(one[0])):
        if rows and _middle(one[0]) - _middle(rows[-1][-1][0]) < sides(rows[-1][-1][0])[1] / 3:
            rows[-1].append(one)
        else:
            rows.append([one])
    return [rectangle for row in rows for _, rectangle in sorted(row, key=lambda one: float(one[0][0][0]))]


def _middle(rectangle: Floats) -> float:
    return float(rectangle[:, 1].mean())


def cut(grey: Grey, rectangle: Floats) -> Line | None:
    """A line's picture, made upright and `HEIGHT` pixels high; None where nothing is left of it on the page."""
    corners = np.clip(rectangle, 0, (grey.shape[1] - 1, grey.shape[0] - 1)).astype(np.float32)
    width, height = sides(corners)
    if min(width, height) < LEAST:
        return None
    if height >= UPRIGHT * width:
        corners, width, height = np.roll(corners, -1, axis=0), height, width
    across = min(max(round(HEIGHT * width / height), 8), WIDEST)
    # in one resampling, but for large print, which is averaged down from twice the size
    scale = 2 if height > 2 * HEIGHT else 1
    return Line(_resized(_straightened(grey, corners, (scale * across, scale * HEIGHT)), across), corners)


def _straightened(grey: Grey, corners: Floats, size: Sequence[int]) -> Grey:
    top_left, top_right, _, bottom_left = corners
    target = np.array([(0, 0), (size[0], 0), (0, size[1])], np.float32)
    matrix = cv2.getAffineTransform(np.array([top_left, top_right, bottom_left], np.float32), target)
    flags, border = cv2.INTER_LINEAR, cv2.BORDER_REPLICATE
    straight: Any = cv2.warpAffine(grey, matrix, size, flags=flags, borderMode=border)
    return np.asarray(straight, np.uint8)


def _resized(picture: Grey, width: int) -> Grey:
    if picture.shape == (HEIGHT, width):
        return picture
    return np.asarray(cv2.resize(picture, (width, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)
