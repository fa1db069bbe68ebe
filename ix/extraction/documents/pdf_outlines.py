"""Outlines of a font's glyphs, drawn into a few cells, by which they can be compared."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from ctypes import addressof, c_float
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium_c
from PIL import Image, ImageChops

from ix.extraction.documents import pdf_calls

CELLS = (12, 16)
"""Across and down, into which an outline is drawn."""
FINE = 2
"""Times finer that it is drawn first."""
LEVELS = (64, 128, 192)
"""Greys, of 255, above which a cell counts; each adds a bit to it."""
TABLES = [bytes(ord("1") if grey > level else ord("0") for grey in range(256)) for level in LEVELS]
"""For each level which greys count, as digits, for `bytes.translate`."""
BITS = CELLS[0] * CELLS[1] * len(LEVELS)
"""Bits of a glyph that count."""
MAX_SEGMENTS = 2000
"""Pieces of an outline beyond which the rest is left out; ornate letters have 200."""
STEPS = tuple(
    ((1 - step) ** 3, 3 * (1 - step) * (1 - step) * step, 3 * (1 - step) * step * step, step**3)
    for step in (0.33, 0.67, 1.0)
)
"""Where a curve is cut into straight pieces: what each of its four points has of such a place."""


class Glyph(NamedTuple):
    """An outline: its cells as bits, and the logarithm of its width to its height, base 2."""

    bits: int
    shape: float


def path_of(font: Any, character: str) -> int | None:
    """pdfium's handle of the outline that a font has for a character; None where it says nothing of it."""
    # pdfium goes from the character back to the glyph by the font's own map
    found: int | None = pdf_calls.glyph_path(addressof(font.contents), ord(character), 100.0)
    return found


def glyph_of(path: int) -> Glyph | None:
    """What is drawn by an outline; None where that is nothing."""
    # not before a font is looked at: it brings all that draws text
    from PIL import ImageDraw

    outline = list(contours(path))
    if not outline:
        return None
    left, top, right, bottom = extent(outline)
    wide, high = right - left, bottom - top
    if wide <= 0 or high <= 0:
        return None
    across, down = (cells * FINE for cells in CELLS)
    stretched, squeezed = (across - 1) / wide, (down - 1) / high
    image = Image.new("1", (across, down))
    for contour in outline:
        # a contour within another is a hole
        part = Image.new("1", image.size)
        # upside down, as all are
        ImageDraw.Draw(part).polygon([((x - left) * stretched, (y - top) * squeezed) for x, y in contour], fill=1)
        image = ImageChops.logical_xor(image, part)
    return Glyph(bits_of(image.convert("L").resize(CELLS, Image.Resampling.BOX)), shape_of(wide, high))


def extent(outline: Sequence[Sequence[tuple[float, float]]]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of an outline."""
    xs = [x for contour in outline for x, _ in contour]
    ys = [y for contour in outline for _, y in contour]
    return min(xs), min(ys), max(xs), max(ys)


def proportions_of(path: int) -> float:
    """The `Glyph.shape` of an outline, which is not drawn for it."""
    left, top, right, bottom = extent(list(contours(path)))
    return shape_of(right - left, bottom - top)


def shape_of(wide: float, high: float) -> float:
    """How wide for its height, in doublings."""
    return math.log2(wide / high)


def bits_of(cells: Image.Image) -> int:
    """The cells as one number, a bit for each level of grey that a cell has: numbers of like cells differ in few
    bits."""
    grey = cells.tobytes()
    return int(b"".join(grey.translate(table) for table in TABLES), 2)


def contours(path: int) -> Iterator[list[tuple[float, float]]]:
    """The closed lines of an outline, curves in short straight pieces."""
    x, y = c_float(), c_float()
    to_x, to_y = addressof(x), addressof(y)
    contour: list[tuple[float, float]] = []
    curve: list[tuple[float, float]] = []
    for index in range(min(max(pdf_calls.count_segments(path), 0), MAX_SEGMENTS)):
        segment = pdf_calls.segment(path, index)
        kind = pdf_calls.segment_kind(segment)
        pdf_calls.segment_point(segment, to_x, to_y)
        if kind == pdfium_c.FPDF_SEGMENT_MOVETO:
            if len(contour) > 2:
                yield contour
            contour = []
        if kind != pdfium_c.FPDF_SEGMENT_BEZIERTO:
            contour.append((x.value, y.value))
            continue
        curve.append((x.value, y.value))
        if len(curve) == 3:
            contour += flattened(contour[-1] if contour else curve[0], curve)
            curve = []
    if len(contour) > 2:
        yield contour


def flattened(start: tuple[float, float], curve: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Points of a cubic curve from `start` by two control points to its end."""
    (ax, ay), ((bx, by), (cx, cy), (dx, dy)) = start, curve
    return [(a * ax + b * bx + c * cx + d * dx, a * ay + b * by + c * cy + d * dy) for a, b, c, d in STEPS]
