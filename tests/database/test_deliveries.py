"""Deliveries against a real PostgreSQL: owed in the commit that ends a job, tried by one at a time, closed once."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from ix.database.connect import Pool
from ix.database.deliveries import Deliveries, Due
from ix.database.jobs import Jobs
from ix.job import CallbackStatus, Claim
from tests.chaos.held import ended_or_blocked, single
from tests.factories import answer, submission

URL = "http://receiver.test/hook"
LEASE = 60.0


@pytest.fixture
def deliveries(pool: Pool) -> Deliveries:
    return Deliveries(pool)


async def running(jobs: Jobs) -> Claim:
    await jobs.insert_pending(submission(callback_url=URL))
    claim = await jobs.claim_next_pending(uuid4())
    assert claim is not None
    return claim


async def owed(jobs: Jobs, deliveries: Deliveries) -> Due:
    await jobs.mark_done(await running(jobs), answer())
    (due,) = await deliveries.claim(10, LEASE)
    return due


async def callback_status(jobs: Jobs, ix_id: str) -> CallbackStatus | None:
    job = await jobs.get(ix_id)
    assert job is not None
    return job.callback_status


async def test_whoever_ends_a_job_owes_a_delivery(jobs: Jobs, deliveries: Deliveries, pool: Pool) -> None:
    finished, cancelled, lost = [await running(jobs) for _ in range(3)]
    await jobs.mark_error(finished, "x", "y")
    await Jobs(pool).cancel(cancelled.ix_id)
    await pool.execute("UPDATE jobs SET max_attempts = 1 WHERE ix_id = $1", lost.ix_id)
    await jobs.sweep_orphans(0, 0)
    due = await deliveries.claim(10, LEASE)
    assert {one.job.ix_id: one.job.status for one in due} == {
        finished.ix_id: "error",
        cancelled.ix_id: "cancelled",
        lost.ix_id: "error",
    }
    assert {await callback_status(jobs, one.job.ix_id) for one in due} == {CallbackStatus.PENDING}


async def test_a_job_without_an_address_owes_nothing(jobs: Jobs, deliveries: Deliveries) -> None:
    await jobs.insert_pending(submission())
    claim = await jobs.claim_next_pending(uuid4())
    assert claim is not None
    await jobs.mark_done(claim, answer())
    assert await deliveries.claim(10, LEASE) == []
    assert await deliveries.seconds_to_next() is None


async def test_eight_senders_try_each_delivery_once(jobs: Jobs, deliveries: Deliveries) -> None:
    for _ in range(40):
        await jobs.mark_done(await running(jobs), answer())
    rounds = await asyncio.gather(*(deliveries.claim(3, LEASE) for _ in range(14)))
    tried = [due.delivery_id for found in rounds for due in found]
    assert len(tried) == len(set(tried)) == 40


async def test_a_sender_that_dies_is_followed_by_another_and_its_late_word_is_ignored(
    jobs: Jobs, deliveries: Deliveries
) -> None:
    await jobs.mark_done(await running(jobs), answer())
    (first,) = await deliveries.claim(1, 0)
    (second,) = await deliveries.claim(1, LEASE)
    assert (first.delivery_id, first.attempts, second.attempts) == (second.delivery_id, 1, 2)
    await deliveries.end(first, CallbackStatus.FAILED, "late")
    await deliveries.postpone(first, 0, "late")
    (shown,) = await deliveries.of_job(first.job.ix_id)
    assert (shown.status, shown.outcome) == (CallbackStatus.PENDING, None)


@pytest.mark.parametrize("status", [CallbackStatus.DELIVERED, CallbackStatus.FAILED])
async def test_the_end_shows_in_the_envelope_and_changes_no_status(
    jobs: Jobs, deliveries: Deliveries, status: CallbackStatus
) -> None:
    due = await owed(jobs, deliveries)
    await deliveries.end(due, status, "answered 200")
    job = await jobs.get(due.job.ix_id)
    assert job is not None
    assert (job.status, job.callback_status) == ("done", status)
    assert await deliveries.claim(1, LEASE) == []


async def test_what_is_postponed_is_due_later(jobs: Jobs, deliveries: Deliveries) -> None:
    due = await owed(jobs, deliveries)
    await deliveries.postpone(due, 3600, "answered 503")
    assert await deliveries.claim(1, LEASE) == []
    seconds = await deliveries.seconds_to_next()
    assert seconds is not None
    assert 3500 < seconds <= 3600


async def test_it_can_be_sent_again_and_the_envelope_follows_the_newest(jobs: Jobs, deliveries: Deliveries) -> None:
    first = await owed(jobs, deliveries)
    again = await deliveries.resend(first.job.ix_id)
    assert again is not None
    await deliveries.end(first, CallbackStatus.FAILED, "answered 410")
    assert await callback_status(jobs, first.job.ix_id) is CallbackStatus.PENDING
    (second,) = await deliveries.claim(1, LEASE)
    assert second.delivery_id == again.delivery_id
    await deliveries.end(second, CallbackStatus.DELIVERED, "answered 200")
    assert await callback_status(jobs, first.job.ix_id) is CallbackStatus.DELIVERED


async def test_what_has_not_ended_cannot_be_sent(jobs: Jobs, deliveries: Deliveries) -> None:
    assert await deliveries.resend((await running(jobs)).ix_id) is None


async def test_a_retried_job_takes_back_what_was_not_said_yet(jobs: Jobs, deliveries: Deliveries, pool: Pool) -> None:
    claim = await running(jobs)
    await jobs.mark_done(claim, answer())
    await Jobs(pool).retry(claim.ix_id)
    assert await deliveries.claim(1, LEASE) == []


async def test_an_end_and_a_retry_of_the_job_do_not_wait_for_each_other(
    database_url: str, jobs: Jobs, deliveries: Deliveries, pool: Pool
) -> None:
    due = await owed(jobs, deliveries)
    async with single(database_url) as retrying, single(database_url) as ending, pool.acquire() as watch:
        async with retrying.connection.transaction():
            await retrying.connection.execute("SELECT FROM jobs FOR UPDATE")
            end = asyncio.ensure_future(Deliveries(ending.as_pool).end(due, CallbackStatus.DELIVERED, "answered 200"))
            assert not await ended_or_blocked(end, ending.connection, watch)
            await retrying.connection.execute("DELETE FROM deliveries")
        await end
    assert await deliveries.of_job(due.job.ix_id) == []
    assert await callback_status(jobs, due.job.ix_id) is CallbackStatus.PENDING


async def test_two_secrets_are_valid_while_one_replaces_the_other(jobs: Jobs, deliveries: Deliveries) -> None:
    for key, overlap in ((b"a" * 32, LEASE), (b"b" * 32, LEASE), (b"c" * 32, 0.0)):
        await deliveries.add_secret("other", key, overlap)
    await deliveries.add_secret("acme", b"1" * 32, LEASE)
    await deliveries.add_secret("acme", b"2" * 32, LEASE)
    assert list((await owed(jobs, deliveries)).secrets) == [b"2" * 32, b"1" * 32]


async def test_a_replaced_secret_runs_out(jobs: Jobs, deliveries: Deliveries) -> None:
    await deliveries.add_secret("acme", b"1" * 32, LEASE)
    await deliveries.add_secret("acme", b"2" * 32, 0)
    assert list((await owed(jobs, deliveries)).secrets) == [b"2" * 32]
