"""Pages that lie askew: words are told where they would stand on the page made straight, so that rows are level and
columns upright; what clients are told is where that lies on the page as they have it.

A `Quad` says where the corners of the straight page, whose sides are in the proportion of the page's own, lie on the
page as it is drawn: clockwise from the top left, as fractions, of which some may be off the page. Between the two goes
the one projective map that takes corners to corners (Heckbert, Fundamentals of Texture Mapping, 1989, 2.2.3)."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TypeAlias

from ix.extraction.page import Box, Quad, contents, packed_words

Matrix: TypeAlias = tuple[float, float, float, float, float, float, float, float, float]
"""Three rows, one after the other: it takes (x, y, 1) to a multiple of the point on the other side."""


QUAD_BYTES = 300
"""Bytes in which a quad stands, at the end of a page's packed words."""


def drawn(box: Box, quad: Quad | None) -> Box:
    """The upright box around what a box of the straight page covers on the page as it is drawn."""
    return box if quad is None else _around(box, _to_quad(quad))


def straightened(box: Box, quad: Quad | None) -> Box:
    """The upright box, on the straight page, around what a box of the page as it is drawn covers."""
    return box if quad is None else _around(box, _inverse(_to_quad(quad)))


def as_drawn(packed: bytes) -> bytes | None:
    """Packed words of a page with their boxes as it is drawn; None where they are so already. Raises `DocumentError`
    where whoever read the page wrote none."""
    if b'["",' not in packed[-QUAD_BYTES:]:
        return None
    words, codes, quad = contents(packed)
    return packed_words(
        [replace(word, box=drawn(word.box, quad)) for word in words],
        [replace(code, box=drawn(code.box, quad)) for code in codes],
    )


def _around(box: Box, matrix: Matrix) -> Box:
    x0, y0, x1, y1 = box
    xs, ys = zip(*(_point(x, y, matrix) for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))), strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _point(x: float, y: float, matrix: Matrix) -> tuple[float, float]:
    a, b, c, d, e, f, g, h, i = matrix
    # what lies on the horizon has no place
    depth = g * x + h * y + i or 1e-9
    return (a * x + b * y + c) / depth, (d * x + e * y + f) / depth


@lru_cache(maxsize=64)
def _to_quad(quad: Quad) -> Matrix:
    """What takes the unit square's corners to these."""
    x0, y0, x1, y1, x2, y2, x3, y3 = quad
    across, down = (x1 - x2, y1 - y2), (x3 - x2, y3 - y2)
    rest = x0 - x1 + x2 - x3, y0 - y1 + y2 - y3
    area = across[0] * down[1] - down[0] * across[1] or 1e-9
    g = (rest[0] * down[1] - down[0] * rest[1]) / area
    h = (across[0] * rest[1] - rest[0] * across[1]) / area
    return x1 - x0 + g * x1, x3 - x0 + h * x3, x0, y1 - y0 + g * y1, y3 - y0 + h * y3, y0, g, h, 1.0


def _inverse(matrix: Matrix) -> Matrix:
    """A multiple of the inverse, which is as good: the adjugate."""
    a, b, c, d, e, f, g, h, i = matrix
    return (
        e * i - f * h,
        c * h - b * i,
        b * f - c * e,
        f * g - d * i,
        a * i - c * g,
        c * d - a * f,
        d * h - e * g,
        b * g - a * h,
        a * e - b * d,
    )
