"""Quarantine between engines and clients: one engine stands still for one job, and others have their turns."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from ix.config import Settings
from ix.database.connect import Pool
from ix.database.engines import Engines
from ix.database.jobs import Jobs
from tests.cases import Gate
from tests.engine.working import count, into, quarantine, working
from tests.factories import submission

FOREVER = 1e9


async def insert(jobs: Jobs, client: str, number: int = 1) -> list[str]:
    made = await jobs.insert_many([submission(client=client) for _ in range(number)])
    return sorted(one.job.ix_id for one in made)


async def strike(pool: Pool, client: str, strikes: int) -> None:
    await pool.execute("INSERT INTO quarantine_strikes (client_id, strikes) VALUES ($1, $2)", client, strikes)


class TestClaims:
    async def test_a_quarantined_job_holds_up_its_own_client_and_nobody_else(self, jobs: Jobs, pool: Pool) -> None:
        await quarantine(pool, (await insert(jobs, "poison", 3))[0])
        await insert(jobs, "modest", 3)
        assert {claim.client_id for claim in await jobs.claim(uuid4(), 10)} == {"modest"}
        assert await jobs.claim(uuid4(), 10, among_queues=True) == []

    async def test_one_runs_at_a_time_in_all_engines(self, jobs: Jobs, pool: Pool) -> None:
        await quarantine(pool, *await insert(jobs, "poison", 2))
        [first] = await jobs.claim_quarantined(uuid4())
        assert await jobs.claim_quarantined(uuid4()) == []
        assert await jobs.release([first]) == [first.ix_id]
        assert len(await jobs.claim_quarantined(uuid4())) == 1

    async def test_those_of_clients_that_did_no_harm_go_first(self, jobs: Jobs, pool: Pool) -> None:
        poison, bystander = [*await insert(jobs, "poison"), *await insert(jobs, "bystander")]
        await quarantine(pool, poison, bystander)
        await strike(pool, "poison", 1)
        assert [claim.ix_id for claim in await jobs.claim_quarantined(uuid4())] == [bystander]

    async def test_each_further_engine_that_it_ends_sets_its_client_back(self, jobs: Jobs, pool: Pool) -> None:
        waits = []
        for _ in range(6):
            [ix_id] = await insert(jobs, "poison")
            await quarantine(pool, ix_id)
            # the third attempt: one engine may end by itself while a harmless job runs alone
            await pool.execute("UPDATE jobs SET attempts = 2")
            await pool.execute("UPDATE quarantine_strikes SET next_at = clock_timestamp()")
            assert await jobs.claim_quarantined(uuid4())
            await jobs.sweep_orphans(FOREVER, FOREVER)
            waits.append(
                await pool.fetchval("SELECT extract(epoch FROM next_at - clock_timestamp()) FROM quarantine_strikes")
            )
            await pool.execute("DELETE FROM jobs")
        assert [round(max(0, seconds)) for seconds in waits] == [0, 2, 6, 14, 30, 60]
        await quarantine(pool, *await insert(jobs, "poison"))
        await insert(jobs, "another")
        assert await jobs.claim_quarantined(uuid4()) == []
        await pool.execute("UPDATE quarantine_strikes SET next_at = next_at - interval '2 hours'")
        assert await jobs.strikes("poison") == 0
        assert len(await jobs.claim_quarantined(uuid4())) == 1

    async def test_a_client_that_nobody_waits_behind_is_not_set_back(self, jobs: Jobs, pool: Pool) -> None:
        await quarantine(pool, *await insert(jobs, "alone"))
        await strike(pool, "alone", 5)
        await pool.execute("UPDATE quarantine_strikes SET next_at = clock_timestamp() + interval '1 minute'")
        assert len(await jobs.claim_quarantined(uuid4())) == 1

    async def test_an_engine_that_ends_once_under_a_job_that_runs_alone_is_no_strike(
        self, jobs: Jobs, pool: Pool
    ) -> None:
        await quarantine(pool, *await insert(jobs, "harmless"))
        await pool.execute("UPDATE jobs SET attempts = 1, max_attempts = 4")
        assert await jobs.claim_quarantined(uuid4())
        await jobs.sweep_orphans(FOREVER, FOREVER)
        assert await jobs.strikes("harmless") == 0

    async def test_one_engine_stands_still(self, jobs: Jobs, pool: Pool) -> None:
        one, other = uuid4(), uuid4()
        for engine in (one, other):
            async with pool.acquire() as connection:
                await Engines.heartbeat(connection, engine, None, "test", {})
        assert not await jobs.stand_still(one, 60)
        await quarantine(pool, *await insert(jobs, "poison"))
        assert sorted(await asyncio.gather(jobs.stand_still(one, 60), jobs.stand_still(other, 60))) == [False, True]
        for engine in (one, other):
            await jobs.go_on(engine)
        assert await jobs.stand_still(other, 60)


async def registered(pool: Pool, engine: object) -> None:
    """As if the worker's engine had said that it lives."""
    async with pool.acquire() as connection:
        await Engines.heartbeat(connection, engine._claimer._engine_id, None, "test", {})  # type: ignore[attr-defined]


