"""A page whose words come from its text layer and, where that is silent, from OCR."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import replace

from PIL import Image

from ix.extraction.page import Box, Word, contents, packed_words, unpacked
from ix.extraction.processes.frames import Body, Frame
from ix.extraction.straight import drawn
from ix.extraction.words import held

COVERED = 0.3
"""Share of a word that OCR read which words of the text layer may cover: more, and it is one of them read twice."""
GRID = 1000
"""Cells of a page each way, in which covered places are noted: a third of a millimetre on A4."""
LINES = 100
"""Strips of a page in which words are a line, each about as high as a line of print."""


def handle(body: Body, blobs: list[bytes]) -> Frame:
    """The task `merge`, as the package says."""
    (layer, codes), (read, _, quad) = unpacked(blobs[0]), contents(blobs[1])
    # the layer's words are where they are drawn, so that those of an area that lies askew have to be there too
    found = (replace(word, box=drawn(word.box, quad)) for word in read)
    words, warnings = held(merged(layer, [placed(word, body["area"], body["rotation"]) for word in found]))
    return {"warnings": warnings}, [packed_words(words, codes)]


def frame(area: Box, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """An area of a page, in whole pixels of its picture, at least one each way."""
    (x0, y0, x1, y1), (wide, high) = area, size
    left, top = min(int(x0 * wide), wide - 1), min(int(y0 * high), high - 1)
    return left, top, max(round(x1 * wide), left + 1), max(round(y1 * high), top + 1)


def placed(word: Word, area: Box, rotation: int) -> Word:
    """A word of an area's picture, which was rotated clockwise by so many degrees to be read, on the page."""
    left, top, right, bottom = area
    x0, y0, x1, y1 = word.box
    # each step takes the point (x, y) back to (y, 1 - x)
    for _ in range(rotation % 360 // 90):
        x0, y0, x1, y1 = y0, 1 - x1, y1, 1 - x0
    wide, high = right - left, bottom - top
    return Word(word.text, (left + x0 * wide, top + y0 * high, left + x1 * wide, top + y1 * high), word.confidence)


def merged(layer: Sequence[Word], read: Sequence[Word]) -> list[Word]:
    """The text layer's words in their order, and among them what OCR read beside them: each line after the word that is
    before it on the page."""
    covered = _covered(layer)
    new = [word for word in read if _share(covered, word.box) <= COVERED]
    order = sorted((_place(word), index) for index, word in enumerate(layer) if not word.hidden)
    after: dict[int, list[Word]] = {}
    for word in new:
        at = bisect(order, (_place(word), len(layer)))
        after.setdefault(order[at - 1][1] if at else -1, []).append(word)
    return list(_woven(layer, after))


def _woven(layer: Sequence[Word], after: dict[int, list[Word]]) -> Iterator[Word]:
    yield from after.get(-1, ())
    for index, word in enumerate(layer):
        yield word
        yield from after.get(index, ())


def _place(word: Word) -> tuple[int, float]:
    """Where a word comes in reading: its line, and how far from the left."""
    return int((word.box[1] + word.box[3]) / 2 * LINES), word.box[0]


def _covered(layer: Sequence[Word]) -> Image.Image:
    """A small picture of the page, white where words of its text layer can be seen."""
    image = Image.new("L", (GRID, GRID))
    for word in layer:
        if not word.hidden:
            left, top, right, bottom = frame(word.box, image.size)
            image.paste(255, (left, top, right + 1, bottom + 1))
    return image


def _share(covered: Image.Image, box: Box) -> float:
    """How much of a box is covered, 0 to 1."""
    inside = covered.crop(frame(box, covered.size)).histogram()
    return inside[255] / max(sum(inside), 1)
