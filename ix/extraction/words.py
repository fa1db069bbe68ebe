"""Limits of words: what no printed page has, and what would make a page cost more than its place in the queue.

Regular expressions of the rules take time by the square of what they read without a break, and hold the interpreter
meanwhile. So words, lines and pages have lengths that they do not exceed, wherever words are made: long words are read
in parts, and what a page has too many of is left out. The page says so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ix.extraction.page import Box, Word

MAX_LENGTH = 200
"""Characters of a word. German till receipts print signatures of 130, addresses on the web are rarely longer."""
MAX_LINE = 400
"""Characters of a line; the widest print, a table across A3, has 300. Longer ones are read as several."""
MAX_ON_PAGE = 20_000
"""Words of a page; a page of a telephone book has 5,000."""
MAX_JOB_WORDS = 400_000
"""Words of all documents of a job; a book of a thousand pages."""
_BANDS = 200
"""Strips of a page's height, each lower than a line of print, by which long lines are told."""


def held(words: Sequence[Word]) -> tuple[list[Word], list[str]]:
    """The words within the limits, and a warning for each limit that they met."""
    warnings = []
    if any(len(word.text) > MAX_LENGTH for word in words):
        warnings.append(f"a word has more than {MAX_LENGTH} characters: such words were read in parts")
        words = [part for word in words for part in _parts(word)]
    if len(words) > MAX_ON_PAGE:
        warnings.append(f"the page has more than {MAX_ON_PAGE} words: the first {MAX_ON_PAGE} were read")
        words = words[:MAX_ON_PAGE]
    if _longest_line(words) > MAX_LINE:
        warnings.append(f"a line has more than {MAX_LINE} characters: such lines were read in parts")
    return list(words), warnings


def _parts(word: Word) -> Iterator[Word]:
    """The word, or the parts that it is cut into, each with its share of the box."""
    if len(word.text) <= MAX_LENGTH:
        yield word
        return
    for start in range(0, len(word.text), MAX_LENGTH):
        text = word.text[start : start + MAX_LENGTH]
        yield replace(word, text=text, box=_share(word.box, start / len(word.text), len(text) / len(word.text)))


def _share(box: Box, start: float, width: float) -> Box:
    """A part of a box's longer side: words may run upwards."""
    x0, y0, x1, y1 = box
    if y1 - y0 > x1 - x0:
        return x0, y0 + start * (y1 - y0), x1, y0 + (start + width) * (y1 - y0)
    return x0 + start * (x1 - x0), y0, x0 + (start + width) * (x1 - x0), y1


def _longest_line(words: Sequence[Word]) -> int:
    """Characters of the fullest strip of the page."""
    letters: defaultdict[int, int] = defaultdict(int)
    for word in words:
        letters[int((word.box[1] + word.box[3]) / 2 * _BANDS)] += len(word.text) + 1
    return max(letters.values(), default=0)
