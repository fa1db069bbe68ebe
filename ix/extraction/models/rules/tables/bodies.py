"""The bodies of tables: the lines under a heading, up to the line that sums up, over page breaks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ix.extraction.kept import kept
from ix.extraction.layout import overlap
from ix.extraction.models.rules.fields.labelled_amounts import concept_of
from ix.extraction.models.rules.page.reading import Reading, Row
from ix.extraction.models.rules.tables.headings import NUMERIC, Column, headings
from ix.extraction.models.rules.vocabulary.folding import fold
from ix.extraction.models.rules.vocabulary.money import concepts, features
from ix.extraction.records import record
from ix.fields import Field
from ix.languages import merged, one_of

_DIGIT = re.compile(r"\d")
_SUMS = frozenset(("total", "net", "subtotal", "tax", "due", "lines", "rounding", "paid", "change"))
# characters; what is longer is an item's name or prose
_LONGEST_LABEL = 45
# lines under a subtotal in which the next part of a table may begin: its title, and a title's second line
_AFTER_SUBTOTAL = 4
_CARRIED = re.compile(rf"\W*{one_of(merged().carried)}(?![^\W\d_])", re.I)
"""What is carried from page to page is no item."""


@record
class Body:
    """A table's fields, the columns that its heading names, and the lines under it."""

    fields: Sequence[Field]
    columns: Sequence[Column]
    rows: Sequence[Row]
    head: Row

    @kept
    def naming(self) -> Field | None:
        """The field that names an item: the first that holds words."""
        return next((field for field in self.fields if field.kind in ("text", "organisation", "person")), None)

    @kept
    def sums(self) -> Field | None:
        """The field of the items' sums, where no heading names it: the last amount of a line is its."""
        headed = {column.field.path for column in self.columns}
        unheaded = [field for field in self.fields if field.kind == "money" and field.path not in headed]
        return next((field for field in unheaded if concept_of(field) in ("total", "lines", "net")), None)

    @kept
    def anchor(self) -> Field:
        """The field that every item must have: its sum, else the last column of money, else of numbers."""
        rank = {"money": 2, "number": 1}
        return self.sums or max(self.columns, key=lambda column: (rank.get(column.field.kind, 0), column.box[2])).field

    @kept
    def numeric(self) -> list[Column]:
        """The columns that hold money or counts."""
        return [column for column in self.columns if column.field.kind in NUMERIC]


def bodies(fields: Sequence[Field], reading: Reading) -> list[Body]:
    """The table's bodies from top to bottom: a heading repeated begins one, a line that sums up ends one. A heading
    with clearly fewer columns than the widest is another table's."""
    heads = headings(reading, fields)
    widest = max(map(len, heads.values()), default=0)
    # from four columns on one may be missing, and the heading is the same table's still
    own = {at: columns for at, columns in heads.items() if len(columns) >= max(widest - (widest > 3), 2)}
    passed = running(reading)
    return [
        Body(fields, columns, list(_under(reading.rows[at], reading, own, passed)), reading.rows[at])
        for at, columns in own.items()
    ]


def _under(head: Row, reading: Reading, heads: dict[int, list[Column]], passed: frozenset[int]) -> Iterator[Row]:
    # "Revisione cambio" is an item though "cambio" is Spanish for change: all languages are read at once, so
    # a line that fills the columns goes on with the table whatever it is called
    for at in range(head.at + 1, len(reading.rows)):
        row = reading.rows[at]
        if row.at in heads or (_ends(row, row.at - head.at) and not _is_item(row, heads[head.at])):
            # a part of the table is summed up, and another one follows
            if row.at in heads or not _goes_on(row, reading, heads[head.at]):
                return
        elif row.at not in passed and not _CARRIED.match(row.text):
            yield row


