"""The claimer: how many jobs a worker takes and when, side by side or alone, ahead of its slots or not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from pydantic_core import to_json

from ix.config import Settings
from ix.database.connect import Pool
from ix.database.jobs import EndedRun, Finish, Jobs
from ix.engine.answer import Answer
from ix.engine.runner import TryAgain
from ix.job import Claim, Problem, Response, Status
from tests.cases import Gate, answered
from tests.engine.conftest import Ended, insert_silently
from tests.engine.working import Counting, count, insert, into, quarantine, through, working
from tests.factories import answer
from tests.logs import Log
from tests.proxy import Proxy


class SlowJobs(Jobs):
    """Stores nothing before it is let."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool)
        self.stores = asyncio.Event()
        self.may_store = asyncio.Event()

    async def finish_many(self, ended: Sequence[EndedRun]) -> list[Finish]:
        self.stores.set()
        await self.may_store.wait()
        return await super().finish_many(ended)

    async def postpone(self, claim: Claim, last_error: str, seconds: float, spent: bool = True) -> bool:
        self.stores.set()
        await self.may_store.wait()
        return await super().postpone(claim, last_error, seconds)


class TestClaims:
    async def test_no_more_jobs_run_than_there_are_slots(
        self, settings: Settings, jobs: Jobs, pool: Pool, gate: Gate
    ) -> None:
        await insert(jobs, 10)
        async with working(settings, jobs, into(gate)) as worker:
            first, *_ = await gate.entered(4)
            worker.wake()
            assert [await count(pool, status) for status in ("running", "pending")] == [4, 6]
            gate.let_go(first)
            await gate.entered()
            assert gate.most == 4

    async def test_free_slots_are_filled_with_one_statement(
        self, settings: Settings, jobs: Jobs, pool: Pool, gate: Gate
    ) -> None:
        await insert(jobs, 6)
        async with working(settings, jobs, into(gate)):
            await gate.entered(4)
            assert await pool.fetchval("SELECT count(DISTINCT xmin::text) FROM jobs WHERE status = 'running'") == 1

    async def test_a_backlog_is_worked_off_oldest_first_without_being_woken_again(
        self, settings: Settings, jobs: Jobs, gate: Gate, ended: Ended
    ) -> None:
        ix_ids = await insert(jobs, 20)
        gate.open()
        async with working(settings.model_copy(update={"engine_slots": 1}), jobs, into(gate)):
            assert {job.status for job in await ended(*ix_ids)} == {Status.DONE}
        assert gate.order == sorted(ix_ids)

    async def test_a_wake_up_is_never_lost(self, settings: Settings, jobs: Jobs, pool: Pool, gate: Gate) -> None:
        gate.open()
        async with working(settings, jobs, into(gate)) as worker:
            for _ in range(100):
                ix_id = await insert_silently(pool)
                worker.wake()
                assert await gate.entered() == [ix_id]


