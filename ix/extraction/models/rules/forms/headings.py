"""Headings over captions: which object of a schema a caption is about, by what stands above it.

    Patient                     Physician
    Name  Ada Lovelace          Name  Dr. Grey

The nearest above that begins no further right decides."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence

from ix.extraction.models.rules.forms.captions import Caption
from ix.extraction.models.rules.forms.likeness import Alike, Asked
from ix.extraction.models.rules.forms.wording import Words, weights

_ENOUGH = 0.6
"""Least share of a heading's words that an object's name has."""
_RIGHT = 0.03
"""How much further right than a caption its heading may begin, as a fraction of the page's width."""
_NUMBERING = frozenset(("section", "part", "teil", "abschnitt", "partie", "rubrique", "seccion", "parte"))
_VALUES = frozenset(("date", "number", "time", "amount"))
"""Words that announce a value, beside whatever else they stand."""
_REACH = 64
"""Headings of a page that are looked at, the last ones."""


class Headings:
    """The captions that name objects of a schema."""

    def __init__(self, captions: Sequence[Caption], asked: Sequence[Asked], alike: Alike) -> None:
        contexts = {one for each in asked for one in each.context}
        self._by_page: dict[int, list[Caption]] = defaultdict(list)
        named = [one for one in captions if any(_names(one.words, context, alike) for context in contexts)]
        cells = Counter((one.row.at, one.cell.box[0]) for one in named)
        rows = Counter(at for at, _ in cells)
        for caption in named:
            # "Owner  Telephone  E-mail" are captions with their values below, whatever object the first one names
            if rows[caption.row.at] >= 0.5 * len(caption.row.cells):
                self._by_page[caption.row.page].append(caption)

    def over(self, caption: Caption) -> Words:
        """The words of the heading that a caption stands under; none where it stands under none."""
        on_page = self._by_page.get(caption.row.page, [])
        # those of the page that stand before it, read from top to bottom
        until = bisect_left(on_page, (caption.row.at, caption.start), key=lambda one: one.key)
        best: tuple[int, int] | None = None
        words: Words = ()
        for one in on_page[max(until - _REACH, 0) : until]:
            left = one.cell.box[0]
            if left <= caption.cell.box[0] + _RIGHT and (best is None or (one.row.at, one.start) > best):
                best, words = (one.row.at, one.start), one.words
        return words


def _names(found: Words, context: Words, alike: Alike) -> bool:
    # "Section C - Vehicle" numbers what it heads, and "Date of incident" heads nothing
    printed = tuple(word for word in found if word not in _NUMBERING and len(word) > 1)
    if _VALUES & set(printed) - set(context):
        return False
    shared = [word for word in printed if any(other in context for other in alike.to(word))]
    return bool(shared) and weights(shared) >= _ENOUGH * max(weights(printed), weights(context) * 0.7)
