"""The text layer of a PDF page: its characters joined to words, and which of them a person cannot see.

Text is hidden if it is drawn without ink, too small, or beside the page. Where it is pale, or something else is drawn
at its place, before or after it, the page is drawn with and without it: what makes no difference cannot be seen."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from ctypes import byref, c_double, c_uint
from dataclasses import dataclass, field
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image, ImageChops

from ix.extraction.layout import around, clamped
from ix.extraction.page import Box, Word, rotated

INVISIBLE = {pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium_c.FPDF_TEXTRENDERMODE_CLIP}
"""Text rendering modes 3 and 7 (ISO 32000-1, table 106)."""
TINY = 2.0
"""Height below which print cannot be read, points."""
PALE = 235
"""Red, green and blue above which text is hard to see on white paper."""
OPAQUE = 128
"""Alpha below which text is hard to see on anything."""
CONTRAST = 12
"""Difference that text makes to its page, of 255, below which a person sees nothing."""
MAX_SURFACES = 500
"""Images, groups and filled areas of a page beyond which all of its words are looked at."""
HYPHENS = {0x2, 0xFFFE}
"""What pdfium gives for the hyphen of a word that is divided at the end of a line."""
MAX_CHARACTERS = 1_000_000
"""Most characters of one page; more are left out."""


@dataclass(slots=True)
class Entry:
    """A word while it is being read. `box` is a fraction of the page as given, `angle` its slope there, clockwise, in
    degrees; `drawn` is pdfium's object that draws its first character, valid while the page is open."""

    text: str
    box: Box
    angle: float
    hidden: bool
    pale: bool
    drawn: Any = None

    def word(self, rotation: int) -> Word:
        """The word on the page rotated clockwise by `rotation` degrees."""
        return Word(self.text, clamped(rotated(self.box, rotation)), hidden=self.hidden)


@dataclass(slots=True)
class Layer:
    """Words in the order of the page's content. `garbage` is the share of visible characters that mean nothing."""

    words: list[Entry] = field(default_factory=list)
    garbage: float = 0.0


def layer(page: pdfium.PdfPage) -> Layer:
    """The text layer of a page, with the words that are drawn without ink, too small or off the page marked hidden."""
    text, to_fractions, declared = page.get_textpage(), fractions_of(page), page.get_rotation()
    try:
        entries = [entry_of(text, run, to_fractions, declared) for run in runs(text)]
    finally:
        text.close()
    # hidden text may be anything, and a scan's is OCR's; it must not condemn what can be read
    seen = "".join(entry.text for entry in entries if not entry.hidden)
    return Layer(entries, sum(map(is_garbage, seen)) / max(len(seen), 1))


def runs(text: pdfium.PdfTextPage) -> Iterator[list[tuple[int, int]]]:
    """Characters between white space, as (index, code point or half of one)."""
    run: list[tuple[int, int]] = []
    for index in range(min(text.count_chars(), MAX_CHARACTERS)):
        code = pdfium_c.FPDFText_GetUnicode(text, index)
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


def entry_of(
    text: pdfium.PdfTextPage, run: Sequence[tuple[int, int]], to_fractions: Callable[[Box], Box], declared: int
) -> Entry:
    """The word of these characters. The first one speaks for the look of all. `declared` is the page's own rotation
    (`/Rotate`, ISO 32000-1 table 30), clockwise, degrees."""
    first = run[0][0]
    bounds = around(character_box(text, index) for index, _ in run)
    box = to_fractions(bounds)
    angle = math.degrees(pdfium_c.FPDFText_GetCharAngle(text, first)) + declared
    # the stroke is not looked at: letters drawn as outlines are rare, and `hide_unseen` judges those that look pale
    red, green, blue, alpha = fill(text, first)
    drawn = pdfium_c.FPDFText_GetTextObject(text, first)
    # a lone i is narrower than this in any print, so the font's size has to say it too
    tiny = min(bounds[2] - bounds[0], bounds[3] - bounds[1]) < TINY and size(text, first) < TINY
    hidden = is_invisible(drawn) or alpha == 0 or tiny or is_outside(box)
    pale = min(red, green, blue) > PALE or alpha < OPAQUE
    return Entry(spelled(code for _, code in run), box, angle, hidden, pale, drawn)


def character_box(text: pdfium.PdfTextPage, index: int) -> Box:
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


def size(text: pdfium.PdfTextPage, index: int) -> float:
    """Height of the font on the page, points: its size in the matrix that it is drawn with."""
    matrix = pdfium_c.FS_MATRIX()
    pdfium_c.FPDFText_GetMatrix(text, index, byref(matrix))
    return float(pdfium_c.FPDFText_GetFontSize(text, index) * math.hypot(matrix.c, matrix.d))


def fill(text: pdfium.PdfTextPage, index: int) -> tuple[int, int, int, int]:
    """The colour that a character is filled with: red, green, blue, alpha, 0 to 255. Opaque black where pdfium cannot
    tell."""
    values = tuple(c_uint() for _ in range(4))
    if not pdfium_c.FPDFText_GetFillColor(text, index, *map(byref, values)):
        return 0, 0, 0, 255
    red, green, blue, alpha = (value.value for value in values)
    return red, green, blue, alpha


def is_invisible(drawn: Any) -> bool:
    """Whether a text object is drawn with neither fill nor stroke, as the text under a scan is."""
    return bool(drawn) and pdfium_c.FPDFTextObj_GetTextRenderMode(drawn) in INVISIBLE


def spelled(codes: Iterator[int]) -> str:
    """The text of these UTF-32 or UTF-16 units; what is none becomes U+FFFD."""
    # pdfium gives UTF-16: by way of its bytes two halves of a pair become the one character that they stand for
    text = "".join(map(chr, codes))
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


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


def hide_unseen(words: Sequence[Entry], surfaces: Sequence[Box], render: Callable[[], Image.Image]) -> None:
    """Marks the words without which the page looks the same: white on white, behind an image, black on black.
    `surfaces` is where more than text and lines is drawn; `render` draws the page, from which the words that were
    looked at are gone afterwards."""
    doubtful = [word for word in words if not word.hidden and word.drawn and (word.pale or lies_on(word.box, surfaces))]
    if not doubtful:
        return
    whole = render()
    # an object that is not active is left out of the drawing, and the page's content stays as it is
    for word in doubtful:
        pdfium_c.FPDFPageObj_SetIsActive(word.drawn, False)
    difference = ImageChops.difference(whole, render()).convert("L")
    for word in doubtful:
        word.hidden = not shows(difference, word.box)


def lies_on(box: Box, surfaces: Sequence[Box]) -> bool:
    """Whether the box touches any of them; where there are too many to tell, it does."""
    return len(surfaces) > MAX_SURFACES or any(
        box[0] < x1 and box[2] > x0 and box[1] < y1 and box[3] > y0 for x0, y0, x1, y1 in surfaces
    )


def shows(difference: Image.Image, box: Box) -> bool:
    """Whether anything can be told apart within the box."""
    # at least one pixel each way, because the crop of an empty box has no extremes
    x0, y0, x1, y1 = clamped(box)
    left, top = int(x0 * difference.width), int(y0 * difference.height)
    right, bottom = max(math.ceil(x1 * difference.width), left + 1), max(math.ceil(y1 * difference.height), top + 1)
    _, most = difference.crop((left, top, right, bottom)).getextrema()
    return float(most) >= CONTRAST  # type: ignore[arg-type]
