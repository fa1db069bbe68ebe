"""Corrections and decisions. Each names the version of the review that was seen, and the answer that it is about: one
that another person has changed meanwhile, or that is forgotten, is not changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

import asyncpg

from ix.database.audit import entry_of
from ix.database.keys import Caller
from ix.database.pool import acquire
from ix.database.repository import QueueFull, Repository, raise_if_full
from ix.database.reviews.find import StoredReview
from ix.database.reviews.lease import LEASE_SECONDS, holder_of
from ix.job import Json


class Decision(NamedTuple):
    """What is decided about an answer; `needed` opens it again. Of an approval, `readings` are kept for the curve of
    the bar, and `result` is the reviewed result that the callback tells, None where it is too large."""

    state: Literal["approved", "rejected", "needed"]
    note: str = ""
    readings: bytes | None = None
    result: Json = None


NEWS = """pg_notify('ix_reviews', json_build_object('client_id', client_id, 'use_case', use_case,
    'ix_id', ix_id, 'review', review, 'points', points, 'version', version)::text)"""
"""To web: a review has changed, with what is to be told of it."""

# 1. job: the answer that was seen, locked, so that it cannot be forgotten meanwhile.
# 2. changed: the review, one version further, unless another version was seen or another person has its lease. Whoever
#    has it keeps it for longer.
_CHANGED = f"""
        job AS MATERIALIZED (
            SELECT ix_id, client_id, use_case FROM jobs
            WHERE ix_id = $1 AND finished_at = $2 AND status = 'done' AND results_erased IS NULL FOR NO KEY UPDATE
        ), changed AS (
            INSERT INTO reviews (ix_id, client_id, use_case, version)
            SELECT ix_id, client_id, use_case, 1 FROM job
            WHERE $3 = 0 OR EXISTS (SELECT FROM reviews WHERE reviews.ix_id = job.ix_id)
            ON CONFLICT (ix_id) DO UPDATE SET version = reviews.version + 1,
                state = CASE reviews.state WHEN 'forgotten' THEN 'open' ELSE reviews.state END,
                leased_until = CASE WHEN reviews.leased_until > clock_timestamp()
                    THEN clock_timestamp() + interval '{LEASE_SECONDS} seconds' ELSE reviews.leased_until END
            WHERE reviews.version = $3
              AND (coalesce(reviews.leased_until <= clock_timestamp(), true) OR reviews.lease_holder = $4)
            RETURNING ix_id, client_id, use_case, version
        )"""


class WriteReviews(Repository):
    """Writes what a person did, and what was decided."""

    # 3. added: each entry, in its order.
    # 4. shown: what lists say of the job. One that is corrected has to be decided about, though it would have gone
    #    straight through.
    # 5. noted: who did it. 6. Streams are told.
    _CORRECT = f"""
        WITH {_CHANGED}, added AS (
            INSERT INTO corrections (ix_id, version, path, op, row_at, row_to, value, was, evidence, made_by)
            SELECT changed.ix_id, changed.version, entry ->> 'path', entry ->> 'op', (entry ->> 'row')::int,
                (entry ->> 'to')::int, nullif(entry -> 'value', 'null'), nullif(entry -> 'was', 'null'),
                nullif(entry -> 'evidence', 'null'), $6
            FROM changed CROSS JOIN jsonb_array_elements($5::jsonb) WITH ORDINALITY AS given (entry, number)
            ORDER BY number
        ), shown AS (
            UPDATE jobs SET review = 'needed', points = $7 FROM changed WHERE jobs.ix_id = changed.ix_id
            RETURNING jobs.ix_id, jobs.client_id, jobs.use_case, jobs.review, jobs.points, changed.version
        )
        SELECT version, note_audit($8, ix_id), CASE WHEN $9 THEN {NEWS}::text END FROM shown"""

    async def correct(self, seen: StoredReview, version: int, entries: bytes, points: int, by: Caller) -> bool:
        """Adds entries, a list in JSON as `ix.extraction.review` writes them, to a review whose `version` was seen,
        with which so many `points` are open. False where the review is another by now, or another person's."""
        entry = entry_of("review.correct", by, {"version": version + 1})
        arguments = seen.ix_id, seen.finished_at, version, holder_of(by), entries, by.who, points, entry
        return bool(await self._fetch_telling(self._CORRECT, *arguments))

    _DECIDE = f"""
        WITH {_CHANGED}, shown AS (
            UPDATE jobs SET review = $5, points = $6 FROM changed WHERE jobs.ix_id = changed.ix_id
            RETURNING jobs.ix_id, jobs.client_id, jobs.use_case, jobs.review, jobs.points, changed.version,
                callback_url
        )
        SELECT version, callback_url, note_audit($7, ix_id), CASE WHEN $8 THEN {NEWS}::text END FROM shown"""

    # a statement of its own: one cannot change a row twice
    _CONCLUDE = """
        UPDATE reviews SET state = CASE $2 WHEN 'needed' THEN 'open' ELSE $2 END, note = nullif($3, ''),
            decided_by = CASE WHEN $2 <> 'needed' THEN $4 END,
            decided_at = CASE WHEN $2 <> 'needed' THEN clock_timestamp() END,
            readings = CASE $2 WHEN 'approved' THEN $5::jsonb END,
            leased_by = NULL, lease_holder = NULL, leased_until = NULL
        WHERE ix_id = $1 RETURNING decided_at"""

    # 1. withdrawn: an approval that was not told yet is not told any more; where the end of the job was, that is all.
    # 2. plain: else the end of the job is told in its place.
    # 3. owed: an approval is told, in place of what was not told yet: it says all that the end of the job says, and
    #    more, and a job has one delivery under way at a time (the trigger deliveries_before_insert).
    _CALL = """
        WITH withdrawn AS (
            DELETE FROM deliveries WHERE ix_id = $1 AND status = 'pending' AND approval IS NOT NULL
              AND $3::jsonb IS NULL AND EXISTS (SELECT FROM deliveries AS other
                WHERE other.ix_id = $1 AND other.status = 'delivered' AND other.approval IS NULL)
            RETURNING ix_id
        ), plain AS (
            UPDATE deliveries SET approval = NULL WHERE ix_id = $1 AND status = 'pending' AND approval IS NOT NULL
              AND $3::jsonb IS NULL AND NOT EXISTS (SELECT FROM deliveries AS other
                WHERE other.ix_id = $1 AND other.status = 'delivered' AND other.approval IS NULL)
        ), owed AS (
            INSERT INTO deliveries (ix_id, url, approval) SELECT $1, $2, $3::jsonb WHERE $3::jsonb IS NOT NULL
            RETURNING ix_id
        ), shown AS (
            UPDATE jobs SET callback_status = CASE WHEN EXISTS (SELECT FROM owed) THEN 'pending' ELSE 'delivered' END
            WHERE ix_id = $1 AND ix_id IN (SELECT ix_id FROM withdrawn UNION ALL SELECT ix_id FROM owed)
        )
        SELECT CASE WHEN $4 THEN pg_notify('ix_deliveries', '')::text END FROM owed"""

    async def decide(self, seen: StoredReview, version: int, decision: Decision, points: int, by: Caller) -> bool:
        """Decides about an answer whose review's `version` was seen; who asked to be called is told of an approval.
        False where the review is another by now, or another person's."""
        try:
            return await self._decide(seen, version, decision, points, by, telling=True)
        except (QueueFull, asyncpg.ProgramLimitExceededError):
            # the notification queue is full: the decision counts, the hint does not
            return await self._decide(seen, version, decision, points, by, telling=False)

    async def _decide(
        self, seen: StoredReview, version: int, decision: Decision, points: int, by: Caller, telling: bool
    ) -> bool:
        entry = entry_of("review.decide", by, {"state": decision.state, "version": version + 1})
        arguments = seen.ix_id, seen.finished_at, version, holder_of(by), decision.state, points, entry, telling
        async with acquire(self._pool, self._acquire_timeout) as connection:
            try:
                async with connection.transaction():
                    if not (rows := await connection.fetch(self._DECIDE, *arguments)):
                        return False
                    at = await connection.fetchval(
                        self._CONCLUDE, seen.ix_id, decision.state, decision.note, by.who, decision.readings
                    )
                    if url := rows[0]["callback_url"]:
                        await connection.fetch(self._CALL, seen.ix_id, url, _approval(decision, by, at), telling)
                    return True
            except asyncpg.ProgramLimitExceededError:
                await raise_if_full(connection)
                raise


def _approval(decision: Decision, by: Caller, at: datetime | None) -> Mapping[str, Any] | None:
    if decision.state != "approved":
        return None
    return {"state": "approved", "by": by.who, "at": at, "note": decision.note, "result": decision.result}
