"""Batches: jobs of one client that it wants to hear of once, when all have ended.

open ──close──▶ closed ──no job of it is left that has not ended──▶ ended, and its callback is owed

No counter is kept, which each end of a job would have to lock: whether all have ended is asked of the jobs, by an index
that has only those which have not. It is asked after the commit of an end, so that of two that end at once the later
one sees both; a row of `batches` goes from closed to ended once, with its delivery in the same statement."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple

import asyncpg

from ix.database.pool import acquire
from ix.database.repository import IN_ORDER, Repository
from ix.job import Batch, BatchJobs, BatchStatus

NO_BATCH: Final = "IX002"
"""SQLSTATE of the trigger `enter_tags_and_batch`: the batch is unknown, or closed."""
MOST_COUNTED: Final = 20_000
"""Jobs of a batch that are counted: some 20 ms."""
MOST_AT_ONCE: Final = 100
"""Batches that one statement ends, or erases."""
_NEWEST_FIRST = """jobs.batch_id IS NOT NULL
              AND (jobs.client_id, jobs.batch_id, jobs.ix_id) >= (batches.client_id, batches.batch_id, '')
              AND (jobs.client_id, jobs.batch_id, jobs.ix_id) < (batches.client_id, batches.batch_id, 'g')
            ORDER BY jobs.client_id DESC, jobs.batch_id DESC, jobs.ix_id DESC"""
# Rows are compared as wholes, and their order is asked for: with equations a plan, which is made for any batch, could
# take another index for the better way to a few jobs among very many.
_COUNTING = """(
    SELECT coalesce(jsonb_object_agg(status, number), jsonb_build_object()) FROM (
        SELECT CASE status WHEN 'split' THEN 'running' ELSE status END AS status, count(*) AS number FROM (
            SELECT status FROM jobs WHERE {only} {newest_first} LIMIT {most}
        ) AS newest GROUP BY 1
    ) AS each)"""
_MINE = "($3::text[] IS NULL OR use_case = ANY ($3)) AND"
_COUNTS = _COUNTING.format(only="", newest_first=_NEWEST_FIRST, most=MOST_COUNTED + 1)
"""How many of a batch's jobs there are by status, of the newest where there are very many."""
_MY_COUNTS = _COUNTING.format(only=_MINE, newest_first=_NEWEST_FIRST, most=MOST_COUNTED + 1)
"""How many of them are of some use cases, by status."""


class Declared(NamedTuple):
    """The batch, and whether it was made just now."""

    is_new: bool
    batch: Batch


