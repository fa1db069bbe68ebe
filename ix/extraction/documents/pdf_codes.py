"""QR and bar codes on PDF pages whose text needs no OCR, so that nobody draws them anyway.

A page is drawn for its codes only where there is one: an image that decodes as a code by itself, which takes a fraction
of a millisecond, or shapes as only a code has them. What counts is then the drawing, which shows what a person sees."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import groupby
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image

from ix.extraction.documents import pdf_objects
from ix.extraction.documents.barcodes import SQUARE_FORMATS, codes_in
from ix.extraction.page import Code

DRAWN = 2600
"""Longest side of a drawing in which codes are looked for, pixels: a module of the densest QR bill (0.39 mm) is 3 wide
on A4."""
LEAST_SIDE, MOST_SIDE = 20, 2000
"""Sides of an image that may be a code, pixels: the smallest QR code has 21 modules."""
LARGE, MOST_BYTES = 600, 40_000
"""Side from which an image has to be small in the file to be decoded, and how small, bytes: codes pack well, and a logo
of as many pixels takes 40 ms."""
SQUARE = 1.3
"""Most by which the longer side of such an image exceeds the other; bar codes in a line say nothing that is paid."""
ENOUGH = 400
"""Longest side to which such an image is shrunk at most, pixels: the largest QR code of a bill has 117 modules."""
DARK, TWO_TONED, EITHER = 80, 0.75, 0.2
"""Grey values that count as dark, and as many as light; least share of both together, and of each."""
MOST_IMAGES = 8
"""Images of a page that are tried: a page of pictures has no payment slip among them."""
LEAST_MODULES = 100
"""Filled shapes in a row, or pieces of one, from which they may be a code: the smallest QR code has some 220 dark
modules, half of which join."""
MODULE, STRIP = 9.0, 80.0
"""Most points of the shorter and the longer side of such a shape: modules are often joined to strips."""
LEAST_CODE, MOST_CODE = 25.0, 300.0
"""Sides of a code on paper, points: about 1 and 10 cm."""


def codes(drawn: pdf_objects.Drawn, draw: Callable[[], Image.Image]) -> list[Code]:
    """The codes among what a page draws beside text and lines. `draw` draws the page."""
    if any(map(_is_coded, _likely(drawn.images))) or has_modules(drawn.shapes):
        return codes_in(draw())
    return []


def _likely(images: Sequence[Any]) -> Iterator[Any]:
    likely = (image for image in images if _may_be_code(image))
    yield from (image for image, _ in zip(likely, range(MOST_IMAGES)))


def _may_be_code(image: Any) -> bool:
    shorter, longer = sorted(pdf_objects.size(image))
    is_square = shorter >= LEAST_SIDE and longer <= min(MOST_SIDE, SQUARE * shorter)
    # nothing is decoded for its size in the file
    return is_square and (longer <= LARGE or pdfium_c.FPDFImageObj_GetImageDataRaw(image, None, 0) <= MOST_BYTES)


def _is_coded(image: Any) -> bool:
    """Whether there is a code in the image's own pixels, whichever way they are drawn."""
    if not (bitmap := pdfium_c.FPDFImageObj_GetBitmap(image)):
        return False
    # masks and palettes of one bit are of a kind that Pillow is not given
    with suppress(pdfium.PdfiumError, KeyError, ValueError):
        image = pdfium.PdfBitmap.from_raw(bitmap).to_pil().convert("L")
        small = image.reduce(max(max(image.size) // ENOUGH, 1))
        return is_two_toned(small) and bool(codes_in(_framed(small), SQUARE_FORMATS, inverted=True))
    return False


def is_two_toned(grey: Image.Image) -> bool:
    """Whether a picture is dark and light in equal parts, with little between, as a code is and hardly any logo."""
    tones = grey.histogram()
    dark, light, count = sum(tones[:DARK]), sum(tones[-DARK:]), grey.width * grey.height
    return dark + light >= TWO_TONED * count and dark >= EITHER * count and light >= EITHER * count


def _framed(grey: Image.Image) -> Image.Image:
    """The image with room around it, without which no code is found, and at least two pixels a module."""
    larger = 1 + (max(grey.size) < LEAST_SIDE * 10) * 2
    border = max(grey.size) * larger // 8
    frame = Image.new("L", (grey.width * larger + 2 * border, grey.height * larger + 2 * border), "white")
    frame.paste(grey.resize((grey.width * larger, grey.height * larger), Image.Resampling.NEAREST), (border, border))
    return frame


def has_modules(shapes: Sequence[Any]) -> bool:
    """Whether many small filled shapes follow one another, or one is made up of many and has a code's size."""
    runs = groupby(shapes, _is_module)
    return any(map(_is_of_modules, shapes)) or any(
        is_module and sum(1 for _ in run) >= LEAST_MODULES for is_module, run in runs
    )


def _is_module(thing: Any) -> bool:
    shorter, longer = sorted(_sides(thing))
    return shorter <= MODULE and longer <= STRIP


def _is_of_modules(path: Any) -> bool:
    # four pieces a module
    if pdfium_c.FPDFPath_CountSegments(path) < 4 * LEAST_MODULES:
        return False
    shorter, longer = sorted(_sides(path))
    return shorter >= LEAST_CODE and longer <= min(MOST_CODE, SQUARE * shorter)


def _sides(thing: Any) -> tuple[float, float]:
    left, bottom, right, top = pdf_objects.bounds(thing)
    return right - left, top - bottom
