"""How a page lies askew, told from where its lines are: nothing is read for that, and no pixel is looked at again.

Rows of print run towards one point, far away where the sheet lies flat (https://en.wikipedia.org/wiki/Vanishing_point);
their slopes tell where. Once that point is undone, rows are level, and columns as upright as on a sheet whose top is as
wide as its bottom. Where it is not, nothing is done about it: in receipts, edges of lines above each other say too
little of it, and rows are what values are found by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np

from ix.extraction.ocr._lines import sides
from ix.extraction.ocr._weights import Floats
from ix.extraction.page import Quad

LONG = 2.0
"""How much wider than high a line is whose slope is believed: corners are off by a pixel or two."""
FEWEST, FEWEST_CONVERGING = 3, 8
"""Long lines from which a page's slope can be told, and how its rows run together."""
LEAST_SLOPE = 0.004
"""Slope below which a page is straight: a pixel or two from one end of a line to the other."""
STEEPEST = 0.4
"""Slope beyond which a page does not lie askew: what runs so is drawn so."""
TOLERANCES = (0.16, 0.08, 0.04, 0.02, 0.01, 0.01)
"""Difference from the common slope from which a line counts for less, each time that lines are weighed anew: from what
slopes differ by in a photo to as much as corners are off."""
LEAST_CONVERGENCE = 0.01
"""By how much slopes of rows have to differ over the page for its rows to run together."""
MOST_CONVERGENCE = 0.6
"""By how much slopes may differ over half the page."""
NEARBY = np.stack([grid.ravel() for grid in np.meshgrid(np.linspace(-0.05, 0.05, 21), np.linspace(-0.05, 0.05, 21))])
"""What else is tried: other slopes, and by how much more they differ over half the page. Less than what would put a row
of close print on the one below it."""
CLEARLY = 1.1
"""How much sharper rows have to be for that."""
HORIZON = 0.3
"""Least depth of a corner of the page, of the middle's, at which it is still on the sheet."""


class Straightening(NamedTuple):
    """`matrix` takes points of a picture, pixels, to the straight page, fractions; `quad` says where that lies."""

    matrix: Any
    quad: Quad

    def place(self, points: Any) -> Any:
        """Where points (n, 2) of the picture are on the straight page."""
        return cv2.perspectiveTransform(np.asarray(points, np.float64)[None], self.matrix)[0]


def straightening(rectangles: Sequence[Floats], shape: Sequence[int]) -> Straightening | None:
    """What makes a page straight that has these lines; None where it is so, or where that cannot be told. `shape` is
    the picture's, height and width."""
    long = [one for one in rectangles if sides(one)[0] > LONG * sides(one)[1]]
    if len(long) < FEWEST:
        return None
    centre = np.array((shape[1] / 2, shape[0] / 2))
    lines = np.array(long, np.float64) - centre
    middles = np.array(rectangles, np.float64).mean(1) - centre
    height = float(np.median([sides(one)[1] for one in long]))
    slope, towards = _sharpened(middles, *_rows(lines, shape), height, shape[0] / 2)
    level = np.array([(1, slope, 0), (-slope, 1, 0), (-towards, 0, 1)])
    if abs(slope) < LEAST_SLOPE and not towards:
        return None
    centred = np.array([(1, 0, -centre[0]), (0, 1, -centre[1]), (0, 0, 1)])
    return _framed(level @ centred, np.array(rectangles, np.float64), shape)


def _rows(lines: Any, shape: Sequence[int]) -> tuple[float, float]:
    """The slope of rows in the middle of the page, and the inverse of how far the point is to which they run; 0 where
    they do not. Lines are weighed by their length, and by how much they agree."""
    left, right = (lines[:, 0] + lines[:, 3]) / 2, (lines[:, 1] + lines[:, 2]) / 2
    x, y = ((left + right) / 2).T
    across, down = (right - left).T
    slopes, weights = down / across, across**2
    slope, towards = _median(slopes, weights), 0.0
    if abs(slope) > STEEPEST:
        return 0.0, 0.0
    converges = len(lines) >= FEWEST_CONVERGING
    for tolerance in TOLERANCES:
        # slope at (x, y) of a line through the point (1, slope) / towards
        off = slopes - (slope + towards * (slopes * x - y))
        trust = weights / (1 + (off / tolerance) ** 2) ** 2
        columns = np.stack([np.ones_like(x), slopes * x - y], 1)[:, : 2 if converges else 1]
        root = np.sqrt(trust)
        found = np.linalg.lstsq(columns * root[:, None], slopes * root, rcond=None)[0]
        slope, towards = float(found[0]), float(found[1]) if converges else 0.0
    if not LEAST_CONVERGENCE < abs(towards) * shape[0] / 2 < MOST_CONVERGENCE:
        towards = 0.0
    return slope, towards


def _sharpened(middles: Any, slope: float, towards: float, height: float, half: float) -> tuple[float, float]:
    """What gathers lines in fewer rows than they are in by these, if anything near them clearly does: the corners of
    short words say little of how these run, and where two of them stand says more. The same is done for pages without
    corners in `ix.extraction.layout`."""
    slopes, all_towards = slope + NEARBY[0], towards + NEARBY[1] / half
    x, y = middles.T
    down = (y - slopes[:, None] * x) / (1 - all_towards[:, None] * x)
    rows = np.floor(down * 3 / height).astype(np.int64)
    rows -= rows.min()
    size = int(rows.max()) + 1
    places = (rows + size * np.arange(len(slopes))[:, None]).ravel()
    sharpness = (np.bincount(places, minlength=size * len(slopes)).reshape(-1, size) ** 2).sum(1)
    # of equals the one that changes least
    best = int(np.lexsort((np.abs(NEARBY).sum(0), -sharpness))[0])
    clear = sharpness[best] > CLEARLY * sharpness[len(slopes) // 2]
    return (float(slopes[best]), float(all_towards[best])) if clear else (slope, towards)


def _median(values: Any, weights: Any) -> float:
    order = np.argsort(values)
    at = np.searchsorted(np.cumsum(weights[order]), weights.sum() / 2)
    return float(values[order][at])


def _applied(matrix: Any, points: Any) -> Any:
    return cv2.perspectiveTransform(points.reshape(1, -1, 2), matrix).reshape(points.shape)


def _framed(matrix: Any, rectangles: Any, shape: Sequence[int]) -> Straightening | None:
    """The map to fractions of the frame around all lines and the middles of the picture's sides, in the proportion of
    these; None where some of it would be beyond the horizon."""
    high, wide = shape
    corners = np.array([(0, 0), (wide, 0), (wide, high), (0, high)], np.float64)
    middles = (corners + np.roll(corners, 1, axis=0)) / 2
    if (corners @ matrix[2, :2] + matrix[2, 2]).min() < HORIZON:
        return None
    found = _applied(matrix, np.concatenate([rectangles.reshape(-1, 2), middles]))
    least, most = found.min(0), found.max(0)
    size = np.array((wide, high)) * ((most - least) / (wide, high)).max()
    (left, top), (across, down) = (least + most - size) / 2, size
    whole = np.array([(1 / across, 0, -left / across), (0, 1 / down, -top / down), (0, 0, 1)]) @ matrix
    unit = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float64)
    x0, y0, x1, y1, x2, y2, x3, y3 = (_applied(np.linalg.inv(whole), unit) / (wide, high)).ravel().tolist()
    return Straightening(whole, (x0, y0, x1, y1, x2, y2, x3, y3))
