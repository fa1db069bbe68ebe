"""Deliveries against a real PostgreSQL: owed in the commit that ends a job, tried by one at a time, closed once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest

from ix.database.actions import Actions, Kind, Wanted
from ix.database.connect import Pool
from ix.database.deliveries import Deliveries, Due, Share, UnderWay
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
    await deliveries.end(first, CallbackStatus.FAILED, "answered 410")
    again = await deliveries.resend(first.job.ix_id)
    assert again is not None
    assert await callback_status(jobs, first.job.ix_id) is CallbackStatus.PENDING
    (second,) = await deliveries.claim(1, LEASE)
    assert second.delivery_id == again.delivery_id
    await deliveries.end(second, CallbackStatus.DELIVERED, "answered 200")
    assert await callback_status(jobs, first.job.ix_id) is CallbackStatus.DELIVERED


async def test_while_one_is_pending_it_is_that_one(jobs: Jobs, deliveries: Deliveries) -> None:
    first = await owed(jobs, deliveries)
    again = await asyncio.gather(*(deliveries.resend(first.job.ix_id) for _ in range(20)))
    assert {one.delivery_id for one in again if one} == {first.delivery_id}
    assert len(await deliveries.of_job(first.job.ix_id)) == 1
    await deliveries.end(first, CallbackStatus.DELIVERED, "answered 200")
    (second,) = await deliveries.claim(10, LEASE)
    assert second.delivery_id != first.delivery_id, "ordered during the try, after which one more follows"
    await deliveries.postpone(second, 0, "answered 500")
    again = await asyncio.gather(*(deliveries.resend(first.job.ix_id) for _ in range(20)))
    assert {one.delivery_id for one in again if one} == {second.delivery_id}
    (third,) = await deliveries.claim(10, LEASE)
    await deliveries.end(third, CallbackStatus.DELIVERED, "answered 200")
    assert len(await deliveries.of_job(first.job.ix_id)) == 2
    assert await deliveries.claim(10, LEASE) == []


@pytest.mark.parametrize("from_web", [False, True])
async def test_a_newer_one_takes_the_place_of_one_that_is_pending(
    jobs: Jobs, deliveries: Deliveries, pool: Pool, from_web: bool
) -> None:
    """As when an older web process orders it again, or a retried job ends while it was ordered."""
    first = await owed(jobs, deliveries)
    if from_web:
        await pool.execute("INSERT INTO deliveries (ix_id, url) VALUES ($1, $2)", first.job.ix_id, URL)
    else:
        await pool.execute(
            "UPDATE jobs SET status = 'pending', finished_at = NULL, callback_status = NULL WHERE ix_id = $1",
            first.job.ix_id,
        )
        claim = await jobs.claim_next_pending(uuid4())
        assert claim is not None
        await jobs.mark_done(claim, answer())
    older, newer = await deliveries.of_job(first.job.ix_id)
    assert (older.delivery_id, older.status) == (first.delivery_id, CallbackStatus.FAILED)
    (due,) = await deliveries.claim(10, LEASE)
    assert due.delivery_id == newer.delivery_id


async def owe(jobs: Jobs, client: str, url: str, number: int) -> None:
    await jobs.insert_many([submission(client=client, callback_url=url) for _ in range(number)])
    await jobs.finish_many([(claim, answer()) for claim in await jobs.claim(uuid4(), number)])


async def test_clients_take_turns_and_so_do_the_hosts_of_each(jobs: Jobs, deliveries: Deliveries) -> None:
    await owe(jobs, "many", "http://one.test/hook", 30)
    await owe(jobs, "many", "http://two.test:81/hook", 3)
    await owe(jobs, "few", URL, 3)
    flows = [(due.job.client_id, due.host) for due in await deliveries.claim(6, LEASE)]
    assert Counter(client for client, _ in flows) == {"many": 3, "few": 3}
    assert {host for client, host in flows if client == "many"} == {"one.test", "two.test:81"}


async def test_none_gets_more_than_its_share(jobs: Jobs, deliveries: Deliveries) -> None:
    for client in "ab":
        for host in ("one", "two", "three"):
            await owe(jobs, client, f"http://{host}.test/", 5)
    share = Share(client=4, host=3, both=2)
    flows = [(due.job.client_id, due.host) for due in await deliveries.claim(30, LEASE, share)]
    under_way = [UnderWay(*flow, tries, 2) for flow, tries in Counter(flows).items()]
    flows += [(due.job.client_id, due.host) for due in await deliveries.claim(30, LEASE, share, under_way)]
    assert max(Counter(client for client, _ in flows).values()) == 4
    assert max(Counter(host for _, host in flows).values()) == 3
    assert max(Counter(flows).values()) == 2
    failing = [UnderWay("a", f"{host}.test", 0, 0) for host in ("one", "two")]
    again = await deliveries.claim(30, LEASE, share, failing)
    assert {due.host for due in again if due.job.client_id == "a"} == {"three.test"}


async def test_the_time_of_a_try_is_the_databases(jobs: Jobs, deliveries: Deliveries, pool: Pool) -> None:
    before = await pool.fetchval("SELECT extract(epoch FROM clock_timestamp())::float8")
    due = await owed(jobs, deliveries)
    assert before <= due.at <= await pool.fetchval("SELECT extract(epoch FROM clock_timestamp())::float8")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Example.com/a?b", "example.com"),
        ("http://u:p@h.test:8080/x@y", "h.test:8080"),
        ("http://[::1]:99#f", "[::1]:99"),
    ],
)
async def test_the_host_of_an_address(pool: Pool, url: str, host: str) -> None:
    assert await pool.fetchval("SELECT host_of($1)", url) == host


async def test_what_has_not_ended_cannot_be_sent(jobs: Jobs, deliveries: Deliveries) -> None:
    assert await deliveries.resend((await running(jobs)).ix_id) is None


async def retry_one(pool: Pool, ix_id: str) -> None:
    assert await Jobs(pool).retry(ix_id)


async def retry_many(pool: Pool, ix_id: str) -> None:
    actions = Actions(pool)
    assert await actions.ask(Wanted(Kind.RETRY, 1, "g", [ix_id]))
    order = await actions.claim(LEASE)
    assert order
    assert await actions.act(order, [ix_id])


@pytest.mark.parametrize("retry", [retry_one, retry_many])
async def test_a_retried_job_takes_back_what_was_not_said_yet_and_says_so(
    jobs: Jobs, deliveries: Deliveries, pool: Pool, retry: Callable[[Pool, str], Awaitable[None]]
) -> None:
    claim = await running(jobs)
    await jobs.mark_done(claim, answer())
    await retry(pool, claim.ix_id)
    assert await deliveries.claim(1, LEASE) == []
    (old,) = await deliveries.of_job(claim.ix_id)
    assert (old.status, old.outcome) == (CallbackStatus.FAILED, "the job runs again")
    # the new end owes its own
    again = await jobs.claim_next_pending(uuid4())
    assert again
    await jobs.mark_done(again, answer())
    assert [one.status for one in await deliveries.of_job(claim.ix_id)] == ["failed", "pending"]


async def test_a_try_under_way_while_its_job_is_retried_changes_nothing(
    jobs: Jobs, deliveries: Deliveries, pool: Pool
) -> None:
    due = await owed(jobs, deliveries)
    await deliveries.resend(due.job.ix_id)
    await retry_one(pool, due.job.ix_id)
    await deliveries.end(due, CallbackStatus.DELIVERED, "answered 200")
    (old,) = await deliveries.of_job(due.job.ix_id)
    assert (old.status, old.outcome) == (CallbackStatus.FAILED, "the job runs again")
    assert await callback_status(jobs, due.job.ix_id) is None


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
