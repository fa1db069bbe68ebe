"""Entries of a statement: which lines are movements, which say a balance, and which go on with a movement's text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from ix.extraction.layout import Span
from ix.extraction.models.rules.tables.movements.columns import Plan, What
from ix.extraction.models.rules.tables.movements.printed import Figure, Printed
from ix.extraction.values.yearless import Day

_STEP = 1.95
"""From the top of a line to that of the next of the same text, in heights of a line."""
_ASIDE = 0.02
"""How far left of the texts' column a line may begin that goes on with one, as a share of the page's width."""
_ONCE = 0.1
"""Share of lines with amounts, but without a day, from which a day is written for the first of several movements."""
_LONGEST = 14
"""Lines of the longest text."""


@dataclass
class Movement:
    """A movement: its line, its days by column (None where the day is not repeated), what its amount's column is, the
    amount, the balance after it, and the words of its text."""

    line: Printed
    days: dict[int, tuple[Day, Span]]
    what: What
    figure: Figure
    balance: Figure | None
    text: list[Span] = field(default_factory=list)
    amount: Decimal = Decimal()


@dataclass
class Balance:
    """A line that says what the account holds at that point, and how many movements came before it."""

    line: Printed
    figure: Figure
    value: Decimal
    after: int
    named: str = ""


@dataclass
class Entries:
    """The movements and balances of a statement, in order."""

    movements: list[Movement] = field(default_factory=list)
    balances: list[Balance] = field(default_factory=list)


def entries(lines: Sequence[Printed], plan: Plan, named: Callable[[Printed], str]) -> Entries:
    """What the lines of a statement say with these columns. `named` says which balance the words of a line name; empty
    for none."""
    found = Entries()
    anchors = [line for line in lines if any(plan.of(figure) for figure in line.figures)]
    whole = _Sorting(plan, anchors, named)
    for line in anchors:
        whole.sort(line, found)
    first = next((one.value for one in found.balances if one.after == 0), None)
    _sign(found.movements, first)
    _texts(found, lines, plan)
    return found


class _Sorting:
    """Tells movements from balances, line by line."""

    def __init__(self, plan: Plan, anchors: Sequence[Printed], named: Callable[[Printed], str]) -> None:
        self.plan, self.named = plan, named
        self.dated = [at for at, line in enumerate(anchors) if self._days(line)]
        rows = {anchors[at].row.at for at in self.dated}
        self.first, self.last = min(rows, default=0), max(rows, default=0)
        inside = [line for line in anchors if self.first < line.row.at < self.last and line.row.at not in rows]
        pages: dict[int, list[int]] = {}
        for line in anchors:
            pages.setdefault(line.row.page, []).append(line.row.at)
        self.edges = {at for own in pages.values() for at in (own[0], own[-1])}
        undated = [line for line in inside if self._moved(line) and not named(line) and line.row.at not in self.edges]
        self.once = len(undated) > _ONCE * len(rows)

    def sort(self, line: Printed, found: Entries) -> None:
        """Puts a line where it belongs."""
        moved, days, name = self._moved(line), self._days(line), self.named(line)
        balance = next((figure for figure in line.figures if self.plan.of(figure) == "balance"), None)
        # an amount with a balance behind it moved, day or not
        both = balance is not None and moved is not None
        goes_on = bool(found.movements) and (both or (self.once and not self._repeats(line, found)))
        if moved and not name and (days or goes_on):
            what = self.plan.of(moved)
            assert what is not None
            found.movements.append(Movement(line, days, what, moved, balance))
        elif figure := balance or moved:
            what = self.plan.of(figure)
            # what stands in a column of debits is below zero, unless balances have a column of their own
            owed = what == "debit" and not figure.mark and "balance" not in self.plan.figures.values()
            value = -abs(figure.value) if owed else figure.signed
            found.balances.append(Balance(line, figure, value, len(found.movements), name))

    def _repeats(self, line: Printed, found: Entries) -> bool:
        """Whether a line without a day may be a balance: at the head or foot of a page, or behind the last day."""
        if line.row.at not in self.edges:
            return False
        # a day is written anew on each page
        before = found.movements[-1].line.row.page if found.movements else -1
        return before != line.row.page or line.row.at > self.last

    def _moved(self, line: Printed) -> Figure | None:
        wanted = [figure for figure in line.figures if self.plan.of(figure) in ("amount", "debit", "credit")]
        # of a debit of nothing and a credit the latter counts
        return next((figure for figure in wanted if figure.value), wanted[0] if wanted else None)

    def _days(self, line: Printed) -> dict[int, tuple[Day, Span]]:
        found: dict[int, tuple[Day, Span]] = {}
        for day, span in line.leads:
            if (at := self.plan.day_column(span.box)) is not None:
                found.setdefault(at, (day, span))
        return found


def _sign(movements: Sequence[Movement], before: Decimal | None) -> None:
    """The sign of each amount: by its column, by its mark, or by the balances around it. `before` is the balance before
    the first."""
    marks = {one.figure.mark for one in movements if one.what == "amount"}
    # where credits alone are marked, all others are debits
    unmarked = -1 if 1 in marks and -1 not in marks and 0 in marks else 1
    for one in movements:
        size = abs(one.figure.value)
        if one.what == "debit":
            one.amount = -size
        elif one.what == "credit" or one.figure.mark:
            one.amount = -size if one.figure.mark < 0 else size
        else:
            one.amount = unmarked * size
            if marks == {0} and one.balance and before is not None and before - size == one.balance.signed:
                one.amount = -size
        before = one.balance.signed if one.balance else before and before + one.amount


def _texts(found: Entries, lines: Sequence[Printed], plan: Plan) -> None:
    """Gives each movement the words of its line that are neither day nor figure, and the lines that go on with them."""
    starts = {one.line.row.at for one in found.movements} | {one.line.row.at for one in found.balances}
    for one in found.movements:
        if own := _own(one, plan):
            one.text.append(own)
    lefts = sorted(span.box[0] for one in found.movements for span in one.text[:1])
    if not lefts:
        return
    left = lefts[len(lefts) // 2]
    for one in found.movements:
        one.text += list(_below(one.line, lines, starts, left))


def _own(one: Movement, plan: Plan) -> Span | None:
    used = {index for _, span in one.days.values() for index in span.indices}
    used.update(index for figure in one.line.figures if plan.of(figure) for index in figure.span.indices)
    line = one.line.row.line
    kept = [at for at, index in enumerate(line.indices) if index not in used]
    if not kept:
        return None
    return Span(tuple(line.words[at] for at in kept), tuple(line.indices[at] for at in kept))


def _below(line: Printed, lines: Sequence[Printed], starts: set[int], left: float) -> Iterator[Span]:
    before = line.row
    for other in lines[line.row.at + 1 : line.row.at + _LONGEST]:
        row = other.row
        height = max(min(before.line.height, row.line.height), 1e-6)
        near = row.line.box[1] - before.line.box[1] < _STEP * height
        if row.page != line.row.page or row.at in starts or not near or row.line.box[0] < left - _ASIDE:
            return
        yield Span(row.line.words, row.line.indices)
        before = row
