"""From pages to an answer: for each field gather candidates, score them, take the best; money fields are settled
together, and so are dates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ix.extraction.models import Leaf, Tree
from ix.extraction.models.rules.fields import dates, money
from ix.extraction.models.rules.fields.finders import candidates
from ix.extraction.models.rules.page.candidates import Candidate, best
from ix.extraction.models.rules.page.labels import Labels
from ix.extraction.models.rules.page.reading import Reading
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
    chosen |= dates.choose([field for field in _leaves(fields) if _is_date(field)], reading, labels)
    return {field.name: _tree(field, reading, labels, chosen) for field in fields}


def _tree(field: Field, reading: Reading, labels: Labels, chosen: Mapping[str, Candidate]) -> Tree:
    if field.kind == "object":
        return {inner.name: _tree(inner, reading, labels, chosen) for inner in field.fields}
    if field.kind == "rows" and is_by_rate(field):
        totals = [abs(number) for found in chosen.values() if (number := as_decimal(found.value)) is not None]
        return read_rates(field, reading, totals)
    if field.kind == "rows" and is_terms(field):
        return read_terms(field, reading)
    if field.kind == "rows":
        return read_table(field, reading)
    is_chosen = _is_money(field) or _is_date(field)
    found = chosen.get(field.path) if is_chosen else best(candidates(field, reading, labels))
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


def _is_date(field: Field) -> bool:
    return field.kind == "date" and not field.choices
