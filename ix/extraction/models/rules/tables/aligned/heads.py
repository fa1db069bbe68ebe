"""Heads: the lines that a table of goods may begin with, parted into the titles of its columns.

A line is one if any of its words heads a column of goods in the document's languages (`Language.columns`): of those
that are asked for, or of the position, the unit or the rate of tax beside them. What the columns are is decided by what
stands under them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Final

from ix.extraction.layout import Span, joined, overlap
from ix.extraction.models.rules.page.labels import Hit, Labels
from ix.extraction.models.rules.page.reading import Reading, Row
from ix.extraction.models.rules.tables.titled import Head, Title
from ix.extraction.models.rules.vocabulary.folding import fold
from ix.extraction.records import record
from ix.fields import Field, Kind
from ix.languages import labels, merged, phrases

ROLES: Final[Mapping[str, Kind]] = {
    "position": "number",
    "article_number": "identifier",
    "name": "text",
    "quantity": "number",
    "unit": "text",
    "unit_price": "money",
    "discount": "percentage",
    "tax_rate": "percentage",
    "line_total": "money",
}
"""The columns that tables of goods have, and what stands in them."""
_CLOSE = 1.1
"""Gap of two lines of a heading, in heights, up to which they belong together."""
_LINES = 3
"""Lines that a heading may stand on."""
_MOST_TITLES = 14
"""Titles of the widest table; a longer line is prose."""
_ABOUT_AS_GOOD = 0.7
"""Share of the best head's score from which on a line is a head too."""


@record
class Titled:
    """A head, and for each of its titles how surely it is called what a role is."""

    head: Head
    likes: tuple[Mapping[str, float], ...]

    @property
    def score(self) -> float:
        """How much its titles say: one for each role that any of them surely is called."""
        best: dict[str, float] = {}
        for likes in self.likes:
            for role, like in likes.items():
                best[role] = max(like, best.get(role, 0.0))
        return sum(sorted(best.values(), reverse=True)[: len(self.likes)])


def titled(reading: Reading) -> list[Titled]:
    """The lines that may head a table of goods, top to bottom; made once for a reading."""
    return reading.once(titled, lambda: _about_as_good(list(_titled(reading))))


def _about_as_good(found: Sequence[Titled]) -> list[Titled]:
    best = max((one.score for one in found), default=0.0)
    return [one for one in found if one.score >= _ABOUT_AS_GOOD * best]


def _titled(reading: Reading) -> Iterator[Titled]:
    known = Labels(reading, _columns())
    until = -1
    for row in reading.rows:
        # a second line of titles heads no other table, nor does a line with a single title
        names = [hit for hit in known.on(row) if hit.is_of_the_document]
        if row.at <= until or not names or max(len(names), len(row.cells)) < 2 or _is_data(row):
            continue
        one = _of(row, reading, known)
        if 2 <= len(one.likes) <= _MOST_TITLES and any(one.likes):
            until = one.head.last.at
            yield one


def _is_data(row: Row) -> bool:
    """Whether a line has a number that stands alone: that is of a column, and no title."""
    return row.has_money or any(cell.text.replace(".", "").replace(",", "").isdigit() for cell in row.line.cells)


def _of(row: Row, reading: Reading, known: Labels) -> Titled:
    below = [following.line.cells for following in reading.after(row, _LINES)]
    parts = [part for offset, cell in row.cells for part in _parts(row, offset, cell, known, below)]
    last = row
    for following in reading.after(row, _LINES - 1):
        gap = following.line.box[1] - last.line.box[3]
        under = [[part for part in parts if overlap(cell.box, part[0].box) > 0.3] for cell in following.line.cells]
        if gap > _CLOSE * row.line.height or any(map(str.isdigit, following.text)) or any(len(o) != 1 for o in under):
            break
        # words under every title are the first line of the table
        if len(under) >= len(parts) and len(parts) > 2:
            break
        cells = dict(zip((id(one[0]) for one in under), following.line.cells, strict=True))
        parts = [_continued(part, cells.get(id(part))) for part in parts]
        last = following
    titles = tuple(Title(span) for span, _ in parts)
    return Titled(Head(row, last, titles), tuple(likes for _, likes in parts))


_Part = tuple[Span, Mapping[str, float]]


def _continued(part: _Part, cell: Span | None) -> _Part:
    """A title with the line below: of both together what is known, else of either."""
    if cell is None:
        return part
    whole = joined([part[0], cell])
    return whole, _exact().get(fold(whole.text)) or part[1] or _exact().get(fold(cell.text)) or {}


def _parts(row: Row, offset: int, cell: Span, known: Labels, below: Sequence[Sequence[Span]]) -> Iterator[_Part]:
    """The cell as one title, or as several where it has the names of several columns: of different ones, or with cells
    that stand apart `below`."""
    hits = [hit for hit in known.within(row, offset, offset + len(cell.text)) if hit.is_of_the_document]
    apart = len(hits) > 1 and any(sum(overlap(one.box, cell.box) > 0.5 for one in cells) > 1 for cells in below)
    cuts = [
        following.start - offset
        for hit, following in pairwise(hits)
        if (apart or not hit.owners.keys() & following.owners.keys()) and " " in row.text[hit.end : following.start]
    ]
    for start, end in pairwise([0, *cuts, len(cell.text) + 1]):
        own = [hit for hit in hits if start <= hit.start - offset < end]
        yield cell.part(start, min(end, len(cell.text))), _likes(own, end - start - 1)


def _likes(hits: Sequence[Hit], letters: int) -> Mapping[str, float]:
    found: dict[str, float] = {}
    for hit in hits:
        # of a long title a short word may be known by chance
        share = min((hit.end - hit.start) / max(letters, 1), 1.0) ** 0.5
        for role in hit.owners:
            found[role] = max(found.get(role, 0.0), hit.score(role) * share)
    return found


@cache
def _columns() -> tuple[Field, ...]:
    """A field for each role, with what it is called in every language."""
    return tuple(Field(role, role, kind, tuple(_called(role))) for role, kind in ROLES.items())


def _called(role: str) -> list[str]:
    # what invoices call it too, behind what tables of all papers do
    texts = (merged().columns[role], labels("invoice", f"lines.{role}"))
    found = (phrase for text in texts for phrase in phrases(text.replace("||", "|")))
    return list(dict.fromkeys(found))


@cache
def _exact() -> Mapping[str, Mapping[str, float]]:
    """The roles of every name, to the letter."""
    found: dict[str, dict[str, float]] = {}
    for field in _columns():
        for label in field.labels:
            found.setdefault(fold(label), {})[field.path] = 1.0
    return found