class TestWorker:
    async def test_others_have_their_turn_between_two(
        self, settings: Settings, jobs: Jobs, pool: Pool, gate: Gate
    ) -> None:
        poison = await insert(jobs, "poison", 2)
        await quarantine(pool, *poison)
        modest = await insert(jobs, "modest", 2)
        async with working(settings.model_copy(update={"engine_slots": 1}), jobs, into(gate)) as worker:
            await registered(pool, worker)
            order = []
            for _ in range(4):
                [entered] = await gate.entered()
                order.append("poison" if entered in poison else "modest")
                worker.wake()
                gate.let_go(entered)
        assert order[0] == "modest"
        assert "poison poison" not in " ".join(order[:-1]), "while others wait"
        assert set(gate.order) == {*poison, *modest}

    async def test_an_engine_stands_still_until_its_jobs_have_ended(
        self, settings: Settings, jobs: Jobs, pool: Pool, gate: Gate
    ) -> None:
        [running] = await insert(jobs, "modest")
        async with working(settings, jobs, into(gate)) as worker:
            assert await gate.entered() == [running]
            await registered(pool, worker)
            [alone] = await insert(jobs, "poison")
            await quarantine(pool, alone)
            [after] = await insert(jobs, "other")
            worker.wake()
            assert await gate.entered() == [after]
            while not worker._claimer._quarantine.stands_still:
                await asyncio.sleep(0)
            [more] = await insert(jobs, "other")
            worker.wake()
            gate.let_go(running, after)
            assert await gate.entered() == [alone]
            assert gate.inside == {alone}
            gate.let_go(alone)
            assert await gate.entered() == [more]

    async def test_what_does_not_end_in_time_lets_others_begin_again(
        self, settings: Settings, jobs: Jobs, pool: Pool, gate: Gate, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("ix.engine.quarantine.PATIENCE_SECONDS", 0.1)
        [running] = await insert(jobs, "modest")
        async with working(settings, jobs, into(gate)) as worker:
            assert await gate.entered() == [running]
            await registered(pool, worker)
            await quarantine(pool, *await insert(jobs, "poison"))
            worker.wake()
            while not worker._claimer._quarantine.stands_still:
                await asyncio.sleep(0)
            [more] = await insert(jobs, "other")
            assert await gate.entered() == [more]
            assert worker._claimer._quarantine._patience == 0.2

    async def test_one_that_keeps_an_engine_for_long_goes_back_while_others_wait(
        self, settings: Settings, jobs: Jobs, pool: Pool, gate: Gate, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("ix.engine.quarantine.ALONE_SECONDS", 0.05)
        [alone] = await insert(jobs, "hang")
        await quarantine(pool, alone)
        async with working(settings, jobs, into(gate)):
            assert await gate.entered() == [alone]
            assert await jobs.strikes("hang") == 0
            await asyncio.sleep(0.1)
            assert gate.inside == {alone}, "nobody waits"
            [modest] = await insert(jobs, "modest")
            assert await gate.entered() == [modest]
        assert await jobs.strikes("hang") == 1
        job = await jobs.get(alone)
        assert job is not None
        assert (job.status, job.attempts) == ("pending", 0)
        assert await count(pool, "running") == 0
