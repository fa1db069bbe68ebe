"""Rows: the lines under a head made the rows of a table of goods, each with its name, however many lines that has."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from ix.extraction.layout import Span, joined
from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.page.reading import Reading
from ix.extraction.models.rules.tables.aligned.columns import (
    assigned,
    columns_of,
    is_product,
    number_of,
)
from ix.extraction.models.rules.tables.aligned.heads import ROLES, Titled, titled
from ix.extraction.models.rules.tables.gridded import Cut, lines_under, sums_up
from ix.extraction.models.rules.tables.items import DETAIL, HEADED, Values, scalar, wordy
from ix.fields import Field

_FEWEST = 2
"""Columns of the narrowest table."""
_ENOUGH = 1.4
"""Least score of an assignment: that of one column by its name and its kind, or of two by a part of that."""
_ABOUT_AS_GOOD = 0.6
_SURELY = 1.5
"""Least score of a head by its titles alone: two roles that any of them surely is called."""
_WRAPS = 1.9
"""Distance of a line to the one above, in heights, up to which it may go on with that one's name."""
_BETWEEN = 0.08
"""What may be left empty between names and the next column, as a fraction of the page's width."""
_NUMERIC = ("line_total", "unit_price", "quantity")


@dataclass
class _Row:
    """A line with numbers, its values by role, and the lines that its name stands on."""

    cut: Cut
    values: Mapping[str, Candidate]
    name: list[Span] = field(default_factory=list)


def read_aligned(table: Field, reading: Reading) -> list[Values]:
    """The rows of a table whose fields are called as the columns of goods are (`ROLES`), top to bottom over all its
    pages; none where no head of such a table stands there. Made once for a reading."""
    return reading.once((read_aligned, table.path), lambda: _aligned(table, reading))


def _aligned(table: Field, reading: Reading) -> list[Values]:
    asked = {one.name: one for one in table.fields if one.name in ROLES}
    if len(asked) < _FEWEST:
        return []
    heads = titled(reading)
    others = {one.head.row.at for one in heads}
    read = [_read(one, reading, others, asked) for one in heads]
    best = max((score for score, _ in read), default=0.0)
    return [row for score, rows in read if score >= max(_ABOUT_AS_GOOD * best, _ENOUGH) for row in rows]


def lines_of_tables(reading: Reading) -> frozenset[int]:
    """The positions of the lines that head a table of goods, and of those under them that have numbers in its columns;
    made once for a reading."""
    return reading.once(lines_of_tables, lambda: frozenset(_lines(reading)))


def _lines(reading: Reading) -> Iterator[int]:
    heads = [one for one in titled(reading) if one.score >= _SURELY]
    others = {one.head.row.at for one in heads}
    for one in heads:
        cuts = _lines_under(one, reading, others)
        if cuts:
            yield from range(one.head.row.at, one.head.last.at + 1)
            # a party's name stands in one cell
            yield from (cut.row.at for cut in cuts if len(cut.filled) > 1)


def _lines_under(one: Titled, reading: Reading, others: set[int]) -> list[Cut]:
    """The lines under a head; made once for all who know of the same other heads."""
    key = lines_under, one.head.row.at, frozenset(others)
    return reading.once(key, lambda: lines_under(one.head, reading, others))


def quality(rows: Sequence[Values], table: Field) -> float:
    """How much a reading of a table says: its values, and more where quantity times price is the amount. A row with
    less than half of what others have is more likely none."""
    path = {one.name: one.path for one in table.fields}
    usual = max(map(len, rows), default=0)
    return sum(len(row) + _sense(row, path) if 2 * len(row) > usual else -1.0 for row in rows)


def _sense(row: Values, path: Mapping[str, str]) -> float:
    triple = [row.get(path.get(role, "")) for role in ("quantity", "unit_price", "line_total")]
    numbers = [Decimal(str(one.value)) for one in triple if one]
    named = 0.0 if path.get("name", "") in row else -1.0
    if len(numbers) < len(triple):
        return named
    return named + (2.0 if is_product(*numbers) else -2.0)


