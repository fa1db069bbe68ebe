"""Whose ink is on a PDF page: words that leave none on it as it is drawn cannot be seen, whatever hides them.

The page is drawn twice, small and grey, with its text and without it: where the two are alike no text shows. But a word
may lie on another one, or have the grey of its ground; then the page is drawn in colour, with and without the words in
doubt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import pypdfium2 as pdfium
from PIL import Image

from ix.extraction.documents.pdf_drawing import View, drawn_by, frame_of, pixels_of, switched_off
from ix.extraction.documents.pdf_numbers import hide_broken, scale_for
from ix.extraction.documents.pdf_words import Entry
from ix.extraction.layout import around
from ix.extraction.page import Box

SCALE = 1.0
"""Pixels a point of the grey drawings, at which letters of 4 points leave a mark."""
LONGEST = 1000
"""Longest side of a drawing, pixels: 8 points on A4 are 10 pixels in colour."""
INSET = 0.2
"""Share of a line's height, on either side, that the lines above and below it may reach into."""
ROWS = 100
"""Strips of a page in which words are compared, each about as high as a line of print."""
SHARED = 0.3
"""Share of the narrower of two words' widths from which they lie on each other: one may be seen for the other."""
MAX_LAYERS = 4
"""Words upon each other that are told apart, each with a drawing; deeper ones count as one."""


class Drawings(NamedTuple):
    """A page in grey as it is without its text, and how much its text adds to that. `is_broken` says that numbers have
    hidden digits or signs."""

    rest: Image.Image
    text: Image.Image
    is_broken: bool


def hide_unseen(page: pdfium.PdfPage, words: Sequence[Entry], texts: Sequence[int]) -> Drawings:
    """Marks the words that leave no ink of their own. `texts` are all objects of the page that draw text, which keep
    their places in it."""
    usual = min(SCALE, LONGEST / max(page.get_size()))
    scale = scale_for(page, words, usual)
    looks = View.whole(page, scale).looks(page, texts)
    ink = looks.ink
    seen = [word for word in words if not word.hidden]
    layers = stacked(seen)
    known = {id(word) for layer in layers for word in layer}
    layers.append([word for word in seen if id(word) not in known and not ink.shows(word, INSET)])
    if any(layers):
        look_closely(page, layers)
    is_broken = hide_broken(page, words, ink)
    if scale == usual:
        return Drawings(looks.rest, looks.difference, is_broken)
    with switched_off(texts):
        rest = View.whole(page, usual).of(page)
    return Drawings(rest, looks.difference.resize(rest.size, Image.Resampling.BOX), is_broken)


def look_closely(page: pdfium.PdfPage, layers: Sequence[Sequence[Entry]]) -> None:
    """Marks the words without which the page looks the same in colour. Those of one layer do not lie on each other."""
    size = pixels_of(page, LONGEST / max(page.get_size()))
    view = View(size, frame_of(around(word.box for layer in layers for word in layer), size), "RGBX")
    for layer in filter(None, layers):
        ink = view.looks(page, drawn_by(layer)).ink
        for word in layer:
            word.hidden = not ink.shows(word)


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
