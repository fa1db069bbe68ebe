"""Which pixels of a line's picture are print, and how much of it no character accounts for."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from ix.extraction.ocr._lines import HEIGHT, Grey

Mask: TypeAlias = npt.NDArray[np.bool_]
EDGE = HEIGHT // 5
"""Height of what may reach into the picture from the line above or below, pixels."""
FAINT = 24.0
"""Least difference of ink and paper, of 255, by which they are told apart."""
NEAR = 26.0
"""How far from where the model saw a character its ink may be, pixels: half a capital W."""


def inked(picture: Grey) -> Mask:
    """Which pixels are print: those unlike most of the picture (Otsu's threshold), whether dark or light. What reaches
    in from the lines above and below is left out; a picture without contrast has none."""
    _, dark = cv2.threshold(picture, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    ink = np.asarray(dark, np.bool_)
    if ink.mean() > 0.5:
        ink = ~ink
    if not ink.any() or abs(float(picture[ink].mean()) - float(picture[~ink].mean())) < FAINT:
        return np.zeros(picture.shape, np.bool_)
    for rows in (ink, ink[::-1]):
        empty = np.flatnonzero(~rows.any(axis=1))
        if len(empty) and 0 < empty[0] <= EDGE:
            rows[: empty[0]] = False
    return ink


def unread(picture: Grey, middles: Iterable[float]) -> int:
    """Columns of print that are near none of the characters in these places, from left to right."""
    places = np.array([-2 * NEAR, *middles, picture.shape[1] + 2 * NEAR])
    # most lines are read without a gap, and then nothing has to be looked at
    if all(right - left <= 2 * NEAR for left, right in pairwise([0.0, *places[1:-1], float(picture.shape[1])])):
        return 0
    columns = np.flatnonzero(inked(picture).any(axis=0))
    after = np.searchsorted(places, columns)
    return int((np.minimum(columns - places[after - 1], places[after] - columns) > NEAR).sum())
