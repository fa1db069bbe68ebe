"""Numbers whose characters are not what is drawn for them, told by the boxes of their glyphs: a font may say a point
where a comma is, a digit where a sign is, or one digit for two glyphs (`/ToUnicode`, ISO 32000-1, 9.10.3).

What fonts have in common was measured on 20,000 characters of invoices; `pdf_ciphers` looks at outlines."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from ctypes import byref

import pypdfium2.raw as pdfium_c

from ix.extraction.documents import pdf_calls
from ix.extraction.documents.pdf_words import Entry
from ix.extraction.page import Box, rotated

LOWEST_DIGIT = 0.35
"""Height of a digit, of the tallest in its number, at least: raised ones have half."""
HIGHEST_MARK = 0.65
"""Height of a point, a comma or a dash at most, of its digits'; commas have up to 0.47."""
SUNK = 0.08
"""How far below the digits before it a comma reaches at least, and a point does not, of their height: commas reach down
0.13 and more, points 0.03 at most."""
BLANK = 0.05
"""Height of a glyph up to which there is nothing of it, of a digit's: pdfium gives it a line of no height."""
CURRENCIES = "$\u00a3\u20ac\u00a5"
"""Signs that are told apart: one for another is another currency."""
POINTS, COMMAS, DASHES = ".", ",", "-\u2013\u2212"
TOLERANCE = 0.03
"""By how much glyphs of one digit in one font may differ in shape; boxes are in thousandths of their size."""
ASKEW = 0.02
"""Sine of the angle from which text is askew."""
Shapes = dict[int, dict[str, float]]
"""Width to height of each digit and currency sign of a font that has outlines, by its address. What other fonts draw
has the boxes that they say, not its own."""


def are_told_wrong(words: Sequence[Entry], known: Shapes, ratio: float) -> bool:
    """Whether a number among the words of a page does not say what is drawn. `ratio` is the page's width to its
    height; what its digits look like joins what is `known`."""
    for word in words:
        if word.hidden or not word.glyphs or not word.drawn:
            continue
        its = known.get(pdf_calls.font_of(word.drawn[0]) or 0)
        if its and (word.has_unsaid or disagrees(word, its, ratio)) and is_straight(word.drawn[0]):
            return True
    return False


def disagrees(number: Entry, known: dict[str, float], ratio: float) -> bool:
    """Whether the glyphs of a number are not those of its characters, as far as one object draws all of it."""
    if len(number.glyphs) != len(number.text) or len(number.drawn) != 1:
        return False
    return is_odd(number) or varies(number, known, ratio)


def is_straight(drawn: int) -> bool:
    """Whether what a text object draws stands on its page's edges, and is not slanted: else boxes say less."""
    matrix = pdfium_c.FS_MATRIX()
    if not pdfium_c.FPDFPageObj_GetMatrix(pdf_calls.handle(drawn), byref(matrix)):
        return False
    level, across = (abs(matrix.a) + abs(matrix.d), abs(matrix.b) + abs(matrix.c))
    return bool(min(level, across) < ASKEW * max(level, across))


def is_odd(number: Entry) -> bool:
    """Whether a glyph of a number is not as high, or not where, its character would be."""
    turned = round(-number.angle / 90) % 4 * 90
    boxes = [rotated(box, turned) for box in number.glyphs] if turned else number.glyphs
    digits = [at for at, character in enumerate(number.text) if character.isdigit()]
    if not digits:
        return False
    tall = max(high(boxes[at]) for at in digits)
    for at, (character, box) in enumerate(zip(number.text, boxes, strict=True)):
        if character.isdigit():
            if high(box) < LOWEST_DIGIT * tall:
                return True
        elif not character.isalpha() and is_misplaced(character, box, boxes[nearest(digits, at)]):
            return True
    return False


def is_misplaced(character: str, box: Box, digit: Box) -> bool:
    """Whether a mark is not where it would be beside a digit."""
    if character in POINTS:
        return high(box) > HIGHEST_MARK * high(digit) or box[3] - digit[3] > SUNK * high(digit)
    if character in COMMAS:
        return high(box) > HIGHEST_MARK * high(digit) or box[3] - digit[3] < SUNK / 2 * high(digit)
    if character in DASHES:
        return high(box) > HIGHEST_MARK * high(digit)
    # said to be nothing, and has ink
    return unicodedata.category(character) == "Cf" and high(box) > BLANK * high(digit)


def varies(number: Entry, known: dict[str, float], ratio: float) -> bool:
    """Whether a digit has another shape than its font's outline of it, while others have not: all may be stretched.
    Notes those that are new."""
    stretched = [shape / known.setdefault(character, shape) for character, shape in shapes(number, ratio)]
    return max(stretched, default=1.0) > (1 + TOLERANCE) * min(stretched, default=1.0)


def shapes(number: Entry, ratio: float) -> Iterator[tuple[str, float]]:
    """The digits and the currency sign of a number, each with its width to its height."""
    for character, (x0, y0, x1, y1) in zip(number.text, number.glyphs, strict=True):
        if (character.isdigit() or character in CURRENCIES) and y1 > y0 and x1 > x0:
            wide, tall = (x1 - x0) * ratio, y1 - y0
            yield character, tall / wide if round(number.angle / 90) % 2 else wide / tall


def high(box: Box) -> float:
    """How high a box is."""
    return box[3] - box[1]


def nearest(places: Sequence[int], at: int) -> int:
    """Which of these places is nearest to this one; of two the one before it."""
    return min(places, key=lambda place: (abs(place - at), place))
