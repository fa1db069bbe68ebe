"""Drawings of a PDF page, and the ink that text leaves on one: where it differs from the page without that text."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ctypes import c_ubyte
from typing import NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image, ImageChops

from ix.extraction.documents import pdf_calls
from ix.extraction.documents.pdf_words import Entry
from ix.extraction.page import Box

CONTRAST = 12
"""Difference that text makes to its page, of 255, below which a person sees nothing."""
MARKS = [0] * CONTRAST + [255] * (256 - CONTRAST)
"""Which differences a person sees, for `Image.point`."""
_MARKS = bytes(MARKS)
_REACHING = [re.compile(b"[\\x%02x-\\xff]" % grey) for grey in range(256)]
"""What finds a difference of so much or more in a row of pixels."""
SEEN = 0.5
"""Share of a word's length that has to have ink: of less, most is cut away or covered."""
TELLING = 3
"""Letters from which a word's ink is about as long as the word; a lone 1 is narrow in a box of fixed width."""
FAINT = 0.3
"""Share of the strongest ink in the middle of a word below which a glyph has none of its own: white ink upon black
leaves a quarter of it at the edges."""
CORE = 0.25
"""Share of a glyph's width, on either side, that the glyphs beside it may reach into where it is drawn small."""
KINDS = {
    "L": (pdfium_c.FPDFBitmap_Gray, pdfium_c.FPDF_ANNOT),
    "RGBX": (pdfium_c.FPDFBitmap_BGRx, pdfium_c.FPDF_ANNOT | pdfium_c.FPDF_REVERSE_BYTE_ORDER),
}
"""For Pillow's modes pdfium's kinds of bitmaps, and its flags: it draws blue first, Pillow wants red first."""
Frame = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""


class View(NamedTuple):
    """What is drawn of a page: the part within `frame` of a drawing that has `size`, pixels, in Pillow's `mode`."""

    size: tuple[int, int]
    frame: Frame
    mode: str

    @classmethod
    def whole(cls, page: pdfium.PdfPage, scale: float) -> View:
        """All of a page, in grey, `scale` pixels a point."""
        size = pixels_of(page, scale)
        return cls(size, (0, 0, *size), "L")

    def of(self, page: pdfium.PdfPage) -> Image.Image:
        """What is seen of the page."""
        (width, height), (left, top, right, bottom), depth = self.size, self.frame, len(self.mode)
        kind, flags = KINDS[self.mode]
        across, down = right - left, bottom - top
        samples = bytearray(across * down * depth)
        written = (c_ubyte * len(samples)).from_buffer(samples)
        bitmap = pdfium_c.FPDFBitmap_CreateEx(across, down, kind, written, across * depth)
        pdfium_c.FPDFBitmap_FillRect(bitmap, 0, 0, across, down, 0xFFFFFFFF)
        pdfium_c.FPDF_RenderPageBitmap(bitmap, page, -left, -top, width, height, 0, flags)
        pdfium_c.FPDFBitmap_Destroy(bitmap)
        return Image.frombuffer(self.mode, (across, down), samples, "raw", self.mode, 0, 1)

    def looks(self, page: pdfium.PdfPage, texts: Sequence[int]) -> Looks:
        """What is seen with and without these objects, and the ink that makes the difference."""
        whole = self.of(page)
        with switched_off(texts):
            rest = self.of(page)
        difference = ImageChops.difference(whole, rest)
        return Looks(whole, rest, difference if self.mode == "L" else difference.convert("L"), self)


class Looks(NamedTuple):
    """A view of a page, the same without some of its text, and how much they differ, in grey."""

    whole: Image.Image
    rest: Image.Image
    difference: Image.Image
    view: View

    @property
    def ink(self) -> Ink:
        """What was drawn of that text."""
        return Ink(self.difference.tobytes(), self.view.frame, self.view.size)


