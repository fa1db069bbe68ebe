"""Finding the lines of a page: a model says of every pixel of the page, made small, how surely text is there, and
rectangles are laid around what is sure (differentiable binarisation, https://arxiv.org/abs/1911.08947)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np

from ix.extraction.ocr._lines import LEAST, Grey, arranged
from ix.extraction.ocr._weights import GREY_MIDDLE, Floats, Model

LONG, SHORT, LONGEST = 960, 320, 2_000
"""Sides that the page is made small to, pixels: the long one, unless that makes the short one too small, and then no
longer than the last. It is never enlarged: twice the pixels found no more lines on 120 receipts."""
MULTIPLE = 32
"""The model's strides: sides are multiples of it."""
TEXT, SURE = 0.3, 0.5
"""Probability of a pixel of text, and the mean in a rectangle that is a line; both as rapidocr has them."""
GROWTH = 1.6
"""Area over circumference of a rectangle, times this, is what it is grown by: the model marks lines shrunk."""
MOST = 3_000
"""Lines looked at; a page of a telephone book has 2,000."""


class Detection:
    """Finds the lines of pages."""

    def __init__(self, session: Model) -> None:
        self._session = session

    def __call__(self, grey: Grey) -> list[Floats]:
        """The rectangles of a page's lines, in no order."""
        height, width = grey.shape
        scale = min(1.0, max(LONG / max(height, width), SHORT / min(height, width)), LONGEST / max(height, width))
        rows, columns = (max(round(side * scale / MULTIPLE), 1) * MULTIPLE for side in (height, width))
        way = cv2.INTER_AREA if scale < 0.75 else cv2.INTER_LINEAR
        small = np.asarray(cv2.resize(grey, (columns, rows), interpolation=way), np.float32)
        found = self._session(((small - GREY_MIDDLE) / GREY_MIDDLE)[None, None])[0][0, 0]
        stretch = np.array((width / columns, height / rows), np.float32)
        return [arranged(rectangle * stretch) for rectangle in _rectangles(found)]


def _rectangles(found: Floats) -> Iterator[Any]:
    """The rectangles around what is text by a map of probabilities, in its pixels."""
    mask = cv2.dilate((found > TEXT).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    for contour in contours[:MOST]:
        (x, y), (width, height), angle = cv2.minAreaRect(contour)
        if min(width, height) >= LEAST and _probability(found, cv2.boxPoints(((x, y), (width, height), angle))) >= SURE:
            by = width * height * GROWTH / (width + height)
            yield cv2.boxPoints(((x, y), (width + by, height + by), angle))


def _probability(found: Floats, corners: Any) -> float:
    """The mean probability within a rectangle."""
    left, top = np.floor(corners.min(0)).astype(int).clip(0)
    right, bottom = np.ceil(corners.max(0)).astype(int) + 1
    part = found[top:bottom, left:right]
    if not part.size:
        return 0.0
    inside = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(inside, [(corners - (left, top)).astype(np.int32)], (1,))
    return float(cv2.mean(part, inside)[0])
