"""What a person should look at, though the value stands on the page: a number with two readings, a credit note."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from itertools import accumulate

from ix.extraction.evidence.searching import Search
from ix.extraction.evidence.wordindex import Hit
from ix.extraction.layout import Line
from ix.extraction.values import Amount, find_amounts
from ix.languages import merged, one_of

_CREDIT_NOTE = re.compile(rf"\W*{one_of(merged().credit_notes)}(?![^\W_])(?:\W+[\w./-]+){{0,3}}\W*", re.I)
"""A title, perhaps with the number of the document behind it."""
_IN_CREDIT = re.compile(rf"(?<![^\W\d_]){one_of(merged().in_credit)}(?![^\W\d_])", re.I)
_MAY_BE_OPEN = re.compile(r"\d[.,．，]\d{3}(?!\d)|[-−–(（]|C[Rr]|cr|D[Rr]|dr|H|S")
"""What all amounts with two readings have, found more quickly than these."""
_OWED = re.compile(r"total|due|payable", re.I)
"""Names of fields that ask what is owed, so that a credit is less than nothing."""
_TITLE = 0.5
"""The part of the first page, from the top, in which a document says what it is."""


def is_ambiguous(value: Decimal, name: str, hit: Hit, search: Search) -> bool:
    """Whether the number that prints `value`, the answer to the field with this name, says, or may as well say, another
    one in this document: its last three digits are decimals or thousands, or what stands beside it makes it a credit or
    does not."""
    for row in search.rows_of(hit):
        if value > 0 and _OWED.search(name) and _IN_CREDIT.search(row.text):
            return True
        for amount, words in search.once((is_ambiguous, hit.page, row.indices), partial(_open_amounts, row)):
            if abs(value) in (abs(amount.value), abs(amount.other or 0)) and not words.isdisjoint(hit.words):
                settled = search.notation.settled(amount, row.text)
                turned = bool(_OWED.search(name)) and settled.value == -value
                return turned or settled.other is not None or abs(settled.value) != abs(value)
    return False


def _open_amounts(row: Line) -> list[tuple[Amount, frozenset[int]]]:
    """The amounts of a line that can be read in two ways, and the words that print them."""
    if not _MAY_BE_OPEN.search(row.text):
        return []
    starts = accumulate((len(cell.text) + 1 for cell in row.cells), initial=0)
    # none runs from one cell into the next: the dash of an empty cell is no minus
    amounts = (
        amount._replace(start=amount.start + at, end=amount.end + at)
        for at, cell in zip(starts, row.cells, strict=False)
        for amount in find_amounts(cell.text)
    )
    found = (amount for amount in amounts if amount.other is not None or amount.side or amount.value < 0)
    return [(amount, frozenset(row.part(amount.start, amount.end).indices)) for amount in found]


def credit_notes(search: Search) -> Iterator[int]:
    """The documents, by index, that call themselves a credit note."""
    for page, index in zip(search.pages, search.indexes, strict=True):
        titles = (row for row in index.rows if page.number == 1 and row.box[1] < _TITLE)
        if any(_CREDIT_NOTE.fullmatch(cell.text) for row in titles if not _has_money(row) for cell in row.cells):
            yield page.document


def _has_money(row: Line) -> bool:
    return any(amount.decimals for amount in find_amounts(row.text))
