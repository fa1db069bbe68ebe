"""Columns: which column of a table is which field, the assignment that is best for the table as a whole.

Each pair of a column and a role has a score: what the heading is called, whether the cells are of its kind, where the
column stands. Three columns of numbers have one together: in how many lines quantity times price is the amount."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import combinations, pairwise
from statistics import median

from ix.extraction.kept import kept
from ix.extraction.layout import Span
from ix.extraction.models.rules.tables.aligned.heads import ROLES
from ix.extraction.models.rules.tables.gridded import Cut
from ix.extraction.models.rules.tables.items import wordy
from ix.extraction.records import record
from ix.extraction.values import Amount, find_amounts

_CALLED, _OF_KIND = 1.2, 0.5
"""What the heading's name and the cells' kind count for a role; the numbers were chosen on made papers."""
_CALLED_OTHERWISE = 0.7
"""What it counts against a role that the heading is called another."""
_WIDEST, _LAST, _COUNTS_UP, _WHOLE = 0.3, 0.2, -0.8, 0.1
_RECKONED, _MISRECKONED = 1.5, -0.4
_LEAST_FIT = 0.5
_MOST_OPTIONS = 6
"""Columns that are tried for a role, the best ones."""
_LOOKED_AT = 60
"""Lines by which a column is judged."""
_BEHIND = re.compile(r"\W*(?:[^\W\d_]{1,10}\.?[²³]?\W*){0,2}(?:\([^)]*\)\W*)?")
"""What may stand behind the number of a cell: its unit."""
_BEFORE = re.compile(r"\W*(?:[A-Z]{1,3}\$?|[^\W\d_]{1,3}\.)?\W*")
Triple = tuple[int, int, int]


@record
class Column:
    """A column: its place from the left, what its heading is called, and its cells, one for each line."""

    at: int
    likes: Mapping[str, float]
    cells: Sequence[Span | None]

    @kept
    def numbers(self) -> list[Amount | None]:
        """The number of each cell that is one."""
        return [number_of(cell) if cell else None for cell in self.cells]

    @kept
    def _filled(self) -> list[Span]:
        return [cell for cell in self.cells if cell]

    def fit(self, role: str) -> float:
        """The share of its cells that are of a role's kind."""
        if not self._filled:
            return 0.0
        kind = ROLES[role]
        if kind == "text":
            like = sum(map(wordy, self._filled)) if role == "name" else sum(map(_is_short_word, self._filled))
        elif kind == "identifier":
            like = sum(map(_is_code, self._filled))
        else:
            like = sum(number is not None for number in self.numbers)
        return like / len(self._filled)

    @kept
    def width(self) -> float:
        """How wide its cells usually are."""
        return median(cell.box[2] - cell.box[0] for cell in self._filled) if self._filled else 0.0

    @kept
    def counts_up(self) -> bool:
        """Whether its numbers are 1, 2, 3 and so on, or 10, 20, 30: those of positions."""
        values = [number.value for number in self.numbers if number]
        steps = {after - before for before, after in pairwise(values)}
        return len(values) > 2 and len(steps) == 1 and values[0] in steps and values[0] > 0

    @kept
    def is_whole(self) -> bool:
        """Whether hardly any of its numbers has cents."""
        return sum(number.decimals for number in self.numbers if number) <= 0.2 * len(self._filled)


def number_of(cell: Span) -> Amount | None:
    """The number of a cell that says nothing else but its unit or its currency."""
    text = cell.text
    found = next(iter(find_amounts(text)), None) if len(text) < 40 else None
    if found is None or not _BEHIND.fullmatch(text, found.end) or not _BEFORE.fullmatch(text, 0, found.start):
        return None
    return found


def columns_of(cuts: Sequence[Cut], likes: Sequence[Mapping[str, float]]) -> list[Column]:
    """The columns of the lines that fill as much as most do."""
    usual = median(len(cut.filled) for cut in cuts)
    full = [cut for cut in cuts if len(cut.filled) >= max(2, 0.6 * usual)][:_LOOKED_AT]
    return [Column(at, like, [cut.cells[at] for cut in full]) for at, like in enumerate(likes)]


