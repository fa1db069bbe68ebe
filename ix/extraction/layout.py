"""Where words stand: visual lines and their cells.

words ──group──▶ lines ──gaps──▶ cells
(boxes)          (one visual row)  (parts of a row that a wide gap sets apart)
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from operator import itemgetter
from typing import Any

from ix.extraction.kept import kept
from ix.extraction.page import Box, Page, Word
from ix.extraction.records import record
from ix.extraction.words import MAX_LENGTH, MAX_LINE, MAX_ON_PAGE

_BLANKS = re.compile(r"\s\s")
_GAP = 1.0
"""A gap wider than this many line heights sets cells apart; a space is a quarter to a third of one."""
_SLOPES = tuple(step / 400 for step in range(-16, 17))
"""Slopes tried, up to 0.04 either way, about 2.3 degrees: what a sheet fed or photographed with care is off."""
_FEWEST_LINES = 8
"""Heights that words must start at before a slope can be told: fewer line up along many slopes by chance."""
_LEVEL = 0.5
"""Share of different heights among those at which words start, below which the page is level: in lines that are askew
hardly two words start at one height, in a text layer nearly all of a line do."""
_CLEARLY = 1.1
"""How much sharper the rows must be along a slope than level, since levelling a straight page would harm it."""
_WIDTH = 1e-9
"""Least width, as a fraction of the page's, of a word that can stand on another."""
_NEIGHBOURS = 4
"""Words of a row, on either side, that a word is compared with."""
_RECENT = 6
"""Rows, last begun first, that a word is tried in. Words come by height, so that its row is among the last."""


@record
class Span:
    """A run of words of one visual line. `indices` are the words' places in the page's words; the text joins them by
    one space."""

    words: tuple[Word, ...]
    indices: tuple[int, ...]

    @kept
    def text(self) -> str:
        """The words joined by one space."""
        return " ".join([word.text for word in self.words])

    @kept
    def box(self) -> Box:
        """The box around all words, as fractions of the page."""
        return around([word.box for word in self.words])

    @kept
    def height(self) -> float:
        """Median height of the words, as a fraction of the page's height."""
        return _median(sorted([word.box[3] - word.box[1] for word in self.words]))

    @property
    def confidence(self) -> float:
        """Mean confidence of the words."""
        return sum(word.confidence for word in self.words) / len(self.words)

    def part(self, start: int, end: int) -> Span:
        """The words that the characters `start:end` of the text touch. Raises `ValueError` if they touch none."""
        first, last = bisect_right(self._ends, start), bisect_left(self._starts, end)
        if first >= last:
            raise ValueError("the characters touch no word")
        return self.slice(first, last)

    @kept
    def _starts(self) -> Sequence[int]:
        return [end - len(word.text) for word, end in zip(self.words, self._ends)]

    @kept
    def _ends(self) -> Sequence[int]:
        return [end - 1 for end in accumulate([len(word.text) + 1 for word in self.words])]

    def slice(self, start: int, end: int) -> Span:
        """The words with the positions `start` to `end` (left out) in this span."""
        return Span(self.words[start:end], self.indices[start:end])


@record
class Line(Span):
    """One visual line of a page, left to right, and the cells that wide gaps part it into."""

    cells: tuple[Span, ...] = ()


def lines(page: Page, levelled: bool = True) -> list[Line]:
    """The page's visual lines from top to bottom. Hidden and empty words are left out; a slight skew of the page is
    undone, unless it is not to be `levelled`. Made once for a page; nobody changes them."""
    if (found := page.memory.get("lines")) is None:
        found = page.memory["lines"] = _lines(page, levelled)
    return found


