"""Whose ink is on a PDF page: words that leave none on it as it is drawn cannot be seen, whatever hides them.

The page is drawn twice, small and grey, with its text and without it: where the two are alike no text shows. But a word
may lie on another one, or have the grey of its ground; then the page is drawn in colour, with and without the words in
doubt. So it is where a number has no ink as wide as a digit: with one of its digits hidden it is another number."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ctypes import c_ubyte
from typing import NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image, ImageChops

from ix.extraction.documents import pdf_calls
from ix.extraction.documents.pdf_words import Entry
from ix.extraction.layout import around
from ix.extraction.page import Box

SCALE = 1.0
"""Pixels a point of the grey drawings, at which letters of 4 points leave a mark."""
LONGEST = 1000
"""Longest side of a drawing, pixels: 8 points on A4 are 10 pixels in colour."""
CONTRAST = 12
"""Difference that text makes to its page, of 255, below which a person sees nothing."""
MARKS = [0] * CONTRAST + [255] * (256 - CONTRAST)
"""Which differences a person sees, for `Image.point`."""
SEEN = 0.5
"""Share of a word's length that has to have ink: of less, most is cut away or covered."""
TELLING = 3
"""Letters from which a word's ink is about as long as the word; a lone 1 is narrow in a box of fixed width."""
INSET = 0.2
"""Share of a line's height, on either side, that the lines above and below it may reach into."""
ROWS = 100
"""Strips of a page in which words are compared, each about as high as a line of print."""
SHARED = 0.3
"""Share of the narrower of two words' widths from which they lie on each other: one may be seen for the other."""
GAP = 0.8
"""Width without ink in a number, of what it has for each of its characters, from which one of them may be hidden. Of
3,900 numbers in 140 pages of invoices thirty have as much, drawn so small, and none drawn larger."""
MARGIN = 0.6
"""Width without ink at either end of a number, of a character's, from which a sign may be hidden: no letters stand so
far within their boxes."""
BETWEEN = 0.1
"""Share of a line's height, on either side, that is left out for that: points and commas stand low."""
TALL, LOWEST = 32.0, 1.0
"""Height of a number in the drawing by which that is told, pixels, and what it has at least on the page, points."""
MOST_DOUBTED = 40
"""Numbers of a page that are drawn so: with more its text layer is not believed."""
MAX_LAYERS = 4
"""Words upon each other that are told apart, each with a drawing; deeper ones count as one."""


KINDS = {
    "L": (pdfium_c.FPDFBitmap_Gray, pdfium_c.FPDF_ANNOT),
    "RGBX": (pdfium_c.FPDFBitmap_BGRx, pdfium_c.FPDF_ANNOT | pdfium_c.FPDF_REVERSE_BYTE_ORDER),
}
"""For Pillow's modes pdfium's kinds of bitmaps, and its flags: it draws blue first, Pillow wants red first."""
Frame = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""


class Drawings(NamedTuple):
    """A page in grey as it is without its text, and the ink of its text alone: 255, else 0. `is_broken` says that
    numbers have hidden digits."""

    rest: Image.Image
    text: Image.Image
    is_broken: bool


def hide_unseen(page: pdfium.PdfPage, words: Sequence[Entry], texts: Sequence[int]) -> Drawings:
    """Marks the words that leave no ink of their own. `texts` are all objects of the page that draw text, which keep
    their places in it."""
    whole = picture(page)
    with switched_off(texts):
        rest = picture(page)
    ink = ImageChops.difference(whole, rest).point(MARKS)
    seen = [word for word in words if not word.hidden]
    layers = stacked(seen)
    known = {id(word) for layer in layers for word in layer}
    samples = Samples.of(ink)
    layers.append([word for word in seen if id(word) not in known and not samples.show(word, INSET)])
    if any(layers):
        look_closely(page, layers)
    return Drawings(rest, ink, hide_broken(page, words, ink))


def hide_broken(page: pdfium.PdfPage, words: Sequence[Entry], ink: Image.Image) -> bool:
    """Marks the numbers of which a part cannot be seen. Whether there is any, or may be."""
    doubted = [word for word in words if not word.hidden and is_number(word.text) and has_gap(word, word.box, ink)]
    broken = [word for word in doubted[:MOST_DOUBTED] if is_broken(page, word)]
    for word in broken:
        word.hidden = True
    return bool(broken) or len(doubted) > MOST_DOUBTED