def assigned(columns: Sequence[Column], roles: Sequence[str]) -> tuple[float, dict[str, int]]:
    """The best assignment of columns to roles, and its score; a role may have none."""
    pairs = {role: _options(role, columns) for role in roles}
    reckoned = dict(_reckoned(columns)) if {"quantity", "unit_price", "line_total"} <= set(roles) else {}
    order = sorted(roles, key=lambda role: -max(pairs[role].values(), default=0.0))
    best: tuple[float, dict[str, int]] = (0.0, {})
    bound = [sum(max(pairs[role].values(), default=0.0) for role in order[at:]) for at in range(len(order) + 1)]
    most = max([*reckoned.values(), 0.0])

    def extend(at: int, score: float, chosen: dict[str, int]) -> None:
        nonlocal best
        if at == len(order):
            whole = score + _together(chosen, reckoned)
            best = max(best, (whole, dict(chosen)), key=lambda one: one[0])
            return
        if score + bound[at] + most <= best[0]:
            return
        for column, worth in pairs[order[at]].items():
            if column not in chosen.values():
                extend(at + 1, score + worth, {**chosen, order[at]: column})
        extend(at + 1, score, chosen)

    extend(0, 0.0, {})
    return best


def _together(chosen: Mapping[str, int], reckoned: Mapping[Triple, float]) -> float:
    triple = tuple(chosen.get(role, -1) for role in ("quantity", "unit_price", "line_total"))
    if not reckoned or -1 in triple:
        return 0.0
    return reckoned.get((triple[0], triple[1], triple[2]), _MISRECKONED)


def _reckoned(columns: Sequence[Column]) -> Iterator[tuple[Triple, float]]:
    """What each three columns count of which two make the third in half of the lines."""
    numeric = [one for one in columns if one.fit("quantity") >= _LEAST_FIT]
    for one, other in combinations(numeric, 2):
        for total in numeric:
            if total in (one, other):
                continue
            lines = [
                (a.value, b.value, c.value)
                for a, b, c in zip(one.numbers, other.numbers, total.numbers, strict=True)
                if a and b and c
            ]
            share = sum(is_product(*line) for line in lines) / max(len(lines), 1)
            # one times one is one, whichever is which
            if share >= 0.5 and any(1 not in line[:2] for line in lines):
                yield (one.at, other.at, total.at), _RECKONED * share
                yield (other.at, one.at, total.at), _RECKONED * share


def is_product(quantity: Decimal, price: Decimal, total: Decimal) -> bool:
    """Whether an amount is quantity times price, but for rounding."""
    return abs(quantity * price - total) <= max(Decimal("0.02"), abs(total) * Decimal("0.002"))


def _options(role: str, columns: Sequence[Column]) -> dict[int, float]:
    worth = {one.at: score for one in columns if (score := _worth(role, one, columns)) > 0}
    return dict(sorted(worth.items(), key=lambda item: -item[1])[:_MOST_OPTIONS])


def _worth(role: str, column: Column, columns: Sequence[Column]) -> float:
    fit = column.fit(role)
    called = column.likes.get(role, 0.0)
    if fit < _LEAST_FIT:
        return 0.0
    score = _CALLED * called + _OF_KIND * fit
    score -= 0.0 if called else _CALLED_OTHERWISE * max(column.likes.values(), default=0.0)
    numeric = [one for one in columns if one.fit("quantity") >= _LEAST_FIT]
    if role == "name":
        score += _WIDEST * (column.width == max(one.width for one in columns))
    elif role == "line_total":
        score += _LAST * (column == numeric[-1])
    elif role == "quantity":
        score += _WHOLE * column.is_whole + _COUNTS_UP * column.counts_up
    elif role == "unit_price":
        score -= _WHOLE * column.is_whole
    return score


def _is_short_word(cell: Span) -> bool:
    return len(cell.words) <= 2 and len(cell.text) <= 12 and cell.text[:1].isalpha()


def _is_code(cell: Span) -> bool:
    # a code is set in one piece, and is neither an amount nor a word
    return len(cell.words) <= 2 and (any(map(str.isdigit, cell.text)) or cell.text.isupper()) and len(cell.text) > 2
