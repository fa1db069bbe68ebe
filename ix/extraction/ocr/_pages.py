"""Reading a page with PP-OCR's three models, as `ix.extraction.ocr.ppocr` draws it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import fmean
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ix.extraction.layout import around, clamped
from ix.extraction.ocr import DOUBTFUL, _weights, confidence, legibility
from ix.extraction.ocr._detection import Detection
from ix.extraction.ocr._ink import pieces
from ix.extraction.ocr._lines import Grey, Line, Sheet, cut, in_order
from ix.extraction.ocr._orientation import Orientation, is_sideways
from ix.extraction.ocr._recognition import Character, Recognition, sureness
from ix.extraction.ocr._weights import Floats, Model
from ix.extraction.page import Box, Word

if TYPE_CHECKING:
    from PIL.Image import Image

SURE_LINE = 0.5
"""Mean confidence below which a line is none, as rapidocr has it: stains, signatures, pictures."""
SURE_WAY = 0.8
"""How sure the classifier is of the lines of a page that is not read the other way up as well if it reads badly."""


class Pages:
    """Reads pages with so many threads, each model run by a `session`. Raises `OcrError` `ocr_missing` where there are
    none."""

    def __init__(self, threads: int, session: Callable[[bytes, int], Model]) -> None:
        # its threads would come on top of ours
        cv2.setNumThreads(1)
        models = _weights.folder()
        recogniser = _weights.recogniser(_weights.model(models, "rec"))
        self._detect = Detection(session(_weights.grey(_weights.model(models, "det")), threads))
        # lines are read side by side, each by one thread: quicker than one after the other, each by all
        self._recognise = Recognition(session(recogniser.model, 1), recogniser)
        self._orientation = Orientation(session(_weights.model(models, "cls"), 1))
        self._pool = ThreadPoolExecutor(threads)

    def upright(self, image: Image) -> list[Word]:
        """The words of an upright page."""
        return self._words(self._sheet(image))

    def any_way_up(self, image: Image) -> tuple[list[Word], int]:
        """The words of a page, and by how many degrees clockwise it was rotated to read them."""
        sheet = self._sheet(image)
        rotation = 90 if is_sideways(sheet.rectangles) else 0
        turned = sheet.turned(rotation)
        headed = self._orientation.head_first(_lines(turned))
        if headed > 0.5:
            turned, rotation = turned.turned(180), rotation + 180
        words = self._words(turned)
        if max(headed, 1 - headed) >= SURE_WAY or confidence(words) >= DOUBTFUL:
            return words, rotation
        others = self._words(turned.turned(180))
        better = legibility(others) > legibility(words)
        return (others, (rotation + 180) % 360) if better else (words, rotation)

    def _sheet(self, image: Image) -> Sheet:
        grey: Grey = np.asarray(image.convert("L"))
        return Sheet(grey, self._detect(grey))

    def _words(self, sheet: Sheet) -> list[Word]:
        height, width = sheet.grey.shape
        lines = _lines(sheet)
        read = self._pool.map(self._recognise, [line.picture for line in lines])
        return [
            word
            for line, characters in zip(lines, read)
            if sureness(characters) >= SURE_LINE
            for word in _words_of(line, characters, width, height)
        ]


def _lines(sheet: Sheet) -> list[Line]:
    return [line for one in in_order(sheet.rectangles) if (line := cut(sheet.grey, one)) is not None]


def _words_of(line: Line, characters: list[Character], width: int, height: int) -> Iterator[Word]:
    """The line's words, with boxes as fractions of a page of `width` by `height` pixels."""
    for word in pieces(line.picture, characters):
        x0, y0, x1, y1 = _boxed(word.box, line.picture.shape, line.corners)
        box = clamped((x0 / width, y0 / height, x1 / width, y1 / height))
        yield Word("".join(one.text for one in word.characters), box, fmean(one.confidence for one in word.characters))


def _boxed(box: Box, shape: tuple[int, ...], corners: Floats) -> Box:
    """The upright box on the page, pixels, around one in a line's picture of that shape."""
    top_left, top_right, _, bottom_left = corners
    across, down = (top_right - top_left) / shape[1], (bottom_left - top_left) / shape[0]
    points = [top_left + across * x + down * y for x in (box[0], box[2]) for y in (box[1], box[3])]
    return around((x, y, x, y) for x, y in (point.tolist() for point in points))
