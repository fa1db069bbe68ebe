"""Callbacks against a real receiver: delivered at least once, tried again, given up, and never the job's business."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest

from ix import callbacks as module
from ix.callbacks import Callbacks
from ix.config import Settings
from ix.db import Pool
from ix.engine.sweeper import Upkeep
from ix.fleet import FleetRepo
from ix.job import CallbackStatus, Job, Status
from ix.outbound import Outbound
from ix.repo import JobsRepo
from tests.factories import answer, submission
from tests.logs import Log, heard
from tests.receiver import Receiver, hang, receiver, status


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_DELAY", 0.01)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"allow_hosts": ("127.0.0.1",), "callback_retries": 2, "callback_timeout": 0.3})


@pytest.fixture
def log() -> Iterator[Log]:
    with heard() as log:
        yield log


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as there:
        yield there


@pytest.fixture
async def callbacks(settings: Settings, repo: JobsRepo) -> AsyncIterator[Callbacks]:
    outbound = Outbound(settings)
    callbacks = Callbacks(settings, repo, outbound)
    yield callbacks
    await callbacks.stop(0)
    await outbound.aclose()


async def ended(repo: JobsRepo, url: str | None) -> Job:
    """A job that has just ended, whose client wants to be called."""
    job = (await repo.insert_pending(submission(callback_url=url))).job
    claim = await repo.claim_next_pending(uuid4())
    assert claim is not None
    await repo.mark_done(claim, answer(total=42))
    return await now(repo, job)


async def now(repo: JobsRepo, job: Job) -> Job:
    found = await repo.get(job.ix_id)
    assert found is not None
    return found


async def deliver(callbacks: Callbacks, repo: JobsRepo, job: Job) -> CallbackStatus | None:
    """How the callback went. Nothing else of the job may have changed."""
    callbacks.deliver(job.ix_id)
    await callbacks.stop(10)
    after = await now(repo, job)
    assert after.model_copy(update={"callback_status": job.callback_status}) == job
    return after.callback_status


async def test_the_envelope_arrives_once(callbacks: Callbacks, repo: JobsRepo, there: Receiver) -> None:
    job = await ended(repo, there.url)
    assert job.callback_status is CallbackStatus.PENDING
    assert await deliver(callbacks, repo, job) is CallbackStatus.DELIVERED
    [received] = there.received
    assert received.headers["content-type"] == "application/json"
    assert received.json() == job.model_copy(update={"callback_status": None}).model_dump(mode="json")


async def test_a_receiver_that_stumbles_is_tried_again(callbacks: Callbacks, repo: JobsRepo, there: Receiver, log: Log) -> None:
    there.answers += [status(500), status(302, location="http://127.0.0.1:1/")]
    assert await deliver(callbacks, repo, await ended(repo, there.url)) is CallbackStatus.DELIVERED
    assert len(there.received) == 3
    assert len({received.body for received in there.received}) == 1
    assert 'number=1 why="answered 500"' in await log.until("callback failed")


async def test_one_that_never_takes_it_is_given_up(callbacks: Callbacks, repo: JobsRepo, there: Receiver, log: Log) -> None:
    there.answers += [status(500, b"canary")] * 9
    job = await ended(repo, there.url)
    assert await deliver(callbacks, repo, job) is CallbackStatus.FAILED
    assert job.status is Status.DONE
    assert len(there.received) == 3
    await log.until("callback failed for good")
    assert "canary" not in "\n".join(log.lines)


async def test_one_that_does_not_answer_has_a_time_limit(callbacks: Callbacks, repo: JobsRepo, there: Receiver, log: Log) -> None:
    there.answers.append(hang)
    assert await deliver(callbacks, repo, await ended(repo, there.url)) is CallbackStatus.DELIVERED
    assert "no answer within 0.3 s" in await log.until("callback failed")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://no-longer-allowed.test/"])
async def test_one_that_cannot_be_reached_is_given_up(callbacks: Callbacks, repo: JobsRepo, url: str) -> None:
    assert await deliver(callbacks, repo, await ended(repo, url)) is CallbackStatus.FAILED


async def test_a_delivery_under_way_is_not_begun_again(callbacks: Callbacks, repo: JobsRepo, there: Receiver) -> None:
    job = await ended(repo, there.url)
    callbacks.deliver(job.ix_id)
    assert await deliver(callbacks, repo, job) is CallbackStatus.DELIVERED
    assert len(there.received) == 1


async def test_a_job_that_wants_no_callback_gets_none(callbacks: Callbacks, repo: JobsRepo) -> None:
    assert await deliver(callbacks, repo, await ended(repo, None)) is None


async def test_one_slow_receiver_does_not_hold_up_the_others(callbacks: Callbacks, repo: JobsRepo, there: Receiver, log: Log) -> None:
    there.answers.append(hang)
    slow = await ended(repo, there.url)
    callbacks.deliver(slow.ix_id)
    await asyncio.to_thread(there.until, 1)
    jobs = [await ended(repo, there.url) for _ in range(5)]
    for job in jobs:
        callbacks.deliver(job.ix_id)
    for _ in jobs:
        assert slow.ix_id not in await log.until("callback delivered")


async def test_what_a_stop_cuts_off_stays_owed_and_another_engine_pays(
    settings: Settings, repo: JobsRepo, fleet: FleetRepo, pool: Pool, callbacks: Callbacks, there: Receiver, log: Log
) -> None:
    there.answers.append(hang)
    job = await ended(repo, there.url)
    callbacks.deliver(job.ix_id)
    await asyncio.to_thread(there.until, 1)
    await callbacks.stop(0)
    assert (await now(repo, job)).callback_status is CallbackStatus.PENDING
    await pool.execute("UPDATE jobs SET finished_at = now() - $1 * interval '1 second'", callbacks.overdue_after + 1)
    await Upkeep(repo, fleet, callbacks).look()
    await log.until("callback delivered")
    await callbacks.stop(5)
    assert (await now(repo, job)).callback_status is CallbackStatus.DELIVERED
