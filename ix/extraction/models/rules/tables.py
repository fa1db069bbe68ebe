"""Tables: the heading by the columns' labels, then the rows below it, each anchored by an amount in its last money column.

    Pos  Description        Quantity   Price    Amount      heading
    1    Anvil 250 kg        1 pc     1,000.00  1,000.00    a row: it has the anchor; text beside, above or below names it
         colour: grey                                       no anchor: goes with the row above
    Total                                       1,420.00    the end: words that sum up

Without a heading, as on many till receipts, rows are the amounts with words above the first sum.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ix.extraction.layout import Span, overlap
from ix.extraction.models import Leaf, Tree
from ix.extraction.models.rules.candidates import Candidate
from ix.extraction.models.rules.headings import NUMERIC, Column, amounts, has_money, headings
from ix.extraction.models.rules.money import concept_of
from ix.extraction.models.rules.money_words import concepts, features
from ix.extraction.models.rules.reading import Reading, Row
from ix.extraction.page import Box
from ix.extraction.values import Amount, find_dates
from ix.schema import Field

_ENDS = frozenset(("total", "net", "subtotal", "tax", "due", "lines", "rounding", "paid", "change"))
_NEAR = 0.05  # of the page's width: how far an amount may stand from its column's heading
_HEADED, _LOOSE = 0.7, 0.4  # support of a value in a table with a heading, and without one
_Item = dict[str, Candidate]


def rows(table: Field, reading: Reading) -> list[Tree]:
    """The rows of a table, top to bottom, over all its pages; none if the pages have no such table."""
    items = _headed(table.fields, reading) or _loose(table.fields, reading)
    return [{field.name: item[field.path].leaf() if field.path in item else Leaf(None) for field in table.fields} for item in items]


def _headed(fields: Sequence[Field], reading: Reading) -> list[_Item]:
    heads = headings(reading, fields)
    widest = max(map(len, heads.values()), default=0)
    table = _Body(fields)
    for row in reading.rows:
        if len(heads.get(row.at, ())) >= max(widest - (widest > 3), 2):
            table.open(row, heads[row.at])
        else:
            table.take(row)
    return table.items


class _Body:
    """The rows under a heading, put together line by line."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self.items: list[_Item] = []
        self._fields = fields
        self._last: Field | None = None
        self._naming = next((field for field in fields if field.kind not in NUMERIC), None)
        self._columns: Sequence[Column] = ()
        self._since = 0
        self._text: Candidate | None = None

    def open(self, row: Row, columns: Sequence[Column]) -> None:
        """Begins a table, or goes on with it under a heading repeated."""
        self._columns, self._since, self._text = columns, row.at, None
        unheaded = [field for field in self._fields if field.kind == "money" and field not in {column.field for column in columns}]
        self._last = next((field for field in unheaded if concept_of(field) in ("total", "lines", "net")), None)

    def take(self, row: Row) -> None:
        """Adds a line: a new item, the name of one, or the end."""
        if not self._columns:
            return
        if _ends(row, row.at - self._since):
            self._columns = ()
            return
        values, text = self._values(row), self._named(row)
        if (self._last or _anchor(self._columns)).path in values:
            self._add(values, text or self._text)
        elif text and not values:
            self._describe(text)

    def _values(self, row: Row) -> _Item:
        """The line's values; the last amount of all belongs to the column of sums if that has no heading of its own."""
        values = _cells(row, self._columns)
        last = next((amount for amount in reversed(amounts(row)) if amount.decimals), None)
        if self._last and last and values:
            span = row.line.part(last.start, last.end)
            if all(span.box[0] > value.span.box[2] for value in values.values()):
                values[self._last.path] = Candidate(_scalar(last, self._last), row.page, span, _HEADED)
        return values

    def _add(self, values: _Item, text: Candidate | None) -> None:
        self._text = None
        named = {self._naming.path: text} if text and self._naming and self._naming.path not in values else {}
        self.items.append({**named, **values})

    def _describe(self, text: Candidate) -> None:
        """Text without an amount names the item above if that has no name yet, else perhaps the one below."""
        if self._naming and self.items and self._naming.path not in self.items[-1]:
            self.items[-1][self._naming.path] = text
        else:
            self._text = text

    def _named(self, row: Row) -> Candidate | None:
        """The words in the naming column: under its heading, or left of all numbers if it has none."""
        heading = next((c.box for c in self._columns if c.field == self._naming), None)
        right = min((c.box[0] for c in self._columns if c.field.kind in NUMERIC and (not heading or c.box[0] > heading[0])), default=1.0)
        wordy = [cell for cell in row.line.cells if _wordy(cell) and cell.box[0] < right]
        under = next((cell for cell in wordy if heading and overlap(cell.box, heading) > 0), None)
        cell = under or next((cell for cell in wordy if not heading or cell.box[0] < heading[2]), None)
        return _clipped(row, cell) if cell else None


