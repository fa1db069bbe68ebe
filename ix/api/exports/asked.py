"""What is asked of an export: which jobs, what of them, and in which form."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from ix.api.exports.workbook import MEDIA_TYPE
from ix.database.jobs import AsOf, Listing
from ix.job import Status

What = Literal["results", "labelled", "evidence"]
Form = Literal["xlsx", "csv", "jsonl"]
MEDIA_TYPES = {"xlsx": MEDIA_TYPE, "csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl; charset=utf-8"}


APPROVED = "approved"
"""What a person has made of an answer that is a label."""


class Export(Listing):
    """An export: the filters of the list of jobs, and what becomes of those that match. Without a `status` they are
    those that are done."""

    what: What = Field(
        default="results",
        description="`results`: the values; `labelled`: those that a person has approved, as labels for an evaluation; "
        "`evidence`: a row for each value, with page, quote, boxes and confidence",
    )
    format: Form = Field(
        default="xlsx",
        description="`xlsx`: a workbook, the rows of lists on a sheet of their own; `csv`; `jsonl`: JSON Lines",
    )
    table: Literal["jobs", "lines"] = Field(
        default="jobs", description="Of CSV, which has one table: a row for each job, or for each row of its lists"
    )

    def listing(self) -> Listing:
        """The jobs that it is about, newest first, the first page of them."""
        given = {name: getattr(self, name) for name in Listing.model_fields}
        # what a person has made of a label is known
        review = APPROVED if self.what == "labelled" else self.review
        return Listing.model_validate({**given, "status": self.status or (Status.DONE,), "review": review})


class Preview(BaseModel):
    """The first rows of an export, as they would stand in its first table. `of` counts the jobs that match, up to
    `cap`; `bytes` is about how large the file will be."""

    columns: list[dict[str, str]]
    rows: list[list[str | float | int | bool | None]]
    of: int
    cap: int
    bytes: int
    as_of: AsOf = None
