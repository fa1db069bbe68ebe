"""Items without a heading, as on many till receipts: lines above the first sum that end in an amount, with words on
them or right above."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ix.extraction.layout import Span
from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.page.reading import Reading, Row
from ix.extraction.models.rules.tables.items import Values, scalar, wordy
from ix.extraction.models.rules.vocabulary.money import concepts
from ix.extraction.values import Amount
from ix.fields import Field
from ix.languages import merged, one_of

_SUPPORT = 0.4
"""Score of a value in such a list; see `page.candidates`."""
# no letter may follow the sign: 3 XL is a size
_TIMES = re.compile(
    r"(?<![\w.,])(\d{1,3}(?:[.,]\d{1,3})?)\s?[xX×@*](?![^\W\d_])|(?<![\w.,])[xX×]\s?(\d{1,3})(?![\w.,])"
)
_OPENING_HOURS = re.compile(
    rf"\d{{1,2}}[.:]\d{{2}}\s*(?:{one_of(merged().clock)})?\s*[-–]\s*\d{{1,2}}[.:]\d{{2}}(?!\d)", re.I
)
"""Times of day are no amounts: "Mo-Sa 9.00 Uhr - 20.00 Uhr"."""
# a count only before a word: "2 Tea", and not "2 500.00"
_LEADING = re.compile(r"\s*(\d{1,3})\s?[xX×]?\s+(?=[^\W\d_])")


def unheaded_items(fields: Sequence[Field], reading: Reading) -> list[Values]:
    """The items of a list of names and amounts; none where the fields ask for several amounts, which only a heading
    could tell apart."""
    naming = next((field for field in fields if field.kind == "text"), None)
    money = [field for field in fields if field.kind == "money"]
    counting = next((field for field in fields if field.kind == "number"), None)
    # without a sum there are no items: nothing else tells a list from prose with amounts in it
    end = next((row.at for row in reading.rows if row.has_money and concepts(row.text)), 0)
    if naming is None or len(money) != 1:
        return []
    return list(_items(reading.rows[:end], naming, money[0], counting))


def _items(lines: Sequence[Row], naming: Field, money: Field, counting: Field | None) -> Iterator[Values]:
    above: Row | None = None
    for row in lines:
        if not row.has_money or _OPENING_HOURS.search(row.text):
            above = row if any(map(wordy, row.line.cells)) else above
            continue
        # the price of one stands before the amount of the line
        last = [amount for amount in row.amounts if amount.decimals][-1]
        if named := next(_names(row, above), None):
            name = _without_count(_without_amounts(named, row))
            counted = _quantity(row, last, counting) if counting else {}
            yield {
                naming.path: Candidate(name.text, row.page, name, _SUPPORT),
                money.path: _candidate(row, last, money),
                **counted,
            }
        # a name is used once: the next amount has its own, or none
        above = None


def _names(row: Row, above: Row | None) -> Iterator[Span]:
    return (cell for source in (row, above) if source for cell in source.line.cells if wordy(cell))


def _without_amounts(name: Span, row: Row) -> Span:
    """A name without the amounts that end its cell: a single space may be all that stands between them."""
    end = len(name.text)
    for amount in sorted(row.amounts, key=lambda one: -one.start):
        printed = row.text[amount.start : amount.end]
        if amount.decimals and name.text[:end].endswith(f" {printed}"):
            end = len(name.text[: end - len(printed)].rstrip())
    return name.part(0, end) if end < len(name.text) else name


def _without_count(name: Span) -> Span:
    lead = _LEADING.match(name.text)
    return name.part(lead.end(), len(name.text)) if lead else name


def _quantity(row: Row, last: Amount, counting: Field) -> Values:
    """The number before or behind a times sign, or the one that leads the line."""
    found = _TIMES.search(row.text[: last.start]) or _LEADING.match(row.text)
    if found is None:
        return {}
    group = 1 if found[1] else 2
    value = _count(row, found.start(group), found[group], counting)
    return {counting.path: Candidate(value, row.page, row.line.part(*found.span(group)), _SUPPORT)} if value else {}


def _count(row: Row, start: int, written: str, counting: Field) -> int | float | None:
    """The number that is written at an offset: as an amount where the row has one there."""
    for amount in row.amounts:
        if amount.start == start:
            return scalar(amount, counting)
    return int(written) if written.isdigit() else None


def _candidate(row: Row, amount: Amount, money: Field) -> Candidate:
    return Candidate(scalar(amount, money), row.page, row.line.part(amount.start, amount.end), _SUPPORT)
