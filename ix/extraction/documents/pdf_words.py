"""The text layer of a PDF page: its characters joined to words, and which of them cannot be seen for what they are:
drawn without ink, too small, or beside the page. `pdf_ink` looks for the ink of the others."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from ctypes import addressof, byref, c_ushort
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ix.extraction.documents import pdf_calls
from ix.extraction.layout import around, clamped
from ix.extraction.page import Box, Word, rotated

INVISIBLE = {pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium_c.FPDF_TEXTRENDERMODE_CLIP}
"""Text rendering modes 3 and 7 (ISO 32000-1, table 106)."""
TINY = 2.0
"""Height below which print cannot be read, points."""
HYPHENS = str.maketrans("\x02\ufffe", "--")
"""What pdfium gives for the hyphen of a word that is divided at the end of a line."""
HYPHEN = re.compile("[\x02\ufffe]")
RUN = re.compile(r"[^\s\x00\x01\x03-\x1f]+")
"""Characters that are neither white space nor controls."""
DIGIT = re.compile(r"\d")
BLANKS, FLAT = " \xa0", 0.05
"""Blanks that documents set themselves, and how high one is at most, of the sides of the line's box around it."""
NOWHERE = (0.0, 0.0, 0.0, 0.0)
MAX_CHARACTERS = 1_000_000
"""Most characters of one page; more are left out."""


@dataclass(slots=True)
class Entry:
    """A word while it is being read. `box` is a fraction of the page as given, `angle` its slope there, clockwise, in
    degrees; `drawn` are the addresses of pdfium's objects that draw its characters, valid while the page is open. Of a
    number `glyphs` are the boxes of its characters, each as high and as wide as what is drawn, and `has_unsaid` tells
    that a blank beside it is said to be drawn."""

    text: str
    box: Box
    angle: float
    hidden: bool
    drawn: Sequence[int] = ()
    glyphs: Sequence[Box] = ()
    has_unsaid: bool = False

    def word(self, rotation: int) -> Word:
        """The word on the page rotated clockwise by `rotation` degrees."""
        x0, y0, x1, y1 = box = rotated(self.box, rotation) if rotation else self.box
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
        # pdfium puts in blanks and line ends of its own where glyphs stand apart, so that these part words as well
        entries = list(map(reading.entry_of, RUN.finditer(characters(text.raw))))
    finally:
        text.close()
    # hidden text may be anything, and a scan's is OCR's; it must not condemn what can be read
    seen = "".join(entry.text for entry in entries if not entry.hidden)
    means_all = seen.isascii() and seen.isprintable()
    garbage = 0 if means_all else sum(count for one, count in Counter(seen).items() if is_garbage(one))
    return Layer(entries, garbage / max(len(seen), 1))


def characters(text: Any) -> str:
    """A page's characters by their index, one for each of pdfium's, which may be a half of one; hyphens are plain."""
    count = min(max(pdfium_c.FPDFText_CountChars(text), 0), MAX_CHARACTERS)
    units = (c_ushort * (count + 1))()
    # all at once, unless pdfium leaves out some, and so the indices differ; it counts the end of the text
    if pdfium_c.FPDFText_GetText(text, 0, count, units) == count + 1:
        found = bytes(memoryview(units).cast("B")[: 2 * count]).decode("utf-16-le", "replace")
        # halves of characters beyond 16 bits have an index each
        found = found if len(found) == count and "\ufffd" not in found else "".join(map(chr, units[:count]))
    else:
        found = "".join(chr(pdfium_c.FPDFText_GetUnicode(text, index)) for index in range(count))
    return found.translate(HYPHENS) if HYPHEN.search(found) else found