class Ink(NamedTuple):
    """How much text adds to the part within `frame` of a drawing that has `size`, a byte a pixel: words are so small
    that a search in bytes is quicker than an image of each."""

    samples: bytes
    frame: Frame
    size: tuple[int, int]

    def shows(self, word: Entry, inset: float = 0.0) -> bool:
        """Whether there is ink along most of the word. `inset` is the share of its height to leave out on either
        side."""
        x0, y0, x1, y1 = word.box
        standing = word.angle and round(word.angle / 90) % 2
        across, down = ((x1 - x0) * inset, 0.0) if standing else (0.0, (y1 - y0) * inset)
        left, top, right, bottom = self.place((x0 + across, y0 + down, x1 - across, y1 - down))
        whole = (bottom - top) if standing else (right - left)
        needed = 1.0 if len(word.text) < TELLING else SEEN * whole
        if standing:
            return any(length >= needed for length in self._down(left, top, right, bottom))
        # most words are known by their middle, where most letters have ink
        row = self._row((top + bottom) // 2, left, right)
        if row.rfind(255) - row.find(255) + 1 >= max(needed, 2):
            return True
        return any(length >= needed for length in self._across(left, top, right, bottom))

    def lacking(self, word: Entry) -> Iterator[Box]:
        """The glyphs of a word that have no ink, without what the ones before and after them may reach into."""
        standing = word.angle and round(word.angle / 90) % 2
        reaching = _REACHING[max(int(FAINT * self._strongest(word)), CONTRAST)].search
        samples, width = self.samples, self.frame[2] - self.frame[0]
        for glyph in word.glyphs:
            x0, y0, x1, y1 = glyph
            across, down = (0.0, (y1 - y0) * CORE) if standing else ((x1 - x0) * CORE, 0.0)
            left, top, right, bottom = self.place((x0 + across, y0 + down, x1 - across, y1 - down))
            rows = range(top * width, bottom * width, width)
            if not any(reaching(samples, at + left, at + right) for at in rows):
                yield glyph

    def _strongest(self, word: Entry) -> int:
        """The strongest ink in the middle of a word."""
        left, top, right, bottom = self.place(word.box)
        width, row, column = self.frame[2] - self.frame[0], (top + bottom) // 2, (left + right) // 2
        across = self.samples[row * width + left : row * width + right]
        down = self.samples[top * width + column : bottom * width + column : width]
        return max(max(across), max(down))

    def place(self, box: Box) -> Frame:
        """The part of what is drawn in which a box is."""
        x0, y0, x1, y1 = box
        (width, height), (low_x, low_y, high_x, high_y) = self.size, self.frame
        left, right = part(x0, x1, width, low_x, high_x)
        top, bottom = part(y0, y1, height, low_y, high_y)
        return left, top, right, bottom

    def _row(self, row: int, left: int, right: int) -> bytes:
        """The ink in a part of a row: 255 where a person sees any, else 0."""
        at = row * (self.frame[2] - self.frame[0])
        return self.samples[at + left : at + right].translate(_MARKS)

    def _across(self, left: int, top: int, right: int, bottom: int) -> Iterator[int]:
        """How far ink reaches from the left to the right, in a part of the drawing down to each of its rows that has
        any."""
        first, last = right - left, 0
        for at in range(top, bottom):
            row = self._row(at, left, right)
            if (start := row.find(255)) >= 0:
                first, last = min(first, start), max(last, row.rfind(255))
                yield last - first + 1

    def _down(self, left: int, top: int, right: int, bottom: int) -> Iterator[int]:
        """How far ink reaches downwards in a part of the drawing, to each of its rows that has any."""
        first = -1
        for at in range(top, bottom):
            if 255 in self._row(at, left, right):
                first = at if first < 0 else first
                yield at - first + 1


def part(start: float, end: float, size: int, low: int, high: int) -> tuple[int, int]:
    """From where to where fractions of so many pixels reach within the part of them from `low` on to `high`, counted
    from `low`: at least over one, and over none that is not there."""
    # of every word and axis: calls of min and max would take three times as long
    first = int(start * size) if start > 0 else 0
    if first < low:
        first = low
    elif first >= high:
        first = high - 1
    last = math.ceil(end * size)
    if last <= first:
        last = first + 1
    elif last > high:
        last = high
    return first - low, last - low


def pixels_of(page: pdfium.PdfPage, scale: float) -> tuple[int, int]:
    """Width and height of a drawing of the page with so many pixels a point."""
    width, height = page.get_size()
    return math.ceil(width * scale), math.ceil(height * scale)


def frame_of(box: Box, size: tuple[int, int]) -> Frame:
    """The part of a drawing in which a box is, with a pixel around it."""
    (left, right), (top, bottom) = (part(box[axis], box[axis + 2], size[axis], 0, size[axis]) for axis in (0, 1))
    return max(left - 1, 0), max(top - 1, 0), min(right + 1, size[0]), min(bottom + 1, size[1])


def drawn_by(words: Sequence[Entry]) -> list[int]:
    """The objects that draw these words."""
    return [drawn for word in words for drawn in word.drawn]


@contextmanager
def switched_off(objects: Sequence[int]) -> Iterator[None]:
    """Leaves objects out of every drawing meanwhile; the page's content stays as it is."""
    for each in objects:
        pdf_calls.set_active(each, False)
    try:
        yield
    finally:
        for each in objects:
            pdf_calls.set_active(each, True)