def _anchor(columns: Sequence[Column]) -> Field:
    """The column that every row must have: the last one of money, or else of numbers."""
    return max(columns, key=lambda column: (column.field.kind == "money", column.field.kind == "number", column.box[2])).field


def _ends(row: Row, since: int) -> bool:
    """Whether a line sums up: its first words say so, and it has an amount or stands alone."""
    first, alone = row.line.cells[0].text, len(row.line.cells) == 1 and not has_money(row)
    found = {concept for concept, weight in concepts(first).items() if weight >= 0.85}
    if len(first) > 45 or (first[0].isdigit() and len(row.line.cells) > 2):
        return False
    if alone:
        return since > 2 and bool(found & (_ENDS | {"discount", "charge"}))
    return has_money(row) and bool(found & _ENDS or {"total", "quantity"} <= features(first))


def _cells(row: Row, columns: Sequence[Column]) -> _Item:
    """The values of a line by column: amounts go to the nearest heading, where the nearest wins; dates and codes stand under theirs."""
    numeric = [column for column in columns if column.field.kind in NUMERIC]
    nearest: dict[str, tuple[float, Candidate]] = {}
    for amount in amounts(row):
        span = row.line.part(amount.start, amount.end)
        distance, column = min(((_distance(span.box, column.box), column) for column in numeric), key=lambda pair: pair[0])
        path = column.field.path
        if distance <= _NEAR and _plausible(amount, column.field) and (path not in nearest or distance < nearest[path][0]):
            nearest[path] = distance, Candidate(_scalar(amount, column.field), row.page, span, _HEADED)
    return {**{path: candidate for path, (_, candidate) in nearest.items()}, **_others(row, columns)}


def _others(row: Row, columns: Sequence[Column]) -> _Item:
    found: _Item = {}
    for column in columns:
        if column.field.kind not in NUMERIC | {"text", "organisation", "person", "address"}:
            for _, cell in row.cells:
                if overlap(cell.box, column.box) > 0 and (value := _value(column.field, cell)):
                    found[column.field.path] = Candidate(value, row.page, cell, _HEADED)
    return found


def _value(field: Field, cell: Span) -> str | None:
    if field.kind != "date":
        return cell.text
    dates = find_dates(cell.text)
    return dates[0].value.isoformat() if dates else None


def _plausible(amount: Amount, field: Field) -> bool:
    return field.kind == "number" or amount.decimals or amount.value >= 10


def _scalar(amount: Amount, field: Field) -> int | float:
    return int(amount.value) if field.json_type == "integer" else float(amount.value)


def _distance(one: Box, heading: Box) -> float:
    """How far an amount stands from a heading, sideways: the gap, or, where they overlap, a tenth of their edges' distance."""
    gap = max(one[0], heading[0]) - min(one[2], heading[2])
    edges = min(abs(one[0] - heading[0]), abs(one[2] - heading[2]), abs(one[0] + one[2] - heading[0] - heading[2]) / 2)
    return gap if gap > 0 else edges / 10


def _wordy(cell: Span) -> bool:
    return len(re.findall(r"[^\W\d_]", cell.text)) >= 3


def _clipped(row: Row, cell: Span) -> Candidate:
    """A name without a position number before it."""
    start = lead.end() if (lead := re.match(r"\d{1,4}[.)]?\s+(?=[^\W\d_])", cell.text)) else 0
    span = cell.part(start, len(cell.text))
    return Candidate(span.text, row.page, span, _HEADED)


def _loose(fields: Sequence[Field], reading: Reading) -> list[_Item]:
    """Items without a heading: lines above the first sum that end in an amount, with words on them or right above."""
    naming = next((field for field in fields if field.kind == "text"), None)
    money = [field for field in fields if field.kind == "money"]
    end = next((row.at for row in reading.rows if has_money(row) and concepts(row.text)), 0)
    if naming is None or len(money) != 1:
        return []
    return list(_loose_items(reading.rows[:end], naming, money[0]))


def _loose_items(lines: Sequence[Row], naming: Field, money: Field) -> Iterator[_Item]:
    above: Row | None = None
    for row in lines:
        if not has_money(row):
            above = row if any(map(_wordy, row.line.cells)) else above
            continue
        last = [amount for amount in amounts(row) if amount.decimals][-1]
        if named := next((cell for source in (row, above) if source for cell in source.line.cells if _wordy(cell)), None):
            amount = Candidate(_scalar(last, money), row.page, row.line.part(last.start, last.end), _LOOSE)
            yield {naming.path: Candidate(named.text, row.page, named, _LOOSE), money.path: amount}
        above = None
