"""The text layer of a PDF page: its characters joined to words, and which of them cannot be seen for what they are:
drawn without ink, too small, or beside the page. `pdf_ink` looks for the ink of the others."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from ctypes import addressof, byref, c_double, c_uint, c_ushort
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ix.extraction.layout import around, clamped
from ix.extraction.page import Box, Word, rotated

INVISIBLE = {pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium_c.FPDF_TEXTRENDERMODE_CLIP}
"""Text rendering modes 3 and 7 (ISO 32000-1, table 106)."""
TINY = 2.0
"""Height below which print cannot be read, points."""
HYPHENS = {0x2, 0xFFFE}
"""What pdfium gives for the hyphen of a word that is divided at the end of a line."""
MAX_CHARACTERS = 1_000_000
"""Most characters of one page; more are left out."""


@dataclass(slots=True)
class Entry:
    """A word while it is being read. `box` is a fraction of the page as given, `angle` its slope there, clockwise, in
    degrees; `drawn` are pdfium's objects that draw its first and its last character, valid while the page is open."""

    text: str
    box: Box
    angle: float
    hidden: bool
    drawn: tuple[Any, ...] = ()

    def word(self, rotation: int) -> Word:
        """The word on the page rotated clockwise by `rotation` degrees."""
        x0, y0, x1, y1 = box = rotated(self.box, rotation)
        on_page = 0 <= x0 <= x1 <= 1 and 0 <= y0 <= y1 <= 1
        return Word(self.text, box if on_page else clamped(box), hidden=self.hidden)


class Look(NamedTuple):
    """How an object draws its characters: their slope as in `Entry`, and whether it leaves any ink."""

    angle: float
    inked: bool


@dataclass(slots=True)
class Layer:
    """Words in the order of the page's content. `garbage` is the share of visible characters that mean nothing."""

    words: list[Entry] = field(default_factory=list)
    garbage: float = 0.0


def layer(page: pdfium.PdfPage) -> Layer:
    """The text layer of a page, with the words that are drawn without ink, too small or off the page marked hidden."""
    text = page.get_textpage()
    try:
        # the bare handle: pypdfium2's own objects are unwrapped by Python in each call
        reading = _Reading(text.raw, fractions_of(page), page.get_rotation())
        entries = [reading.entry_of(run) for run in runs(text.raw)]
    finally:
        text.close()
    # hidden text may be anything, and a scan's is OCR's; it must not condemn what can be read
    seen = "".join(entry.text for entry in entries if not entry.hidden)
    garbage = sum(count for character, count in Counter(seen).items() if is_garbage(character))
    return Layer(entries, garbage / max(len(seen), 1))


def runs(text: Any) -> Iterator[list[tuple[int, int]]]:
    """Characters between white space, as (index, code point or half of one)."""
    run: list[tuple[int, int]] = []
    for index, code in enumerate(characters(text)):
        if code in HYPHENS:
            run.append((index, ord("-")))
        # pdfium puts in blanks and line ends of its own where glyphs stand apart, so that these part words as well
        elif code > 32 and not chr(code).isspace():
            run.append((index, code))
        elif run:
            yield run
            run = []
    if run:
        yield run


def characters(text: Any) -> Sequence[int]:
    """UTF-16 or UTF-32 units of a page's characters, by their index."""
    count = min(max(pdfium_c.FPDFText_CountChars(text), 0), MAX_CHARACTERS)
    units = (c_ushort * (count + 1))()
    # all at once, unless pdfium leaves out some, and so the indices differ; it counts the end of the text
    if pdfium_c.FPDFText_GetText(text, 0, count, units) == count + 1:
        return list(units[:count])
    return [pdfium_c.FPDFText_GetUnicode(text, index) for index in range(count)]


class _Reading:
    """A text layer while its words are made. `declared` is the page's own rotation (`/Rotate`, ISO 32000-1 table 30),
    clockwise, degrees."""

    def __init__(self, text: Any, to_fractions: Callable[[Box], Box], declared: int) -> None:
        self._text, self._to_fractions, self._declared = text, to_fractions, declared
        self._looks: dict[int, Look] = {}

    def entry_of(self, run: Sequence[tuple[int, int]]) -> Entry:
        """The word of these characters. The first one speaks for the look of all."""
        text, first, last = self._text, run[0][0], run[-1][0]
        drawn, drawn_last = pdfium_c.FPDFText_GetTextObject(text, first), pdfium_c.FPDFText_GetTextObject(text, last)
        one = bool(drawn) and bool(drawn_last) and addressof(drawn.contents) == addressof(drawn_last.contents)
        # what one object draws stands in a row, so that its ends tell how far it reaches
        ends = {first, last} if one else {at for at, _ in run}
        bounds = around([character_box(text, index) for index in ends])
        box, look = self._to_fractions(bounds), self._look(drawn, first)
        # a lone i is narrower than this in any print, so the font's size has to say it too
        tiny = min(bounds[2] - bounds[0], bounds[3] - bounds[1]) < TINY and size(text, first) < TINY
        hidden = not look.inked or tiny or is_outside(box)
        objects = (drawn,) if one else tuple(filter(None, (drawn, drawn_last)))
        return Entry(spelled(code for _, code in run), box, look.angle, hidden, objects)

    def _look(self, drawn: Any, index: int) -> Look:
        key = addressof(drawn.contents) if drawn else 0
        if key not in self._looks:
            # a font of a negative size stands on its head, as printers' drivers like it
            turned = 180 if pdfium_c.FPDFText_GetFontSize(self._text, index) < 0 else 0
            angle = math.degrees(pdfium_c.FPDFText_GetCharAngle(self._text, index)) + self._declared + turned
            self._looks[key] = Look(angle, not is_invisible(drawn) and alpha(self._text, index) > 0)
        return self._looks[key]


