"""Known rows: the tables of a client's own schema that ask for the lines of a bill, whatever their columns are
called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Final

from ix.extraction.models.rules.forms.wording import phrases_of, words
from ix.fields import Field, Kind
from ix.languages import labels, load, phrases

_COLUMNS: Final[Mapping[str, tuple[frozenset[Kind], frozenset[str]]]] = {
    "quantity": (frozenset(("number",)), frozenset(("quantity", "units", "ordered"))),
    "unit_price": (frozenset(("money",)), frozenset(("price", "unit", "each"))),
    "line_total": (frozenset(("money",)), frozenset(("amount", "total", "sum", "extended", "net", "gross", "cost"))),
    "name": (frozenset(("text",)), frozenset(("name", "description", "item", "product", "article", "service", "text"))),
}
"""By a word of its name and its kind, what a column is of an invoice's lines; the first that fits."""
_FEWEST = 2


@lru_cache(maxsize=64)
def as_lines(table: Field) -> Field | None:
    """The table with its columns as the lines of an invoice have them, under the client's paths; None where it asks for
    other things."""
    columns = {field.path: column for field in table.fields if (column := _column(field))}
    # as many columns of one kind as there are: a net and a gross price are two
    once = {path: column for path, column in columns.items() if list(columns.values()).count(column) == 1}
    # without a price it may be a list of anything: staff, parts, exhibits
    if len(once) < _FEWEST or not {"unit_price", "line_total"} & set(once.values()):
        return None
    return replace(table, fields=tuple(_known(field, once.get(field.path)) for field in table.fields))


def _column(field: Field) -> str | None:
    # who says what a column means need not be guessed at
    if field.is_described or field.choices:
        return None
    for phrase in phrases_of(field):
        if phrase in _LABELS:
            column = _LABELS[phrase]
            if field.kind in _COLUMNS[column][0]:
                return column
    named = set(words(field.labels[-1]))
    return next((one for one, (kinds, known) in _COLUMNS.items() if field.kind in kinds and named & known), None)


def _known(field: Field, column: str | None) -> Field:
    if column is None:
        return field
    theirs = phrases(labels("invoice", f"lines.{column}"))
    # the client's own labels first, since those further back score less
    return replace(field, name=column, labels=(*field.labels, *theirs))


_LABELS: Final = {
    words(label): column
    for language in load()
    for column in _COLUMNS
    for label in phrases(language.labels.get("invoice", {}).get(f"lines.{column}", "").replace("||", "|"))
}