def is_broken(page: pdfium.PdfPage, word: Entry) -> bool:
    """Whether a number has a gap when it is drawn by itself, and large."""
    (width, height), (x0, y0, x1, y1) = page.get_size(), word.box
    sides = sorted(((x1 - x0) * width, (y1 - y0) * height))
    size = pixels_of(page, min(TALL / max(sides[0], LOWEST), LONGEST / sides[1]))
    left, top, right, bottom = frame = frame_of(word.box, size)
    wide, high = right - left, bottom - top
    (left_in, right_in), (top_in, bottom_in) = (
        ((low * length - first) / part, (up * length - first) / part)
        for low, up, length, first, part in ((x0, x1, size[0], left, wide), (y0, y1, size[1], top, high))
    )
    return has_gap(word, (left_in, top_in, right_in, bottom_in), own_ink(page, [word], size, frame))


def is_number(text: str) -> bool:
    """Whether a word says a number, alone or with signs and letters."""
    return len(text) > 1 and any(map(str.isdigit, text))


def has_gap(word: Entry, place: Box, ink: Image.Image) -> bool:
    """Whether somewhere along a word, whose place in a drawing of ink is a fraction of that, there is none where one of
    its characters would have some."""
    x0, y0, x1, y1 = place
    standing = round(word.angle / 90) % 2
    across, down = ((x1 - x0) * BETWEEN, 0.0) if standing else (0.0, (y1 - y0) * BETWEEN)
    left, right = pixels(x0 + across, x1 - across, ink.width)
    top, bottom = pixels(y0 + down, y1 - down, ink.height)
    # columns with ink are 1, others 0
    columns = bytes(ink.crop((left, top, right, bottom)).getprojection()[standing])
    gaps, pitch = list(map(len, columns.split(b"\1"))), len(columns) / len(word.text)
    return max(gaps[0], gaps[-1]) >= MARGIN * pitch or max(gaps[1:-1], default=0) >= GAP * pitch


def picture(page: pdfium.PdfPage) -> Image.Image:
    """The page in grey, at most `SCALE` pixels a point."""
    size = pixels_of(page, min(SCALE, LONGEST / max(page.get_size())))
    return drawing(page, size, (0, 0, *size), "L")


def pixels_of(page: pdfium.PdfPage, scale: float) -> tuple[int, int]:
    """Width and height of a drawing of the page with so many pixels a point."""
    width, height = page.get_size()
    return math.ceil(width * scale), math.ceil(height * scale)


def drawing(page: pdfium.PdfPage, size: tuple[int, int], frame: Frame, mode: str) -> Image.Image:
    """What lies within a frame of a drawing of the page that has this size, pixels, in Pillow's `mode`."""
    (width, height), (left, top, right, bottom), depth = size, frame, len(mode)
    kind, flags = KINDS[mode]
    across, down = right - left, bottom - top
    samples = bytearray(across * down * depth)
    written = (c_ubyte * len(samples)).from_buffer(samples)
    bitmap = pdfium_c.FPDFBitmap_CreateEx(across, down, kind, written, across * depth)
    pdfium_c.FPDFBitmap_FillRect(bitmap, 0, 0, across, down, 0xFFFFFFFF)
    pdfium_c.FPDF_RenderPageBitmap(bitmap, page, -left, -top, width, height, 0, flags)
    pdfium_c.FPDFBitmap_Destroy(bitmap)
    return Image.frombuffer(mode, (across, down), samples, "raw", mode, 0, 1)


def look_closely(page: pdfium.PdfPage, layers: Sequence[Sequence[Entry]]) -> None:
    """Marks the words without which the page looks the same in colour. Those of one layer do not lie on each other."""
    size = pixels_of(page, LONGEST / max(page.get_size()))
    frame = frame_of(around(word.box for layer in layers for word in layer), size)
    for layer in filter(None, layers):
        ink = Image.new("L", size)
        ink.paste(own_ink(page, layer, size, frame), frame)
        samples = Samples.of(ink)
        for word in layer:
            word.hidden = not samples.show(word)


def own_ink(page: pdfium.PdfPage, words: Sequence[Entry], size: tuple[int, int], frame: Frame) -> Image.Image:
    """The ink of these words alone, 255, else 0: what lies within a frame of a drawing of the page in colour that has
    this size."""
    whole = drawing(page, size, frame, "RGBX")
    with switched_off([drawn for word in words for drawn in word.drawn]):
        rest = drawing(page, size, frame, "RGBX")
    return ImageChops.difference(whole, rest).convert("L").point(MARKS)


def frame_of(box: Box, size: tuple[int, int]) -> Frame:
    """The part of a drawing in which a box is, with a pixel around it."""
    (left, right), (top, bottom) = (pixels(box[axis], box[axis + 2], size[axis]) for axis in (0, 1))
    return max(left - 1, 0), max(top - 1, 0), min(right + 1, size[0]), min(bottom + 1, size[1])


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


