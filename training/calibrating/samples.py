"""Values that the rules answer of labelled documents: what is known of each, and whether it is right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from ix.cli.evaluating.comparing import compare, is_empty
from ix.cli.evaluating.rows import cells, is_cell, paired
from ix.extraction.checked import CheckedResult
from ix.extraction.checks import found
from ix.extraction.confidence.calibrating import known_values
from ix.extraction.confidence.signs import signs
from ix.extraction.evidence import Placed, compared, place
from ix.extraction.models.rules.answer import answer
from ix.extraction.review.points import Rules, points
from ix.fields import Field, KeptSchema, asked, fields_of
from ix.job import Finding
from ix.use_cases.invoice import USE_CASE as INVOICE
from ix.use_cases.receipt import USE_CASE as RECEIPT
from training.documents import Labelled


@dataclass(frozen=True)
class Sample:
    """A value that the labels judge. `before` is its confidence as the place step has it; `is_field` says that it
    stands in no list, `is_point` that something else than a doubt wants eyes on it."""

    document: Labelled
    path: str
    kind: str
    signs: Mapping[str, float]
    of_kind: Mapping[str, float]
    before: float
    right: bool
    is_field: bool
    is_point: bool


def samples(document: Labelled) -> Iterator[Sample]:
    """Every value of a document that the labels judge."""
    schema = _schema(document.is_invoice)
    placed = compared(place(answer(document.pages, schema), schema, document.pages), schema, document.pages)
    checked = CheckedResult(placed.result, schema)
    findings = [*placed.findings, *found(checked)]
    rights = {**_fields(document, schema, placed), **_cells(document, schema, placed)}
    marked = _points(checked, placed, findings)
    for path, known in known_values(placed, checked, findings):
        if (right := rights.get(path)) is not None:
            of_all, of_kind = signs(known)
            kind, before = known.found.field.kind, known.node["confidence"]
            yield Sample(document, path, kind, of_all, of_kind, before, right, not known.found.in_row, path in marked)


@cache
def _schema(is_invoice: bool) -> KeptSchema:
    return KeptSchema(asked((INVOICE if is_invoice else RECEIPT).schema))


def _points(checked: CheckedResult, placed: Placed, findings: Sequence[Finding]) -> set[str]:
    """The paths with a point that no bar gives."""
    return {one.path for one in points(checked, placed.evidence, findings, Rules(bar=0.0))}


def _fields(document: Labelled, schema: KeptSchema, placed: Placed) -> dict[str, bool]:
    """Whether the values of fields are right. One that the document has not, by its labels, is wrong."""
    known = {one.name: one for one in fields_of(schema) if one.kind not in ("rows", "object")}
    return {
        name: compare(known[name].kind, label, placed.result[name]).exact
        for name, label in document.gold.items()
        if name in known and not is_empty(placed.result.get(name))
    }


def _cells(document: Labelled, schema: KeptSchema, placed: Placed) -> dict[str, bool]:
    """Whether the cells of rows are right whose labelled rows are known."""
    found: dict[str, bool] = {}
    for field in fields_of(schema):
        labels = document.gold.get(field.name)
        if field.kind == "rows" and isinstance(labels, list):
            found |= dict(_of_rows(field, labels, placed.result.get(field.name) or []))
    return found


def _of_rows(field: Field, labels: Sequence[Mapping[str, Any]], answers: Sequence[Any]) -> Iterator[tuple[str, bool]]:
    kinds = {column.name: column.kind for column in field.fields}
    for pair in paired(labels, answers, kinds):
        for name, value in cells(labels[pair.label], kinds).items():
            yield f"{field.name}.{pair.answer}.{name}", is_cell(kinds[name], value, answers[pair.answer].get(name))
