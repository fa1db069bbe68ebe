"""What a worker that is stopped does with what it holds: nothing is lost, and no attempt is spent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID, uuid4

from ix.config import Settings
from ix.database.connect import Pool
from ix.database.jobs import EndedRun, Finish, Jobs
from ix.engine.worker import Worker
from ix.job import Claim, Job, Response, Status
from tests.cases import answered
from tests.factories import answer, submission


class SlowJobs(Jobs):
    """The real repository on a slow line: a claim's answer, or a finish, is held up until `go`."""

    def __init__(self, pool: Pool, slow: str) -> None:
        super().__init__(pool)
        self._slow, self.held, self.go = slow, asyncio.Event(), asyncio.Event()

    async def claim(
        self, engine_id: UUID, limit: int, among_queues: bool = False, passing_over: Sequence[str] = ()
    ) -> list[Claim]:
        claims = await super().claim(engine_id, limit, among_queues, passing_over)
        await self._hold("claim")
        return claims

    async def finish_many(self, ended: Sequence[EndedRun]) -> list[Finish]:
        await self._hold("finish")
        return await super().finish_many(ended)

    async def _hold(self, what: str) -> None:
        if what == self._slow:
            self.held.set()
            await self.go.wait()


async def drained(settings: Settings, jobs: SlowJobs) -> Job:
    """The job that a worker held when it was stopped."""
    ix_id = (await jobs.insert_pending(submission())).job.ix_id

    async def run(_: Claim) -> Response:
        return answer(kept=True)

    worker = Worker(settings, uuid4(), jobs, answered(run))
    await worker.start()
    await jobs.held.wait()
    draining = asyncio.create_task(worker.drain(0.01))
    asyncio.get_running_loop().call_later(0.1, jobs.go.set)
    await draining
    job = await jobs.get(ix_id)
    assert job is not None
    return job


async def test_a_claim_on_its_way_is_given_back(settings: Settings, pool: Pool) -> None:
    job = await drained(settings, SlowJobs(pool, "claim"))
    assert (job.status, job.attempts) == (Status.PENDING, 0)


async def test_a_result_on_its_way_is_stored(settings: Settings, pool: Pool) -> None:
    job = await drained(settings, SlowJobs(pool, "finish"))
    assert (job.status, job.attempts) == (Status.DONE, 1)
