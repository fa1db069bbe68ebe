"""The worker: what jobs came to is stored whatever the database does, and what does not come to its end goes back."""

from __future__ import annotations

import asyncio
from typing import cast
from uuid import uuid4

from pydantic_core import to_json

from ix.config import Settings
from ix.database.connect import Pool
from ix.database.jobs import Jobs
from ix.engine import runner
from ix.engine.answer import Answer
from ix.engine.finisher import LONGEST_BACKOFF, backoff
from ix.engine.runner import TryAgain
from ix.job import Claim, Problem, Status
from ix.use_cases import Context
from ix.use_cases.drill import USE_CASE
from tests.cases import Gate
from tests.engine.conftest import Ended
from tests.engine.working import count, insert, into, through, working
from tests.factories import answer
from tests.logs import Log
from tests.proxy import Proxy

CUT_ALL = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""


class TestAgain:
    async def test_not_before_the_time_that_whoever_failed_asks_for(
        self, settings: Settings, jobs: Jobs, pool: Pool
    ) -> None:
        [ix_id] = await insert(jobs, 1)

        async def run(claim: Claim) -> Answer:
            raise TryAgain(Problem(code="model_overloaded", message="busy"), after=100)

        async with working(settings.model_copy(update={"retry_delay": 1.0}), jobs, run) as worker, asyncio.timeout(10):
            while await count(pool, "scheduled") == 0:
                await worker._finisher.wait_until_stored()
        pause = await pool.fetchval(
            "SELECT extract(epoch FROM run_at - clock_timestamp()) FROM jobs WHERE ix_id = $1", ix_id
        )
        assert 90 <= pause <= 150

    def test_nobody_can_put_a_job_off_for_long(self) -> None:
        pauses = [backoff(1, 1.0, 1e9) for _ in range(100)]
        assert LONGEST_BACKOFF <= min(pauses) <= max(pauses) <= 1.5 * LONGEST_BACKOFF


async def test_an_error_of_the_engines_own_ends_the_job_and_leaves_the_slot(
    settings: Settings, jobs: Jobs, ended: Ended
) -> None:
    ix_ids = await insert(jobs, 20)

    async def run(claim: Claim) -> Answer:
        raise RuntimeError("canary")

    async with working(settings.model_copy(update={"engine_slots": 1}), jobs, run):
        stored = await ended(*ix_ids)
    assert {job.response.error.code for job in stored if job.response and job.response.error} == {"engine_failed"}


async def test_a_stored_request_that_cannot_be_read_ends_its_job(jobs: Jobs, pool: Pool) -> None:
    await insert(jobs, 1)
    await pool.execute("UPDATE jobs SET request = '{\"documents\": 5}'")
    [claim] = await jobs.claim(uuid4(), 1)
    assert claim.request is None
    assert (await runner.run(claim, {"drill": USE_CASE}, cast(Context, None), Settings())).error == "request_unreadable"


