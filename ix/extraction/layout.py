"""Where words stand: visual lines, their cells, and who is right of or below whom.

words ──group──▶ lines ──gaps──▶ cells
(boxes)          (one visual row)  (parts of a row that a wide gap sets apart)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from statistics import median

from ix.extraction.page import Box, Page, Word

_GAP = 1.0  # a gap wider than this many line heights sets cells apart
_SLOPES = tuple(step / 400 for step in range(-16, 17))  # up to 0.04, about 2.3 degrees


@dataclass(frozen=True)
class Span:
    """A run of words of one visual line. `indices` are the words' places in the page's words; the text joins them by
    one space."""

    words: tuple[Word, ...]
    indices: tuple[int, ...]

    @cached_property
    def text(self) -> str:
        """The words joined by one space."""
        return " ".join(word.text for word in self.words)

    @cached_property
    def box(self) -> Box:
        """The box around all words, as fractions of the page."""
        return around(word.box for word in self.words)

    @property
    def height(self) -> float:
        """Median height of the words, as a fraction of the page's height."""
        return median(word.box[3] - word.box[1] for word in self.words)

    @property
    def confidence(self) -> float:
        """Mean confidence of the words."""
        return sum(word.confidence for word in self.words) / len(self.words)

    def part(self, start: int, end: int) -> Span:
        """The words that the characters `start:end` of the text touch. Raises `ValueError` if they touch none."""
        kept, at = [], 0
        for place, word in enumerate(self.words):
            if at < end and at + len(word.text) > start:
                kept.append(place)
            at += len(word.text) + 1
        if not kept:
            raise ValueError("the characters touch no word")
        return self.slice(kept[0], kept[-1] + 1)

    def slice(self, start: int, end: int) -> Span:
        """The words `start:end`."""
        return Span(self.words[start:end], self.indices[start:end])


@dataclass(frozen=True)
class Line(Span):
    """One visual line of a page, left to right, and the cells that wide gaps part it into."""

    cells: tuple[Span, ...] = ()


def lines(page: Page) -> list[Line]:
    """The page's visual lines from top to bottom. Hidden and empty words are left out; a slight skew of the page is
    undone."""
    seen = [(index, word) for index, word in enumerate(page.words) if not word.hidden and word.text.strip()]
    if not seen:
        return []
    slope = _skew([word for _, word in seen])
    rows = _rows([(_middle(word) - slope * _centre(word), index, word) for index, word in seen])
    ratio = page.width / page.height if page.width > 0 < page.height else 1.0
    return [_line(row, ratio) for row in rows]


def around(boxes: Iterable[Box]) -> Box:
    """The box around boxes."""
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def joined(spans: Sequence[Span]) -> Span:
    """One span of the words of several, in the order given."""
    return Span(tuple(w for span in spans for w in span.words), tuple(i for span in spans for i in span.indices))


def right_of(line: Line, cell: Span) -> list[Span]:
    """The cells of the line that start right of the cell, nearest first."""
    return [other for other in line.cells if other.box[0] >= cell.box[2] - 1e-6 and other is not cell]


def below(rows: Sequence[Line], cell: Span, reach: float = 4.0) -> list[Span]:
    """The cells under the cell that overlap it sideways, nearest first, down to `reach` of its heights."""
    bottom = cell.box[3] + reach * cell.height
    under = [
        c
        for row in rows
        for c in row.cells
        if cell.box[3] - cell.height / 2 < _mid(c.box) < bottom and overlap(c.box, cell.box) > 0
    ]
    return sorted(under, key=lambda c: c.box[1])


def overlap(one: Box, other: Box) -> float:
    """How much of the narrower box's width the two share, 0..1; negative if they are apart."""
    shared = min(one[2], other[2]) - max(one[0], other[0])
    return shared / max(min(one[2] - one[0], other[2] - other[0]), 1e-9)


def _line(row: list[tuple[int, Word]], ratio: float) -> Line:
    row = sorted(row, key=lambda pair: pair[1].box[0])
    whole = Span(tuple(word for _, word in row), tuple(index for index, _ in row))
    limit = _GAP * whole.height / ratio
    cuts = [at for at, (left, right) in enumerate(pairwise(whole.words), 1) if right.box[0] - left.box[2] > limit]
    cells = tuple(whole.slice(start, end) for start, end in pairwise([0, *cuts, len(row)]))
    return Line(whole.words, whole.indices, cells)


def _rows(placed: list[tuple[float, int, Word]]) -> list[list[tuple[int, Word]]]:
    """Words whose levelled middles are close and that do not stand on each other, from top to bottom."""
    rows: list[_Row] = []
    for middle, index, word in sorted(placed, key=lambda item: item[0]):
        home = next((row for row in reversed(rows[-6:]) if row.takes(middle, word)), None)
        if home is None:
            rows.append(home := _Row())
        home.add(middle, index, word)
    return [row.words for row in sorted(rows, key=lambda row: row.middle)]


class _Row:
    def __init__(self) -> None:
        self.words: list[tuple[int, Word]] = []
        self.middle = 0.0

    def takes(self, middle: float, word: Word) -> bool:
        height = min(_height(word), median(_height(other) for _, other in self.words))
        return abs(middle - self.middle) <= 0.5 * height and all(
            overlap(word.box, other.box) < 0.5 for _, other in self.words
        )

    def add(self, middle: float, index: int, word: Word) -> None:
        self.middle = (self.middle * len(self.words) + middle) / (len(self.words) + 1)
        self.words.append((index, word))


def _skew(words: Sequence[Word]) -> float:
    """The slope dy/dx (in fractions of the page) along which the words' middles fall into the sharpest rows; 0 unless
    clearly better."""
    if len({word.box[1] for word in words}) < 8:
        return 0.0
    size = max(median(_height(word) for word in words) / 3, 1e-4)
    scores = {slope: _sharpness(words, slope, size) for slope in _SLOPES}
    best = max(_SLOPES, key=lambda slope: (scores[slope], -abs(slope)))
    return best if scores[best] > 1.1 * scores[0.0] else 0.0


def _sharpness(words: Sequence[Word], slope: float, size: float) -> float:
    filled: dict[int, float] = {}
    for word in words:
        at = int((_middle(word) - slope * _centre(word)) / size)
        filled[at] = filled.get(at, 0.0) + len(word.text)
    return sum(weight * weight for weight in filled.values())


def _height(word: Word) -> float:
    return word.box[3] - word.box[1]


def _middle(word: Word) -> float:
    return _mid(word.box)


def _mid(box: Box) -> float:
    return (box[1] + box[3]) / 2


def _centre(word: Word) -> float:
    return (word.box[0] + word.box[2]) / 2
