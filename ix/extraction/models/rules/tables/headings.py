"""Headings of tables: rows whose labels name at least two columns, one of them numeric."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ix.extraction.layout import overlap
from ix.extraction.models.rules.page.labels import Labels
from ix.extraction.models.rules.page.reading import Reading, Row
from ix.extraction.page import Box
from ix.fields import Field

NUMERIC = frozenset(("money", "number"))


class Column(NamedTuple):
    """A column: its field and the box of its heading."""

    field: Field
    box: Box


def headings(reading: Reading, fields: Sequence[Field]) -> dict[int, list[Column]]:
    """The columns of every heading on the pages, by its row's position among all rows."""
    labels = Labels(reading, fields)
    return {row.at: columns for row in reading.rows if (columns := _heading(row, reading, labels, fields))}


def _heading(row: Row, reading: Reading, labels: Labels, fields: Sequence[Field]) -> list[Column]:
    """The columns that a row names, completed by the rows right above and below it, since headings wrap; empty if it is
    no heading."""
    # a line with an amount is an item or a sum ("Total saving 0.00"), whatever columns its words name
    own = [] if row.has_money else _columns([row], labels, fields)
    if len(own) < 2:
        return []
    around = [other for other in _around(row, reading) if not other.has_money]
    missing = [field for field in fields if field.path not in {column.field.path for column in own}]
    spare = [
        column
        for column in _columns(around, labels, missing)
        if all(overlap(column.box, other.box) <= 0 for other in own)
    ]
    return own + spare if any(column.field.kind in NUMERIC for column in own + spare) else []


def _around(row: Row, reading: Reading) -> Iterator[Row]:
    reach = 2.5 * row.line.height
    for other in reading.rows[max(row.at - 2, 0) : row.at + 3]:
        if other.page == row.page and other.at != row.at and abs(other.line.box[1] - row.line.box[1]) < reach:
            yield other


def _columns(rows: Sequence[Row], labels: Labels, fields: Sequence[Field]) -> list[Column]:
    """One column for each field with a label on the rows: the best label, the rightmost of equals; no label names two
    columns."""
    places = [hit for row in rows for hit in labels.on(row)]
    if not places:
        return []
    asked = {field.path: at for at, field in enumerate(fields)}
    hits = sorted((asked[path], at) for at, hit in enumerate(places) for path in hit.owners if path in asked)
    found: dict[str, Column] = {}
    taken: set[tuple[int, int]] = set()
    # "price" and "amount" may both be labels of an item's sum, which stands right of the price of one
    for field, hit in sorted(
        ((fields[one], places[at]) for one, at in hits),
        key=lambda pair: (-round(pair[1].score(pair[0].path), 1), -pair[1].start),
    ):
        if field.path not in found and (hit.row.at, hit.start) not in taken:
            taken.add((hit.row.at, hit.start))
            found[field.path] = Column(field, hit.row.line.part(hit.start, hit.end).box)
    return list(found.values())
