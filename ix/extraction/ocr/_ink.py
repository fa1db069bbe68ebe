"""Where in a line's picture the print is: words end where their ink does, and a gap as wide as a space ends one too,
also where the model read no space."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

import numpy as np

from ix.extraction.ocr._lines import HEIGHT, Grey
from ix.extraction.ocr._mask import Mask, inked
from ix.extraction.ocr._recognition import Character
from ix.extraction.page import Box

MARGIN = 0.05 * HEIGHT
"""What is left out above and below a line's picture, pixels. All words of a line are as high, whatever their letters:
what tells large print from small goes by it, and a dash has none. Rules reach as far as so many heights: boxes lower
than this (0.15 overlaps labels best) lose names that stand far above their addresses."""
GAP = 13.0
"""Width of a gap between words, pixels of a line `HEIGHT` high, or two fifths of its print."""
FAR = 1.6
"""How much further apart than most of its line two characters stand that have a space between them: in typewriter
faces a point has wide gaps on both sides."""
OPENING, CLOSING = frozenset("([{#$€£"), frozenset(".,;!?)]}%")
"""What never ends a word that goes on, and what never begins one: wide as the gap beside them is in some faces."""
REACH = 30.0
"""How far from where the model saw a character its ink may reach, pixels: a little more than half a capital W."""


class Piece(NamedTuple):
    """The characters of a word, and its box in the line's picture, pixels: as wide as its own ink, as high as the
    line's."""

    characters: list[Character]
    box: Box


class _Gap(NamedTuple):
    """Columns without ink between two characters; with a space if the model read one."""

    start: float
    end: float
    spaced: bool
    distance: float
    sides: tuple[str, str]


def pieces(picture: Grey, characters: Sequence[Character]) -> list[Piece]:
    """The words of a line, in order."""
    ink = inked(picture)
    columns: Mask = np.asarray(ink.any(axis=0))
    visible = [one for one in characters if not one.text.isspace()]
    if not visible:
        return []
    gaps = list(_gaps(columns, characters))
    usual = median(gap.distance for gap in gaps) if gaps else 0.0
    cuts = [gap for gap in gaps if gap.spaced or _is_space(gap, usual)]
    first, last = _outermost(columns, visible[0], visible[-1])
    starts, ends = [first, *(gap.end for gap in cuts)], [*(gap.start for gap in cuts), last]
    words = iter(_split(visible, [gap in cuts for gap in gaps]))
    return [Piece(word, (start, MARGIN, end, HEIGHT - MARGIN)) for word, start, end in zip(words, starts, ends)]


def _gaps(columns: Mask, characters: Sequence[Character]) -> Iterator[_Gap]:
    """What is between each character and the next one that is no space."""
    spaced, before = False, None
    for one in characters:
        if one.text.isspace():
            spaced = True
            continue
        if before is not None:
            start, end = _between(columns, before, one)
            yield _Gap(start, end, spaced, one.middle - before.middle, (before.text, one.text))
        spaced, before = False, one


def _between(columns: Mask, before: Character, after: Character) -> tuple[float, float]:
    """The widest run of columns without ink between two characters; their middle where all have some, and what the
    model says where none has."""
    first, last, middle = int(before.middle), int(after.middle) + 1, (before.middle + after.middle) / 2
    inked = (first + np.flatnonzero(columns[first:last])).tolist()
    if not inked:
        return min(before.end, middle), max(after.start, middle)
    left, right = max(pairwise([first - 1, *inked, last]), key=lambda run: run[1] - run[0])
    return (left + 1.0, float(right)) if right - left > 1 else (middle, middle)


def _is_space(gap: _Gap, usual: float) -> bool:
    """Whether a gap is a space that the model did not read. Never between two digits: a wrong one there is a wrong
    number, and a narrow 1 looks like it."""
    left, right = gap.sides
    if left in OPENING or right in CLOSING or (left + right).isdigit():
        return False
    return gap.end - gap.start > GAP and gap.distance >= FAR * usual


def _outermost(columns: Mask, first: Character, last: Character) -> tuple[float, float]:
    """Where the ink of a line begins and ends that has these characters."""
    from_, to = max(int(first.middle - REACH), 0), int(last.middle + REACH) + 1
    before = np.flatnonzero(columns[from_ : int(first.middle) + 1])
    behind = np.flatnonzero(columns[int(last.middle) : to])
    start = from_ + float(before[0]) if len(before) else max(first.start, 0.0)
    end = int(last.middle) + float(behind[-1]) + 1 if len(behind) else min(last.end, float(len(columns)))
    return start, end


def _split(characters: Sequence[Character], cuts: Sequence[bool]) -> Iterator[list[Character]]:
    word = [characters[0]]
    for one, cut in zip(characters[1:], cuts):
        if cut:
            yield word
            word = []
        word.append(one)
    yield word
