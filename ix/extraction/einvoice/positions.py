"""Positions as a whole: what the XML has and the page has not, the other way round, and in another order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise, product

from ix.extraction.einvoice.columns import Number, PrintedLine, Table
from ix.extraction.findings import finding
from ix.extraction.models import Leaf, Tree
from ix.extraction.values import as_decimal
from ix.job import Finding, Scalar

POSITIONS = "lines"
"""The table of what was sold: the only one that pages print in full."""
MISSING_AT_MOST = 0.5
"""Share of the positions that may be missing: pages that show fewer of them do not show the table."""
SURE = 2
"""Values on a line, more than one of them a number, from which a position is sure to stand there."""
_MOST_SHOWN = 80
"""Characters of a line that a finding quotes."""


def differences(
    tables: Mapping[str, Table], values: Mapping[str, Tree], evidence: object, printed: Sequence[PrintedLine]
) -> Iterator[Finding]:
    """A finding `xml_mismatch` for each position that only one of XML and page has, and for another order."""
    rows, table = values.get(POSITIONS), tables.get(POSITIONS)
    if table is None or not isinstance(rows, list) or not table.lines:
        return
    missing = [at for at in range(len(rows)) if _is_missing(table, at, rows, evidence, printed)]
    if len(missing) <= MISSING_AT_MOST * len(rows):
        for at in missing:
            yield _finding("missing", f"{POSITIONS}.{at}", position=at + 1, name=_name(rows[at]))
    for line in _more(table, values, printed):
        yield _finding("more", POSITIONS, text=line.line.text[:_MOST_SHOWN])
    places = {id(line): at for at, line in enumerate(printed)}
    order = [places[id(table.lines[at])] for at in sorted(table.lines) if table.scores[at] >= SURE]
    if any(one > next_ for one, next_ in pairwise(order)):
        yield _finding("order", POSITIONS)


def _is_missing(table: Table, at: int, rows: Sequence[Tree], evidence: object, printed: Sequence[PrintedLine]) -> bool:
    """Whether neither the name of a position nor its amount is where the page prints others."""
    if at in table.lines or (amount := table.rows[at].numbers.get("line_total")) is None:
        return False
    # remarks stand among the positions as well, without a name of their own
    if not _name(rows[at]) or _is_named(evidence, at):
        return False
    taken = {id(line) for line in table.lines.values()}
    left = (line for line in printed if id(line) not in taken and amount in line.readings)
    return not any(
        amount in number.readings and table.support(number, "line_total") for line in left for number in line.numbers
    )


def _is_named(evidence: object, at: int) -> bool:
    rows = evidence.get(POSITIONS) if isinstance(evidence, Mapping) else None
    node = rows[at].get("name") if rows else None
    return node is not None and node["match"] != "none"


def _name(row: Tree) -> str:
    name = row.get("name") if isinstance(row, dict) else None
    return str(name.value)[:_MOST_SHOWN] if isinstance(name, Leaf) and name.value else ""


def _more(table: Table, values: Mapping[str, Tree], printed: Sequence[PrintedLine]) -> Iterator[PrintedLine]:
    """Lines that are no position's, and have a quantity, a price and their product where positions have theirs, or what
    lacks in the sum of the positions."""
    lacking = _lacking(table, values)
    taken = {id(line) for line in table.lines.values()}
    # a table of another page is another table
    pages = {line.page for line in table.lines.values()}
    for line in printed:
        if line.page not in pages or id(line) in taken:
            continue
        columns = [_in_column(table, line, name) for name in ("quantity", "unit_price", "line_total")]
        if any(_is_product(*three) for three in product(*columns)):
            yield line
        elif lacking in line.readings:
            # said once: what is a position's amount may stand in the breakdown of taxes too
            lacking = None
            yield line


def _lacking(table: Table, values: Mapping[str, Tree]) -> Decimal | None:
    """How much more the sum of the positions is than they are together; None for nothing."""
    total = values.get("line_total")
    stated = as_decimal(total.value) if isinstance(total, Leaf) else None
    amounts = [row.numbers.get("line_total") for row in table.rows]
    known = [amount for amount in amounts if amount is not None]
    if stated is None or len(known) < len(amounts):
        return None
    return abs(stated) - sum(known) if abs(stated) > sum(known) else None


def _in_column(table: Table, line: PrintedLine, name: str) -> list[Number]:
    return [number for number in line.numbers if table.support(number, name)]


def _is_product(quantity: Number, price: Number, total: Number) -> bool:
    if quantity is price or price is total or quantity is total:
        return False
    return any(
        one * other in total.readings for one, other in product(quantity.readings, price.readings) if one and other
    )


def _finding(case: str, path: str, **params: Scalar) -> Finding:
    return finding("xml_mismatch", path, case=case, field=POSITIONS, **params)
