"""What extracting use cases are made of: the use case itself, and annotations that put kinds and labels of fields into
the JSON Schema of its result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, PlainSerializer, RootModel, WithJsonSchema

from ix.fields import Kind, asked, fields_of
from ix.job import Request, Response
from ix.languages import phrases
from ix.use_cases._contract import Context


class NoOptions(BaseModel):
    """The options of a use case that takes none."""

    model_config = ConfigDict(extra="forbid")


class ReadingOptions(NoOptions):
    """The options of a use case that reads documents and takes no others; the base of those that take more."""

    split: bool = Field(
        default=False,
        description="Whether a stack is split into its documents, each of which becomes a job of its own",
    )
    risk: float | None = Field(
        default=None,
        gt=0,
        le=0.5,
        description="The share of wrong values among those that pass without a point which you take into account: sets "
        "the bar of doubt, see docs/review.md",
    )


class Result(BaseModel):
    """The base of a result, and of its rows. Every field may be missing from a document, so every field may be null."""

    model_config = ConfigDict(extra="forbid")


class Extraction:
    """A use case that reads one `result` from the job's documents. `description` is one sentence for people,
    `instructions` what the model should know, in the manner of a paragraph. `known_by` are words that tell its
    documents from others, for the use case `auto`: titles with bars between them, and behind a double bar what else
    stands on them (`delivery note | packing list || received by`); `on_rolls` says that they are printed on rolls of
    paper."""

    request: type[BaseModel] = ReadingOptions
    max_attempts: int | None = None
    timeout: float | None = None

    def __init__(
        self,
        name: str,
        result: type[BaseModel],
        description: str,
        instructions: str,
        known_by: str = "",
        on_rolls: bool = False,
    ) -> None:
        self.name = name
        self.result: type[BaseModel] | None = result
        self.description = description
        self.instructions = instructions
        # once: pydantic makes a schema anew at each call
        self.schema: dict[str, Any] = result.model_json_schema(mode="serialization")
        self._model = result
        self.kind = kind_of(self.schema, known_by, on_rolls) if known_by else None

    async def run(self, request: Request, context: Context) -> Response:
        return await context.extract(self.schema, self.instructions, self._model)


def kind_of(schema: Mapping[str, Any], known_by: str, on_rolls: bool) -> dict[str, Any]:
    """What tells documents of a schema from others, as `ix.extraction.sorting` looks for it."""
    titles, _, others = known_by.partition("||")
    fields = [field for field in fields_of(asked(schema)) if field.labels]
    return {
        "titles": phrases(titles),
        "cues": phrases(others),
        "labels": {field.path: field.labels for field in fields},
        "identifiers": [field.path for field in fields if field.kind == "identifier"],
        "on_rolls": on_rolls,
    }


Date = Annotated[date, WithJsonSchema({"type": "string", "format": "date"})]
"""A day, as `YYYY-MM-DD`."""
Amount = Annotated[
    Decimal,
    # a Decimal may be NaN or Infinity, which JSON cannot hold
    Field(allow_inf_nan=False),
    PlainSerializer(float, return_type=float, when_used="json"),
    WithJsonSchema({"type": "number"}),
]
"""A number that is exact inside ix and a JSON number outside."""


def field(
    kind: Kind,
    labels: str = "",
    *,
    description: str = "",
    expected: bool = False,
    bar: float | None = None,
    source: str = "",
    side: str = "",
) -> Any:
    """A field that may be null. `labels`, separated by bars, are words that stand beside it on the page, most telling
    first, in any language. A document without an `expected` value wants looking at, and so does one whose value is
    less sure than its `bar`, 0 to 1; the setting `IX_REVIEW_BAR` where none is given. With the `source` `mrz` it is
    read off a machine-readable zone, by its name (`ix.extraction.values.mrz`). `side` says whether a party is the
    `issuer`, whose paper it is, or the `counterpart`, whom it is addressed to, where the field's name says otherwise:
    who buys is billed, but writes the order."""
    # pydantic leaves a description that is None out of the schema, and writes an empty one into it
    extra = _x_ix(kind, labels, expected, bar)
    extra["x-ix"].update({name: said for name, said in (("source", source), ("side", side)) if said})
    return Field(default=None, description=description or None, json_schema_extra=extra)


def rows(labels: str = "", *, description: str = "", expected: bool = False) -> Any:
    """A list of rows, empty by default; the labels are titles that stand above it. A document without any row wants
    looking at where some are `expected`."""
    # not shared by all results: pydantic copies a default that can be changed
    return Field(default=[], description=description or None, json_schema_extra=_x_ix("rows", labels, expected))


def _x_ix(kind: Kind, labels: str, expected: bool = False, bar: float | None = None) -> dict[str, Any]:
    found = [label.strip() for label in labels.split("|") if label.strip()]
    review = {**({"expected": True} if expected else {}), **({} if bar is None else {"bar": bar})}
    return {"x-ix": {"kind": kind, "labels": found, **review}}


def checked(
    sums: Sequence[tuple[str, Sequence[str]]] = (),
    order: Sequence[tuple[str, str]] = (),
    einvoice: bool = False,
    headline: Sequence[str] = (),
    running: Mapping[str, str] | None = None,
    mrz: str = "",
    risk: float | None = None,
) -> ConfigDict:
    """The `model_config` of a result with arithmetic that is verified: `sums` are totals with their parts, `order` are
    pairs of dates of which the first is not the later one. A field of rows is named as `lines.amount`. What does not
    hold becomes a warning of the answer. A result with `einvoice` takes its values from an electronic invoice where
    there is one. `headline` names the fields that lists show of it; without it they are guessed. `running` and `mrz`
    are those keywords of `ix.extraction.checks`: balances that run from row to row, and the field that has the lines of
    a machine-readable zone. `risk` is the share of wrong values that may pass without a point, above 0 and up to 0.5,
    where a submission says none of its own."""
    rules: dict[str, Any] = {
        "einvoice": einvoice,
        "sums": [{"total": total, "parts": list(parts)} for total, parts in sums],
        "order": [list(pair) for pair in order],
        "headline": list(headline),
        "running": dict(running or {}),
        "mrz": mrz,
        "risk": risk,
    }
    return ConfigDict(extra="forbid", json_schema_extra={"x-ix": {key: rule for key, rule in rules.items() if rule}})


def described_by(schema: Mapping[str, Any]) -> type[BaseModel]:
    """A model of results that has this JSON Schema; the schema's own check is the pipeline's."""

    class Described(RootModel[dict[str, JsonValue]]):
        made_by: ClassVar[tuple[str, Mapping[str, Any]]] = ("described_by", schema)
        """How a child process makes the same model, see `ix.extraction.shapes`."""

        @classmethod
        def model_json_schema(cls, *arguments: Any, **options: Any) -> dict[str, Any]:
            return dict(schema)

    return Described
