"""All there is of a review, with the answer that it is about."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, NamedTuple

import asyncpg
from pydantic import BaseModel, Field

from ix.database.repository import Repository
from ix.job import Json

State = Literal["straight", "needed", "leased", "approved", "rejected"]


class Lease(BaseModel):
    """Who looks at a job now, and until when nobody else decides about it."""

    by: str
    until: datetime


class Decided(BaseModel):
    """What was decided about an answer."""

    state: Literal["approved", "rejected"]
    by: str
    at: datetime
    note: str


class Correction(BaseModel):
    """One thing that a person did to an answer. The path is the one of that moment."""

    path: str
    op: Literal["set", "reset", "insert", "remove", "move"]
    value: Json = Field(description="The new value, or row")
    was: Json = Field(description="The value before it, or the row that went")
    evidence: dict[str, Json] | None = Field(description="On which words the value stands")
    row: int | None = Field(description="Which row, from 0")
    to: int | None = Field(description="Where the row went")
    by: str
    at: datetime


class StoredReview(NamedTuple):
    """A job's answer with what people made of it. `answer` and `schema` are JSON in bytes, the latter of a job that
    brought its own; `holder` tells people of one name apart."""

    ix_id: str
    client_id: str
    use_case: str
    status: str
    finished_at: datetime | None
    review: str | None
    answered_as: str | None
    schema: bytes | None
    answer: bytes | None
    corrections: bytes
    version: int
    decided: Decided | None
    lease: Lease | None
    holder: str | None
    results_erased: datetime | None = None

    def state(self, points: int) -> State:
        """Where the review is; `points` are those of the answer that are open, for one that nobody has counted."""
        if self.decided:
            return self.decided.state
        if self.lease:
            return "leased"
        if self.review in ("straight", "needed"):
            return "straight" if self.review == "straight" else "needed"
        return "needed" if points or self.version else "straight"


CORRECTIONS = """coalesce((SELECT jsonb_agg(jsonb_build_object('path', path, 'op', op, 'value', value, 'was', was,
        'evidence', evidence, 'row', row_at, 'to', row_to, 'by', made_by, 'at', made_at) ORDER BY number)
    FROM corrections WHERE corrections.ix_id = jobs.ix_id), '[]')"""
"""What people did to the answer of a job in the table `jobs`, as jsonb: what `ix.extraction.review` makes the reviewed
result of."""


class FindReviews(Repository):
    """Reads one review with its answer."""

    # What was made of an answer that is forgotten is not told. Of the request only a schema that came with it is read.
    _FIND = f"""
        SELECT jobs.ix_id, jobs.client_id, jobs.use_case, jobs.status, finished_at, jobs.review, results_erased,
            response -> 'usage' ->> 'use_case' AS answered_as,
            convert_to(CASE WHEN jsonb_typeof(request -> 'options' -> 'schema') = 'object'
                THEN (request -> 'options' -> 'schema')::text END, 'UTF8') AS schema,
            convert_to(response::text, 'UTF8') AS answer,
            convert_to({CORRECTIONS}::text, 'UTF8') AS corrections,
            coalesce(version, 0) AS version, state, decided_by, decided_at, note,
            leased_by, leased_until, lease_holder, coalesce(leased_until > clock_timestamp(), false) AS is_leased
        FROM jobs LEFT JOIN reviews USING (ix_id)
        WHERE jobs.ix_id = $1 AND ($2::text IS NULL OR jobs.client_id = $2)"""

    async def find(self, ix_id: str, client_id: str | None = None) -> StoredReview | None:
        """A job's answer and its review, or None; with a `client_id`, None where it is another client's."""
        rows = await self._fetch(self._FIND, ix_id, client_id)
        return _stored(rows[0]) if rows else None

    _REVIEWED = """
        SELECT FROM reviews
        WHERE ix_id = $1 AND (state IN ('approved', 'rejected')
            OR state = 'open' AND (leased_until > clock_timestamp() OR EXISTS (
                SELECT FROM corrections WHERE corrections.ix_id = reviews.ix_id)))"""

    async def is_reviewed(self, ix_id: str) -> bool:
        """Whether a person has made anything of a job's answer, or is about to: a lease counts."""
        return bool(await self._fetch(self._REVIEWED, ix_id))


def _stored(row: asyncpg.Record) -> StoredReview:
    values: dict[str, Any] = {name: row[name] for name in StoredReview._fields if name in row}
    is_decided = row["state"] in ("approved", "rejected")
    decided = {"state": row["state"], "by": row["decided_by"], "at": row["decided_at"], "note": row["note"] or ""}
    lease = Lease(by=row["leased_by"], until=row["leased_until"]) if row["is_leased"] else None
    return StoredReview(
        **values,
        decided=Decided.model_validate(decided) if is_decided else None,
        lease=lease,
        holder=row["lease_holder"] if lease else None,
    )