class Samples(NamedTuple):
    """Ink, a byte a pixel, 255 or 0: words are so small that a search in bytes is quicker than an image of each."""

    ink: bytes
    width: int
    height: int

    @classmethod
    def of(cls, ink: Image.Image) -> Samples:
        """The samples of a drawing of ink."""
        return cls(ink.tobytes(), *ink.size)

    def show(self, word: Entry, inset: float = 0.0) -> bool:
        """Whether there is ink along most of the word. `inset` is the share of its height to leave out on either
        side."""
        x0, y0, x1, y1 = word.box
        standing = word.angle and round(word.angle / 90) % 2
        across, down = ((x1 - x0) * inset, 0.0) if standing else (0.0, (y1 - y0) * inset)
        left, right = pixels(x0 + across, x1 - across, self.width)
        top, bottom = pixels(y0 + down, y1 - down, self.height)
        whole = (bottom - top) if standing else (right - left)
        needed = 1.0 if len(word.text) < TELLING else SEEN * whole
        if standing:
            return any(length >= needed for length in self._down(left, top, right, bottom))
        # most words are known by their middle, where most letters have ink
        middle = (top + bottom) // 2 * self.width
        at, end = middle + left, middle + right
        if self.ink.rfind(255, at, end) - self.ink.find(255, at, end) + 1 >= max(needed, 2):
            return True
        return any(length >= needed for length in self._across(left, top, right, bottom))

    def _across(self, left: int, top: int, right: int, bottom: int) -> Iterator[int]:
        """How far ink reaches from the left to the right, in a part of the page down to each of its rows that has
        any."""
        first, last = right, left
        for row in range(top * self.width, bottom * self.width, self.width):
            if (at := self.ink.find(255, row + left, row + right)) >= 0:
                first = min(first, at - row)
                last = max(last, self.ink.rfind(255, row + left, row + right) - row)
                yield last - first + 1

    def _down(self, left: int, top: int, right: int, bottom: int) -> Iterator[int]:
        """How far ink reaches downwards in a part of the page, to each of its rows that has any."""
        first = -1
        for row in range(top, bottom):
            if self.ink.find(255, row * self.width + left, row * self.width + right) >= 0:
                first = row if first < 0 else first
                yield row - first + 1


def pixels(start: float, end: float, size: int) -> tuple[int, int]:
    """From where to where fractions of so many pixels reach: at least over one, and over none that is not there."""
    # of every word and axis: calls of min and max would take three times as long
    first = int(start * size) if start > 0 else 0
    if first >= size:
        first = size - 1
    last = math.ceil(end * size)
    if last <= first:
        return first, first + 1
    return first, last if last < size else size


def stacked(words: Sequence[Entry]) -> list[list[Entry]]:
    """The words that lie on other ones, and these, in layers within which none does."""
    levels: dict[int, int] = {}
    # from the left, a word that lies on any of its row lies on the one that reaches furthest right
    furthest: dict[int, Entry] = {}
    for word in sorted(words, key=lambda word: word.box[0]):
        row = int((word.box[1] + word.box[3]) / 2 * ROWS)
        for near in (row - 1, row, row + 1):
            other = furthest.get(near)
            # most end before it begins, which is seen sooner than by how much
            if other is not None and other.box[2] > word.box[0] and lie_on_each_other(other, word):
                below = levels.setdefault(id(other), 0)
                levels[id(word)] = max(levels.get(id(word), 0), min(below + 1, MAX_LAYERS - 1))
        if row not in furthest or word.box[2] > furthest[row].box[2]:
            furthest[row] = word
    layers: defaultdict[int, list[Entry]] = defaultdict(list)
    for word in words:
        if id(word) in levels:
            layers[levels[id(word)]].append(word)
    return list(layers.values())


def lie_on_each_other(one: Entry, other: Entry) -> bool:
    """Whether two different words have one place. The same word twice is bold print of old printers' drivers."""
    return (
        one.text != other.text
        and shared(one.box, other.box, 0) > SHARED
        # lines may be set so close that their boxes touch
        and shared(one.box, other.box, 1) > 0.5
    )


def shared(one: Box, other: Box, axis: int) -> float:
    """How much of the narrower box the two share along an axis, 0 across and 1 down; negative if they are apart."""
    common = min(one[axis + 2], other[axis + 2]) - max(one[axis], other[axis])
    return common / max(min(one[axis + 2] - one[axis], other[axis + 2] - other[axis]), 1e-9)
