"""Balances at the start and the end: those between which lies what moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.tables.movements.entries import Balance, Entries
from ix.extraction.models.rules.tables.movements.printed import Figure, Printed

_MOST = 60
"""Figures of a statement, beside those of its movements, of which two may be what it starts and ends with."""
PROVEN, NAMED, PLACED = 0.95, 0.75, 0.5
"""Scores of a balance that arithmetic proves, that words name, and that stands where it should; see
`page.candidates`."""


class Ends(NamedTuple):
    """What the account had at the start and at the end; None where that is not printed."""

    opening: Candidate | None
    closing: Candidate | None
    proven: bool = False


class _Said(NamedTuple):
    """A figure that may say a balance, and what speaks for it as the one at the start and at the end."""

    value: Decimal
    page: int
    figure: Figure
    opening: float
    closing: float

    @property
    def place(self) -> tuple[int, float, float]:
        """Where it stands, in the order of reading."""
        return self.page, round(self.figure.box[1], 2), self.figure.box[0]


def ends(
    found: Entries,
    lines: Sequence[Printed],
    labelled: tuple[Candidate | None, Candidate | None],
    named: Callable[[Printed], str],
) -> Ends:
    """The balances at the start and the end. `labelled` are those that labels of their fields found, `named` says which
    balance the words of a line name."""
    moved = sum((one.amount for one in found.movements), Decimal())
    said = list(_said(found, lines, labelled, named))
    fitting = [
        (one.opening + other.closing, one, other)
        for one in said
        for other in said
        if one is not other and one.value + moved == other.value and _in_order(one, other)
    ]
    if fitting and found.movements:
        # figures fit by chance as well: among pairs that do, words and places decide
        _, one, other = max(fitting, key=lambda each: each[0])
        return Ends(_candidate(one, PROVEN), _candidate(other, PROVEN), proven=True)
    first = max(said, key=lambda one: one.opening, default=None)
    last = max(said, key=lambda one: one.closing, default=None)
    return Ends(
        _likely(first, labelled[0], first.opening if first else 0.0),
        _likely(last, labelled[1], last.closing if last else 0.0),
    )


def _likely(said: _Said | None, labelled: Candidate | None, weight: float) -> Candidate | None:
    if labelled is not None and (said is None or weight < NAMED):
        return labelled
    return _candidate(said, weight) if said and weight >= PLACED else labelled


def _candidate(said: _Said, score: float) -> Candidate:
    return Candidate(float(said.value), said.page, said.figure.span, min(score, PROVEN))


def _in_order(one: _Said, other: _Said) -> bool:
    """Whether the first may be the balance at the start, and the other that at the end: with the sides of an account
    taken for each other both come out right the other way round."""
    if one.closing >= NAMED > one.opening or other.opening >= NAMED > other.closing:
        return False
    named = one.opening >= NAMED or other.closing >= NAMED
    return named or one.place < other.place


def _said(
    found: Entries,
    lines: Sequence[Printed],
    labelled: tuple[Candidate | None, Candidate | None],
    named: Callable[[Printed], str],
) -> Iterator[_Said]:
    count = len(found.movements)
    taken = {one.line.row.at for one in found.movements}
    taken |= {one.line.row.at for one in found.balances}
    # those of the first and the last page tell; a page of nothing but balances has no end of them
    for one in found.balances[:_MOST] + found.balances[_MOST:][-_MOST:]:
        yield _Said(
            one.value,
            one.line.row.page,
            one.figure,
            _weight(one, "opening", one.after == 0),
            _weight(one, "closing", one.after == count),
        )
    if found.movements and (last := found.movements[-1]).balance:
        # the balance of the last movement is that at the end, where nothing else says it
        yield _Said(last.balance.signed, last.line.row.page, last.balance, 0.0, PLACED)
    spare = [(line, figure) for line in lines if line.row.at not in taken for figure in line.figures]
    for line, figure in spare[:_MOST]:
        # a line with both balances does not say which figure is which
        name = named(line) if len(line.figures) == 1 else ""
        # a figure that nothing names counts only where the sums prove it: alone it is too weak to be placed
        weights = [
            NAMED
            if name == end or (one and one.page == line.row.page and one.span.indices == figure.span.indices)
            else 0.1
            for end, one in zip(("opening", "closing"), labelled, strict=True)
        ]
        yield _Said(figure.signed, line.row.page, figure, *weights)


def _weight(one: Balance, end: str, placed: bool) -> float:
    named = NAMED if one.named == end else 0.0
    # "Übertrag" at the head of the first page is what the sheet before ended with
    return max(named, PLACED if placed and one.named in ("", "carried", "balance") else 0.0) + 0.1 * placed
