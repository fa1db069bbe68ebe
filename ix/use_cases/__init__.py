"""Use cases: what ix can be asked to do.

A use case knows nothing of models or pages: it asks its `Context` to extract a schema from the job's documents, or does
something else entirely. Most of them are a model of the result, whose fields say what stands beside them on the page:

    from ix.use_cases import Amount, Date, Extraction, Result, checked, field, rows

    class Line(Result):
        item: str | None = field("text", "item | article")
        weight: Amount | None = field("number", "weight | kg")

    class WeighingSlip(Result):
        model_config = checked(sums=[("total_weight", ["lines.weight"])])

        number: str | None = field("identifier", "weighing slip no", description="Number of the slip")
        day: Date | None = field("date", "weighed on | date")
        total_weight: Amount | None = field("number", "total weight")
        lines: list[Line] = rows(description="What was weighed")

    USE_CASE = Extraction("weighing_slip", WeighingSlip, "Reads a weighing slip", "The document is a weighing slip.")

`load` finds them, each under its own name, wherever they are:

  - in this package: one file, one use case; files that help them start with an underscore
  - in installed distributions, through entry points of the group `ix.use_cases`, each of which names a `USE_CASE`
  - in the folder that `IX_USE_CASE_DIR` names: Python files with a `USE_CASE`, and JSON Schemas (`*.json`), each of
    which is a use case of its file's name; its description is the schema's, and `{"x-ix": {"instructions": "…",
    "known_by": "…"}}` at its root is what the model should know, and what its documents are known by

The result is checked in a child process, which imports its model: it stands in a module under its name, and that module
neither needs `IX_*` variables nor much memory (`IX_ANSWER_MEMORY`).

An extraction that says what its documents are known by takes part in `auto`, which asks what pages are for.

Whatever else has the attributes of `UseCase` may stand in place of an `Extraction`."""

from ix.use_cases._columns import Column, Columns, columns_of
from ix.use_cases._contract import UNKNOWN, Context, Recognised, UseCase, UseCaseInfo, info
from ix.use_cases._extraction import Amount, Date, Extraction, NoOptions, ReadingOptions, Result, checked, field, rows
from ix.use_cases._loading import GROUP, load
from ix.use_cases._schema import SchemaBudget, check_schema

__all__ = [
    "GROUP",
    "UNKNOWN",
    "Amount",
    "Column",
    "Columns",
    "Context",
    "Date",
    "Extraction",
    "NoOptions",
    "ReadingOptions",
    "Recognised",
    "Result",
    "SchemaBudget",
    "UseCase",
    "UseCaseInfo",
    "check_schema",
    "checked",
    "columns_of",
    "field",
    "info",
    "load",
    "rows",
]
