"""Progress: which running jobs an engine tells of, how often, and to whom."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from uuid import uuid4

import asyncpg
import pytest

from ix.config import Settings
from ix.database.connect import Pool
from ix.database.jobs import Jobs, ProgressNews
from ix.database.pool import open_pool
from ix.engine.maintenance import progress
from ix.engine.maintenance.progress import LONGEST_STEP, ProgressReporter, Steps
from ix.job import Claim, Progress
from tests.factories import submission
from tests.logs import Log
from tests.proxy import Proxy


class Ear:
    """What is told on `ix_progress`."""

    def __init__(self) -> None:
        self._told: asyncio.Queue[ProgressNews] = asyncio.Queue()

    def hear(self, *notification: object) -> None:
        self._told.put_nowait(ProgressNews.model_validate_json(str(notification[-1])))

    async def next(self) -> ProgressNews:
        async with asyncio.timeout(10):
            return await self._told.get()

    @property
    def left(self) -> int:
        return self._told.qsize()


@pytest.fixture
async def ear(database_url: str) -> AsyncIterator[Ear]:
    ear, connection = Ear(), await asyncpg.connect(database_url)
    await connection.add_listener("ix_progress", ear.hear)
    yield ear
    await connection.close()


@contextmanager
def running(reporter: ProgressReporter, claim: Claim) -> Iterator[Steps]:
    """The steps of a job, for as long as it runs."""
    steps = reporter.begin(claim)
    try:
        yield steps
    finally:
        reporter.end(steps)


@asynccontextmanager
async def telling(pool: Pool) -> AsyncIterator[ProgressReporter]:
    reporter = ProgressReporter(Jobs(pool, 0.5))
    await reporter.start()
    yield reporter
    await reporter.stop()


async def claimed(jobs: Jobs, number: int = 1, client: str = "acme") -> list[Claim]:
    await jobs.insert_many([submission(client=client) for _ in range(number)])
    return await jobs.claim(uuid4(), number)


async def test_a_job_that_runs_for_long_is_told_of_with_its_step(pool: Pool, jobs: Jobs, ear: Ear) -> None:
    [claim] = await claimed(jobs, client="acme")
    async with telling(pool) as reporter:
        with running(reporter, claim) as steps:
            assert await ear.next() == ProgressNews(client_id="acme", jobs=(Progress(ix_id=claim.ix_id, attempt=1),))
            steps.step("reading", 3, 12)
            assert await ear.next() == ProgressNews(
                client_id="acme", jobs=(Progress(ix_id=claim.ix_id, attempt=1, step="reading", done=3, of=12),)
            )


async def test_short_jobs_are_not_told_of(pool: Pool, jobs: Jobs, ear: Ear) -> None:
    *short, long = await claimed(jobs, 50)
    async with telling(pool) as reporter:
        with running(reporter, long):
            for claim in short:
                with running(reporter, claim) as steps:
                    steps.step("reading")
            assert [job.ix_id for job in (await ear.next()).jobs] == [long.ix_id]


async def test_half_a_second_makes_a_job_long(jobs: Jobs) -> None:
    [claim] = await claimed(jobs)
    steps = Steps(claim, 10.0)
    assert (steps.is_due(10.49), steps.is_due(10.5)) == (False, True)


async def test_steps_that_change_often_are_told_as_they_are_then(pool: Pool, jobs: Jobs, ear: Ear) -> None:
    [claim] = await claimed(jobs)
    async with telling(pool) as reporter:
        with running(reporter, claim) as steps:
            await ear.next()
            for number in range(1000):
                steps.step("reading", number, 999)
                await asyncio.sleep(0)
            while (told := await ear.next()).jobs[0].done != 999:
                assert ear.left == 0
            assert told.jobs[0].of == 999


async def test_jobs_of_one_client_share_a_notification(pool: Pool, jobs: Jobs, ear: Ear) -> None:
    mine, other = await claimed(jobs, 3, client="acme"), await claimed(jobs, client="other")
    async with telling(pool) as reporter:
        with (
            running(reporter, mine[0]),
            running(reporter, mine[1]),
            running(reporter, mine[2]),
            running(reporter, other[0]),
        ):
            told = [await ear.next(), await ear.next()]
    assert {(each.client_id, len(each.jobs)) for each in told} == {("acme", 3), ("other", 1)}


async def test_an_engine_tells_nothing_of_a_job_that_is_not_its_own_any_more(pool: Pool, jobs: Jobs, ear: Ear) -> None:
    taken, kept = await claimed(jobs, 2)
    await jobs.release([taken])
    await jobs.claim(uuid4(), 1)
    async with telling(pool) as reporter:
        with running(reporter, taken), running(reporter, kept):
            assert [job.ix_id for job in (await ear.next()).jobs] == [kept.ix_id]


async def test_a_step_is_repeated_for_those_who_come_late(
    pool: Pool, jobs: Jobs, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "REPEAT_SECONDS", 0.1)
    [claim] = await claimed(jobs)
    async with telling(pool) as reporter:
        with running(reporter, claim) as steps:
            steps.step("asking")
            assert await ear.next() == await ear.next()


async def test_what_could_not_be_told_is_told_later(
    settings: Settings, jobs: Jobs, wire: Proxy, ear: Ear, log: Log
) -> None:
    [claim] = await claimed(jobs)
    far = await open_pool(settings.model_copy(update={"postgres_url": wire.url, "acquire_timeout": 0.5}))
    wire.cut()
    async with telling(far) as reporter:
        with running(reporter, claim) as steps:
            steps.step("asking")
            await log.until("PostgreSQL does not answer who=progress")
            wire.mend()
            assert (await ear.next()).jobs[0].step == "asking"
    await far.close()


async def test_the_longest_notification_fits(pool: Pool, jobs: Jobs, ear: Ear) -> None:
    claims = await claimed(jobs, 40, client="\x01" * 200)
    news = []
    for claim in claims:
        steps = Steps(claim, 0.0)
        steps.step("\U0001d11e" * 500, 10**9, 10**9)
        assert steps.progress().step == "\U0001d11e" * LONGEST_STEP
        news.append((claim, steps.progress()))
    await Jobs(pool).tell_progress(news)
    assert sum([len((await ear.next()).jobs) for _ in range(3)]) == 40


async def test_a_step_is_one_printable_line(jobs: Jobs) -> None:
    [claim] = await claimed(jobs)
    steps = Steps(claim, 0.0)
    steps.step("a\n\u2028b\x00\ud800")
    assert steps.progress().step == "a  b  "