class Batches(Repository):
    """The batches of all clients: each is declared, closed and, by an engine, ended."""

    _DECLARE = """
        INSERT INTO batches (client_id, batch_id, callback_url) VALUES ($1, $2, $3)
        ON CONFLICT (client_id, batch_id) DO NOTHING RETURNING batch_id"""

    async def declare(self, client_id: str, batch_id: str, callback_url: str | None) -> Declared | None:
        """A new batch, or the one that has the name; None where that is erased at this moment."""
        made = bool(await self._fetch(self._DECLARE, client_id, batch_id, callback_url))
        batch = await self.get(client_id, batch_id)
        return Declared(made, batch) if batch else None

    _GET = f"""
        SELECT client_id, batch_id, callback_url, callback_status, created_at, closed_at, ended_at,
            {_MY_COUNTS} AS counts
        FROM batches WHERE client_id = $1 AND batch_id = $2"""

    async def get(self, client_id: str, batch_id: str, use_cases: Collection[str] | None = None) -> Batch | None:
        """The batch with its jobs as they are now, of these use cases alone where any are given; None where there is
        none."""
        only = None if use_cases is None else sorted(use_cases)
        rows = await self._fetch_in_order(self._GET, client_id, batch_id, only)
        return batch_of(rows[0]) if rows else None

    _IS_OPEN = "SELECT closed_at IS NULL AS is_open FROM batches WHERE client_id = $1 AND batch_id = $2"

    async def is_open(self, client_id: str, batch_id: str) -> bool | None:
        """Whether it takes jobs; None where there is none."""
        rows = await self._fetch(self._IS_OPEN, client_id, batch_id)
        return bool(rows[0]["is_open"]) if rows else None

    # It waits for the submissions to the batch that are under way, each of which holds its row.
    _CLOSE = """
        WITH closed AS (
            UPDATE batches SET closed_at = clock_timestamp()
            WHERE client_id = $1 AND batch_id = $2 AND closed_at IS NULL RETURNING batch_id
        )
        SELECT pg_notify('ix_batches', '') FROM closed WHERE $3"""

    async def close(self, client_id: str, batch_id: str) -> None:
        """No more jobs come; engines look whether those that came have ended. Nothing where it is closed already."""
        await self._fetch_telling(self._CLOSE, client_id, batch_id)

    # 1. ready: closed batches without a job that has not ended, passing over those that somebody else ends just now.
    #    Each costs a look into an index, whose order no other has: it is the one that is used.
    # 2. ended: once, since it ends those alone that have not.
    # 3. owed: the callbacks, as deliveries.
    # 4. Engines hear of these.
    _END = f"""
        WITH ready AS MATERIALIZED (
            SELECT client_id, batch_id FROM batches
            WHERE closed_at IS NOT NULL AND ended_at IS NULL AND (
                SELECT true FROM jobs
                WHERE jobs.batch_id IS NOT NULL AND jobs.finished_at IS NULL
                  AND (jobs.client_id, jobs.batch_id || '') >= (batches.client_id, batches.batch_id)
                  AND (jobs.client_id, jobs.batch_id || '') <= (batches.client_id, batches.batch_id)
                ORDER BY jobs.client_id, jobs.batch_id || '' LIMIT 1) IS NULL
            ORDER BY closed_at LIMIT {MOST_AT_ONCE} FOR NO KEY UPDATE SKIP LOCKED
        ), ended AS (
            UPDATE batches SET ended_at = clock_timestamp(), counts = {_COUNTS},
                callback_status = CASE WHEN callback_url IS NOT NULL THEN 'pending' END
            FROM ready WHERE (batches.client_id, batches.batch_id) = (ready.client_id, ready.batch_id)
            RETURNING batches.client_id, batches.batch_id, callback_url
        ), owed AS (
            INSERT INTO deliveries (client_id, batch_id, url, host)
            SELECT client_id, batch_id, callback_url, host_of(callback_url) FROM ended WHERE callback_url IS NOT NULL
            RETURNING delivery_id
        )
        SELECT client_id, batch_id, (SELECT pg_notify('ix_deliveries', '')::text FROM owed WHERE $1 LIMIT 1) AS told
        FROM ended"""

    async def end_ready(self) -> list[tuple[str, str]]:
        """Ends up to `MOST_AT_ONCE` closed batches whose jobs have all ended, and owes their callbacks; client and name
        of each."""
        try:
            rows = await self._fetch_in_order(self._END, True)
        except asyncpg.ProgramLimitExceededError:
            rows = await self._fetch_in_order(self._END, False)
        return [(row["client_id"], row["batch_id"]) for row in rows]

    # Locked first: a job that came meanwhile is seen by the next statement.
    _OLD = f"""
        SELECT client_id, batch_id FROM batches
        WHERE created_at < clock_timestamp() - $1::interval
          AND coalesce(ended_at < clock_timestamp() - $1::interval, true)
          AND callback_status IS DISTINCT FROM 'pending'
          AND (SELECT true FROM jobs WHERE {_NEWEST_FIRST} LIMIT 1) IS NULL
        ORDER BY created_at LIMIT {MOST_AT_ONCE} FOR UPDATE SKIP LOCKED"""
    _ERASE = f"""
        DELETE FROM batches USING unnest($1::text[], $2::text[]) AS old (client_id, batch_id)
        WHERE (batches.client_id, batches.batch_id) = (old.client_id, old.batch_id) AND (
            SELECT true FROM jobs WHERE {_NEWEST_FIRST} LIMIT 1) IS NULL
        RETURNING 1"""

    async def prune(self, days: float) -> int:
        """Erases batches older than `days` that have no jobs any more, and none to come; how many."""
        erased = 0
        while True:
            async with acquire(self._pool, self._acquire_timeout) as connection, connection.transaction():
                await connection.execute(IN_ORDER)
                old = await connection.fetch(self._OLD, timedelta(days=days))
                columns = [row["client_id"] for row in old], [row["batch_id"] for row in old]
                erased += len(await connection.fetch(self._ERASE, *columns))
            if len(old) < MOST_AT_ONCE:
                return erased


def batch_of(row: Mapping[str, Any]) -> Batch:
    """The batch in a row of its table, whose `counts` are those that are told."""
    counts: Mapping[str, int] = row["counts"] or {}
    total = sum(counts.values())
    jobs = BatchJobs(total=min(total, MOST_COUNTED), status=counts, at_least=total > MOST_COUNTED)
    reached = ((row["ended_at"], BatchStatus.ENDED), (row["closed_at"], BatchStatus.CLOSED))
    status = next((status for moment, status in reached if moment), BatchStatus.OPEN)
    return Batch.model_validate({**row, "status": status, "jobs": jobs})
