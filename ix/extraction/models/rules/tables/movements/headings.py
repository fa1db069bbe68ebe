"""What stands above the columns of a statement, and what names balances."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from ix.extraction.models.rules.page.labels import Hit, Labels
from ix.extraction.models.rules.page.reading import Reading
from ix.extraction.models.rules.tables.movements.columns import Strip, What
from ix.extraction.models.rules.tables.movements.printed import Printed
from ix.extraction.models.rules.tables.movements.roles import Roles
from ix.fields import Field
from ix.languages import merged, phrases

_ABOVE = 5
"""Lines above the first movement of a page in which its headings stand."""
_BESIDE = 0.05
"""How far from the edge of its figures a heading may end, as a share of the page's width."""


class Headings:
    """Labels of columns and of balances. `around` are the fields of balances, by `opening`, `closing` and `carried`."""

    def __init__(self, reading: Reading, lines: Sequence[Printed], roles: Roles, around: Mapping[str, Field]) -> None:
        self._roles = roles
        self._paths = {field.path: name for name, field in around.items()}
        words, path = merged(), roles.amount.path
        # most schemas ask for one amount, whatever columns a bank prints it in
        sides = [
            Field(f"{path}-", f"{path}-", "money", tuple(phrases(words.paid_out))),
            Field(f"{path}+", f"{path}+", "money", tuple(phrases(words.paid_in))),
        ]
        self._kinds: dict[str, What] = {sides[0].path: "debit", sides[1].path: "credit", path: "amount"}
        if roles.balance:
            self._kinds[roles.balance.path] = "balance"
        self._labels = Labels(reading, [*roles.fields, *sides, *around.values()])
        own = {field.path for field in (*roles.fields, *sides)}
        self._rows = list(_titled(list(_above(lines)), lambda line: self._count(line, own)))

    def what(self, strip: Strip) -> What | None:
        """What headings say that a column is."""
        best: tuple[float, What] | None = None
        for line, hit in self._hits():
            kind = next((self._kinds[path] for path in hit.owners if path in self._kinds), None)
            # figures are set flush right, and so are their headings
            apart = abs(line.row.line.part(hit.start, hit.end).box[2] - strip.right)
            if kind and apart < _BESIDE and (best is None or apart < best[0]):
                best = (apart, kind)
        return best[1] if best else None

    def value_first(self, days: Sequence[Strip]) -> bool:
        """Whether the left one of two columns of days is that of value dates."""
        if self._roles.value_date is None or len(days) < 2:
            return False
        booked, valued = self._roles.date.path, self._roles.value_date.path
        for line, hit in self._hits():
            left = line.row.line.part(hit.start, hit.end).box[0]
            # a heading that may be either's, such as "Date", tells nothing
            if (valued in hit.owners) != (booked in hit.owners):
                at_first = abs(left - days[0].left) < abs(left - days[1].left)
                return at_first == (valued in hit.owners)
        return False

    def named(self, line: Printed) -> str:
        """Which balance the words of a line name: `opening`, `closing` or `carried`, `balance` where they may name more
        than one ("Balance on 31.03."); empty where none."""
        for hit in self._labels.on(line.row):
            names = [self._paths[path] for path in hit.owners if path in self._paths]
            name = names[0] if len(names) == 1 else "balance" * bool(names)
            before = line.row.text[: hit.start]
            # a day may stand before the words: "31.03. Closing balance"
            for _, span in line.days:
                before = before.replace(span.text, "")
            # what follows other words is a part of some movement's text
            if name and not re.search(r"[^\W\d_]{2}", before):
                return name
        return ""

    def _count(self, line: Printed, own: set[str]) -> int:
        return sum(not own.isdisjoint(hit.owners) for hit in self._labels.on(line.row))

    def _hits(self) -> Iterator[tuple[Printed, Hit]]:
        return ((line, hit) for line in self._rows for hit in self._labels.on(line.row))


def _above(lines: Sequence[Printed]) -> Iterator[Printed]:
    """Lines above the first with a day and a figure on each page."""
    seen: set[int] = set()
    for at, line in enumerate(lines):
        if line.row.page not in seen and line.leads and line.figures:
            seen.add(line.row.page)
            yield from (one for one in lines[max(at - _ABOVE, 0) : at] if one.row.page == line.row.page)


def _titled(lines: Sequence[Printed], count: Callable[[Printed], int]) -> Iterator[Printed]:
    """The lines that name most columns: of "Currency EUR" above them one word may name a column too."""
    counts = [count(line) for line in lines]
    most = max(counts, default=0)
    return (line for line, own in zip(lines, counts, strict=True) if own and own >= min(most, 2))