class TestPressure:
    """A database that is slower than the work."""

    async def test_work_goes_on_when_results_are_stored_that_held_it_up(
        self, settings: Settings, pool: Pool, gate: Gate, ended: Ended, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("ix.engine.claimer.MOST_UNSTORED", 4)
        jobs = SlowJobs(pool)
        ix_ids = await insert(jobs, 30)
        gate.open()
        async with working(settings, jobs, into(gate)) as worker:
            await gate.entered(4)
            async with asyncio.timeout(10):
                while worker._slots.claims or worker._claimer._claiming:
                    await asyncio.sleep(0)
            assert await count(pool, "pending") > 0
            jobs.may_store.set()
            async with asyncio.timeout(10):
                assert {job.status for job in await ended(*ix_ids)} == {Status.DONE}

    async def test_jobs_that_wait_for_nothing_leave_others_their_turn(
        self, settings: Settings, jobs: Jobs, ended: Ended, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # all are claimed at once, so that nothing between two of them waits for the database
        monkeypatch.setattr("ix.engine.claimer.PrefetchWindow.size", lambda window: 50)
        turns: list[str] = []

        async def run(claim: Claim) -> Answer:
            turns.append("job")
            return Answer(to_json(Response()))

        async def other() -> None:
            while "job" not in turns:
                await asyncio.sleep(0)
            turns.append("other")

        ix_ids = await insert(jobs, 50)
        beside = asyncio.create_task(other())
        async with working(settings.model_copy(update={"engine_slots": 1}), jobs, run):
            await ended(*ix_ids)
        await beside
        assert turns.index("other") <= 2


class TestQuarantine:
    async def test_a_job_that_must_run_alone_runs_alone(
        self, settings: Settings, jobs: Jobs, pool: Pool, gate: Gate
    ) -> None:
        before, alone, after = await insert(jobs, 3)
        await quarantine(pool, alone)
        async with working(settings, jobs, into(gate)) as worker:
            assert await gate.entered() == [alone]
            worker.wake()
            assert gate.inside == {alone}
            gate.let_go(alone)
            assert sorted(await gate.entered(2)) == [before, after]

    async def test_several_follow_each_other_at_once(
        self, settings: Settings, jobs: Jobs, pool: Pool, gate: Gate, ended: Ended
    ) -> None:
        ix_ids = await insert(jobs, 5)
        await quarantine(pool, *ix_ids[:3])
        async with working(settings, jobs, into(gate)):
            for expected in ix_ids[:3]:
                assert await gate.entered() == [expected]
                gate.let_go(expected)
            assert sorted(await gate.entered(2)) == ix_ids[3:]
            gate.open()
            await ended(*ix_ids)

    @pytest.mark.parametrize("problem", [None, Problem(code="drill_transient", message="it may pass")])
    async def test_what_ran_before_is_stored_before_one_begins(
        self, settings: Settings, pool: Pool, problem: Problem | None
    ) -> None:
        """It may take the engine down, and with it whatever is on its way: a job that did no harm would spend an
        attempt, and the next."""
        jobs, ran = SlowJobs(pool), asyncio.Queue[str]()
        first, second = await insert(jobs, 2)
        await quarantine(pool, first, second)

        async def run(claim: Claim) -> Answer:
            ran.put_nowait(claim.ix_id)
            if claim.ix_id == first and problem is not None:
                raise TryAgain(problem)
            return Answer(to_json(Response()))

        async with working(settings, jobs, run) as worker, asyncio.timeout(10):
            assert await ran.get() == first
            await jobs.stores.wait()
            worker.wake()
            while worker._claimer._awake.is_set() or worker._claimer._claiming:
                await asyncio.sleep(0)
            assert await count(pool, "running") == 1
            jobs.may_store.set()
            assert await ran.get() == second

    async def test_one_that_is_rescued_while_others_run_starts_when_they_have_ended(
        self, settings: Settings, jobs: Jobs, pool: Pool, gate: Gate
    ) -> None:
        [running] = await insert(jobs, 1)
        async with working(settings, jobs, into(gate)) as worker:
            await gate.entered()
            alone, after = await insert(jobs, 2)
            await quarantine(pool, alone)
            worker.wake()
            gate.let_go(running)
            assert await gate.entered() == [alone]
            gate.let_go(alone)
            assert await gate.entered() == [after]


class TestPrefetch:
    async def test_short_jobs_share_claims_and_commits(
        self, settings: Settings, pool: Pool, gate: Gate, ended: Ended
    ) -> None:
        jobs = Counting(pool)
        ix_ids = await insert(jobs, 1500)
        gate.open()
        async with working(settings.model_copy(update={"engine_slots": 2}), jobs, into(gate)):
            stored = await ended(*ix_ids)
        assert {(job.status, job.attempts) for job in stored} == {(Status.DONE, 1)}
        assert gate.most <= 2
        assert jobs.claims + jobs.finishes < 300, "one by two would be 1500"

    async def test_what_cannot_begin_soon_goes_back_with_no_attempt_spent(
        self, settings: Settings, jobs: Jobs, pool: Pool, log: Log
    ) -> None:
        """Jobs that were claimed ahead for short ones, and stand behind long ones now, are another engine's to take."""
        ix_ids = await insert(jobs, 400)
        long = set(ix_ids[200:])
        held = Gate()

        async def run(claim: Claim) -> Response:
            return await held.enter(claim.ix_id) if claim.ix_id in long else answer()

        async with working(settings, jobs, answered(run)):
            await log.until("job given back")
            while await count(pool, "running") > 4:
                await log.until("job given back|job finished")
            assert await pool.fetchval("SELECT max(attempts) FROM jobs WHERE status = 'pending'") == 0
            held.open()
            while await count(pool, "done") < 400:
                await log.until("job finished")

    async def test_they_go_back_at_the_end_too(self, settings: Settings, jobs: Jobs, pool: Pool, gate: Gate) -> None:
        ix_ids = await insert(jobs, 400)

        async def run(claim: Claim) -> Response:
            return await gate.enter(claim.ix_id) if claim.ix_id in ix_ids[200:] else answer()

        async with working(settings, jobs, answered(run)):
            await gate.entered(4)
        assert await count(pool, "running") == 0
        assert await pool.fetchval("SELECT max(attempts) FROM jobs WHERE status = 'pending'") == 0

    async def test_an_interrupted_one_never_begins(
        self, settings: Settings, jobs: Jobs, pool: Pool, gate: Gate, ended: Ended
    ) -> None:
        """Whether it waits in the engine or in the table when it is cancelled."""
        ix_ids = await insert(jobs, 300)

        async def run(claim: Claim) -> Response:
            return await gate.enter(claim.ix_id) if claim.ix_id in ix_ids[200:] else answer()

        async with working(settings, jobs, answered(run)) as worker:
            await gate.entered(4)
            await Jobs(pool).cancel(ix_ids[-1])
            worker.interrupt(ix_ids[-1])
            gate.open()
            await ended(*ix_ids[:-1])
        assert ix_ids[-1] not in gate.order


@pytest.mark.parametrize("outage", ["cut", "freeze"])
async def test_a_claim_waits_for_the_database(
    settings: Settings, jobs: Jobs, wire: Proxy, gate: Gate, log: Log, outage: str
) -> None:
    quick = settings.model_copy(update={"statement_timeout": 0.3, "acquire_timeout": 0.3})
    async with through(wire, quick) as far, working(settings, far, into(gate)) as worker:
        getattr(wire, outage)()
        await insert(jobs, 1)
        worker.wake()
        await log.until("PostgreSQL does not answer who=worker")
        wire.mend()
        await gate.entered()
