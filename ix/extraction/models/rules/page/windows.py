"""Windows: the runs of words that may be a label, and which labels each of them is like.

Every run of up to six words of a cell is one. What is spelt alike is compared once, with labels of about its length
alone, so that a page costs time by its words and a schema by its labels, hardly by the product of both."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from rapidfuzz import fuzz, process

from ix.extraction.models.rules.page.reading import Reading, Row
from ix.extraction.models.rules.vocabulary.folding import fold

# 0, 1, 5 and 8 for O, I or l, S and B
_TOKEN = re.compile(
    r"[^\W\d_]+(?:[\u0900-\u0903\u093a-\u094f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]+[^\W\d_]*|[0158][^\W\d_]+)*|\d+"
)
"""Words, with vowels of Hindi and Thai, which are no letters, and digits inside that OCR reads for letters; and
numbers."""
# Hebrew writes abbreviations with a quotation mark before their last letter
_BETWEEN_WORDS = re.compile(r"[\s.,'’\"״/()&°º№#+-]*")
_LONGEST = 6
"""Words of the longest label that is looked for."""
MOST_LETTERS = 80
"""Letters of the longest label that is looked for; those of the use cases have up to 40."""
_MOST_LETTERS = MOST_LETTERS + MOST_LETTERS // 8
"""Letters of the longest text that may be one of these."""
_ENOUGH = 82
"""Likeness, in percent, below which no label is recognised."""
_LIKENED = 7
"""Letters from which a label may be misread by one: of two texts of six letters, one that differs is below 85 %."""
_MOST_LIKENED = 4_000
"""Labels of a schema that are recognised in spite of errors, most telling first; the others to the letter alone. The
invoice of all languages has 2,600."""
_AT_ONCE = 2_000_000
"""Pairs of a label and a text that are compared at once: 4 bytes each."""


Window = tuple[Row, int, int]
"""A run of words: its row, and where in its text it starts and ends."""
_Token = tuple[int, int, str | None, str | None]
"""A word: where it starts and ends, what stands between it and the one before, and its letters, see `_tokens`."""


class Likeness(NamedTuple):
    """How like a text is to the labels that it is most like, 0 to 100; these have the positions `labels` among all."""

    ratio: float
    labels: list[int]


class Wanted(NamedTuple):
    """The labels (folded) of a schema, the position of each, and by their length the positions of those that may be
    misread."""

    labels: Sequence[str]
    places: Mapping[str, int]
    by_length: Mapping[int, Sequence[int]]

    @classmethod
    def of(cls, ranks: Mapping[str, int]) -> Wanted:
        """The labels, of which each has a rank: how far back it stands in its field's list."""
        labels = list(ranks)
        likened = sorted(
            (at for at, label in enumerate(labels) if len(label) >= _LIKENED), key=lambda at: ranks[labels[at]]
        )
        by_length: dict[int, list[int]] = {}
        for at in sorted(likened[:_MOST_LIKENED]):
            by_length.setdefault(len(labels[at]), []).append(at)
        return cls(labels, {label: at for at, label in enumerate(labels)}, by_length)


class Windows(NamedTuple):
    """Every window of the pages by its folded text, in the order in which they are read, and these texts by their
    length."""

    places: Mapping[str, Sequence[Window]]
    by_length: Mapping[int, Sequence[str]]


def windows(reading: Reading) -> Windows:
    """The windows of the pages; made once for a reading."""
    return reading.once(windows, lambda: _windows(reading))


def _windows(reading: Reading) -> Windows:
    places = _by_text(reading)
    by_length: dict[int, list[str]] = {}
    for text in places:
        by_length.setdefault(len(text), []).append(text)
    return Windows(places, by_length)


def _by_text(reading: Reading) -> dict[str, list[Window]]:
    found: dict[str, list[Window]] = {}
    for row in reading.rows:
        for offset, cell in row.cells:
            tokens = _tokens(cell.text, offset)
            for first, (_, _, _, word) in enumerate(tokens):
                # no label begins with a number: that is where its value begins
                if word is not None:
                    _collect(found, row, tokens[first : first + _LONGEST])
    return found


def _collect(found: dict[str, list[Window]], row: Row, tokens: Sequence[_Token]) -> None:
    """Adds the runs of words that begin with the first."""
    text, start = "", tokens[0][0]
    for begin, end, between, letters in tokens:
        # nor does a label go on with a number
        if letters is None or (between is None and begin > start):
            return
        # the º of "nº" is a letter too; letters fold one by one, so that the parts make the whole
        text = f"{text}{between}{letters}" if begin > start else letters
        if len(text) > _MOST_LETTERS:
            return
        if (places := found.get(text)) is None:
            places = found[text] = []
        places.append((row, start, end))


def _tokens(text: str, offset: int) -> list[_Token]:
    """The words of a cell that starts at an offset: where each starts and ends, what stands between it and the one
    before, folded, None where that parts them, and the word, folded, None for a number."""
    found, before = [], -1
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        # most often it is a space
        if start == before + 1 and text[before] == " ":
            between: str | None = ""
        elif before >= 0 and _BETWEEN_WORDS.fullmatch(text, before, start):
            between = fold(text[before:start])
        else:
            between = None
        found.append((start + offset, end + offset, between, None if text[start].isdigit() else fold(match[0])))
        before = end
    return found


def likenesses(wanted: Wanted, found: Windows) -> dict[str, Likeness]:
    """The labels that each text is most like, for those texts of windows that are like enough to any."""
    labels = wanted.labels
    best = {text: Likeness(100.0, [wanted.places[text]]) for text in wanted.places.keys() & found.places.keys()}
    # likeness alone would find "invoice" in "invoices" and "Rechnung" in "Rechnungen", which announce no value
    for length, group in wanted.by_length.items():
        about = range(length - length // 8, length + length // 8 + 1)
        like = [text for count in about for text in found.by_length.get(count, ())]
        for at, text, ratio in _pairs(labels, group, like):
            if ratio >= _needed(labels[at], text) and labels[at] != text:
                _keep(best, text, ratio, at)
    for one in best.values():
        one.labels.sort()
    return best


def _pairs(labels: Sequence[str], group: Sequence[int], texts: Sequence[str]) -> Iterator[tuple[int, str, float]]:
    """The pairs of a label and a text that are like at all, with their likeness."""
    step = max(_AT_ONCE // max(len(texts), 1), 1)
    for begin in range(0, len(group) if texts else 0, step):
        part = group[begin : begin + step]
        ratios = process.cdist([labels[at] for at in part], texts, scorer=fuzz.ratio, score_cutoff=_ENOUGH)
        ones, others = ratios.nonzero()
        for one, other, ratio in zip(ones.tolist(), others.tolist(), ratios[ones, others].tolist(), strict=True):
            yield part[one], texts[other], ratio


def _keep(best: dict[str, Likeness], text: str, ratio: float, label: int) -> None:
    """Keeps the label for the text if none is more like it; those that are equally like share it."""
    top = best.get(text)
    if top is None or ratio > top.ratio:
        best[text] = Likeness(ratio, [label])
    elif ratio == top.ratio:
        top.labels.append(label)


def _needed(label: str, text: str) -> float:
    """Short labels must match to the letter; long ones may carry about one error in seven letters, but hardly in their
    first."""
    if label[0] != text[:1]:
        return 93.0
    return 85.0 if len(label) <= 12 else _ENOUGH