def _goes_on(row: Row, reading: Reading, columns: Sequence[Column]) -> bool:
    """Whether items follow a subtotal within a few lines, before anything else is summed up."""
    if "sub" not in features(row.line.cells[0].text):
        return False
    for below in reading.after(row, _AFTER_SUBTOTAL):
        if _fills(below, columns) and not _only_money_words(below.line.cells[0].text):
            return True
        if _ends(below, _AFTER_SUBTOTAL):
            return False
    return False


def running(reading: Reading) -> frozenset[int]:
    """The positions of lines that are heads and feet of pages; made once for a reading."""
    return reading.once(_running, lambda: _running(reading))


def _running(reading: Reading) -> frozenset[int]:
    """Lines that stand on several pages alike but for their numbers: heads and feet of pages."""
    # a single page has none
    if not reading.rows or reading.rows[0].page == reading.rows[-1].page:
        return frozenset()
    letters = [_letters(row) for row in reading.rows]
    pages: dict[str, set[int]] = {}
    for row, own in zip(reading.rows, letters, strict=True):
        pages.setdefault(own, set()).add(row.page)
    return frozenset(
        row.at
        for row, own in zip(reading.rows, letters, strict=True)
        if own and len(pages[own]) > 1 and not row.has_money and _outer(row)
    )


def _outer(row: Row) -> bool:
    return row.line.box[1] < 0.12 or row.line.box[3] > 0.88


def _letters(row: Row) -> str:
    return _DIGIT.sub("", fold(row.text))


def _ends(row: Row, since: int) -> bool:
    """Whether a line sums up: its first words say so, and it has an amount, or it is the title or the heading of a
    summary."""
    first = row.line.cells[0].text
    if len(first) > _LONGEST_LABEL or (first[0].isdigit() and len(row.line.cells) > 2):
        return False
    # "Subtotal $6,875" has no decimals, and yet nothing else to say
    is_sum = row.has_money or (bool(row.amounts) and _only_money_words(first))
    # surely named: "amount" alone, which has 0.6, may begin an item
    found = {concept for concept, weight in concepts(first).items() if weight >= 0.85}
    if row.has_money and (label := _before_last_amount(row)) and _only_money_words(label):
        # a base or a tax in the midst of a line may be a detail of its item
        found |= {"total"} if features(label) & {"total", "sub"} else set()
    if is_sum:
        return bool(found & _SUMS or {"total", "quantity"} <= features(first))
    if sum(bool(concepts(cell.text).keys() & _SUMS) for cell in row.line.cells) > 1:
        return True
    # right under the heading "Tax" alone is no sum: a long heading wraps
    return (
        since > 2
        and len(row.line.cells) == 1
        and bool(found & (_SUMS | {"discount", "charge"}))
        and _only_money_words(first)
    )


def _before_last_amount(row: Row) -> str:
    """The words of the nearest cell that has any, left of the last amount: "no. 4711   Subtotal   717.97"."""
    left = [cell.text for at, cell in row.cells if at + len(cell.text) < row.amounts[-1].start]
    return next((text for text in reversed(left) if re.search(r"[^\W\d_]{4}", text)), "")


def _is_item(row: Row, columns: Sequence[Column]) -> bool:
    """Whether a line fills the columns, as an item does whatever it is called, unless it is called nothing but a
    sum."""
    return _fills(row, columns) and not _only_money_words(row.line.cells[0].text)


def _fills(row: Row, columns: Sequence[Column]) -> bool:
    """Whether a line has numbers under three headings of numbers, or under both where there are two."""
    cells = [cell.box for cell in row.line.cells if re.search(r"\d", cell.text)]
    numeric = [column for column in columns if column.field.kind in NUMERIC]
    return sum(any(overlap(box, column.box) > 0 for box in cells) for column in numeric) >= min(max(len(numeric), 2), 3)


def _only_money_words(text: str) -> bool:
    """Whether every longer word of a text speaks of money, so that it is the title of a summary and no article."""
    words = re.findall(r"[^\W\d_]{4,}", text)
    return not re.search(r"\d", text) and bool(words) and all(features(word) for word in words)