class TestFinish:
    async def test_a_stale_finish_is_refused(
        self, settings: Settings, jobs: Jobs, pool: Pool, gate: Gate, log: Log
    ) -> None:
        [ix_id] = await insert(jobs, 1)
        async with working(settings, jobs, into(gate)):
            await gate.entered()
            await pool.execute("UPDATE jobs SET claim_token = gen_random_uuid()")
            gate.open()
            await log.until(f"finish refused.* ix_id={ix_id}")
        job = await jobs.get(ix_id)
        assert job is not None
        assert (job.status, job.response) == (Status.RUNNING, None)

    async def test_is_tried_again_until_the_database_answers(
        self, settings: Settings, jobs: Jobs, wire: Proxy, gate: Gate, log: Log
    ) -> None:
        ix_ids = await insert(jobs, 3)
        async with through(wire, settings) as far, working(settings, far, into(gate)):
            await gate.entered(3)
            wire.cut()
            gate.open()
            for _ in range(4):
                await log.until("finish delayed")
            wire.mend()
            for _ in ix_ids:
                await log.until("job finished")
        stored = [await jobs.get(ix_id) for ix_id in ix_ids]
        assert [(job.status, job.attempts) for job in stored if job] == [(Status.DONE, 1)] * 3

    async def test_whose_answer_was_lost_is_stored_once(
        self, settings: Settings, jobs: Jobs, wire: Proxy, gate: Gate, log: Log, ended: Ended
    ) -> None:
        first, ix_id = await insert(jobs, 2)
        async with (
            through(wire, settings.model_copy(update={"pool_size": 1})) as far,
            working(settings, far, into(gate)),
        ):
            await gate.entered(2)
            # a connection's first finish asks the server to prepare the statement: only a later one is a single message
            gate.let_go(first)
            await log.until(f"job finished ix_id={first}")
            wire.swallow_answers()
            gate.open()
            [stored] = await ended(ix_id)
            wire.cut()
            await log.until("finish delayed")
            wire.mend()
            await log.until("job finished")
        assert await jobs.get(ix_id) == stored
        assert (stored.status, stored.attempts) == (Status.DONE, 1)

    async def test_survives_the_death_of_every_backend(
        self, settings: Settings, jobs: Jobs, pool: Pool, gate: Gate, log: Log, ended: Ended
    ) -> None:
        ix_ids = await insert(jobs, 4)
        async with through(None, settings) as far, working(settings, far, into(gate)):
            await gate.entered(4)
            await pool.execute(CUT_ALL)
            gate.open()
            stored = await ended(*ix_ids)
        assert {(job.status, job.attempts) for job in stored} == {(Status.DONE, 1)}

    async def test_what_postgresql_refuses_ends_in_error_and_its_neighbours_do_not(
        self, settings: Settings, jobs: Jobs, ended: Ended
    ) -> None:
        ix_ids = await insert(jobs, 3)

        async def run(claim: Claim) -> Answer:
            return Answer(to_json(answer(text="a\x00b" if claim.ix_id == ix_ids[1] else "ab")))

        async with working(settings, jobs, run):
            stored = await ended(*ix_ids)
        assert [job.status for job in stored] == [Status.DONE, Status.ERROR, Status.DONE]
        assert stored[1].response is not None
        assert stored[1].response.error is not None
        assert stored[1].response.error.code == "response_unstorable"


class TestDrain:
    async def test_gives_running_jobs_back_with_no_attempt_spent(
        self, settings: Settings, jobs: Jobs, pool: Pool, gate: Gate, log: Log
    ) -> None:
        ix_ids = await insert(jobs, 2)
        async with working(settings, jobs, into(gate)):
            await gate.entered(2)
        assert gate.inside == set()
        stored = [await jobs.get(ix_id) for ix_id in ix_ids]
        assert [(job.status, job.attempts, job.started_at) for job in stored if job] == [(Status.PENDING, 0, None)] * 2

    async def test_lets_jobs_end_that_can_and_claims_no_more(self, settings: Settings, jobs: Jobs, gate: Gate) -> None:
        ix_ids = await insert(jobs, 5)
        async with working(settings, jobs, into(gate)) as worker:
            await gate.entered(4)
            draining = asyncio.create_task(worker.drain(10))
            await asyncio.sleep(0)
            gate.open()
            await draining
        stored = [await jobs.get(ix_id) for ix_id in ix_ids]
        assert [job.status for job in stored if job] == [Status.DONE] * 4 + [Status.PENDING]

    async def test_wakes_another_engine_with_what_it_gives_back(
        self, settings: Settings, jobs: Jobs, gate: Gate, ended: Ended
    ) -> None:
        [ix_id] = await insert(jobs, 1)
        async with working(settings, jobs, into(gate)):
            await gate.entered()
        gate.open()
        async with working(settings, jobs, into(gate)):
            [job] = await ended(ix_id)
        assert job.attempts == 1
