"""What a person should look at, though the value stands on the page: a number or a date with two readings, a credit
note."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import accumulate

from ix.extraction.evidence.searching import Search
from ix.extraction.evidence.wordindex import Hit
from ix.extraction.layout import Line
from ix.extraction.page import Page
from ix.extraction.values import Amount, find_amounts, find_dates, prefers_day_first
from ix.extraction.values.countries import origins
from ix.languages import merged, one_of

_CREDIT_NOTE = re.compile(rf"\W*{one_of(merged().credit_notes)}(?![^\W_])(?:\W+[\w./-]+){{0,3}}\W*", re.I)
"""A title, perhaps with the number of the document behind it."""
_IN_CREDIT = re.compile(rf"(?<![^\W\d_]){one_of(merged().in_credit)}(?![^\W\d_])", re.I)
_LONE_MARK = re.compile(r"(?<![\d.,])\d{1,3}[.,．，]\d{3}(?!\d|[.,]\d)")
_MINUS = re.compile(r"[-−–(（]\D{0,4}\d|\d[-−–)）]")
_CREDIT = re.compile(r"(?<![^\W\d_])(?:CR|Cr|cr|H|HABEN|Haben)(?![^\W_])")
"""What numbers with two readings have, or have beside them. Most have none of it, and then no page need be parted into
lines."""
_BEHIND = 3
"""Words behind a number, as the source gives them, of which one may mark it as a credit."""
_OWED = re.compile(r"total|due|payable", re.I)
"""Names of fields that ask what is owed, so that a credit is less than nothing."""
_TITLE = 0.5
"""The part of the first page, from the top, in which a document says what it is."""


def is_ambiguous(value: Decimal, name: str, hit: Hit, search: Search) -> bool:
    """Whether the number that prints `value`, the answer to the field with this name, says, or may as well say, another
    one in this document: its last three digits are decimals or thousands, or what stands beside it makes it a credit or
    does not."""
    owed = bool(_OWED.search(name))
    for row in search.rows_of(hit) if _may_be_open(value, owed, hit, search) else ():
        if owed and value > 0 and _IN_CREDIT.search(row.text):
            return True
        for amount, words in search.once((is_ambiguous, hit.page, row.indices), partial(_open_amounts, row)):
            if abs(value) in (abs(amount.value), abs(amount.other or 0)) and not words.isdisjoint(hit.words):
                settled = search.notation.settled(amount, row.text)
                turned = owed and settled.value == -value
                return turned or settled.other is not None or abs(settled.value) != abs(value)
    return False


def other_day(value: date, hit: Hit, search: Search) -> date | None:
    """The other reading of the date that prints `value`, if day and month can be read in either order and nothing in
    the document decides which."""
    if search.once(other_day, lambda: _order_is_told(search)):
        return None
    found = (one for row in search.rows_of(hit) for one in find_dates(row.text))
    is_open = any(one.ambiguous and value in (one.value, _swapped(one.value)) for one in found)
    return _swapped(value) if is_open and value.day != value.month else None


def _swapped(day: date) -> date:
    return day.replace(month=day.day, day=day.month) if day.day <= 12 else day


def _order_is_told(search: Search) -> bool:
    """Whether the document shows if it puts the day or the month first: by its other dates, or by where it is from."""
    texts = [row.text for index in search.indexes for row in index.rows]
    return prefers_day_first(texts) is not None or bool(origins("\n".join(texts)))


def _may_be_open(value: Decimal, owed: bool, hit: Hit, search: Search) -> bool:
    page, own = search.pages[hit.page], search.text(hit)
    if owed and value > 0:
        in_credit = search.once((_IN_CREDIT, hit.page), lambda: bool(_IN_CREDIT.search(_text(page))))
        if in_credit or _MINUS.search(own):
            return True
    around = page.words[max(min(hit.words) - 1, 0) : max(hit.words) + _BEHIND]
    return bool(_LONE_MARK.search(own) or _CREDIT.search(" ".join(word.text for word in around)))


def _text(page: Page) -> str:
    return " ".join(word.text for word in page.words if not word.hidden)


def _open_amounts(row: Line) -> list[tuple[Amount, frozenset[int]]]:
    """The amounts of a line that can be read in two ways, and the words that print them."""
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
    """The documents, by index, that call themselves a credit note, on the first of their pages that is read."""
    # the last that is given for a key counts, hence from behind
    first = {page.document: page.number for page in reversed(search.pages)}
    for page, index in zip(search.pages, search.indexes, strict=True):
        if page.number > first[page.document]:
            continue
        upper = (row for row in index.rows if row.box[1] < _TITLE)
        titles = (row for row in upper if any(_CREDIT_NOTE.fullmatch(cell.text) for cell in row.cells))
        if any(not _has_money(row) for row in titles):
            yield page.document


def _has_money(row: Line) -> bool:
    return any(amount.decimals for amount in find_amounts(row.text))
