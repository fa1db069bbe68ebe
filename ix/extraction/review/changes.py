"""What a person does to an answer, one thing at a time; as a client sends it, and as it is kept.

    {"path": "total", "value": 20.21, "evidence": {…}}      another value, and where it stands
    {"path": "total", "confirmed": true}                    the value is right; its point is settled
    {"path": "total", "value": 21, "confirmed": true}       this value, whatever the checks say of it
    {"path": "total", "op": "reset"}                        the value as it was read
    {"path": "lines", "op": "insert", "at": 2, "value": {}} a row before the third
    {"path": "lines", "op": "remove", "at": 2}              the third row goes
    {"path": "lines", "op": "move", "at": 2, "to": 0}       the third row becomes the first

Paths are those of the moment: behind a row that went, all move up."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ix.extraction.review.paths import LONGEST, MOST_ROWS
from ix.job import Json

MOST_CHANGES = 500
"""In one call."""
MOST_ENTRIES = 5_000
"""That are kept of one job: each look at the review makes them all."""
MOST_TEXT = 10_000
"""Characters of a text that a person gives."""
MOST_BOXES = 50
"""Lines of print on which a value may stand."""
Op = Literal["set", "reset", "insert", "remove", "move", "confirm", "unconfirm"]
Edge = Annotated[float, Field(ge=0, le=1)]
Path = Annotated[str, StringConstraints(max_length=LONGEST)]
Row = Annotated[int, Field(ge=0, le=MOST_ROWS)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Place(_Model):
    """Where a person says that a value stands: the boxes of its words, one a line, fractions of the page. More members
    that evidence has are let in, and left out."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    document: Annotated[int, Field(ge=0, le=1_000)] | None = None
    page: Annotated[int, Field(ge=1, le=100_000)] | None = None
    quote: Annotated[str, StringConstraints(max_length=MOST_TEXT)] | None = None
    boxes: list[tuple[Edge, Edge, Edge, Edge]] = Field(default=[], max_length=MOST_BOXES)

    def evidence(self) -> dict[str, Any]:
        """It as evidence of a value."""
        is_placed = bool(self.boxes) and self.document is not None and self.page is not None
        return {
            "method": "extract",
            "match": "exact" if is_placed else "none",
            "document": self.document if is_placed else None,
            "page": self.page if is_placed else None,
            "quote": self.quote,
            "boxes": [list(box) for box in self.boxes] if is_placed else [],
            "confidence": 1.0,
            "source": "person",
        }


class Change(_Model):
    """One change, as a client sends it."""

    path: Path = Field(description="The field's dotted path, such as `lines.1.unit_price`; empty is the document")
    op: Literal["set", "reset", "insert", "remove", "move"] = Field(
        default="set", description="Rows are put in, taken out and moved; `reset` brings back what was read"
    )
    value: Json = Field(default=None, description="The value, null where the document has none; a row for `insert`")
    evidence: Place | None = Field(default=None, description="On which words it stands")
    confirmed: bool | None = Field(default=None, description="Whether a person says that it is right")
    at: Row | None = Field(default=None, description="The row, from 0")
    to: Row | None = Field(default=None, description="Where the row goes, from 0, once it was taken out")


class Changes(_Model):
    """The body of `PATCH /jobs/{ix_id}/review`: what a person did, in this order."""

    changes: list[Change] = Field(min_length=1, max_length=MOST_CHANGES)


class Checkable(_Model):
    """The body of `POST /jobs/{ix_id}/check`: a result as it would be, and its evidence, that of the job's answer where
    none is given."""

    result: dict[str, Json]
    evidence: dict[str, Json] | None = None


class Entry(BaseModel):
    """A change as it is kept, beside who made it and when. `was` is the value before it; of a confirmation `value` are
    the codes of the points that it settles. `row` and `to` are those of rows."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    path: str
    op: Op
    value: Json = None
    was: Json = None
    evidence: dict[str, Any] | None = None
    row: int | None = None
    to: int | None = None
