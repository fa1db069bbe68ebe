"""Reading a page with PP-OCR's three models, as `ix.extraction.ocr.ppocr` draws it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import fmean
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from ix.extraction.layout import around, clamped
from ix.extraction.ocr import DOUBTFUL, Reading, _weights, confidence, legibility
from ix.extraction.ocr._detection import Detection
from ix.extraction.ocr._ink import pieces
from ix.extraction.ocr._lines import Grey, Line, Sheet, cut, in_order
from ix.extraction.ocr._orientation import Orientation, is_sideways
from ix.extraction.ocr._recognition import Character, Recognition, sureness, unknown
from ix.extraction.ocr._straight import Straightening, straightening
from ix.extraction.ocr._weights import Floats, Model
from ix.extraction.page import Box, Word

if TYPE_CHECKING:
    from PIL.Image import Image

SURE_LINE = 0.5
"""Mean confidence below which a line is none, as rapidocr has it: stains, signatures, pictures."""
STRANGE, LEAST_PRINT = 0.1, 500
"""Share of all lines' width from which print that is no known letter is of a script that the models do not know, and
the width, pixels of lines `HEIGHT` high, from which that can be told: some 20 letters. Of 120 receipts
one has 0.07 and the others less; scripts that are not known have 0.45 and more, but Hebrew, half of whose letters are
taken for others: 0.14."""
UNKNOWN_SCRIPT = (
    "script_unknown: {:.0%} of its print is in letters that ppocr does not know: it reads Latin, Greek, Chinese"
)
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
        sheet = self._sheet(image)
        return _words(self._recognised(sheet, None), sheet.grey.shape, None)

    def any_way_up(self, image: Image) -> Reading:
        """The words of a page, by how many degrees clockwise it was rotated to read them, and how askew it lies."""
        sheet = self._sheet(image)
        rotation = 90 if is_sideways(sheet.rectangles) else 0
        turned = sheet.turned(rotation)
        headed = self._orientation.head_first(_lines(turned))
        if headed > 0.5:
            turned, rotation = turned.turned(180), rotation + 180
        reading = self._read(turned, rotation)
        if max(headed, 1 - headed) >= SURE_WAY or confidence(reading.words) >= DOUBTFUL:
            return reading
        other = self._read(turned.turned(180), (rotation + 180) % 360)
        return max(reading, other, key=lambda one: legibility(one.words))

    def _sheet(self, image: Image) -> Sheet:
        grey: Grey = np.asarray(image.convert("L"))
        return Sheet(grey, self._detect(grey))

    def _read(self, sheet: Sheet, rotation: int) -> Reading:
        straight = straightening(sheet.rectangles, sheet.grey.shape)
        lines = self._recognised(sheet, straight)
        words = _words(lines, sheet.grey.shape, straight)
        return Reading(words, rotation, straight and straight.quad, tuple(_remarks(lines)))

    def _recognised(self, sheet: Sheet, straight: Straightening | None) -> list[tuple[Line, list[Character]]]:
        lines = _lines(sheet, straight)
        return list(zip(lines, self._pool.map(self._recognise, [line.picture for line in lines])))


def _words(
    lines: Iterable[tuple[Line, list[Character]]], shape: tuple[int, ...], straight: Straightening | None
) -> list[Word]:
    return [
        word
        for line, characters in lines
        if sureness(characters) >= SURE_LINE
        for word in _words_of(line, characters, shape, straight)
    ]


def _remarks(lines: Sequence[tuple[Line, list[Character]]]) -> Iterator[str]:
    """What there is to say of how well a page's lines could be read."""
    width = sum(line.picture.shape[1] for line, _ in lines)
    strange = sum(unknown(line.picture, characters) for line, characters in lines)
    if width >= LEAST_PRINT and strange >= STRANGE * width:
        yield UNKNOWN_SCRIPT.format(strange / width)


def _lines(sheet: Sheet, straight: Straightening | None = None) -> list[Line]:
    ordered = in_order(sheet.rectangles, straight.place) if straight else in_order(sheet.rectangles)
    return [line for one in ordered if (line := cut(sheet.grey, one)) is not None]


def _words_of(
    line: Line, characters: list[Character], shape: tuple[int, ...], straight: Straightening | None
) -> Iterator[Word]:
    """The line's words, with boxes as fractions of a page whose picture has this shape, or of the straight one."""
    for word in pieces(line.picture, characters):
        points = _points(word.box, line.picture.shape, line.corners)
        fractions = straight.place(points) if straight else points / (shape[1], shape[0])
        box = clamped(around((x, y, x, y) for x, y in fractions.tolist()))
        yield Word("".join(one.text for one in word.characters), box, fmean(one.confidence for one in word.characters))


def _points(box: Box, shape: tuple[int, ...], corners: Floats) -> Any:
    """Where the corners of a box in a line's picture of that shape are on the page, pixels."""
    top_left, top_right, _, bottom_left = corners
    across, down = (top_right - top_left) / shape[1], (bottom_left - top_left) / shape[0]
    return np.stack([top_left + across * x + down * y for x in (box[0], box[2]) for y in (box[1], box[3])])
