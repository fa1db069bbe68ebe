"""Numbers of which a part cannot be seen: without one of its digits, its decimal point or its sign a number is another
one. So each glyph of a number has to leave ink of its own where it stands.

That is told from the drawing in which the page's words are looked for. Where that is too small or shows nothing, as of
a point that falls between two pixels, the number is drawn by itself, and large."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, median

import pypdfium2 as pdfium
from PIL import Image

from ix.extraction.documents.pdf_drawing import Ink, View, drawn_by, frame_of, pixels_of
from ix.extraction.documents.pdf_words import Entry
from ix.extraction.layout import around
from ix.extraction.page import Box

SMALL = 7.0
"""Height of a line of print, pixels, below which a hidden point may not be told from its neighbours' ink: that of 6
points in a drawing of a pixel a point."""
MANY = 12
"""Numbers in doubt beyond which they are not drawn one by one."""
FINER = 1.5
"""How much finer a page is drawn for them: points of 5 have a pixel of their own then."""
TALL, LOWEST, WIDEST = 32.0, 1.0, 1000
"""Height of a number that is drawn by itself, pixels, what it has at least on the page, points, and the most pixels
along it."""
MOST_DOUBTED = 40
"""Numbers of a page that are drawn so: with more its text layer is not believed."""
MARKED = 64
"""How much darker or lighter than what is around it, of 255, is what stands for a glyph: a point that a path draws."""


def hide_broken(page: pdfium.PdfPage, words: Sequence[Entry], ink: Ink) -> bool:
    """Marks the numbers of which a part cannot be seen. `ink` is that of all text. Whether there is any, or may be."""
    numbers = [word for word in words if word.glyphs and not word.hidden]
    doubted = [word for word in numbers if is_small(word, ink.size) or not is_whole(word, ink)]
    if len(doubted) > MANY:
        finer = View.whole(page, FINER * ink.size[0] / page.get_width()).looks(page, drawn_by(doubted)).ink
        doubted = [word for word in doubted if not is_whole(word, finer)]
    broken = [word for word in doubted[:MOST_DOUBTED] if is_broken(page, word)]
    for word in broken:
        word.hidden = True
    return bool(broken) or len(doubted) > MOST_DOUBTED


def scale_for(page: pdfium.PdfPage, words: Sequence[Entry], usual: float) -> float:
    """Pixels a point of a drawing in which numbers are looked at: more than usual where many are set small."""
    size = pixels_of(page, usual)
    small = sum(is_small(word, size) for word in words if word.glyphs)
    return FINER * usual if small > MANY else usual


def is_small(number: Entry, size: tuple[int, int]) -> bool:
    """Whether a number is too small to tell its glyphs apart in a drawing of the page that has this size."""
    x0, y0, x1, y1 = number.box
    width, height = size
    return ((x1 - x0) * width if stands(number) else (y1 - y0) * height) < SMALL


def is_whole(number: Entry, ink: Ink) -> bool:
    """Whether each of its glyphs has ink."""
    return next(ink.lacking(number), None) is None


def stands(word: Entry) -> bool:
    """Whether a word runs up or down the page."""
    return word.angle != 0 and round(word.angle / 90) % 2 == 1


def is_broken(page: pdfium.PdfPage, number: Entry) -> bool:
    """Whether a number lacks a glyph when it is drawn by itself, and large."""
    (width, height), (x0, y0, x1, y1) = page.get_size(), number.box
    sides = sorted(((x1 - x0) * width, (y1 - y0) * height))
    size = pixels_of(page, min(TALL / max(sides[0], LOWEST), WIDEST / sides[1]))
    frame = frame_of(around([number.box, *number.glyphs]), size)
    looks = View(size, frame, "RGBX").looks(page, number.drawn)
    ink = looks.ink
    return any(not marked(looks.rest, ink, glyph) for glyph in ink.lacking(number))


def marked(rest: Image.Image, ink: Ink, glyph: Box) -> bool:
    """Whether something else than text is drawn in place of a glyph: it alone is dark there, or light. `rest` is the
    drawing without the number, and `ink` of that."""
    left, top, right, bottom = ink.place(glyph)
    wide, high = right - left, bottom - top
    near = max(left - wide, 0), max(top - high, 0), min(right + wide, rest.width), min(bottom + high, rest.height)
    within, paper = (rest.crop(frame).convert("L") for frame in ((left, top, right, bottom), near))
    return abs(fmean(within.tobytes()) - median(paper.tobytes())) >= MARKED
