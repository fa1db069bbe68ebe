"""From pages to an answer: for each field gather candidates, score them, take the best; money fields are settled
together, so are dates, and so are the fields of a schema that nobody described (`forms`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from ix.extraction.models import Leaf, Tree
from ix.extraction.models.rules.fields import dates, money
from ix.extraction.models.rules.fields.finders import candidates
from ix.extraction.models.rules.fields.labelled_amounts import concept_of
from ix.extraction.models.rules.fields.zones import zoned
from ix.extraction.models.rules.forms.decisive import read_decisive, read_left
from ix.extraction.models.rules.forms.filling import Filling
from ix.extraction.models.rules.forms.known import Plan, plan
from ix.extraction.models.rules.forms.known_rows import as_lines
from ix.extraction.models.rules.forms.lists import read_list
from ix.extraction.models.rules.page.candidates import Candidate, best
from ix.extraction.models.rules.page.labels import Labels
from ix.extraction.models.rules.page.misread import mended
from ix.extraction.models.rules.page.reading import Reading
from ix.extraction.models.rules.tables.aligned import read_aligned, sums_under
from ix.extraction.models.rules.tables.movements import Statement, is_movements, read_account, statement
from ix.extraction.models.rules.tables.own import Tables, read_own
from ix.extraction.models.rules.tables.rates import is_by_rate, read_rates
from ix.extraction.models.rules.tables.table import read_table, table_values
from ix.extraction.models.rules.tables.terms import is_terms, read_terms
from ix.extraction.page import Page
from ix.extraction.values import as_decimal
from ix.fields import Field, fields_of


def answer(pages: Sequence[Page], schema: Mapping[str, Any]) -> dict[str, Tree]:
    """The values of an object schema. A field that the pages do not support is a leaf with the value None."""
    fields = fields_of(schema)
    reading, planned = Reading(pages), plan(fields)
    chosen, moved = _described(planned, schema, fields, reading)
    # tables first: a title of theirs is no caption of a form
    tables = read_own(planned.tables, reading)
    if planned.free:
        known = {path: one for path, one in chosen.items() if path in planned.described}
        chosen |= Filling(planned.free, reading, tables.heads, tables.lines).candidates(known)
        chosen |= read_decisive(planned.free, reading, chosen.keys())
        chosen |= read_left(planned.free, reading, chosen)
    answered = _Answered(reading, chosen, tables.rows, planned.is_bill)
    # what is found together, and not field by field
    own = {**zoned(fields, reading), **moved.trees}
    return {field.name: own[field.name] if field.name in own else _tree(field, answered) for field in fields}


_WORDS = frozenset(("text", "organisation", "person", "address"))
"""Kinds of values whose letters tell what was printed."""


class _Answered(NamedTuple):
    """What was found: values by path, rows of a client's own tables by path."""

    reading: Reading
    chosen: Mapping[str, Candidate]
    tables: Mapping[str, Tables]
    is_bill: bool


def _described(
    planned: Plan, schema: Mapping[str, Any], fields: Sequence[Field], reading: Reading
) -> tuple[dict[str, Candidate], Statement]:
    """The answers of fields whose labels are known, by path, and what an account's movements say."""
    described = list(planned.described.values())
    # of all fields at once: words that a longer label of one field owns are no label of another
    labels = Labels(reading, described)
    chosen = money.choose([field for field in described if _is_money(field)], reading, labels)
    chosen |= _added_up(fields, described, reading, chosen)
    chosen |= dates.choose([field for field in described if _is_date(field)], reading, labels)
    moved = statement(schema, fields, reading, chosen)
    for field in described:
        if _is_money(field) or _is_date(field):
            continue
        if found := best(moved.beside(candidates(field, reading, labels))):
            chosen[field.path] = found
    return chosen, moved


def _added_up(
    fields: Sequence[Field], described: Sequence[Field], reading: Reading, chosen: Mapping[str, Candidate]
) -> dict[str, Candidate]:
    """The sums that lines and taxes add up to, where others were chosen by what stands beside them."""
    found: dict[str, Candidate] = {}
    for table in (field for field in fields if field.kind == "rows"):
        totals = [column.path for column in table.fields if column.name == "line_total"]
        said = sums_under(read_aligned(table, reading), totals[0], reading) if totals else {}
        for field in described:
            one = said.get(concept_of(field) or "") if _is_money(field) else None
            known = chosen.get(field.path)
            if one and (known is None or as_decimal(known.value) != as_decimal(one.value)):
                found[field.path] = one.before([known] if known else [])
    return found


def _tree(field: Field, found: _Answered) -> Tree:
    if field.kind == "object":
        return {inner.name: _tree(inner, found) for inner in field.fields}
    if field.kind == "rows":
        return _rows(field, found)
    one = found.chosen.get(field.path)
    if one and isinstance(one.value, str) and field.kind in _WORDS:
        one = replace(one, value=mended(one.value, found.reading))
    return one.leaf() if one else Leaf(None)


def _rows(field: Field, found: _Answered) -> list[Tree]:
    if not field.fields:
        return [one.leaf() for one in read_list(field, found.reading)]
    if is_movements(field):
        return read_account(field, found.reading, {}).rows
    own = found.tables.get(field.path, [])
    as_bill = as_lines(field) if found.is_bill else None
    lines = table_values(as_bill, found.reading) if as_bill else []
    if best := max(own, lines, key=lambda rows: sum(map(len, rows))):
        return [_row(field.fields, values) for values in best]
    if is_by_rate(field):
        amounts = (one.value for one in found.chosen.values() if not isinstance(one.value, str))
        totals = [abs(number) for value in amounts if (number := as_decimal(value)) is not None]
        return read_rates(field, found.reading, totals)
    if is_terms(field):
        return read_terms(field, found.reading)
    is_known = field.is_described or any(column.is_described for column in field.fields)
    return read_table(field, found.reading) if is_known else []


def _row(fields: Sequence[Field], values: Mapping[str, Candidate]) -> Tree:
    """A row of the shape of its fields; a list within a row is empty."""
    return {field.name: _cell(field, values) for field in fields}


def _cell(field: Field, values: Mapping[str, Candidate]) -> Tree:
    if field.kind == "object":
        return _row(field.fields, values)
    if field.kind == "rows":
        return []
    return values[field.path].leaf() if field.path in values else Leaf(None)


def _is_money(field: Field) -> bool:
    return field.kind == "money" and not field.choices


def _is_date(field: Field) -> bool:
    return field.kind == "date" and not field.choices
