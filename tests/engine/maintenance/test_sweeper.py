"""Sweeper, poller and retention: what they find from time to time, and that a database that blinks only delays them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest

from ix.background.actor import Actor
from ix.config import Settings
from ix.database import Database
from ix.database.connect import Pool, open_connection
from ix.database.deliveries import Deliveries
from ix.database.engines import Engines
from ix.database.jobs import Jobs
from ix.database.pool import open_pool
from ix.engine.maintenance.poller import Poller
from ix.engine.maintenance.retention import Retention
from ix.engine.maintenance.sweeper import SETTLING_SECONDS, Sweeper
from ix.job import CallbackStatus, Claim, Status
from tests.engine.conftest import Ended
from tests.factories import answer, submission
from tests.logs import Log
from tests.proxy import Proxy


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"sweep_interval": 0.05, "missing_grace": 0.05, "allow_hosts": ("127.0.0.1",)})


@asynccontextmanager
async def started(actor: Actor) -> AsyncIterator[None]:
    await actor.start()
    yield
    await actor.stop()


@asynccontextmanager
async def sweeping(settings: Settings, jobs: Jobs) -> AsyncIterator[None]:
    async with started(Sweeper(settings, jobs)):
        yield


async def claim_for(engine_id: UUID, jobs: Jobs, **fields: Any) -> Claim:
    await jobs.insert_pending(submission(**fields))
    claims = await jobs.claim(engine_id, 1) or await jobs.claim_quarantined(engine_id)
    return claims[0]


async def dead_engine(pool: Pool) -> UUID:
    """An engine that had a row and whose connection is gone."""
    engine_id = uuid4()
    async with pool.acquire() as connection:
        await Engines.heartbeat(connection, engine_id, engine_id.int % 2**31, "test", {})
    return engine_id


class TestSweeper:
    async def test_gives_the_jobs_of_a_dead_engine_back(
        self, settings: Settings, jobs: Jobs, pool: Pool, log: Log
    ) -> None:
        claim = await claim_for(await dead_engine(pool), jobs)
        async with sweeping(settings, jobs):
            line = await log.until("orphan rescued")
        job = await jobs.get(claim.ix_id)
        assert job is not None
        assert (job.status, job.attempts) == (Status.PENDING, 1)
        assert line == f'WARNING orphan rescued ix_id={claim.ix_id} attempts=1 cause="the engine died"'

    async def test_leaves_the_jobs_of_a_living_one(self, settings: Settings, jobs: Jobs, pool: Pool, log: Log) -> None:
        living = uuid4()
        connection = await open_connection(settings, "engine")
        await Engines.hold_lock(connection, 7)
        await Engines.heartbeat(connection, living, 7, "test", {})
        mine = await claim_for(living, jobs)
        await claim_for(await dead_engine(pool), jobs)
        async with sweeping(settings, jobs):
            await log.until("orphan rescued")
        job = await jobs.get(mine.ix_id)
        assert job is not None
        assert job.status is Status.RUNNING
        await connection.close()

    async def test_after_the_last_attempt_the_client_is_owed_a_callback(
        self, settings: Settings, jobs: Jobs, pool: Pool, ended: Ended
    ) -> None:
        claim = await claim_for(await dead_engine(pool), jobs, max_attempts=1, callback_url="http://receiver.test/")
        async with sweeping(settings, jobs):
            (job,) = await ended(claim.ix_id)
        assert (job.status, job.attempts, job.callback_status) == (Status.ERROR, 1, CallbackStatus.PENDING)
        assert job.response is not None
        assert job.response.error is not None
        assert job.response.error.code == "engine_lost"
        (due,) = await Deliveries(pool).claim(10, 60)
        assert due.job == job

    async def test_several_rescue_each_orphan_once(self, settings: Settings, jobs: Jobs, pool: Pool, log: Log) -> None:
        dead = await dead_engine(pool)
        claims = [await claim_for(dead, jobs) for _ in range(20)]
        async with sweeping(settings, jobs), sweeping(settings, jobs), sweeping(settings, jobs):
            for _ in claims:
                await log.until("orphan rescued")
        stored = [await jobs.get(claim.ix_id) for claim in claims]
        assert {(job.status, job.attempts) for job in stored if job} == {(Status.PENDING, 1)}

    async def test_goes_on_when_the_database_comes_back(
        self, settings: Settings, jobs: Jobs, pool: Pool, wire: Proxy, log: Log, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("ix.engine.maintenance.sweeper.SETTLING_SECONDS", 0.1)
        async with far_pool(wire, settings) as far, sweeping(settings, Jobs(far)):
            wire.cut()
            await log.until("PostgreSQL does not answer who=sweeper")
            await claim_for(await dead_engine(pool), jobs)
            wire.mend()
            await log.until("orphan rescued")

    async def test_judges_nobody_while_the_database_is_only_just_back(
        self, settings: Settings, jobs: Jobs, pool: Pool
    ) -> None:
        await claim_for(await dead_engine(pool), jobs)
        await pool.execute("UPDATE engines SET heartbeat_at = now() - interval '1 hour'")
        sweeper = Sweeper(settings, jobs)
        await sweeper.recover()
        await sweeper.look()
        assert await pool.fetchval("SELECT count(*) FROM jobs WHERE status = 'running'") == 1
        sweeper._lost_at -= SETTLING_SECONDS
        await sweeper.look()
        assert await pool.fetchval("SELECT count(*) FROM jobs WHERE status = 'running'") == 0


async def test_the_poller_wakes_and_looks_after_claims_again_and_again(settings: Settings) -> None:
    looks: asyncio.Queue[str] = asyncio.Queue()

    async def drop_lost() -> None:
        looks.put_nowait("claims")

    poller = Poller(settings.model_copy(update={"poll_interval": 0.02}), lambda: looks.put_nowait("work"), drop_lost)
    async with started(poller), asyncio.timeout(5):
        assert [await looks.get() for _ in range(4)] == ["work", "claims"] * 2


class TestRetention:
    async def test_forgets_engines_that_are_long_gone_and_owe_nothing(
        self, settings: Settings, jobs: Jobs, engines: Engines, pool: Pool
    ) -> None:
        _gone, busy, fresh = [await dead_engine(pool) for _ in range(3)]
        await claim_for(busy, jobs)
        await pool.execute(
            "UPDATE engines SET heartbeat_at = now() - interval '2 minutes' WHERE engine_id <> $1", fresh
        )
        await Retention(settings, Database(pool)).look()
        assert {row[0] for row in await pool.fetch("SELECT engine_id FROM engines")} == {busy, fresh}

    async def test_erases_what_is_past_its_retention(
        self, settings: Settings, jobs: Jobs, engines: Engines, pool: Pool, log: Log
    ) -> None:
        old, fresh = [await claim_for(uuid4(), jobs) for _ in range(2)]
        for claim in (old, fresh):
            await jobs.mark_done(claim, answer())
        await pool.execute("UPDATE jobs SET finished_at = finished_at - interval '8 days' WHERE ix_id = $1", old.ix_id)
        await Retention(settings, Database(pool)).look()
        assert await jobs.get(old.ix_id) is not None
        await Retention(settings.model_copy(update={"retention_days": 7.0}), Database(pool)).look()
        assert [await jobs.get(claim.ix_id) is None for claim in (old, fresh)] == [True, False]
        told = await log.until("jobs past their retention erased")
        assert told == 'INFO jobs past their retention erased count=1 rule="jobs *"'


@asynccontextmanager
async def far_pool(wire: Proxy, settings: Settings) -> AsyncIterator[Pool]:
    pool = await open_pool(settings.model_copy(update={"postgres_url": wire.url}))
    yield pool
    pool.terminate()
