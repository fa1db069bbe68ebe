"""Gridded lines: the lines under a head, parted into columns, up to where the table ends.

Between two titles the column ends where the fewest words of all lines stand. A line that sums up, a caption with its
value, prose, a wide gap and another head end the table; a page's end does not, where its lines go on beneath the same
titles."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from itertools import accumulate
from statistics import median

from ix.extraction.kept import kept
from ix.extraction.layout import Span
from ix.extraction.models.rules.forms.captions import COLON
from ix.extraction.models.rules.page.reading import Reading, Row
from ix.extraction.models.rules.tables.bodies import running
from ix.extraction.models.rules.tables.titled import Head
from ix.extraction.models.rules.vocabulary.money import concepts
from ix.extraction.records import record

_STEPS = 400
"""Places across a page where a column may end."""
_WIDE, _FAR = 1.9, 2.9
"""Distance of the next line, in the usual one of the table's lines and in heights, from which on it is no more of the
table."""
_MOST_ROWS = 2_000
_JUDGED = 60
"""Lines by which columns are parted."""
_SUMS = frozenset(("total", "subtotal", "net", "due", "tax", "lines"))
_LONG = 90
"""Characters of a cell that is prose."""


@record
class Cut:
    """A line of a table: what stands in each column."""

    row: Row
    cells: tuple[Span | None, ...]

    @kept
    def filled(self) -> frozenset[int]:
        """The positions of columns that have words."""
        return frozenset([at for at, cell in enumerate(self.cells) if cell is not None])


def lines_under(head: Head, reading: Reading, others: Collection[int]) -> list[Cut]:
    """The lines of the table. `others` are rows that head a table: this one again, or another."""
    rows = list(_rows(head, reading, others))
    if not rows:
        return []
    found = _until_end(rows, _edges(head, rows[:_JUDGED]))
    # sums and prose below the table stand across its columns: without them it is parted once more
    if 0 < len(found) < min(len(rows), _JUDGED):
        found = _until_end(rows, _edges(head, [cut.row for cut in found]))
    return found


def _until_end(rows: Sequence[Row], edges: Sequence[float]) -> list[Cut]:
    found: list[Cut] = []
    for row in rows:
        cut = _cut(row, edges)
        if _ends(cut, found, len(edges) + 1):
            break
        found.append(cut)
    return found


def _rows(head: Head, reading: Reading, others: Collection[int]) -> Iterator[Row]:
    passed = running(reading)
    steps: list[float] = []
    before = head.last
    for row in reading.rows[head.last.at + 1 : head.last.at + 1 + _MOST_ROWS]:
        if row.at in others:
            return
        # the head or the foot of a page stands between the lines of a table, and ends none
        if row.at in passed:
            continue
        if row.page == before.page:
            step = row.line.box[1] - before.line.box[1]
            usual = median(steps) if steps else 2.0 * head.last.line.height
            if step > max(_WIDE * usual, _FAR * row.line.height):
                return
            steps.append(max(step, row.line.height))
        elif row.page > before.page + 1:
            return
        before = row
        yield row


def _edges(head: Head, rows: Sequence[Row]) -> list[float]:
    """Where the columns end, but the last: between the middles of two titles, where the fewest words stand."""
    # where more begins, or less goes on, than one step to the left
    change = [0] * (_STEPS + 2)
    for row in rows:
        for word in row.line.words:
            _fill(change, word.box[0], word.box[2], 1)
    for title in head.titles:
        _fill(change, title.box[0], title.box[2], 2)
    filled = list(accumulate(change[:-1]))
    edges = []
    for left, right in zip(head.titles, head.titles[1:], strict=False):
        first = int(_STEPS * min((left.box[0] + left.box[2]) / 2, right.box[0]))
        last = max(int(_STEPS * (right.box[0] + right.box[2]) / 2), first + 1)
        # a title may be narrower than its column, or stand at the other side of it: words decide, not titles
        span = filled[max(first, 0) : min(last, _STEPS) + 1]
        fewest = min(span, default=0)
        places = [first + at for at, count in enumerate(span) if count == fewest]
        edges.append((_middle_of_widest(places) + 0.5) / _STEPS)
    return edges


def _fill(change: list[int], left: float, right: float, by: int) -> None:
    first, last = max(int(_STEPS * left), 0), min(int(_STEPS * right), _STEPS)
    if first <= last:
        change[first] += by
        change[last + 1] -= by


def _middle_of_widest(places: Sequence[int]) -> float:
    """The middle of the longest unbroken run."""
    best = start = 0
    size = 0
    for at in range(len(places)):
        if at and places[at] != places[at - 1] + 1:
            start = at
        if at - start + 1 > size:
            best, size = start, at - start + 1
    run = places[best : best + size]
    return (run[0] + run[-1]) / 2 if run else 0.0


def _cut(row: Row, edges: Sequence[float]) -> Cut:
    """A line's words by column; what is one cell and wider than a column stays where most of it stands."""
    columns: list[list[int]] = [[] for _ in range(len(edges) + 1)]
    for at, word in enumerate(row.line.words):
        columns[bisect_right(edges, (word.box[0] + word.box[2]) / 2)].append(at)
    cells = [
        Span(tuple(row.line.words[at] for at in one), tuple(row.line.indices[at] for at in one)) if one else None
        for one in columns
    ]
    return Cut(row, tuple(cells))


def _ends(cut: Cut, before: Sequence[Cut], columns: int) -> bool:
    """Whether a line is of the table no more."""
    filled = len(cut.filled)
    usual = max((len(one.filled) for one in before), default=filled)
    first = cut.row.line.cells[0].text
    if sums_up(cut, usual):
        return True
    if columns > 1 and len(cut.row.line.cells) == 1 and len(first) > _LONG:
        return True
    # "Total weight: 12 kg" under a table is a caption of the form
    announced = COLON.search(first)
    return bool(before) and bool(announced) and filled < max(usual, 2) and not re.match(r"\W*\d", first)


def sums_up(cut: Cut, usual: int) -> bool:
    """Whether a line sums up: it begins with a word for that, and fills fewer columns than others."""
    first = cut.row.line.cells[0].text
    if len(first) > 45 or re.match(r"\d", first) or len(cut.filled) >= max(usual, 2):
        return False
    surely = {concept for concept, weight in concepts(first).items() if weight >= 0.85}
    return bool(surely & _SUMS) and (bool(re.search(r"\d", cut.row.text)) or len(cut.filled) == 1)
