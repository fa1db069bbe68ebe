"""Workers that a test starts, the jobs that it gives them, and what it counts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

from ix.config import Settings
from ix.database.connect import Pool
from ix.database.jobs import EndedRun, Finish, Jobs
from ix.database.pool import open_pool
from ix.engine.answer import Answer
from ix.engine.worker import Worker
from ix.job import Claim, Response
from tests.cases import Gate, answered
from tests.factories import submission
from tests.proxy import Proxy

Run = Callable[[Claim], Awaitable[Answer]]


@asynccontextmanager
async def working(settings: Settings, jobs: Jobs, run: Run) -> AsyncIterator[Worker]:
    """A worker that has started; nothing but the test wakes it."""
    worker = Worker(settings, uuid4(), jobs, run)
    await worker.start()
    try:
        yield worker
    finally:
        await worker.drain(0.05)


def into(gate: Gate) -> Run:
    """Runs each job through the gate."""

    async def run(claim: Claim) -> Response:
        return await gate.enter(claim.ix_id)

    return answered(run)


async def insert(jobs: Jobs, number: int) -> list[str]:
    """Jobs, oldest first: one statement numbers them in the order of their keys."""
    return sorted(inserted.job.ix_id for inserted in await jobs.insert_many([submission() for _ in range(number)]))


async def quarantine(pool: Pool, *ix_ids: str) -> None:
    """As if each had taken an engine down once."""
    await pool.execute("UPDATE jobs SET quarantined = true WHERE ix_id = ANY($1::text[])", list(ix_ids))


async def count(pool: Pool, status: str) -> int:
    return int(await pool.fetchval("SELECT count(*) FROM jobs WHERE status = $1", status))


class Counting(Jobs):
    """Counts its statements."""

    claims = finishes = 0

    async def claim(
        self, engine_id: UUID, limit: int, among_queues: bool = False, passing_over: Sequence[str] = ()
    ) -> list[Claim]:
        self.claims += 1
        return await super().claim(engine_id, limit, among_queues, passing_over)

    async def finish_many(self, ended: Sequence[EndedRun]) -> list[Finish]:
        self.finishes += 1
        return await super().finish_many(ended)


@asynccontextmanager
async def through(wire: Proxy | None, settings: Settings) -> AsyncIterator[Jobs]:
    """A repository of the worker's own, so that a test may break its connections."""
    pool = await open_pool(settings.model_copy(update={"postgres_url": wire.url}) if wire else settings)
    yield Jobs(pool)
    pool.terminate()