def _read(one: Titled, reading: Reading, others: set[int], asked: Mapping[str, Field]) -> tuple[float, list[Values]]:
    cuts = _lines_under(one, reading, others)
    if not cuts:
        return 0.0, []
    score, chosen = assigned(columns_of(cuts, one.likes), list(asked))
    if len(chosen) < _FEWEST or not any(role in chosen for role in _NUMERIC):
        return 0.0, []
    rows = _complete(list(_rows(cuts, chosen, asked)), chosen)
    _name(rows, cuts, chosen)
    values = [_values(row, asked) for row in rows]
    return score, [row for row in values if len(row) >= _FEWEST]


def _rows(cuts: Sequence[Cut], chosen: Mapping[str, int], asked: Mapping[str, Field]) -> Iterator[_Row]:
    numbers = {role: at for role, at in chosen.items() if role in _NUMERIC}
    for cut in cuts:
        # words under several columns of numbers head another table
        if sum(bool((cell := cut.cells[at]) and wordy(cell)) for at in numbers.values()) > 1:
            return
        values = {role: one for role, at in numbers.items() if (one := _number(cut, at, asked[role]))}
        if not values or sums_up(cut, len(chosen)):
            continue
        for role, at in chosen.items():
            cell = cut.cells[at]
            if role not in _NUMERIC and role != "name" and cell is not None:
                values[role] = Candidate(cell.text, cut.row.page, cell, HEADED)
        yield _Row(cut, values)


def _number(cut: Cut, at: int, asked: Field) -> Candidate | None:
    cell = cut.cells[at]
    found = number_of(cell) if cell else None
    if cell is None or found is None:
        return None
    amount = cut.row.notation.settled(found, cell.text)
    return Candidate(scalar(amount, asked), cut.row.page, cell.part(amount.start, amount.end), HEADED)


def _complete(rows: list[_Row], chosen: Mapping[str, int]) -> list[_Row]:
    """The rows but the last ones that have less than half of what the others have: those sum up, whatever they are
    called."""
    numbers = [sum(role in row.values for role in _NUMERIC) for row in rows]
    usual = max(numbers, default=0)
    while len(rows) > 1 and (2 * numbers[len(rows) - 1] <= usual) and usual > 1:
        rows.pop()
    return rows


def _name(rows: Sequence[_Row], cuts: Sequence[Cut], chosen: Mapping[str, int]) -> None:
    """Gives each row its name: the words beside its numbers, and the lines that these wrap onto, else those above."""
    if "name" not in chosen:
        return
    at = chosen["name"]
    right = _right_of(at, cuts)
    owners = {id(row.cut): row for row in rows}
    for place, cut in enumerate(cuts):
        cell = cut.cells[at]
        if (row := owners.get(id(cut))) is None:
            continue
        if cell is not None:
            row.name = [cell, *_wrapped(cell, cuts[place + 1 :], owners.keys(), at, right)]
        elif place and id(cuts[place - 1]) not in owners and (above := cuts[place - 1].cells[at]):
            row.name = [above]


def _right_of(at: int, cuts: Sequence[Cut]) -> float:
    """Up to where names may be set: as far as the longest goes, or where they are all short, near the next column."""
    longest = max((cell.box[2] for cut in cuts if (cell := cut.cells[at])), default=1.0)
    beside = (next((cell.box[0] for cell in cut.cells[at + 1 :] if cell), 1.0) for cut in cuts)
    return max(longest, min(beside, default=1.0) - _BETWEEN)


def _is_detail(text: str) -> bool:
    """Whether a line under a name is a remark of its own: a code, or a value with its name."""
    is_code = len(text) > 4 and any(map(str.isdigit, text)) and text.upper() == text
    return is_code or bool(DETAIL.search(text))


def _wrapped(first: Span, below: Sequence[Cut], owned: Collection[int], at: int, right: float) -> Iterator[Span]:
    """The lines that a name wraps onto: those whose first word had no room left on the line before."""
    last = first
    for cut in below:
        cell = cut.cells[at]
        if cell is None or id(cut) in owned or len(cut.filled) > 1 or _is_detail(cell.text):
            return
        word = cell.words[0].box
        fits = last.box[2] + 0.008 + word[2] - word[0] < right
        if fits or cell.box[1] - last.box[1] > _WRAPS * last.height or abs(cell.box[0] - first.box[0]) > 0.02:
            return
        yield cell
        last = cell


def _values(row: _Row, asked: Mapping[str, Field]) -> Values:
    found = dict(row.values)
    if row.name:
        words = joined(row.name)
        found["name"] = Candidate(words.text, row.cut.row.page, words, HEADED)
    return {asked[role].path: one for role, one in found.items()}
