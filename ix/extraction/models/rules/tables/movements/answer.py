"""From pages to an account: its movements as rows, what it starts and ends with, and what is carried forward."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ix.extraction.models import Tree
from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.page.reading import Reading
from ix.extraction.models.rules.tables.movements.columns import Plan, Strip, day_strips, plans, strips
from ix.extraction.models.rules.tables.movements.ends import Ends, ends
from ix.extraction.models.rules.tables.movements.entries import Entries, entries
from ix.extraction.models.rules.tables.movements.headings import Headings
from ix.extraction.models.rules.tables.movements.printed import Printed, printed
from ix.extraction.models.rules.tables.movements.roles import roles_of
from ix.extraction.models.rules.tables.movements.rows import rows
from ix.fields import Field

_PROVEN, _UNPROVEN = 0.85, 0.7
"""Scores of a movement's values, where the balances come out right and where they do not; see `page.candidates`."""
Labelled = tuple[Candidate | None, Candidate | None]


@dataclass(frozen=True)
class Account:
    """What a statement says: rows for the table, the balances around them, and those carried forward. `words` are those
    of the movements' lines, by the index of their page."""

    rows: list[Tree] = field(default_factory=list)
    ends: Ends = Ends(None, None)  # noqa: RUF009  (a tuple, which nobody can change)
    carried: list[Candidate] = field(default_factory=list)
    words: frozenset[tuple[int, int]] = frozenset()


def read_account(
    table: Field, reading: Reading, around: Mapping[str, Field], labelled: Labelled = (None, None)
) -> Account:
    """The account. `around` are the fields of balances, by `opening`, `closing` and `carried`; `labelled` is what their
    labels found for the first two."""
    roles, lines = roles_of(table), printed(reading)
    columns = strips(lines)
    if roles is None or not columns:
        return Account()
    heads, days = Headings(reading, lines, roles, around), day_strips(lines, columns)
    best, found = _best(lines, columns, days, heads, labelled)
    score = _PROVEN if best.proven else _UNPROVEN
    made = rows(found, lines, roles, heads.value_first(days), score, reading)
    return Account(made, best, list(_carried(found, score)), frozenset(_words(found)))


def _words(found: Entries) -> Iterator[tuple[int, int]]:
    for one in found.movements:
        for span in (one.line.row.line, *one.text):
            yield from ((one.line.row.page, index) for index in span.indices)


def _carried(found: Entries, score: float) -> list[Candidate]:
    """Balances between movements: those carried forward from page to page, and whatever else is said on the way."""
    most = len(found.movements)
    return [
        Candidate(float(one.value), one.line.row.page, one.figure.span, score)
        for one in found.balances
        # what stands before or behind all movements is what the account starts or ends with
        if 0 < one.after < most or (one.named == "carried" and one.after)
    ]


def _best(
    lines: Sequence[Printed], columns: Sequence[Strip], days: Sequence[Strip], heads: Headings, labelled: Labelled
) -> tuple[Ends, Entries]:
    """The reading of the columns with which most balances come out right."""
    tried = []
    for rank, kinds in enumerate(plans(columns, heads.what)):
        plan = Plan(kinds, days)
        found = entries(lines, plan, heads.named)
        around = ends(found, lines, labelled, heads.named)
        right, torn = _run(found), _torn(found, plan)
        # the two ends weigh more than all balances between; headings and habit decide among equals
        tried.append((2.0 * around.proven + right - torn - 0.1 * rank, -rank, around, found))
        # nothing can be righter than what is proven both ways
        if around.proven and right in (0.0, 1.0) and not torn:
            break
    _, _, around, found = max(tried, key=lambda each: each[:2])
    return around, found


def _torn(found: Entries, plan: Plan) -> float:
    """The share of movements that would be paid out and paid in at once: what looks so is a balance."""
    sides = [
        sum(bool(figure.value) for figure in one.line.figures if plan.of(figure) in ("debit", "credit"))
        for one in found.movements
    ]
    return sum(count > 1 for count in sides) / max(len(sides), 1)


def _run(found: Entries) -> float:
    """The share of balances behind movements that follow from the one before; 0 where there are none."""
    right = known = 0
    for before, one in zip(found.movements, found.movements[1:], strict=False):
        if before.balance and one.balance:
            known += 1
            right += before.balance.signed + one.amount == one.balance.signed
    return right / known if known else 0.0
