"""Cutting words: where in a word's box do some of its characters stand?

A box is shared out by how wide each character usually is. Tills and typewriters print all alike, everything else does
not: which of the two a page does is seen in the widths of its words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from statistics import median

from ix.extraction.evidence.folding import plain
from ix.extraction.kept import kept
from ix.extraction.page import Page, Word

# Thousandths of the font's size, from space to tilde: Adobe's Font Metrics for Helvetica (Core 14 AFM, 1997), whose
# proportions Arial, Liberation Sans and most fonts of invoices share.
_HELVETICA = [
    int(width)
    for width in re.findall(
        r"\d+",
        "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 "
        "278 584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 "
        "667 944 667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 "
        "556 333 500 278 556 500 722 500 500 500 334 260 334 584",
    )
]
_DIGIT, _WIDE = 556, 1000
"""Width of a letter that is not listed, and of an ideograph."""
_MOST, _FEWEST, _SHORTEST = 200, 8, 4
"""Words of a page whose widths are compared, the fewest that show anything, and characters of the shortest of them."""


class Cutter:
    """Cuts words of one page."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def part(self, word: Word, start: int, end: int) -> Word:
        """The characters `start:end` of the word's text as a word of its own, with their share of its box. A word that
        runs up or down the page keeps its box: nothing tells where it begins."""
        text = plain(word.text)
        if (start <= 0 and end >= len(text)) or self._is_upright(word):
            return word if start <= 0 and end >= len(text) else replace(word, text=text[start:end])
        widths = self._widths(text)
        x0, y0, x1, y1 = word.box
        left, right = (x0 + (x1 - x0) * sum(widths[:at]) / sum(widths) for at in (max(start, 0), end))
        return replace(word, text=text[start:end], box=(left, y0, right, y1))

    def _is_upright(self, word: Word) -> bool:
        x0, y0, x1, y1 = word.box
        return (y1 - y0) * self._page.height > 1.5 * (x1 - x0) * self._page.width and len(word.text) > 2

    @kept
    def _widths(self) -> Callable[[str], Sequence[int]]:
        """How wide each character of a text is on this page, in any unit."""
        long = (word for word in self._page.words if len(word.text) >= _SHORTEST and not self._is_upright(word))
        words = list(islice(long, _MOST))
        if len(words) < _FEWEST:
            return _proportional
        texts = [plain(word.text) for word in words]
        return min((_proportional, _fixed), key=lambda widths: _spread(words, [sum(widths(text)) for text in texts]))


def _proportional(text: str) -> Sequence[int]:
    if text.isascii() and text.isprintable():
        return [_HELVETICA[code - 32] for code in text.encode()]
    return [_width(char) for char in text]


def _width(char: str) -> int:
    if " " <= char <= "~":
        return _HELVETICA[ord(char) - 32]
    if unicodedata.east_asian_width(char) in "WF":
        return _WIDE
    base = unicodedata.normalize("NFKD", char)[:1]
    return _HELVETICA[ord(base) - 32] if " " < base <= "~" else _DIGIT


def _fixed(text: str) -> Sequence[int]:
    if text.isascii():
        return [_DIGIT] * len(text)
    return [_DIGIT if unicodedata.east_asian_width(char) not in "WF" else _WIDE for char in text]


def _spread(words: Sequence[Word], widths: Sequence[int]) -> float:
    """How much words of these widths differ in what a unit of width takes on the page, as a share of the median; of
    most words, since headings are larger and spaced letters wider."""
    sizes = [
        (word.box[2] - word.box[0]) / max(word.box[3] - word.box[1], 1e-6) / width
        for word, width in zip(words, widths, strict=True)
    ]
    middle = median(sizes)
    return median(abs(size - middle) for size in sizes) / middle if middle > 0 else 0.0
