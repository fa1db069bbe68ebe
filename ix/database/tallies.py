"""Tallies: how many jobs have ended, and how long they took, counted minute by minute and never again.

    jobs that end ──a minute later──▶ a row for each minute, use case and outcome ──a day later──▶ one for all of time

Jobs are found by the index of ends (`jobs_ended`), so that a step costs what ended in it, however many jobs there are.
What ends in a transaction that takes longer than `LATE` is not counted, and neither is a job that was erased or tried
again before its minute was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from ix.database.repository import Repository

BOUNDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
"""Seconds from start to end between which jobs are told apart. Rows that are there were counted by them: others would
need a migration."""
STEP = timedelta(hours=1)
"""What is counted by one statement, at most."""
LATE = timedelta(minutes=1)
"""How long a minute must be over before it is counted, so that whatever ended in it is committed."""
KEPT = timedelta(hours=25)
"""How long minutes are told apart: a day, which is told of, and an hour."""

JOB = """
    use_case, status, CASE WHEN status = 'error' THEN coalesce(error_code, '') ELSE '' END AS error_code,
    attempts::bigint AS attempts, coalesce(page_count, 0)::bigint AS pages,
    CASE WHEN status = 'done' AND parts IS NULL THEN extract(epoch FROM finished_at - started_at)::float8 END AS took"""
"""What is counted of a job. How long it took is measured of those that are done and did not wait for their parts."""


class Total(NamedTuple):
    """Jobs of one use case and outcome since counting began; `bucket` is how many of `BOUNDS` they took at least as
    long as, -1 where that was not measured."""

    use_case: str
    status: str
    error_code: str
    bucket: int
    jobs: int
    attempts: int
    pages: int
    seconds: float


class Tallies(Repository):
    """The tables of what has ended."""

    # 1. stretch: the next minutes. Another engine waits for this row lock, and finds what is left: by then its snapshot
    #    is seconds old, and all that ended in a minute is committed for longer.
    # 2. counted: the jobs that ended in them.
    # 3. old, folded: minutes that are told apart no longer are added to the row of all of time.
    _COUNT = f"""
        WITH stretch AS (
            UPDATE tallied SET since = until,
                until = least(until + $1::interval, date_trunc('minute', clock_timestamp() - $2::interval, 'UTC'))
            WHERE until < date_trunc('minute', clock_timestamp() - $2::interval, 'UTC')
            RETURNING since, until
        ), counted AS (
            INSERT INTO tallies (minute, use_case, status, error_code, bucket, jobs, attempts, pages, seconds)
            SELECT minute, use_case, status, error_code, coalesce(width_bucket(took, $3::float8[]), -1) AS bucket,
                count(*), sum(attempts), sum(pages), coalesce(sum(took), 0)
            FROM (
                SELECT date_trunc('minute', finished_at, 'UTC') AS minute, {JOB} FROM jobs
                WHERE finished_at >= (SELECT since FROM stretch) AND finished_at < (SELECT until FROM stretch)
                  AND status IN ('done', 'error') AND jobs.attempts >= 0
            ) AS ended
            GROUP BY 1, 2, 3, 4, 5
        ), old AS (
            DELETE FROM tallies WHERE minute > '-infinity' AND minute < clock_timestamp() - $4::interval
              AND EXISTS (SELECT FROM stretch)
            RETURNING *
        ), folded AS (
            INSERT INTO tallies AS total (minute, use_case, status, error_code, bucket, jobs, attempts, pages, seconds)
            SELECT '-infinity', use_case, status, error_code, bucket, sum(jobs), sum(attempts), sum(pages), sum(seconds)
            FROM old GROUP BY use_case, status, error_code, bucket
            ON CONFLICT (minute, use_case, status, error_code, bucket) DO UPDATE SET jobs = total.jobs + excluded.jobs,
                attempts = total.attempts + excluded.attempts, pages = total.pages + excluded.pages,
                seconds = total.seconds + excluded.seconds
        )
        SELECT until FROM stretch"""

    async def count(self) -> bool:
        """Counts the next minutes that are over, an hour of them at most; False where there were none."""
        return bool(await self._fetch(self._COUNT, STEP, LATE, list(BOUNDS), KEPT))

    _TOTALS = """
        SELECT use_case, status, error_code, bucket, sum(jobs)::bigint, sum(attempts)::bigint, sum(pages)::bigint,
            sum(seconds)
        FROM tallies GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"""

    async def totals(self) -> Sequence[Total]:
        """All that was ever counted: numbers that only grow."""
        return [Total(*row) for row in await self._fetch(self._TOTALS)]
