"""What results look like as tables: a column for each value, in the order of the schema, and the rows of lists in a
table of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ix.fields import Field, fields_of


class Column(NamedTuple):
    """A value's place: the names on the way to it, those of a list and of the members of its rows among them; its kind
    (`ix.fields.Kind`); for one of a row the path of its list, which it begins with, else nothing; and whether
    `electronic` invoices alone fill it."""

    names: tuple[str, ...]
    kind: str
    of_list: tuple[str, ...] = ()
    electronic: bool = False

    @property
    def path(self) -> str:
        """The dotted path, as `ix.fields.Field` has it."""
        return ".".join(self.names)


class Columns(NamedTuple):
    """The columns of results: `values` that a result has once, and `rows`, those of the rows of its `lists`, which are
    of the kind `rows`."""

    values: tuple[Column, ...]
    rows: tuple[Column, ...]
    lists: tuple[Column, ...]


def columns_of(schemas: Iterable[Mapping[str, Any]]) -> Columns:
    """The columns of results of any of these schemas, in their order; what two of them have is there once."""
    tables: tuple[dict[tuple[str, ...], Column], ...] = {}, {}, {}
    values, rows, lists = tables
    for one in (column for schema in schemas for column in _columns(fields_of(schema), Column((), ""))):
        table = lists if one.kind == "rows" else values
        # what was met first stays where it was
        table = rows if one.of_list else table
        table.setdefault(one.names, one)
    return Columns(*(tuple(table.values()) for table in tables))


def _columns(fields: Iterable[Field], above: Column) -> Iterator[Column]:
    for field in fields:
        names, electronic = (*above.names, field.name), above.electronic or field.electronic
        column = Column(names, field.kind, above.of_list, electronic)
        # a list within a row stands in its cell: a table has no third dimension
        is_list = field.kind == "rows" and bool(field.fields) and not above.of_list
        if field.kind == "object" and field.fields:
            yield from _columns(field.fields, column)
        elif is_list:
            yield column
            yield from _columns(field.fields, column._replace(of_list=names))
        else:
            # of plain values, or within a row: no rows of its own
            yield column._replace(kind="text") if field.kind == "rows" else column
