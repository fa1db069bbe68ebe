"""Titled columns: which line of a page heads a table of a client's own columns, and which title is which column.

    Buchungstag   Text        Soll     Haben     Saldo       titles, matched to the columns as a whole: by likeness
                              EUR      EUR       EUR         first, what is left by kind and order
Titles may stand on two lines, and several in one cell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ix.extraction.layout import Span, around, joined, overlap
from ix.extraction.models.rules.forms.likeness import Alike, Asked, likeness
from ix.extraction.models.rules.forms.wording import Words, words
from ix.extraction.models.rules.page.reading import Reading, Row
from ix.extraction.page import Box
from ix.extraction.records import record
from ix.fields import Field

LIKE = 0.58
"""Least likeness of a title; see `page.candidates` for where the numbers are from."""
_PART = 0.85
"""Least likeness of a part of a cell, where the cell is no title itself."""
_LINES = 3
"""Lines that titles may stand on."""
_CLOSE = 1.1
"""Gap of two lines of titles, in heights, up to which they belong together."""
_LONGEST = 60
_MOST_PAIRS = 8_000
"""Pairs of a text and a column that are compared for one table; a page has a hundred."""
_MOST_TITLES = 24
"""Words of a cell that may hold several titles."""
_MOST_WORDS = 5
"""Words of a part of a cell that is a title."""


@record
class Title:
    """A title, the box around its words, the column that it is (its position among the fields), and how surely."""

    words: Span
    field: int | None = None
    like: float = 0.0

    @property
    def box(self) -> Box:
        """The box around all its words."""
        return around(word.box for word in self.words.words)


@record
class Head:
    """A line of titles, left to right, and the last row that has some."""

    row: Row
    last: Row
    titles: tuple[Title, ...]

    @property
    def score(self) -> float:
        """How surely it heads the table: what its titles say together."""
        return sum(title.like for title in self.titles)

    @property
    def named(self) -> int:
        """How many of its titles are columns."""
        return sum(title.field is not None for title in self.titles)


class Likes:
    """How like texts are to the columns of a table: each text is compared once, and only with columns of which it has a
    word."""

    def __init__(self, fields: Sequence[Field], reading: Reading) -> None:
        self.asked = [Asked.of(field, ()) for field in fields]
        self._by_word: dict[str, list[int]] = {}
        for at, one in enumerate(self.asked):
            for word in one.words():
                self._by_word.setdefault(word, []).append(at)
        printed = reading.once((heads, "words"), lambda: _printed(reading))
        self._alike = Alike(printed, sorted(self._by_word))
        self._known: dict[Words, dict[int, float]] = {}
        self._left = _MOST_PAIRS

    def touches(self, text: str) -> bool:
        """Whether a text has a word of any column."""
        return any(self._alike.to(word) for word in words(text))

    def of(self, text: str) -> dict[int, float]:
        """The likeness of a text to each column of which it has a word, by position."""
        found = words(text) if len(text) <= _LONGEST else ()
        if found not in self._known:
            near = {at for word in found for other in self._alike.to(word) for at in self._by_word[other]}
            self._left -= len(near)
            # past what any page of print asks for nothing is like anything
            likes = {at: likeness(found, self.asked[at], self._alike, ()) for at in near} if self._left > 0 else {}
            self._known[found] = likes
        return self._known[found]


def heads(fields: Sequence[Field], reading: Reading) -> list[Head]:
    """The lines that head a table of these columns, top to bottom; those alone that are about as good as the best."""
    likes = Likes(fields, reading)
    found = [head for row in reading.rows if (head := _head(row, reading, likes))]
    # a page's own repetition of the titles scores as they do; a line that names two of six columns by chance less
    best = max((head.score for head in found), default=0.0)
    kept: list[Head] = []
    for head in (one for one in found if one.score >= 0.7 * best):
        # lines that overlap are one head: the better of both
        if kept and head.row.at <= kept[-1].last.at:
            kept[-1] = max(kept[-1], head, key=lambda one: one.score)
        else:
            kept.append(head)
    return kept


def _printed(reading: Reading) -> list[str]:
    return sorted({word for row in reading.rows if not row.has_money for word in words(row.text)})


def _head(row: Row, reading: Reading, likes: Likes) -> Head | None:
    if row.has_money or not likes.touches(row.text):
        return None
    best: Head | None = None
    lines = [row]
    # what has numbers is a line of another table, right above this one's titles
    is_data = sum(bool(re.search(r"\d{2}", cell.text)) for cell in row.line.cells) > 1
    for following in (None, *(() if is_data else reading.after(row, _LINES - 1))):
        if following is not None:
            gap = following.line.box[1] - lines[-1].line.box[3]
            if following.has_money or re.search(r"\d{2}", following.text) or gap > _CLOSE * row.line.height:
                break
            lines.append(following)
        titles = _assigned(_cells(lines), likes)
        head = Head(row, lines[-1], titles)
        if best is None or head.score > best.score + 0.2:
            best = head
    return best if best and _is_head(best, len(likes.asked)) else None


def _is_head(head: Head, columns: int) -> bool:
    if head.named < min(2, columns) or (columns == 1 and head.score < 0.9):
        return False
    # a line of a form may name two columns, and has words that name none
    return head.named >= 0.4 * len(head.titles) and head.named >= 0.3 * columns


def _cells(lines: Sequence[Row]) -> list[Span]:
    """The cells of one line, or of several with what stands under one another made one."""
    found = [cell for cell in lines[0].line.cells if not cell.text.strip().endswith(":") or len(lines) == 1]
    for row in lines[1:]:
        for cell in row.line.cells:
            over = [at for at, other in enumerate(found) if overlap(cell.box, other.box) > 0.3]
            if len(over) == 1:
                found[over[0]] = joined([found[over[0]], cell])
            elif not over:
                found.append(cell)
    return sorted(found, key=lambda cell: cell.box[0])


def _assigned(cells: Sequence[Span], likes: Likes) -> tuple[Title, ...]:
    """The cells as titles, those that hold several in parts; no column has two titles."""
    titles = [title for cell in cells for title in _parts(cell, likes)]
    count = len(likes.asked)
    pairs = sorted(
        (
            (like, at, field)
            for at, title in enumerate(titles)
            for field, like in likes.of(title.words.text).items()
            if like >= LIKE
        ),
        key=lambda pair: (-pair[0], abs(pair[1] / max(len(titles), 1) - pair[2] / count), pair[1], pair[2]),
    )
    fields: set[int] = set()
    # best first; of equals those that stand in the schema's order
    for like, at, field in pairs:
        if titles[at].field is None and field not in fields:
            fields.add(field)
            titles[at] = replace(titles[at], field=field, like=like)
    return tuple(titles)


def _parts(cell: Span, likes: Likes) -> Iterator[Title]:
    """The cell as one title, or the runs of its words that surely are different columns."""
    count = len(cell.words)
    whole = max(likes.of(cell.text).values(), default=0.0)
    if count == 1 or whole >= _PART or count > _MOST_TITLES:
        yield Title(cell)
        return
    runs = sorted(
        (-like, end - start, start, end, field)
        for start in range(count)
        for end in range(start + 1, min(start + _MOST_WORDS, count) + 1)
        for field, like in likes.of(cell.slice(start, end).text).items()
        if like >= _PART
    )
    taken: list[tuple[int, int]] = []
    fields: set[int] = set()
    for _, _, start, end, field in runs:
        if field not in fields and all(end <= other[0] or start >= other[1] for other in taken):
            fields.add(field)
            taken.append((start, end))
    if len(taken) < 2:
        yield Title(cell)
        return
    yield from (Title(cell.slice(start, end)) for start, end in _gapless(sorted(taken), count))


def _gapless(runs: Sequence[tuple[int, int]], count: int) -> Iterator[tuple[int, int]]:
    """The runs, and what stands between them."""
    at = 0
    for start, end in runs:
        if at < start:
            yield at, start
        yield start, end
        at = end
    if at < count:
        yield at, count
