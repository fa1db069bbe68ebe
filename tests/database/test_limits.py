"""Limits of use cases over all engines: never more at once, never fewer than could be, and no other job the slower for
it."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from ix.config import Limit, Settings
from ix.database.channels import JOBS_CHANNEL
from ix.database.connect import Pool, open_connection
from ix.database.jobs import Jobs
from ix.database.limits import Limits
from ix.job import Claim, Status
from tests.factories import answer, submission

LATER = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture
def limits(pool: Pool) -> Limits:
    return Limits(pool)


async def insert(jobs: Jobs, use_case: str, count: int = 1, client: str = "acme", **fields: Any) -> list[str]:
    made = await jobs.insert_many([submission(use_case=use_case, client=client, **fields) for _ in range(count)])
    return [one.job.ix_id for one in made]


async def claimed(jobs: Jobs, limit: int, engine: UUID | None = None) -> list[Claim]:
    return await jobs.claim(engine or uuid4(), limit, among_queues=True)


def names(claims: list[Claim]) -> Counter[str]:
    return Counter(claim.use_case for claim in claims)


async def rows_read(pool: Pool, sql: str, values: str) -> int:
    """Rows of jobs that a statement looks at."""
    async with pool.acquire() as connection:
        await connection.execute(f"PREPARE looked AS {sql}")
        [(found,)] = await connection.fetch(f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE looked ({values})")
        await connection.execute("DEALLOCATE looked")
    return sum(_rows(node) for node in _nodes(json.loads(found)[0]["Plan"]) if node.get("Relation Name") == "jobs")


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)


def _rows(node: dict[str, Any]) -> int:
    return int((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"])


class TestLimit:
    async def test_holds_in_one_claim_and_over_many(self, jobs: Jobs, limits: Limits) -> None:
        await limits.set([Limit(("slow",), 3)])
        await insert(jobs, "slow", 10)
        await insert(jobs, "quick", 4)
        assert names(await claimed(jobs, 10)) == {"slow": 3, "quick": 4}
        assert await claimed(jobs, 10) == []

    async def test_is_shared_by_those_named_together(self, jobs: Jobs, limits: Limits) -> None:
        await limits.set([Limit(("invoice", "receipt"), 2)])
        await insert(jobs, "invoice", 5)
        await insert(jobs, "receipt", 5)
        assert len(await claimed(jobs, 10)) == 2

    async def test_the_next_starts_when_one_ends_and_engines_are_told(
        self, settings: Settings, jobs: Jobs, limits: Limits
    ) -> None:
        await limits.set([Limit(("slow",), 1)])
        first, second = await insert(jobs, "slow", 2)
        [claim] = await claimed(jobs, 10)
        assert claim.ix_id == first
        told = asyncio.Event()
        connection = await open_connection(settings, "test")
        await connection.add_listener(JOBS_CHANNEL, lambda *_: told.set())
        await jobs.mark_done(claim, answer())
        async with asyncio.timeout(5):
            await told.wait()
        await connection.close()
        assert [c.ix_id for c in await claimed(jobs, 10)] == [second]

    @pytest.mark.parametrize("end", ["finish", "release", "postpone", "cancel", "erase", "sweep"])
    async def test_whatever_ends_a_run_frees_its_slot(self, end: str, jobs: Jobs, limits: Limits, pool: Pool) -> None:
        await limits.set([Limit(("slow",), 1)])
        await insert(jobs, "slow", 2)
        [claim] = await claimed(jobs, 1)
        assert await claimed(jobs, 1) == []
        ends: dict[str, Callable[[], Awaitable[object]]] = {
            "finish": lambda: jobs.mark_error(claim, "code", "message"),
            "release": lambda: jobs.release([claim]),
            "postpone": lambda: jobs.postpone(claim, "cause", 60),
            "cancel": lambda: jobs.cancel(claim.ix_id),
            "erase": lambda: jobs.erase(claim.ix_id),
            "sweep": lambda: jobs.sweep_orphans(15, 1),
        }
        await ends[end]()
        assert await pool.fetchval("SELECT count(*) FROM queue_slots WHERE ix_id IS NULL") == 1
        assert len(await claimed(jobs, 1) or await jobs.claim_quarantined(uuid4())) == 1

    async def test_a_repeated_or_stale_finish_frees_nothing(self, jobs: Jobs, limits: Limits, pool: Pool) -> None:
        await limits.set([Limit(("slow",), 1)])
        await insert(jobs, "slow", 2)
        [first] = await claimed(jobs, 1)
        await jobs.mark_done(first, answer())
        [second] = await claimed(jobs, 1)
        await jobs.mark_done(first, answer())
        assert await pool.fetchval("SELECT ix_id FROM queue_slots") == second.ix_id

    async def test_a_job_that_must_run_alone_takes_a_slot_too(self, jobs: Jobs, limits: Limits, pool: Pool) -> None:
        await limits.set([Limit(("slow",), 1)])
        alone, running = await insert(jobs, "slow", 2)
        await pool.execute("UPDATE jobs SET status = 'scheduled', run_at = now() WHERE ix_id = $1", alone)
        [claim] = await claimed(jobs, 1)
        assert claim.ix_id == running
        await pool.execute("UPDATE jobs SET status = 'pending', quarantined = true WHERE ix_id = $1", alone)
        assert await jobs.claim_quarantined(uuid4()) == []
        await jobs.mark_done(claim, answer())
        assert [c.ix_id for c in await jobs.claim_quarantined(uuid4())] == [alone]
        assert await pool.fetchval("SELECT ix_id FROM queue_slots") == alone

    async def test_eight_engines_at_once_never_run_more_and_lose_none(
        self, jobs: Jobs, limits: Limits, pool: Pool
    ) -> None:
        await limits.set([Limit(("slow",), 3), Limit(("slower",), 1)])
        for use_case in ("slow", "slower", "quick"):
            await insert(jobs, use_case, 60)
        most: Counter[str] = Counter()
        left = 180

        async def engine() -> None:
            nonlocal left
            engine_id = uuid4()
            while left:
                claims = await claimed(jobs, random.randint(1, 4), engine_id)
                running = await pool.fetch("SELECT use_case, count(*) FROM jobs WHERE status = 'running' GROUP BY 1")
                most.update({row["use_case"]: max(0, row["count"] - most[row["use_case"]]) for row in running})
                if claims:
                    await jobs.finish_many([(claim, answer()) for claim in claims])
                    left -= len(claims)

        async with asyncio.timeout(60):
            await asyncio.gather(*(engine() for _ in range(8)))
        assert await pool.fetchval("SELECT count(*) FROM jobs WHERE status = 'done'") == 180
        assert (most["slow"], most["slower"]) <= (3, 1)
        assert await pool.fetchval("SELECT count(*) FROM queue_slots WHERE ix_id IS NULL") == 4


class TestTurns:
    async def test_a_full_lane_costs_others_nothing(self, jobs: Jobs, limits: Limits, pool: Pool) -> None:
        await limits.set([Limit(("slow",), 1)])
        await insert(jobs, "slow", 2000)
        await claimed(jobs, 1)
        await insert(jobs, "quick")
        await pool.execute("ANALYZE jobs")
        assert await rows_read(pool, Jobs._CLAIM_AMONG_QUEUES, f"'{uuid4()}', 8, '{uuid4()}'") < 20

    async def test_lanes_and_the_rest_take_turns(self, jobs: Jobs, limits: Limits) -> None:
        await limits.set([Limit(("slow",), 100), Limit(("slower",), 100)])
        for use_case in ("quick", "slow", "slower"):
            await insert(jobs, use_case, 100)
        assert names(await claimed(jobs, 30)) == {"quick": 10, "slow": 10, "slower": 10}
        singles = names([claim for _ in range(60) for claim in await claimed(jobs, 1)])
        assert min(singles.values()) >= 5, "chance decides where there is a slot for one only"

    async def test_priority_counts_over_all_lanes(self, jobs: Jobs, limits: Limits) -> None:
        await limits.set([Limit(("slow",), 100)])
        await insert(jobs, "quick", 10)
        await insert(jobs, "slow", 10, priority=1, precedes=True)
        assert names(await claimed(jobs, 10)) == {"slow": 10}

    async def test_clients_take_turns_within_a_lane_and_a_slow_lane_holds_no_turn_up(
        self, jobs: Jobs, limits: Limits
    ) -> None:
        await limits.set([Limit(("slow",), 1)])
        await insert(jobs, "slow", 50, client="heavy")
        await insert(jobs, "slow", 1, client="single")
        await insert(jobs, "quick", 10, client="heavy")
        order: list[str] = []
        for _ in range(3):
            [claim] = await claimed(jobs, 1) if order else [c for c in await claimed(jobs, 20) if c.use_case == "slow"]
            job = await jobs.get(claim.ix_id)
            assert job is not None
            order.append(job.client_id)
            await jobs.mark_done(claim, answer())
        assert "single" in order[:2]


WRITTEN = "SELECT queues.xmin AS queue_by, queue_slots.xmin AS slot_by FROM queues, queue_slots"


class TestChange:
    async def test_the_same_again_changes_nothing(self, jobs: Jobs, limits: Limits, pool: Pool) -> None:
        await limits.set([Limit(("slow", "quick"), 2)])
        before = await pool.fetch(WRITTEN)
        await limits.set([Limit(("quick", "slow"), 2)])
        assert await pool.fetch(WRITTEN) == before

    async def test_a_new_limit_takes_in_what_waits_already(self, jobs: Jobs, limits: Limits, pool: Pool) -> None:
        await insert(jobs, "slow", 5)
        await jobs.insert_many([submission(use_case="slow", run_at=LATER) for _ in range(3)])
        assert not await limits.exist()
        await limits.set([Limit(("slow",), 2)])
        assert await limits.exist()
        assert len(await claimed(jobs, 10)) == 2
        await pool.execute("UPDATE jobs SET run_at = now() WHERE status = 'scheduled'")
        assert await jobs.promote() == 3
        assert await claimed(jobs, 10) == []

    async def test_a_lower_limit_ends_no_run_and_a_higher_one_counts_at_once(self, jobs: Jobs, limits: Limits) -> None:
        await limits.set([Limit(("slow",), 3)])
        await insert(jobs, "slow", 9)
        claims = await claimed(jobs, 9)
        await limits.set([Limit(("slow",), 1)])
        for claim in claims:
            await jobs.mark_done(claim, answer())
        assert len(await claimed(jobs, 9)) == 1
        await limits.set([Limit(("slow",), 4)])
        assert len(await claimed(jobs, 9)) == 3

    async def test_without_a_limit_all_go_on_even_those_that_were_running(self, jobs: Jobs, limits: Limits) -> None:
        await limits.set([Limit(("slow",), 1)])
        await insert(jobs, "slow", 5)
        claims = await claimed(jobs, 9)
        await limits.set([])
        assert not await limits.exist()
        await jobs.release(claims)
        assert len(await jobs.claim(uuid4(), 9)) == 5

    async def test_an_insertion_on_its_way_cannot_end_up_in_a_lane_that_goes(
        self, jobs: Jobs, limits: Limits, pool: Pool
    ) -> None:
        await limits.set([Limit(("slow",), 1)])
        async with asyncio.TaskGroup() as tasks:
            for n in range(20):
                tasks.create_task(insert(jobs, "slow", 5))
                tasks.create_task(limits.set([Limit(("slow",), 1)] if n % 2 else []))
        await limits.set([])
        assert await pool.fetchval("SELECT count(*) FROM jobs WHERE queue <> ''") == 0
        assert len(await jobs.claim(uuid4(), 200)) == 100

    async def test_a_job_tried_again_waits_in_the_lane_of_today(self, jobs: Jobs, limits: Limits, pool: Pool) -> None:
        [ix_id] = await insert(jobs, "slow")
        [claim] = await jobs.claim(uuid4(), 1)
        await jobs.mark_done(claim, answer())
        await limits.set([Limit(("slow",), 1)])
        job = await Jobs(pool).retry(ix_id)
        assert job is not None
        assert job.status is Status.PENDING
        assert await jobs.claim(uuid4(), 1) == []
        assert [c.ix_id for c in await claimed(jobs, 1)] == [ix_id]
