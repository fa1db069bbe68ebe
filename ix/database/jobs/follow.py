"""What event streams read of the jobs, and what engines tell them.

A stream is told that something has happened, and reads the row to know what: channels, each of them a hint.

    ix_ended      a job has ended or was erased             told by the statement that ended it
    ix_changed    a job went back to the queue              told by a trigger
    ix_progress   a job runs for long, and in which step    told by its engine; the step is stored nowhere
    ix_reviews    the review of a job has changed           told by the statement that changed it; says all there is
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import asyncpg
from pydantic import BaseModel, ConfigDict

from ix.database.jobs.read import HEAD_COLUMNS
from ix.database.repository import Repository
from ix.job import Claim, JobHead, Progress

TOLD_AT_ONCE = 16
"""Jobs in one telling: with the longest steps and client id it stays below the 8000 bytes of a notification (PostgreSQL
manual, NOTIFY)."""


MOST_RUNNING = 1000
"""Running jobs that a stream begins with."""


class ProgressNews(BaseModel):
    """The payload of `ix_progress` in JSON: what some running jobs of one client are doing."""

    model_config = ConfigDict(frozen=True)

    client_id: str
    jobs: tuple[Progress, ...]


class ReviewNews(BaseModel):
    """The payload of `ix_reviews` in JSON: where the review of a job is now, and how many points of it are open."""

    model_config = ConfigDict(frozen=True)

    client_id: str
    use_case: str
    ix_id: str
    review: str | None
    points: int | None = None
    version: int | None = None


EVERYBODY = ""
"""Among clients: all of them. No client is called so."""


class FollowJobs(Repository):
    """What streams read, and progress, which is told and not stored."""

    # 1. told: progress by client, of jobs that run under the token given: an engine whose job was taken from it tells
    #    nothing.
    # 2. One notification for each client.
    _TELL = """
        WITH given AS MATERIALIZED (
            SELECT * FROM unnest($1::text[], $2::uuid[], $3::jsonb[]) AS given (ix_id, token, progress)
        ), told AS (
            SELECT client_id, jsonb_agg(progress) AS jobs FROM given JOIN jobs USING (ix_id)
            WHERE jobs.claim_token = given.token AND status = 'running' GROUP BY client_id
        )
        SELECT pg_notify('ix_progress', jsonb_build_object('client_id', client_id, 'jobs', jobs)::text) FROM told"""

    async def tell_progress(self, news: Sequence[tuple[Claim, Progress]]) -> None:
        """Tells what running jobs are doing: one notification for each client, at most `TOLD_AT_ONCE` jobs in one
        statement."""
        for start in range(0, len(news), TOLD_AT_ONCE):
            some = news[start : start + TOLD_AT_ONCE]
            columns = (
                [c.ix_id for c, _ in some],
                [c.token for c, _ in some],
                [p.model_dump_json().encode() for _, p in some],
            )
            await self._fetch(self._TELL, *columns)

    _HEADS = f"""
        SELECT {HEAD_COLUMNS} FROM jobs
        WHERE ix_id = ANY ($1::text[])
          AND (client_id = ANY ($2::text[]) OR '{EVERYBODY}' = ANY ($2) OR ix_id = ANY ($3::text[]))
        ORDER BY finished_at NULLS FIRST"""

    async def heads(self, ix_ids: Sequence[str], of_clients: Sequence[str], or_of: Sequence[str]) -> list[JobHead]:
        """Those of `ix_ids` that are jobs of these clients (`EVERYBODY`: of any), or among `or_of`; the ended ones
        last, in the order in which they ended."""
        return _heads(await self._fetch(self._HEADS, ix_ids, of_clients, or_of))

    _ENDED_OF_CLIENT = f"""
        SELECT {HEAD_COLUMNS} FROM jobs
        WHERE client_id = $1 AND finished_at IS NOT NULL AND (finished_at, ix_id) > ($2, $3) AND finished_at <= $4
        ORDER BY finished_at, ix_id LIMIT $5"""

    # 1. clients: each that has ended jobs, found by one look into the index.
    # 2. first: of each the next ones, as in _ENDED_OF_CLIENT.
    _ENDED_OF_ALL = f"""
        WITH RECURSIVE clients AS (
            (SELECT client_id::text FROM jobs WHERE finished_at IS NOT NULL ORDER BY client_id LIMIT 1)
            UNION ALL
            SELECT (SELECT jobs.client_id::text FROM jobs
                WHERE finished_at IS NOT NULL AND jobs.client_id > clients.client_id ORDER BY jobs.client_id LIMIT 1)
            FROM clients WHERE clients.client_id IS NOT NULL
        ), first AS (
            SELECT of_client.ix_id FROM clients CROSS JOIN LATERAL (
                SELECT ix_id, finished_at FROM jobs
                WHERE jobs.client_id = clients.client_id AND finished_at IS NOT NULL
                  AND (finished_at, ix_id) > ($1, $2) AND finished_at <= $3
                ORDER BY finished_at, ix_id LIMIT $4
            ) AS of_client ORDER BY of_client.finished_at, of_client.ix_id LIMIT $4
        )
        SELECT {HEAD_COLUMNS} FROM jobs
        WHERE ix_id = ANY (ARRAY(SELECT ix_id FROM first)) ORDER BY finished_at, ix_id"""

    async def ended_of_client(
        self, client_id: str, after: tuple[datetime, str], until: datetime, limit: int
    ) -> list[JobHead]:
        """A page of the client's jobs that have ended, in the order in which they did; `after` is the last one of the
        page before. `EVERYBODY`: of all clients."""
        if client_id == EVERYBODY:
            return _heads(await self._fetch(self._ENDED_OF_ALL, *after, until, limit))
        return _heads(await self._fetch(self._ENDED_OF_CLIENT, client_id, *after, until, limit))

    _RUNNING = f"""
        SELECT {HEAD_COLUMNS} FROM jobs
        WHERE status = 'running' AND (client_id = $1 OR $1 = '{EVERYBODY}') ORDER BY started_at LIMIT {MOST_RUNNING}"""

    async def running_of_client(self, client_id: str) -> list[JobHead]:
        """The client's jobs that run now, longest first. `EVERYBODY`: those of all clients."""
        return _heads(await self._fetch(self._RUNNING, client_id))

    _NOW = "SELECT clock_timestamp() AS now"

    async def now(self) -> datetime:
        """The moment by the database's clock, which is what `finished_at` is written by."""
        moment: datetime = (await self._fetch(self._NOW))[0]["now"]
        return moment


def _heads(rows: Sequence[asyncpg.Record]) -> list[JobHead]:
    return [JobHead.model_validate(dict(row)) for row in rows]
