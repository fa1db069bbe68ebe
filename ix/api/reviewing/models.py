"""What is asked of reviews and what is answered, as pydantic models: what the OpenAPI document says of both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from ix.database.reviews import Correction, Decided, Lease, Where
from ix.database.reviews.find import State
from ix.job import Finding, Json, Point

MOST_SKIPPED = 1_000
"""Jobs that a reviewer may pass over."""
MOST_WORDS = 500
"""Words of a page that may be picked at once."""


class Asked(BaseModel):
    """The base of what is asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Review(BaseModel):
    """An answer and what people made of it. `result`, `evidence` and `warnings` are those of the reviewed answer; the
    one that was read stays in the job. `points` are those that are open, `confirmed` the paths that a person confirmed,
    `touched` those that a person gave another value."""

    ix_id: str
    state: State
    version: int = Field(description="What the ETag says, and what a change names in If-Match")
    lease: Lease | None
    decided: Decided | None
    points: Sequence[Point]
    corrections: Sequence[Correction]
    confirmed: Sequence[str]
    touched: Sequence[str]
    result: Json
    evidence: Json
    warnings: Sequence[Finding]


class DecisionIn(Asked):
    """The body of `POST /jobs/{ix_id}/review/decision`. `needed` opens a review again."""

    state: Literal["approved", "rejected", "needed"]
    note: Annotated[str, StringConstraints(max_length=2_000)] = Field(default="", description="Why, for people")


class Next(Asked):
    """The body of `POST /reviews/next`: which jobs, and none of those in `skip`."""

    where: Where = Where()
    skip: list[Annotated[str, StringConstraints(pattern="^[0-9a-f]{16}$")]] = Field(
        default=[], max_length=MOST_SKIPPED, description="Jobs that are not wanted, such as the one looked at now"
    )


class Leased(BaseModel):
    """A job to look at, and until when nobody else decides about it."""

    ix_id: str
    lease: Lease


class Sum(BaseModel):
    """A declared sum that can be worked out: the path of its total, those of its terms, with a minus before one that is
    subtracted, and whether it comes out."""

    path: str
    terms: Sequence[str]
    holds: bool


class Checked(BaseModel):
    """What is wanting in a result as it would be."""

    warnings: Sequence[Finding]
    points: Sequence[Point]
    sums: Sequence[Sum]


class Pick(Asked):
    """The body of `POST /jobs/{ix_id}/values`: exactly one of `words`, those of a page that say the value, each as
    `[document, page, index]`, and `text`, what a person typed."""

    path: Annotated[str, StringConstraints(max_length=2_000)] = Field(description="The field whose value it is")
    words: list[tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=1)], Annotated[int, Field(ge=0)]]] = Field(
        default=[], max_length=MOST_WORDS, description="`index` counts the words of the page as their list has them"
    )
    text: Annotated[str, StringConstraints(max_length=1_000)] | None = None
    language: Annotated[str, StringConstraints(max_length=35)] = Field(
        default="", description="The person's, such as `de` or `en-US`: what a lone comma or point means"
    )

    @model_validator(mode="after")
    def _one_source(self) -> Pick:
        if bool(self.words) == (self.text is not None):
            raise ValueError("give exactly one of words and text")
        if len({word[:2] for word in self.words}) > 1:
            raise ValueError("the words are of several pages; a value stands on one")
        return self


class Picked(BaseModel):
    """A value, as it is printed, and its evidence; of typed text, evidence that it stands nowhere."""

    value: Json
    quote: str | None
    evidence: dict[str, Json]
