"""What has ended is counted once, minute by minute, whoever counts; and what `/metrics` reads is read by indexes."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from ix.database.connect import Pool
from ix.database.metrics import Metrics
from ix.database.tallies import BOUNDS, Tallies
from tests.database.test_lists import filled

ENDED = """
    INSERT INTO jobs (client_id, request_id, use_case, request, fingerprint, max_attempts, status, attempts,
        created_at, started_at, finished_at, claim_token, response, error_code, page_count)
    SELECT 'c', gen_random_uuid()::text, 'receipt', '{}', sha256('x'), 3, $1, 2, at - took, at - took, at,
        gen_random_uuid(), CASE $1 WHEN 'done' THEN jsonb '{"error": null}' ELSE '{"error": {"code": "x"}}' END,
        CASE $1 WHEN 'error' THEN 'ocr_failed' END, 3
    FROM (SELECT date_trunc('minute', now()) - $2::interval, make_interval(secs => $3)) AS given (at, took)"""


@pytest.fixture
def tallies(pool: Pool) -> Tallies:
    return Tallies(pool)


async def ended(pool: Pool, status: str, ago: str, took: float = 1.5) -> None:
    await pool.execute(ENDED.replace("$2", f"'{ago}'").replace("$3", f"{took}::float8"), status)


async def counted(tallies: Tallies) -> list[tuple[Any, ...]]:
    while await tallies.count():
        pass
    return [tuple(total)[1:] for total in await tallies.totals()]


async def test_each_end_is_counted_once_however_many_count(pool: Pool, tallies: Tallies) -> None:
    for _ in range(3):
        await ended(pool, "done", "5 hours")
    await ended(pool, "error", "10 minutes")
    await asyncio.gather(*(counted(tallies) for _ in range(4)))
    expected = [("done", "", 4, 3, 6, 9, 4.5), ("error", "ocr_failed", -1, 1, 2, 3, 0.0)]
    assert await counted(tallies) == expected
    # neither what is erased nor what is tried again takes anything away
    await pool.execute("DELETE FROM jobs")
    assert await counted(tallies) == expected


async def test_a_minute_that_is_hardly_over_is_not_counted_and_is_told_all_the_same(
    pool: Pool, tallies: Tallies, metrics: Metrics
) -> None:
    await ended(pool, "done", "0 seconds", 0.0)
    await ended(pool, "error", "3 minutes")
    assert [total[0] for total in await counted(tallies)] == ["error"]
    said = await metrics.read()
    assert (said["done_24h"], said["error_24h"], said["attempts_24h"]) == (1, 1, 4)
    assert (said["errors_24h"], said["avg_seconds"]) == ({"ocr_failed": 1}, {"receipt": 0.0})


async def test_what_is_told_is_the_same_before_and_after_it_is_counted(
    pool: Pool, tallies: Tallies, metrics: Metrics
) -> None:
    for ago in ("1 day 2 hours", "23 hours", "2 hours", "2 minutes"):
        for status, took in (("done", 0.05), ("done", 700.0), ("error", 1.0)):
            await ended(pool, status, ago, took)
    members = ("done_24h", "error_24h", "errors_24h", "attempts_24h", "avg_seconds")
    before = await metrics.read()
    totals = await counted(tallies)
    after = await metrics.read()
    assert [before[name] for name in members] == [after[name] for name in members]
    assert (before["done_24h"], before["avg_seconds"]) == (6, {"receipt": 350.025})
    # of the buckets the first and the last
    assert [(total[2], total[3]) for total in totals] == [(0, 3), (len(BOUNDS), 3), (-1, 3)]


async def test_minutes_older_than_a_day_are_added_up(pool: Pool, tallies: Tallies) -> None:
    await ended(pool, "done", "2 hours")
    before = await counted(tallies)
    for _ in range(2):
        await pool.execute("UPDATE tallies SET minute = minute - interval '26 hours' WHERE minute > '-infinity'")
        await pool.execute("UPDATE tallied SET until = until - interval '10 minutes'")
        await pool.execute("DELETE FROM jobs")
        await ended(pool, "done", "5 minutes")
        await counted(tallies)
    assert await pool.fetchval("SELECT count(*) FROM tallies") == 2
    [(*_, jobs, attempts, pages, seconds)] = await counted(tallies)
    assert (jobs, attempts, pages, seconds) == (3, 6, 9, 4.5)
    assert before[0][3] == 1


class Explained(Metrics):
    """The real ones, which keep the plan of every statement."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool)
        self.plans: list[str] = []

    async def _fetch(self, sql: str, *arguments: Any, seconds: float | None = None) -> list[asyncpg.Record]:
        plan = await super()._fetch(f"EXPLAIN {sql}", *arguments)
        self.plans.append("\n".join(row[0] for row in plan))
        return await super()._fetch(sql, *arguments, seconds=seconds)


async def test_nothing_is_read_row_by_row(pool: Pool, tallies: Tallies) -> None:
    await filled(pool, 3000)
    await pool.execute("UPDATE jobs SET finished_at = finished_at - interval '2 days' WHERE finished_at IS NOT NULL")
    # deliveries of jobs that ended long ago, of which one is owed
    await pool.execute("INSERT INTO deliveries (ix_id, url) SELECT ix_id, 'https://x/' FROM jobs")
    await pool.execute("UPDATE deliveries SET status = 'delivered', ended_at = now() WHERE ctid > '(0,1)'")
    await counted(tallies)
    await pool.execute("VACUUM ANALYZE")
    explained = Explained(pool)
    await explained.read()
    await explained.waiting()
    plans = "\n".join(explained.plans)
    for index in ("jobs_ended", "jobs_pending", "jobs_scheduled", "jobs_by_engine", "deliveries_"):
        assert f" {index}" in plans, plans
    for table in ("jobs", "deliveries"):
        assert f"Seq Scan on {table}" not in plans, plans
