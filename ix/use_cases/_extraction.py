"""What extracting use cases share: the use case itself, and annotations that put field kinds and labels into the JSON
Schema."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from ix.fields import Kind
from ix.job import Request, Response
from ix.use_cases import Context


class NoOptions(BaseModel):
    """Takes no options."""

    model_config = ConfigDict(extra="forbid")


class Result(BaseModel):
    """A result: every field may be missing from a document, so every field may be null."""

    model_config = ConfigDict(extra="forbid")


class Extraction:
    """A use case that reads one result model from the job's documents."""

    request: type[BaseModel] = NoOptions
    max_attempts: int | None = None
    timeout: float | None = None

    def __init__(self, name: str, result: type[BaseModel], description: str, instructions: str) -> None:
        self.name = name
        self.result: type[BaseModel] | None = result
        self.description = description
        self.instructions = instructions
        self.schema: dict[str, Any] = result.model_json_schema(mode="serialization")
        self._model = result

    async def run(self, request: Request, context: Context) -> Response:
        """Extracts the result."""
        return await context.extract(self.schema, self.instructions, self._model)


Date = Annotated[date, WithJsonSchema({"type": "string", "format": "date"})]
"""A day, as `YYYY-MM-DD`."""
Amount = Annotated[
    Decimal,
    Field(allow_inf_nan=False),
    PlainSerializer(float, return_type=float, when_used="json"),
    WithJsonSchema({"type": "number"}),
]
"""A number that is exact inside ix and a JSON number outside."""


def field(kind: Kind, labels: str = "", *, description: str = "") -> Any:
    """A field that may be null. `labels`, separated by bars, are words that stand beside it on the page, most telling
    first."""
    return Field(default=None, description=description or None, json_schema_extra=_x_ix(kind, labels))


def rows(labels: str = "", *, description: str = "") -> Any:
    """A list of rows, empty by default; the labels are titles that stand above it."""
    return Field(default=[], description=description or None, json_schema_extra=_x_ix("rows", labels))


def _x_ix(kind: Kind, labels: str) -> dict[str, Any]:
    return {"x-ix": {"kind": kind, "labels": [label.strip() for label in labels.split("|") if label.strip()]}}


def checked(sums: list[tuple[str, list[str]]] | None = None, order: list[tuple[str, str]] | None = None) -> ConfigDict:
    """A model's configuration with arithmetic that the check step verifies: totals with their parts, dates in their
    order."""
    rules: dict[str, Any] = {
        "sums": [{"total": total, "parts": parts} for total, parts in sums or []],
        "order": [list(p) for p in order or []],
    }
    return ConfigDict(extra="forbid", json_schema_extra={"x-ix": {key: rule for key, rule in rules.items() if rule}})
