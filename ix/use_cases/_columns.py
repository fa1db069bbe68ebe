"""What results look like as tables: a column for each value, in the order of the schema, and the rows of lists in a
table of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ix.fields import Field, fields_of


class Column(NamedTuple):
    """A value's place: the names on the way to it, those of a list and of the members of its rows among them; its kind
    (`ix.fields.Kind`); and for one of a row the path of its list, which it begins with, else nothing."""

    names: tuple[str, ...]
    kind: str
    of_list: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The dotted path, as `ix.fields.Field` has it."""
        return ".".join(self.names)


class Columns(NamedTuple):
    """The columns of results: `values` that a result has once, and of the rows of its `lists`, each named by its
    path."""

    values: tuple[Column, ...]
    rows: tuple[Column, ...]
    lists: tuple[tuple[str, ...], ...]


def columns_of(schemas: Iterable[Mapping[str, Any]]) -> Columns:
    """The columns of results of any of these schemas, in their order; what two of them have is there once."""
    values: dict[tuple[str, ...], Column] = {}
    rows: dict[tuple[str, ...], Column] = {}
    lists: dict[tuple[str, ...], None] = {}
    for schema in schemas:
        for one in _columns(fields_of(schema), (), ()):
            if isinstance(one, Column):
                (rows if one.of_list else values).setdefault(one.names, one)
            else:
                lists[one] = None
    return Columns(tuple(values.values()), tuple(rows.values()), tuple(lists))


def _columns(
    fields: Iterable[Field], above: tuple[str, ...], of_list: tuple[str, ...]
) -> Iterator[Column | tuple[str, ...]]:
    for field in fields:
        names = (*above, field.name)
        if field.kind == "object" and field.fields:
            yield from _columns(field.fields, names, of_list)
        # a list within a row stands in its cell: a table has no third dimension
        elif field.kind == "rows" and field.fields and not of_list:
            yield names
            yield from _columns(field.fields, names, names)
        else:
            yield Column(names, field.kind, of_list)