class _Reading:
    """A text layer while its words are made. `declared` is the page's own rotation (`/Rotate`, ISO 32000-1 table 30),
    clockwise, degrees."""

    def __init__(self, text: Any, to_fractions: Callable[[Box], Box], declared: int) -> None:
        self._text, self._to_fractions, self._declared = text, to_fractions, declared
        self._address = addressof(text.contents)
        self._looks: dict[int | None, Look] = {}

    def entry_of(self, run: re.Match[str]) -> Entry:
        """The word of these characters. The first one speaks for the look of all."""
        first, last = run.start(), run.end() - 1
        drawn = drawn_last = pdf_calls.text_object(self._address, first)
        if last > first:
            drawn_last = pdf_calls.text_object(self._address, last)
        if drawn is not None and drawn == drawn_last:
            # what one object draws stands in a row, so that its ends tell how far it reaches
            bounds, objects = self._around(first, last), [drawn]
            look = self._looks.get(drawn) or self._look(drawn, first)
            inked = look.inked
        else:
            characters = range(first, last + 1)
            bounds, looks = around(map(self._box, characters)), self._looks_of(characters)
            objects, look = [each for each in looks if each is not None], looks[drawn]
            # where a part of it is drawn without ink, what is seen of it is another word: its ink has to tell
            inked = any(each.inked for each in looks.values())
        box = self._to_fractions(bounds)
        # a lone i is narrower than this in any print, so the font's size has to say it too
        narrow = bounds[2] - bounds[0] < TINY or bounds[3] - bounds[1] < TINY
        tiny = narrow and size(self._text, first) < TINY
        hidden = not inked or tiny or is_outside(box)
        units = run[0]
        if hidden or not is_number(units):
            return Entry(spelled(units), box, look.angle, hidden, objects)
        glyphs = self._glyphs(range(first, last + 1))
        unsaid = any(self._is_drawn(run.string, at) for at in (first - 1, last + 1))
        return Entry(spelled(units), box, look.angle, hidden, objects, glyphs, unsaid)

    def _is_drawn(self, characters: str, index: int) -> bool:
        """Whether a character beside a word is a blank of the document's own that has a shape; others are lines of no
        height."""
        if not (0 <= index < len(characters) and characters[index] in BLANKS):
            return False
        glyph, loose = pdf_calls.glyph_box(self._address, index), pdf_calls.loose_box(self._address, index)
        if glyph is None or loose is None:
            return False
        return min(glyph[2] - glyph[0], glyph[3] - glyph[1]) > FLAT * min(loose[2] - loose[0], loose[3] - loose[1])

    def _glyphs(self, characters: range) -> list[Box]:
        boxes = (pdf_calls.glyph_box(self._address, index) or self._box(index) for index in characters)
        return list(map(self._to_fractions, boxes))

    def _looks_of(self, characters: range) -> dict[int | None, Look]:
        """The objects that draw these characters, and how each does."""
        drawn = {pdf_calls.text_object(self._address, index): index for index in reversed(characters)}
        return {each: self._looks.get(each) or self._look(each, index) for each, index in reversed(drawn.items())}

    def _around(self, first: int, last: int) -> Box:
        """The box around two characters and all between."""
        x0, y0, x1, y1 = self._box(first)
        if last > first:
            left, bottom, right, top = self._box(last)
            # a call of min and max for each edge would take longer than pdfium
            x0, y0 = left if left < x0 else x0, bottom if bottom < y0 else y0
            x1, y1 = right if right > x1 else x1, top if top > y1 else y1
        return x0, y0, x1, y1

    def _box(self, index: int) -> Box:
        # loose boxes make words of one line equally high, whether or not they have letters that reach up or down
        return pdf_calls.loose_box(self._address, index) or pdf_calls.glyph_box(self._address, index) or NOWHERE

    def _look(self, drawn: int | None, index: int) -> Look:
        # a font of a negative size stands on its head, as printers' drivers like it
        turned = 180 if pdf_calls.font_size(self._address, index) < 0 else 0
        angle = math.degrees(pdf_calls.slope(self._address, index)) + self._declared + turned
        inked = not (drawn and is_invisible(drawn)) and pdf_calls.opacity(self._address, index) > 0
        look = self._looks[drawn] = Look(angle, inked)
        return look


def fractions_of(page: pdfium.PdfPage) -> Callable[[Box], Box]:
    """From points of the page's own space to fractions of the visible page, the page's own rotation applied."""
    left, bottom, right, top = page.get_bbox()
    width, height, declared = right - left, top - bottom, page.get_rotation()

    def to_fractions(box: Box) -> Box:
        x0, y0, x1, y1 = box
        found = (x0 - left) / width, (top - y1) / height, (x1 - left) / width, (top - y0) / height
        return rotated(found, declared) if declared else found

    return to_fractions


def is_number(text: str) -> bool:
    """Whether a word says a number, alone or with signs and letters, of which a part may be hidden."""
    return len(text) > 1 and DIGIT.search(text) is not None


def is_outside(box: Box) -> bool:
    """Whether the middle of the box is off the page."""
    return not (0 <= box[0] + box[2] <= 2 and 0 <= box[1] + box[3] <= 2)


def size(text: Any, index: int) -> float:
    """Height of the font on the page, points: its size in the matrix that it is drawn with."""
    matrix = pdfium_c.FS_MATRIX()
    pdfium_c.FPDFText_GetMatrix(text, index, byref(matrix))
    return abs(float(pdfium_c.FPDFText_GetFontSize(text, index))) * math.hypot(matrix.c, matrix.d)


def is_invisible(drawn: int) -> bool:
    """Whether a text object is drawn with neither fill nor stroke, as the text under a scan is."""
    return pdf_calls.render_mode(drawn) in INVISIBLE


def is_clip(word: Entry) -> bool:
    """Whether a word draws nothing itself, and what is painted after it shows in the shape of its letters."""
    modes = map(pdf_calls.render_mode, word.drawn[:1])
    return word.hidden and pdfium_c.FPDF_TEXTRENDERMODE_CLIP in modes


def spelled(units: str) -> str:
    """The text of these UTF-32 or UTF-16 units; what is none becomes U+FFFD."""
    # pdfium gives UTF-16: by way of its bytes two halves of a pair become the one character that they stand for
    return units if units.isascii() else units.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def is_garbage(character: str) -> bool:
    """Whether a character means nothing: a replacement, private use (as fonts without a map to Unicode give it), a
    control."""
    code = ord(character)
    return code in (0xFFFD, 0xFFFF) or 0xE000 <= code <= 0xF8FF or code >= 0xF0000 or code < 32 or 0x7F <= code < 0xA0


def is_meaningless(word: Entry) -> bool:
    """Whether a word that is seen says nothing, as that of a font without a map to characters: most of two and more. A
    single one is a bullet."""
    return not word.hidden and len(word.text) > 1 and 2 * sum(map(is_garbage, word.text)) > len(word.text)


def upright_rotation(words: Sequence[Entry]) -> int:
    """The clockwise rotation in degrees after which most of the visible text reads upright."""
    # slopes are rounded to the nearest right angle; of equally many words the first in the page's content decides
    rotations = Counter[int]()
    for angle, count in Counter([word.angle for word in words if not word.hidden]).items():
        rotations[round(-angle / 90) % 4 * 90] += count
    return max(rotations, key=rotations.__getitem__, default=0)
