"""One page of a PDF: its picture, and on it, unseen, its words. Runs in a child process: words and evidence are what
documents say."""

from __future__ import annotations

import io
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple

from ix import untrusted
from ix.errors import DocumentError
from ix.extraction import layout
from ix.extraction.page import Box, Page, Word, contents
from ix.extraction.processes.frames import Body, Frame
from ix.extraction.sheets.font import ADVANCE, UNITS
from ix.extraction.straight import drawn

LARGEST, FITTED = 1191.0, 842.0
"""Longest side of a page, points, from which on it is taken for pixels and made as long as A4: A3, the largest that
people print."""
QUALITY = 80
"""Of the JPEG of a page that was drawn on."""


class Place(NamedTuple):
    """Where on the sheet the page is, points: its left and bottom edge, its width and height."""

    left: float
    bottom: float
    width: float
    height: float


def handle(body: Body, blobs: list[bytes]) -> Frame:
    """The sheet of a page, whose picture (JPEG), words and, where these are to be drawn, answer are given: its size in
    points, the size of its picture in pixels, how many colours that has; picture and content. Raises
    `DocumentError`."""
    from PIL import Image

    picture, words, *answers = blobs
    page = Page(body["number"], body["width"], body["height"], _read(words), document=body["document"])
    width, height = size = fitted(page.width, page.height)
    place = Place(0.0, 0.0, width, height)
    if answers:
        picture, size, place = _marked(picture, untrusted.parse(answers[0]), page, size)
    with Image.open(io.BytesIO(picture)) as image:
        told = {"size": size, "pixels": image.size, "colours": len(image.getbands())}
    return told, [picture, zlib.compress(_content(size, page, place))]


def fitted(width: float, height: float) -> tuple[float, float]:
    """The size of a page on paper, points. One that is larger than people print has its size in pixels, or may as
    well."""
    longest = max(width, height, 1.0)
    scale = FITTED / longest if longest > LARGEST else 1.0
    return max(width * scale, 1.0), max(height * scale, 1.0)


def _read(packed: bytes) -> tuple[Word, ...]:
    """The words as they stand on the page as it is drawn."""
    words, _, quad = contents(packed)
    return words if quad is None else tuple(replace(word, box=drawn(word.box, quad)) for word in words)


def _marked(picture: bytes, answer: Any, page: Page, size: tuple[float, float]) -> tuple[bytes, Any, Place]:
    """The page with what was found on it beside it."""
    from PIL import Image

    from ix.extraction import annotate

    try:
        marks = annotate.marks_of(answer.get("result"), answer.get("evidence"), page.document, page.number)
    except (AttributeError, KeyError, TypeError, ValueError):
        # a use case of somebody's own says where its values stand in a way of its own
        raise DocumentError("the answer does not say where its values stand") from None
    with Image.open(io.BytesIO(picture)) as image:
        canvas = annotate.drawn(image.convert("RGB"), marks)
    # the page keeps its size, and the legend comes beside it
    points = size[0] / (annotate.PAGE_WIDTH * annotate.OVERSAMPLE)
    wide, high = canvas.width * points, canvas.height * points
    margin = annotate.MARGIN * annotate.OVERSAMPLE * points
    out = io.BytesIO()
    canvas.save(out, "JPEG", quality=QUALITY)
    return out.getvalue(), (wide, high), Place(margin, high - margin - size[1], *size)


def _content(size: Sequence[float], page: Page, place: Place) -> bytes:
    width, height = size
    parts = [f"q {width:.2f} 0 0 {height:.2f} 0 0 cm /Picture Do Q", "BT 3 Tr"]
    for line in layout.lines(page):
        parts += _line(line.words, place)
    return "\n".join([*parts, "ET"]).encode()


def _line(words: Sequence[Word], place: Place) -> Iterator[str]:
    """The words of a line, and between them spaces as wide as the gaps."""
    for word in words:
        yield from _shown(word.text, word.box, place)
    for left, right in pairwise(words):
        if left.box[2] < right.box[0]:
            yield from _shown(" ", (left.box[2], left.box[1], right.box[0], left.box[3]), place)


def _shown(text: str, box: Box, place: Place) -> Iterable[str]:
    """A text that is as wide as its box, and as high."""
    x0, y0, x1, y1 = layout.clamped(box)
    size = (y1 - y0) * place.height
    codes = text.encode("utf-16-be", "replace")
    wide = (x1 - x0) * place.width
    # what has no extent cannot be stretched
    if size < 0.1 or wide < 0.01:
        return
    stretched = 100 * wide / (size * ADVANCE / UNITS * len(codes) / 2)
    # what is read from the right begins there, and goes the other way
    begins, direction = (x1, -1) if _is_from_the_right(text) else (x0, 1)
    x, y = place.left + begins * place.width, place.bottom + (1 - y1) * place.height
    yield f"/Blank {size:.2f} Tf {stretched:.2f} Tz {direction} 0 0 1 {x:.2f} {y:.2f} Tm <{codes.hex()}> Tj"


def _is_from_the_right(text: str) -> bool:
    """Whether its first letter that has a direction is of a script that is (UAX #9, P2)."""
    directions = map(unicodedata.bidirectional, text)
    return next((one != "L" for one in directions if one in ("L", "R", "AL")), False)