def _lines(page: Page, levelled: bool) -> list[Line]:
    # whoever made the words has held them to their limits; what did not come that way is held here
    seen = [
        (index, _held(word))
        for index, word in enumerate(page.words[:MAX_ON_PAGE])
        if not word.hidden and word.text[:MAX_LENGTH].strip()
    ]
    if not seen:
        return []
    slope = _skew([word for _, word in seen]) if levelled else 0.0
    rows = _rows([(_level(word.box, slope), index, word) for index, word in seen])
    ratio = page.width / page.height if page.width > 0 < page.height else 1.0
    return [_line(part, ratio) for row in rows for part in _parts(row)]


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box around all of them. Raises `ValueError` if there are none."""
    first, *others = boxes
    if not others:
        return first
    # most are two or three, for which `min` and `max` take longer to call than to compare
    left, top, right, bottom = first
    for x0, y0, x1, y1 in others:
        left, top = (x0 if x0 < left else left), (y0 if y0 < top else top)
        right, bottom = (x1 if x1 > right else right), (y1 if y1 > bottom else bottom)
    return left, top, right, bottom


def clamped(box: Box) -> Box:
    """The part of a box that is on the page; what is not a number becomes 0."""
    # the order of the arguments matters: max(0.0, nan) is 0.0, max(nan, 0.0) is nan
    x0, y0, x1, y1 = (min(max(0.0, edge), 1.0) for edge in box)
    return x0, y0, x1, y1


def joined(spans: Sequence[Span]) -> Span:
    """One span of the words of several, in the order given."""
    return Span(tuple(w for span in spans for w in span.words), tuple(i for span in spans for i in span.indices))


class Sides:
    """Left and right sides of things on a page, to find those that reach into a strip without looking at all."""

    def __init__(self, sides: Sequence[tuple[float, float]]) -> None:
        self._order = sorted(range(len(sides)), key=lambda at: sides[at][0])
        self._lefts = [sides[at][0] for at in self._order]
        # the furthest right so far, which only grows, though single ones may end before those left of them
        self._furthest = list(accumulate((sides[at][1] for at in self._order), max))

    def touching(self, left: float, right: float) -> list[int]:
        """The positions, in order, of all that reach into the strip, and of few beside it."""
        first, last = bisect_left(self._furthest, left), bisect_right(self._lefts, right)
        return sorted(self._order[first:last])


def overlap(one: Box, other: Box) -> float:
    """How much of the narrower box's width the two share, 0..1; negative if they are apart."""
    shared = min(one[2], other[2]) - max(one[0], other[0])
    return shared / max(min(one[2] - one[0], other[2] - other[0]), _WIDTH)


def _held(word: Word) -> Word:
    # of white space only the space can be printed
    text = word.text
    if len(text) <= MAX_LENGTH and ((text.isprintable() and "  " not in text) or not _BLANKS.search(text)):
        return word
    return replace(word, text=" ".join(text[:MAX_LENGTH].split()))


def _parts(row: list[tuple[int, Word]]) -> Iterator[list[tuple[int, Word]]]:
    """The words of a row from left to right, in as many parts as its length asks for."""
    row.sort(key=lambda pair: pair[1].box[0])
    length = start = 0
    for at, (_, word) in enumerate(row):
        length += len(word.text) + 1
        if length > MAX_LINE + 1 and at > start:
            yield row[start:at]
            start, length = at, len(word.text) + 1
    yield row[start:]


def _line(row: list[tuple[int, Word]], ratio: float) -> Line:
    whole = Span(tuple([word for _, word in row]), tuple([index for index, _ in row]))
    # heights are fractions of the page's height and gaps of its width
    limit = _GAP * whole.height / ratio
    cuts = [at for at, (left, right) in enumerate(pairwise(whole.words), 1) if right.box[0] - left.box[2] > limit]
    cells = tuple([whole.slice(start, end) for start, end in pairwise([0, *cuts, len(row)])]) if cuts else (whole,)
    return Line(whole.words, whole.indices, cells)


def _rows(placed: list[tuple[float, int, Word]]) -> list[list[tuple[int, Word]]]:
    """Words whose levelled middles are close and that do not stand on each other, from top to bottom."""
    rows: list[_Row] = []
    for middle, index, word in sorted(placed, key=itemgetter(0)):
        box = word.box
        height = box[3] - box[1]
        for fitting in reversed(rows[-_RECENT:]):
            # words above one another are of two lines, however close these are set
            if abs(middle - fitting.middle) <= 0.5 * min(height, fitting.typical) and fitting.has_room(box):
                break
        else:
            rows.append(fitting := _Row())
        fitting.add(middle, height, index, word)
    return [row.words for row in sorted(rows, key=lambda row: row.middle)]


