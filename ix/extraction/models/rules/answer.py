"""From pages to an answer: for each field gather candidates, score them, take the best; money fields are settled
together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ix.extraction.models import Leaf, Tree
from ix.extraction.models.rules.fields import money
from ix.extraction.models.rules.fields.finders import candidates
from ix.extraction.models.rules.fields.zones import zoned
from ix.extraction.models.rules.page.candidates import Candidate, best
from ix.extraction.models.rules.page.labels import Labels
from ix.extraction.models.rules.page.reading import Reading
from ix.extraction.models.rules.tables.movements import Statement, is_movements, read_account, statement
from ix.extraction.models.rules.tables.rates import is_by_rate, read_rates
from ix.extraction.models.rules.tables.table import read_table
from ix.extraction.models.rules.tables.terms import is_terms, read_terms
from ix.extraction.page import Page
from ix.extraction.values import as_decimal
from ix.fields import Field, fields_of


def answer(pages: Sequence[Page], schema: Mapping[str, Any]) -> dict[str, Tree]:
    """The values of an object schema. A field that the pages do not support is a leaf with the value None."""
    fields = fields_of(schema)
    reading = Reading(pages)
    # of all fields at once: words that a longer label of one field owns are no label of another
    labels = Labels(reading, list(_leaves(fields)))
    chosen = money.choose([field for field in _leaves(fields) if _is_money(field)], reading, labels)
    # what is found together, and not field by field
    moved = statement(schema, fields, reading, chosen)
    own = {**zoned(fields, reading), **moved.trees}
    return {
        field.name: own[field.name] if field.name in own else _tree(field, reading, labels, chosen, moved)
        for field in fields
    }


def _tree(field: Field, reading: Reading, labels: Labels, chosen: Mapping[str, Candidate], moved: Statement) -> Tree:
    if field.kind == "object":
        return {inner.name: _tree(inner, reading, labels, chosen, moved) for inner in field.fields}
    if field.kind == "rows" and is_by_rate(field):
        totals = [abs(number) for found in chosen.values() if (number := as_decimal(found.value)) is not None]
        return read_rates(field, reading, totals)
    if field.kind == "rows" and is_terms(field):
        return read_terms(field, reading)
    if field.kind == "rows" and is_movements(field):
        return read_account(field, reading, {}).rows
    if field.kind == "rows":
        return read_table(field, reading)
    found = chosen.get(field.path) if _is_money(field) else best(moved.beside(candidates(field, reading, labels)))
    return found.leaf() if found else Leaf(None)


def _leaves(fields: Sequence[Field]) -> Iterator[Field]:
    """Every field that holds a value, columns of tables left out."""
    for field in fields:
        if field.kind == "object":
            yield from _leaves(field.fields)
        elif field.kind != "rows":
            yield field


def _is_money(field: Field) -> bool:
    return field.kind == "money" and not field.choices
