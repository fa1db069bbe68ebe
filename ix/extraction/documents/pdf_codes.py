"""QR and bar codes on PDF pages whose text needs no OCR, so that nobody draws them anyway.

A part of a page is drawn for its codes only where there is an image that decodes as a code by itself, which takes a
fraction of a millisecond, or where there are shapes as only a code has them. What counts is then the drawing, which
shows what a person sees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import count, groupby, islice

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image

from ix.extraction.documents import pdf_calls, pdf_objects, pdf_words
from ix.extraction.documents.barcodes import SQUARE_FORMATS, codes_in
from ix.extraction.page import Box, Code

DPI, MOST_PIXELS = 200, 2_000_000
"""Resolution in which the place of a code is drawn, and its most pixels, each a byte: a module of the densest QR bill
(0.39 mm) is 3 wide then, and 2 where a group as large as A4 has to be drawn."""
ROOM = 0.02
"""Share of the page that is drawn around the place of a code."""
MOST_REGIONS = 4
"""Places of a page that are drawn."""
MOST = 10_000
"""Objects of a group that are looked at; the densest QR code of a bill has 14,000 modules, half of them dark."""
LEAST_SIDE, MOST_SIDE = 20, 1100
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


def codes(page: pdfium.PdfPage, surfaces: Sequence[int]) -> list[Code]:
    """The codes that the page shows, boxes as fractions of it; `surfaces` is what it draws beside text and lines."""
    found: dict[str, Code] = {}
    for region in islice(_regions(surfaces), MOST_REGIONS):
        box = _clamped(pdf_words.fractions_of(page)(region))
        if min(box[2] - box[0], box[3] - box[1]) > 0:
            # the first of several drawings of one code
            found = {code.text: _within(box, code) for code in codes_in(_part(page, box))} | found
    return list(found.values())


def _regions(surfaces: Sequence[int]) -> Iterator[Box]:
    """Where something that may be a code is drawn, in points of the page's own space."""
    tried = count()
    for thing in surfaces:
        kind = pdf_calls.kind_of(thing)
        # of what is in a group the place is known in the group's own space alone
        inside = _members(thing) if kind == pdf_objects.GROUP else [thing]
        has_modules = any(map(_is_of_modules, inside)) or (kind == pdf_objects.GROUP and any(_runs(inside)))
        if has_modules or (kind != pdf_objects.PATH and _holds_code(inside, tried)):
            yield pdf_calls.bounds(thing)
    yield from _runs(surfaces)


def _holds_code(things: Sequence[int], tried: Iterator[int]) -> bool:
    """Whether one of these is an image of a code; those `tried` of the page are counted."""
    images = (one for one in filter(_is_image, things) if _may_be_code(one) and next(tried) < MOST_IMAGES)
    return any(map(_is_coded, images))


def _runs(things: Sequence[int]) -> Iterator[Box]:
    """Where many small filled shapes follow one another."""
    for is_module, run in groupby(things, _is_module):
        if is_module and len(boxes := [pdf_calls.bounds(one) for one in run]) >= LEAST_MODULES:
            left, bottom, right, top = zip(*boxes, strict=True)
            yield min(left), min(bottom), max(right), max(top)


def _clamped(box: Box) -> Box:
    """The box on the page, with room around it, without which no code is found."""
    x0, y0, x1, y1 = box
    return max(x0 - ROOM, 0.0), max(y0 - ROOM, 0.0), min(x1 + ROOM, 1.0), min(y1 + ROOM, 1.0)


def _part(page: pdfium.PdfPage, box: Box) -> Image.Image:
    """This part of the page as a person sees it, in grey."""
    (width, height), (x0, y0, x1, y1) = page.get_size(), box
    scale = min(DPI / 72, (MOST_PIXELS / ((x1 - x0) * width * (y1 - y0) * height)) ** 0.5)
    cut = x0 * width, (1 - y1) * height, (1 - x1) * width, y0 * height
    bitmap = page.render(scale=scale, crop=cut, grayscale=True)
    image: Image.Image = bitmap.to_pil().convert("L")
    bitmap.close()
    return image


def _within(part: Box, code: Code) -> Code:
    """A code of a part of the page on the whole of it."""
    (left, top, right, bottom), (x0, y0, x1, y1) = part, code.box
    wide, high = right - left, bottom - top
    return replace(code, box=(left + x0 * wide, top + y0 * high, left + x1 * wide, top + y1 * high))


def _is_image(thing: int) -> bool:
    return bool(pdf_calls.kind_of(thing) == pdf_objects.IMAGE)


def _may_be_code(image: int) -> bool:
    shorter, longer = sorted(pdf_objects.size(image))
    is_square = shorter >= LEAST_SIDE and longer <= min(MOST_SIDE, SQUARE * shorter)
    # nothing is decoded for its size in the file
    return is_square and (
        longer <= LARGE or pdfium_c.FPDFImageObj_GetImageDataRaw(pdf_calls.handle(image), None, 0) <= MOST_BYTES
    )


def _is_coded(image: int) -> bool:
    """Whether there is a code in the image's own pixels, whichever way they are drawn."""
    if not (bitmap := pdfium_c.FPDFImageObj_GetBitmap(pdf_calls.handle(image))):
        return False
    # masks and palettes of one bit are of a kind that Pillow is not given
    with suppress(pdfium.PdfiumError, KeyError, ValueError):
        grey = pdfium.PdfBitmap.from_raw(bitmap).to_pil().convert("L")
        small = grey.reduce(max(max(grey.size) // ENOUGH, 1))
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


def _members(group: int) -> list[int]:
    return [pdf_calls.member_at(group, at) for at in range(min(pdf_calls.count_members(group), MOST))]


def _is_module(thing: int) -> bool:
    shorter, longer = sorted(_sides(thing))
    return shorter <= MODULE and longer <= STRIP


def _is_of_modules(path: int) -> bool:
    if pdf_calls.kind_of(path) != pdf_objects.PATH:
        return False
    # four pieces a module
    if pdf_calls.count_pieces(path) < 4 * LEAST_MODULES:
        return False
    shorter, longer = sorted(_sides(path))
    return shorter >= LEAST_CODE and longer <= min(MOST_CODE, SQUARE * shorter)


def _sides(thing: int) -> tuple[float, float]:
    left, bottom, right, top = pdf_calls.bounds(thing)
    return right - left, top - bottom
