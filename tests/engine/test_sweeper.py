"""Sweeper, lookout and upkeep: what they find from time to time, and that a database that blinks only delays them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest

from ix.actor import Actor
from ix.callbacks import Callbacks
from ix.config import Settings
from ix.db import Pool, open_connection, open_pool
from ix.engine.sweeper import Lookout, Sweeper, Upkeep
from ix.fleet import FleetRepo
from ix.job import CallbackStatus, Claim, Status
from ix.outbound import Outbound
from ix.repo import JobsRepo
from tests.engine.conftest import Ended
from tests.factories import answer, submission
from tests.logs import Log
from tests.proxy import Proxy
from tests.receiver import Receiver, receiver


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"sweep_interval": 0.05, "missing_grace": 0.05, "allow_hosts": ("127.0.0.1",)})


@asynccontextmanager
async def started(actor: Actor) -> AsyncIterator[None]:
    await actor.start()
    yield
    await actor.stop()


@asynccontextmanager
async def calling_back(settings: Settings, repo: JobsRepo) -> AsyncIterator[Callbacks]:
    outbound = Outbound(settings)
    callbacks = Callbacks(settings, repo, outbound)
    yield callbacks
    await callbacks.stop(5)
    await outbound.aclose()


@asynccontextmanager
async def sweeping(settings: Settings, repo: JobsRepo) -> AsyncIterator[None]:
    async with calling_back(settings, repo) as callbacks, started(Sweeper(settings, repo, callbacks)):
        yield


async def claim_for(engine_id: UUID, repo: JobsRepo, **fields: Any) -> Claim:
    await repo.insert_pending(submission(**fields))
    claims = await repo.claim(engine_id, 1) or await repo.claim_solo(engine_id)
    return claims[0]


async def dead_engine(pool: Pool) -> UUID:
    """An engine that had a row and whose connection is gone."""
    engine_id = uuid4()
    async with pool.acquire() as connection:
        await FleetRepo.heartbeat(connection, engine_id, engine_id.int % 2**31, "test", {})
    return engine_id


class TestSweeper:
    async def test_gives_the_jobs_of_a_dead_engine_back(self, settings: Settings, repo: JobsRepo, pool: Pool, log: Log) -> None:
        claim = await claim_for(await dead_engine(pool), repo)
        async with sweeping(settings, repo):
            line = await log.until("orphan rescued")
        job = await repo.get(claim.ix_id)
        assert job is not None
        assert (job.status, job.attempts) == (Status.PENDING, 1)
        assert line == f'WARNING orphan rescued ix_id={claim.ix_id} attempts=1 cause="the engine died"'

    async def test_leaves_the_jobs_of_a_living_one(self, settings: Settings, repo: JobsRepo, pool: Pool, log: Log) -> None:
        living = uuid4()
        connection = await open_connection(settings, "engine")
        await FleetRepo.hold_lock(connection, 7)
        await FleetRepo.heartbeat(connection, living, 7, "test", {})
        mine = await claim_for(living, repo)
        await claim_for(await dead_engine(pool), repo)
        async with sweeping(settings, repo):
            await log.until("orphan rescued")
        job = await repo.get(mine.ix_id)
        assert job is not None
        assert job.status is Status.RUNNING
        await connection.close()

    async def test_after_the_last_attempt_the_client_is_told(
        self, settings: Settings, repo: JobsRepo, pool: Pool, ended: Ended, log: Log
    ) -> None:
        with receiver() as hook:
            claim = await claim_for(await dead_engine(pool), repo, max_attempts=1, callback_url=hook.url)
            async with sweeping(settings, repo):
                await ended(claim.ix_id)
                await log.until("callback delivered")
        job = await repo.get(claim.ix_id)
        assert job is not None
        assert (job.status, job.attempts, job.callback_status) == (Status.ERROR, 1, CallbackStatus.DELIVERED)
        assert job.response is not None
        assert job.response.error is not None
        assert job.response.error.code == "engine_lost"
        assert [received.json()["response"]["error"]["code"] for received in hook.received] == ["engine_lost"]

    async def test_several_rescue_each_orphan_once(self, settings: Settings, repo: JobsRepo, pool: Pool, log: Log) -> None:
        dead = await dead_engine(pool)
        claims = [await claim_for(dead, repo) for _ in range(20)]
        async with sweeping(settings, repo), sweeping(settings, repo), sweeping(settings, repo):
            for _ in claims:
                await log.until("orphan rescued")
        jobs = [await repo.get(claim.ix_id) for claim in claims]
        assert {(job.status, job.attempts) for job in jobs if job} == {(Status.PENDING, 1)}

    async def test_goes_on_when_the_database_comes_back(
        self, settings: Settings, repo: JobsRepo, pool: Pool, wire: Proxy, log: Log
    ) -> None:
        async with far_pool(wire, settings) as far, sweeping(settings, JobsRepo(far)):
            wire.cut()
            await log.until("PostgreSQL does not answer who=sweeper")
            await claim_for(await dead_engine(pool), repo)
            wire.mend()
            await log.until("orphan rescued")


async def test_the_lookout_wakes_again_and_again(settings: Settings) -> None:
    looks: asyncio.Queue[None] = asyncio.Queue()
    async with started(Lookout(settings.model_copy(update={"poll_interval": 0.02}), lambda: looks.put_nowait(None))):
        async with asyncio.timeout(5):
            for _ in range(3):
                await looks.get()


class TestUpkeep:
    @pytest.fixture
    def hook(self) -> Iterator[Receiver]:
        with receiver() as hook:
            yield hook

    async def owe(self, repo: JobsRepo, hook: Receiver) -> Claim:
        """A job that has ended and whose engine was lost before it could tell."""
        claim = await claim_for(uuid4(), repo, callback_url=hook.url)
        await repo.mark_done(claim, answer())
        return claim

    async def test_delivers_what_a_lost_engine_owed_and_leaves_what_another_may_still_deliver(
        self, settings: Settings, repo: JobsRepo, fleet: FleetRepo, pool: Pool, hook: Receiver, log: Log
    ) -> None:
        overdue, fresh = await self.owe(repo, hook), await self.owe(repo, hook)
        await pool.execute("UPDATE jobs SET finished_at = now() - interval '1 hour' WHERE ix_id = $1", overdue.ix_id)
        async with calling_back(settings, repo) as callbacks, started(Upkeep(repo, fleet, callbacks)):
            await log.until("callback delivered")
        jobs = [await repo.get(claim.ix_id) for claim in (overdue, fresh)]
        assert [job.callback_status for job in jobs if job] == [CallbackStatus.DELIVERED, CallbackStatus.PENDING]
        assert [received.json()["ix_id"] for received in hook.received] == [overdue.ix_id]

    async def test_forgets_engines_that_are_long_gone_and_owe_nothing(
        self, settings: Settings, repo: JobsRepo, fleet: FleetRepo, pool: Pool
    ) -> None:
        _gone, busy, fresh = [await dead_engine(pool) for _ in range(3)]
        await claim_for(busy, repo)
        await pool.execute("UPDATE engines SET heartbeat_at = now() - interval '2 minutes' WHERE engine_id <> $1", fresh)
        async with calling_back(settings, repo) as callbacks:
            await Upkeep(repo, fleet, callbacks).look()
        assert {row[0] for row in await pool.fetch("SELECT engine_id FROM engines")} == {busy, fresh}


@asynccontextmanager
async def far_pool(wire: Proxy, settings: Settings) -> AsyncIterator[Pool]:
    pool = await open_pool(settings.model_copy(update={"postgres_url": wire.url}))
    yield pool
    pool.terminate()
