"""Clients that hold no slot: one of another that takes all there are keeps nobody from beginning."""

from __future__ import annotations

import asyncio

import pytest

from ix.config import Settings
from ix.database.connect import Pool
from ix.database.jobs import Jobs
from ix.engine import claimer
from ix.engine.prefetch import PrefetchWindow
from tests.cases import Gate
from tests.engine.working import Counting, count, into, working
from tests.factories import submission


async def insert(jobs: Jobs, client: str, number: int) -> list[str]:
    inserted = await jobs.insert_many([submission(client=client) for _ in range(number)])
    return sorted(one.job.ix_id for one in inserted)


async def test_a_job_of_another_client_begins_although_all_slots_are_taken(
    settings: Settings, jobs: Jobs, pool: Pool, gate: Gate
) -> None:
    await insert(jobs, "hog", 20)
    async with working(settings, jobs, into(gate)) as worker:
        await gate.entered(4)
        modest = await insert(jobs, "modest", 2)
        worker.wake()
        assert await gate.entered() == modest[:1]
        assert gate.most == 5
        gate.let_go(modest[0])
        # its next one begins when it holds none any more, without being woken
        assert await gate.entered() == modest[1:]
        assert gate.most == 5


async def test_begins_when_what_was_claimed_ahead_is_given_back_without_being_woken(
    settings: Settings, jobs: Jobs, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claimer, "PREFETCH_TIMEOUT", 0.05)
    short = [1]
    # as if jobs had been short so far
    monkeypatch.setattr(PrefetchWindow, "size", lambda _: len(short))
    monkeypatch.setattr(PrefetchWindow, "reset", lambda _: short.clear())
    await insert(jobs, "hog", 20)
    async with working(settings, jobs, into(gate)) as worker:
        await gate.entered(4)
        [modest] = await insert(jobs, "modest", 1)
        worker.wake()
        assert await gate.entered() == [modest]


async def test_as_many_others_as_there_are_slots(settings: Settings, jobs: Jobs, pool: Pool, gate: Gate) -> None:
    await insert(jobs, "hog", 8)
    async with working(settings, jobs, into(gate)) as worker:
        await gate.entered(4)
        for number in range(6):
            await insert(jobs, f"client {number}", 1)
        worker.wake()
        first = await gate.entered(4)
        assert await count(pool, "running") == 8
        gate.let_go(first[0])
        await gate.entered()
        assert gate.most == 8, "what a client holds is bounded, and so is what an engine does"


async def test_slots_go_back_to_their_number_when_the_others_have_ended(
    settings: Settings, jobs: Jobs, pool: Pool, gate: Gate
) -> None:
    hogs = await insert(jobs, "hog", 8)
    async with working(settings, jobs, into(gate)) as worker:
        await gate.entered(4)
        [modest] = await insert(jobs, "modest", 1)
        worker.wake()
        await gate.entered()
        gate.let_go(hogs[0])
        async with asyncio.timeout(5):
            while await count(pool, "done") < 1:
                await asyncio.sleep(0.01)
        assert len(gate.inside) == 4, "one of them is lent, and the engine runs no more than its slots"
        gate.let_go(modest)
        assert await gate.entered() == [hogs[4]]


async def test_looks_are_few_while_one_client_submits_and_submits(
    settings: Settings, pool: Pool, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ix.engine.claimer.NEWCOMERS_SECONDS", 60.0)
    jobs = Counting(pool)
    await insert(jobs, "hog", 5)
    async with working(settings, jobs, into(gate)) as worker:
        await gate.entered(4)
        async with asyncio.timeout(5):
            while worker._claimer._newcomers_timer is None:
                worker.wake()
                await asyncio.sleep(0)
        before = jobs.claims
        for _ in range(50):
            worker.wake()
            await asyncio.sleep(0.001)
        assert jobs.claims == before