class _Row:
    def __init__(self) -> None:
        self.words: list[tuple[int, Word]] = []
        self.middle = 0.0
        self.typical = 0.0
        """Median height of the words."""
        self._heights: list[float] = []
        self._boxes: list[Box] = []
        self._left, self._right = math.inf, -math.inf

    def has_room(self, box: Box) -> bool:
        """Whether the box stands on no word by a half of the narrower one."""
        left, _, right, _ = box
        # most words come from the left to the right
        if left >= self._right or right <= self._left:
            return True
        # of the words so far no two stand on each other so, hence at most two share any place: neighbours are enough
        at = bisect_left(self._boxes, box)
        near = self._boxes[max(at - _NEIGHBOURS, 0) : at + _NEIGHBOURS]
        # most stand apart, which is seen sooner than by how much
        return all(other[2] <= left or other[0] >= right or overlap(box, other) < 0.5 for other in near)

    def add(self, middle: float, height: float, index: int, word: Word) -> None:
        self.middle = (self.middle * len(self.words) + middle) / (len(self.words) + 1)
        self.words.append((index, word))
        insort(self._heights, height)
        # one more of the median's own height leaves it as it is
        if height != self.typical:
            self.typical = _median(self._heights)
        # what has no width stands on nothing
        left, _, right, _ = box = word.box
        if right - left >= _WIDTH:
            insort(self._boxes, box)
            self._left, self._right = min(self._left, left), max(self._right, right)


def _skew(words: Sequence[Word]) -> float:
    """The slope dy/dx (in fractions of the page) along which the words' middles fall into the sharpest rows; 0 unless
    clearly better."""
    heights = len({word.box[1] for word in words})
    if heights < max(_FEWEST_LINES, _LEVEL * len(words)):
        return 0.0
    # a third of a line: coarser bins blur neighbouring rows, finer ones scatter a row's own words
    size = max(_median(sorted(map(_height, words))) / 3, 1e-4)
    scores = dict(zip(_SLOPES, _sharpness(words, size), strict=True))
    best = max(_SLOPES, key=lambda slope: (scores[slope], -abs(slope)))
    return best if scores[best] > _CLEARLY * scores[0.0] else 0.0


def _sharpness(words: Sequence[Word], size: float) -> list[int]:
    """For each slope the sum of squares of a projection profile: how many letters lie at each height, in bins of
    `size`. It is greatest where they gather in few."""
    # not before it is needed: who only makes boxes has no other use for it
    import numpy

    boxes = numpy.array([word.box for word in words], dtype=float)
    # whatever else a box may say, no more bins than a page has; `clip` takes as long as all the rest
    across, down = numpy.minimum(numpy.maximum((boxes[:, :2] + boxes[:, 2:]) / 2, -1.0), 2.0).T
    letters = numpy.array([len(word.text) for word in words], dtype=float)
    slopes = numpy.array(_SLOPES)[:, None]
    heights: Any = numpy.trunc((down - slopes * across) / size).astype(numpy.int64)
    # one row of bins for each slope
    heights -= heights.min()
    bins = int(heights.max()) + 1
    rows = heights + bins * numpy.arange(len(_SLOPES))[:, None]
    filled = numpy.bincount(rows.ravel(), numpy.tile(letters, len(_SLOPES)), bins * len(_SLOPES))
    return [int(each) for each in (filled * filled).reshape(len(_SLOPES), bins).sum(axis=1)]


def _median(numbers: Sequence[float]) -> float:
    """Of sorted numbers; the one of `statistics` sorts and copies them each time."""
    at = len(numbers) // 2
    return numbers[at] if len(numbers) % 2 else (numbers[at - 1] + numbers[at]) / 2


def _level(box: Box, slope: float) -> float:
    """How far down the middle of a box is, along lines of this slope."""
    x0, y0, x1, y1 = box
    return (y0 + y1) / 2 - slope * ((x0 + x1) / 2)


def _height(word: Word) -> float:
    return word.box[3] - word.box[1]