def character_box(text: Any, index: int) -> Box:
    """Left, bottom, right, top in points: as high as the font, or as the glyph where the font does not say."""
    # loose boxes make words of one line equally high, whether or not they have letters that reach up or down
    rect = pdfium_c.FS_RECTF()
    known = pdfium_c.FPDFText_GetLooseCharBox(text, index, byref(rect))
    if known and rect.top > rect.bottom and rect.right > rect.left:
        return rect.left, rect.bottom, rect.right, rect.top
    left, bottom, right, top = c_double(), c_double(), c_double(), c_double()
    pdfium_c.FPDFText_GetCharBox(text, index, byref(left), byref(right), byref(bottom), byref(top))
    return left.value, bottom.value, right.value, top.value


def fractions_of(page: pdfium.PdfPage) -> Callable[[Box], Box]:
    """From points of the page's own space to fractions of the visible page, the page's own rotation applied."""
    left, bottom, right, top = page.get_bbox()
    width, height, declared = right - left, top - bottom, page.get_rotation()

    def to_fractions(box: Box) -> Box:
        x0, y0, x1, y1 = box
        return rotated(((x0 - left) / width, (top - y1) / height, (x1 - left) / width, (top - y0) / height), declared)

    return to_fractions


def is_outside(box: Box) -> bool:
    """Whether the middle of the box is off the page."""
    return not (0 <= box[0] + box[2] <= 2 and 0 <= box[1] + box[3] <= 2)


def size(text: Any, index: int) -> float:
    """Height of the font on the page, points: its size in the matrix that it is drawn with."""
    matrix = pdfium_c.FS_MATRIX()
    pdfium_c.FPDFText_GetMatrix(text, index, byref(matrix))
    return abs(float(pdfium_c.FPDFText_GetFontSize(text, index))) * math.hypot(matrix.c, matrix.d)


def alpha(text: Any, index: int) -> int:
    """How opaque the fill of a character is, 0 to 255; opaque where pdfium cannot tell."""
    red, green, blue, value = c_uint(), c_uint(), c_uint(), c_uint()
    known = pdfium_c.FPDFText_GetFillColor(text, index, byref(red), byref(green), byref(blue), byref(value))
    return int(value.value) if known else 255


def is_invisible(drawn: Any) -> bool:
    """Whether a text object is drawn with neither fill nor stroke, as the text under a scan is."""
    return bool(drawn) and pdfium_c.FPDFTextObj_GetTextRenderMode(drawn) in INVISIBLE


def is_clip(word: Entry) -> bool:
    """Whether a word draws nothing itself, and what is painted after it shows in the shape of its letters."""
    modes = (pdfium_c.FPDFTextObj_GetTextRenderMode(drawn) for drawn in word.drawn[:1])
    return word.hidden and pdfium_c.FPDF_TEXTRENDERMODE_CLIP in modes


def spelled(codes: Iterator[int]) -> str:
    """The text of these UTF-32 or UTF-16 units; what is none becomes U+FFFD."""
    # pdfium gives UTF-16: by way of its bytes two halves of a pair become the one character that they stand for
    text = "".join(map(chr, codes))
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def is_garbage(character: str) -> bool:
    """Whether a character means nothing: a replacement, private use (as fonts without a map to Unicode give it), a
    control."""
    code = ord(character)
    return code in (0xFFFD, 0xFFFF) or 0xE000 <= code <= 0xF8FF or code >= 0xF0000 or code < 32 or 0x7F <= code < 0xA0


def upright_rotation(words: Sequence[Entry]) -> int:
    """The clockwise rotation in degrees after which most of the visible text reads upright."""
    # slopes are rounded to the nearest right angle; of equally many words the first in the page's content decides
    rotations = Counter(round(-word.angle / 90) % 4 * 90 for word in words if not word.hidden)
    return max(rotations, key=rotations.__getitem__, default=0)
