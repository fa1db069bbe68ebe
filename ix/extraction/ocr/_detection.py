"""Finding the lines of a page: a model says of every pixel of the page, made small, how surely text is there, and
rectangles are laid around what is sure (differentiable binarisation, https://arxiv.org/abs/1911.08947)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import cv2
import numpy as np

from ix.extraction.ocr._lines import LEAST, Grey, arranged
from ix.extraction.ocr._weights import GREY_MIDDLE, Floats, Model

LONG, SHORT = 960, 320
"""Sides that the page is made small to, pixels: the long one, unless that makes the short one too small. It is never
enlarged: twice the pixels found no more lines on 120 receipts."""
BAND, SHARED = 1_280, 128
"""Longest side that is looked at in one piece, pixels, and what neighbours of several have in common: three lines of
print, so that what one cuts the other has whole."""
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
        scale = min(1.0, max(LONG / max(height, width), SHORT / min(height, width)))
        rows, columns = (max(round(side * scale / MULTIPLE), 1) * MULTIPLE for side in (height, width))
        way = cv2.INTER_AREA if scale < 0.75 else cv2.INTER_LINEAR
        found = self._probabilities(cv2.resize(grey, (columns, rows), interpolation=way))
        stretch = np.array((width / columns, height / rows), np.float32)
        return [arranged(rectangle * stretch) for rectangle in _rectangles(found)]

    def _probabilities(self, small: Any) -> Floats:
        """How surely there is text at each pixel, a strip looked at in bands: memory is one band's, whatever it has."""
        found = np.empty(small.shape, np.float32)
        along = int(small.shape[1] > small.shape[0])
        for start, end, first, last in bands(small.shape[along]):
            part = np.moveaxis(np.moveaxis(small, along, 0)[start:end], 0, along).astype(np.float32)
            seen = self._session(((part - GREY_MIDDLE) / GREY_MIDDLE)[None, None])[0][0, 0]
            np.moveaxis(found, along, 0)[first:last] = np.moveaxis(seen, along, 0)[first - start : last - start]
        return found


def bands(length: int) -> Iterator[tuple[int, int, int, int]]:
    """Start and end of each band, and of the part of it that counts, which is nearer to its middle than to those of its
    neighbours."""
    count = max(math.ceil((length - SHARED) / (BAND - SHARED)), 1)
    # all as long as each other, so that the runtime plans for one shape
    size = math.ceil((length + (count - 1) * SHARED) / count / MULTIPLE) * MULTIPLE
    starts = [round((length - size) * at / max(count - 1, 1)) for at in range(count)]
    borders = [0, *(((one + size) + other) // 2 for one, other in pairwise(starts)), length]
    for start, (first, last) in zip(starts, pairwise(borders)):
        yield start, start + size, first, last


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
