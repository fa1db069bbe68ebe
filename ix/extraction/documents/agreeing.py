"""Text under a scan, as other programs for OCR leave it: nobody sees it, so that it counts only where a reading of the
page says the same, and then by its spelling, which has accents and spaces that the reading may lack."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rapidfuzz import fuzz

from ix.extraction.page import Word, contents, packed_words, rotated, unpacked
from ix.extraction.processes.frames import Body, Frame
from ix.extraction.straight import straightened

SURE = 0.9
"""Confidence from which a word that OCR read differs from the layer's by no letter but for accents and case."""
ALIKE = 0.8
"""Likeness (`rapidfuzz.fuzz.ratio` / 100) from which an unsure word is the layer's; one letter of five."""
INSIDE = 0.5
"""Share of a layer's word, across, that lies in the word that was read."""
STRIPS = 200
"""Strips of a page by which words of one height are found; half as high as a line of print."""


def handle(body: Body, blobs: list[bytes]) -> Frame:
    """The task `agree`, as the package says."""
    (layer, _), read = unpacked(blobs[0]), contents(blobs[1])
    below = [
        replace(word, box=straightened(rotated(word.box, body["rotation"]), read.quad))
        for word in layer
        if word.text.strip()
    ]
    return {}, [packed_words(list(agreed(read.words, below)), read.codes, read.quad)]


def agreed(read: Sequence[Word], layer: Sequence[Word]) -> Iterator[Word]:
    """What was read, each word as the layer spells it where that says the same."""
    by_strip: defaultdict[int, list[Word]] = defaultdict(list)
    for word in layer:
        by_strip[_strip(word)].append(word)
    for word in read:
        y0, y1 = word.box[1], word.box[3]
        strips = range(int(y0 * STRIPS), int(y1 * STRIPS) + 1)
        own = [one for strip in strips for one in by_strip[strip] if _is_within(one, word)]
        own.sort(key=lambda one: one.box[0])
        yield from (_spelled(word, own) if own and agree(word, "".join(one.text for one in own)) else [word])


def agree(word: Word, text: str) -> bool:
    """Whether the text says what was read: the same digits, signs and separators in any case, and the same letters but
    for accents and case, or nearly where OCR is not sure of them."""
    if _exact(word.text) != _exact(text):
        return False
    one, other = _letters(word.text), _letters(text)
    return one == other or (word.confidence < SURE and fuzz.ratio(one, other) >= ALIKE * 100)


def _spelled(word: Word, own: Sequence[Word]) -> Iterator[Word]:
    """The layer's words in the place of the one that was read, each with its part of that."""
    x0, y0, x1, y1 = word.box
    for at, one in enumerate(own):
        left = x0 if at == 0 else min(max(one.box[0], x0), x1)
        right = x1 if at == len(own) - 1 else min(max(one.box[2], left), x1)
        yield Word(one.text, (left, y0, right, y1), word.confidence)


def _exact(text: str) -> str:
    """What of a text has to be the same: all but letters and marks, since a value turns on it."""
    return "".join(one for one in unicodedata.normalize("NFKD", text) if unicodedata.category(one)[0] not in "LMCZ")


def _letters(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in decomposed if unicodedata.category(one)[0] == "L")


def _strip(word: Word) -> int:
    return int((word.box[1] + word.box[3]) / 2 * STRIPS)


def _is_within(one: Word, word: Word) -> bool:
    """Whether most of a word of the layer lies in the one that was read, across."""
    width = one.box[2] - one.box[0]
    shared = min(one.box[2], word.box[2]) - max(one.box[0], word.box[0])
    return shared > INSIDE * max(width, 1e-6)
