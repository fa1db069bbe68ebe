"""Batches against a real PostgreSQL: closed once, ended once, told once, whoever ends what when."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import uuid4

import asyncpg
import pytest

from ix.database.actions import Actions, Kind, Wanted
from ix.database.batches import MOST_COUNTED, NO_BATCH, Batches
from ix.database.channels import BATCHES_CHANNEL
from ix.database.connect import Pool
from ix.database.deliveries import Deliveries
from ix.database.jobs import Jobs, Listing, Outcome
from ix.job import Batch, BatchStatus, CallbackStatus, Claim
from tests.chaos.held import ended_or_blocked, single
from tests.database.test_parts import TWO, split
from tests.factories import answer, submission

URL = "http://receiver.test/all"


@pytest.fixture
def batches(pool: Pool) -> Batches:
    return Batches(pool)


async def declared(batches: Batches, url: str | None = URL, name: str = "b") -> None:
    assert await batches.declare("acme", name, url)


async def running(jobs: Jobs, number: int = 1, name: str = "b") -> Sequence[Claim]:
    """So many jobs of an open batch, which run."""
    await jobs.insert_many([submission(batch_id=name) for _ in range(number)])
    return await jobs.claim(uuid4(), number)


async def found(batches: Batches, name: str = "b") -> Batch:
    batch = await batches.get("acme", name)
    assert batch is not None
    return batch


async def told(pool: Pool) -> list[str]:
    return [row["batch_id"] for row in await pool.fetch("SELECT batch_id FROM deliveries WHERE ix_id IS NULL")]


async def test_it_ends_once_closed_with_the_last_of_its_jobs(batches: Batches, jobs: Jobs, pool: Pool) -> None:
    await declared(batches)
    first, second = await running(jobs, 2)
    await jobs.mark_done(first, answer())
    assert await batches.end_ready() == [], "it is open"
    await batches.close("acme", "b")
    assert await batches.end_ready() == [], "a job runs"
    assert (await found(batches)).status is BatchStatus.CLOSED
    await jobs.mark_error(second, "x", "y")
    assert await batches.end_ready() == [("acme", "b")]
    assert await batches.end_ready() == []
    batch = await found(batches)
    assert (batch.status, batch.callback_status) == (BatchStatus.ENDED, CallbackStatus.PENDING)
    assert batch.jobs.model_dump() == {"total": 2, "status": {"done": 1, "error": 1}, "at_least": False}
    assert await told(pool) == ["b"]


async def test_one_without_jobs_ends_when_it_is_closed(batches: Batches, pool: Pool) -> None:
    await declared(batches)
    await batches.close("acme", "b")
    assert await batches.end_ready() == [("acme", "b")]
    await batches.close("acme", "b")
    assert await batches.end_ready() == []
    assert await told(pool) == ["b"]


async def test_one_that_nobody_wants_to_hear_of_ends_untold(batches: Batches, pool: Pool) -> None:
    await declared(batches, None)
    await batches.close("acme", "b")
    assert await batches.end_ready() == [("acme", "b")]
    assert ((await found(batches)).callback_status, await told(pool)) == (None, [])


async def test_many_engines_that_end_the_last_jobs_at_once_tell_of_it_once(
    batches: Batches, jobs: Jobs, pool: Pool
) -> None:
    for name in map(str, range(20)):
        await declared(batches, name=name)
        claims = await running(jobs, 4, name)
        await batches.close("acme", name)

        async def engine(claim: Claim) -> None:
            await jobs.mark_done(claim, answer())
            await batches.end_ready()

        await asyncio.gather(*map(engine, claims))
        assert (await found(batches, name)).status is BatchStatus.ENDED
    assert sorted(await told(pool)) == sorted(map(str, range(20)))


async def test_an_end_that_is_not_committed_is_none_and_holds_nobody_up(
    batches: Batches, jobs: Jobs, database_url: str
) -> None:
    await declared(batches)
    first, second = await running(jobs, 2)
    await batches.close("acme", "b")
    async with single(database_url) as other:
        transaction = other.connection.transaction()
        await transaction.start()
        await Jobs(other.as_pool).mark_done(first, answer())
        # of the same batch: a counter would make it wait
        async with asyncio.timeout(5):
            await jobs.mark_done(second, answer())
        assert await batches.end_ready() == []
        await transaction.commit()
        assert await batches.end_ready() == [("acme", "b")]


async def test_closing_waits_for_what_is_being_submitted(
    batches: Batches, jobs: Jobs, pool: Pool, database_url: str
) -> None:
    await declared(batches)
    async with single(database_url) as slow, single(database_url) as other, pool.acquire() as watch:
        transaction = slow.connection.transaction()
        await transaction.start()
        await Jobs(slow.as_pool).insert_pending(submission(batch_id="b"))
        # another submission does not
        async with asyncio.timeout(5):
            await jobs.insert_pending(submission(batch_id="b"))
        closing = asyncio.ensure_future(Batches(other.as_pool).close("acme", "b"))
        assert not await ended_or_blocked(closing, other.connection, watch)
        await transaction.commit()
        await closing
        assert (await found(batches)).jobs.total == 2
        assert await batches.end_ready() == []


@pytest.mark.parametrize("known", [True, False])
async def test_no_job_comes_into_one_that_is_closed_or_unknown(batches: Batches, jobs: Jobs, known: bool) -> None:
    if known:
        await declared(batches)
        first = submission(batch_id="b", document=b"a")
        await jobs.insert_pending(first)
        await batches.close("acme", "b")
        assert (await jobs.insert_pending(first)).outcome is Outcome.SAME, "a repetition is no new job"
    for late in (submission(batch_id="b"), submission(batch_id="b", client="other")):
        with pytest.raises(asyncpg.PostgresError) as refused:
            await jobs.insert_pending(late)
        assert refused.value.sqlstate == NO_BATCH


@pytest.mark.parametrize("kind", ["cancel", "erase", "sweep", "action"])
async def test_whatever_ends_the_last_job_is_told_to_engines(
    batches: Batches, jobs: Jobs, pool: Pool, database_url: str, kind: str
) -> None:
    await declared(batches)
    [claim] = await running(jobs)
    await batches.close("acme", "b")
    heard = asyncio.Event()
    async with single(database_url) as listening:
        await listening.connection.add_listener(BATCHES_CHANNEL, lambda *_: heard.set())
        match kind:
            case "cancel":
                await jobs.cancel(claim.ix_id)
            case "erase":
                await jobs.erase(claim.ix_id)
            case "sweep":
                await pool.execute("UPDATE jobs SET max_attempts = 1")
                await jobs.sweep_orphans(0, 0)
            case "action":
                actions = Actions(pool)
                await actions.ask(Wanted(Kind.ERASE, 1, "f" * 16, ix_ids=[claim.ix_id]))
                order = await actions.claim(60.0)
                assert order is not None
                await actions.act(order, [claim.ix_id])
        async with asyncio.timeout(10):
            await heard.wait()
    assert await batches.end_ready() == [("acme", "b")]
    assert await told(pool) == ["b"]


async def test_a_job_that_runs_again_before_the_end_counts_and_after_it_changes_nothing(
    batches: Batches, jobs: Jobs, pool: Pool
) -> None:
    await declared(batches)
    [claim] = await running(jobs)
    await jobs.mark_error(claim, "x", "y")
    await jobs.retry(claim.ix_id)
    await batches.close("acme", "b")
    assert await batches.end_ready() == []
    [claim] = await jobs.claim(uuid4(), 1)
    await jobs.mark_done(claim, answer())
    assert await batches.end_ready() == [("acme", "b")]
    await jobs.retry(claim.ix_id)
    [claim] = await jobs.claim(uuid4(), 1)
    assert ((await found(batches)).status, (await found(batches)).jobs.status) == (BatchStatus.ENDED, {"running": 1})
    await jobs.mark_done(claim, answer())
    assert (await batches.end_ready(), await told(pool)) == ([], ["b"])


async def test_parts_belong_to_the_batch_of_their_parent_though_it_is_closed(
    batches: Batches, jobs: Jobs, pool: Pool
) -> None:
    await declared(batches)
    parent, parts = await split(jobs, batch_id="b", tags={"department": "sales"})
    await batches.close("acme", "b")
    heads = [await jobs.head(one.ix_id) for one in parts]
    assert [(head.batch_id, head.tags) for head in heads if head] == [("b", {"department": "sales"})] * 2
    assert (await found(batches)).jobs.status == {"running": 3}
    await jobs.finish_many([(one, answer()) for one in parts])
    assert await batches.end_ready() == [], "their parent is not done yet"
    assert await jobs.gather() == [parent.ix_id]
    assert await batches.end_ready() == [("acme", "b")]
    assert (await found(batches)).jobs.status == {"done": 3}


async def test_a_parent_that_is_split_after_the_close_keeps_it_from_ending(batches: Batches, jobs: Jobs) -> None:
    await declared(batches)
    await jobs.insert_pending(submission(batch_id="b", document=b"a stack of two"))
    [claim] = await jobs.claim(uuid4(), 1)
    await batches.close("acme", "b")
    await jobs.split(claim, TWO, {})
    assert await batches.end_ready() == []


async def test_its_callback_is_a_delivery_like_others(batches: Batches, jobs: Jobs, pool: Pool) -> None:
    deliveries = Deliveries(pool)
    await deliveries.add_secret("acme", b"s" * 32, 0)
    await declared(batches)
    [claim] = await running(jobs)
    await jobs.mark_done(claim, answer())
    await batches.close("acme", "b")
    await batches.end_ready()
    [due] = await deliveries.claim(10, 60.0)
    assert isinstance(due.about, Batch)
    assert (due.url, due.host, due.secrets, due.about.batch_id) == (URL, "receiver.test", [b"s" * 32], "b")
    assert due.about.jobs.status == {"done": 1}
    await deliveries.postpone(due, 0, "answered 500")
    [again] = await deliveries.claim(10, 60.0)
    await deliveries.end(due, CallbackStatus.FAILED, "late")
    assert (await found(batches)).callback_status == "pending", "another try has begun"
    await deliveries.end(again, CallbackStatus.DELIVERED, "answered 200")
    assert (await found(batches)).callback_status == "delivered"
    assert await deliveries.claim(10, 60.0) == []


async def test_retention_takes_those_without_jobs(batches: Batches, jobs: Jobs, pool: Pool) -> None:
    for name in ("owes", "has", "open", "young"):
        await declared(batches, URL if name == "owes" else None, name)
    await jobs.insert_pending(submission(batch_id="has"))
    for name in ("owes", "has"):
        await batches.close("acme", name)
    await batches.end_ready()
    await pool.execute("UPDATE batches SET created_at = now() - interval '9 days' WHERE batch_id <> 'young'")
    assert await batches.prune(5) == 1
    assert [name for name in ("owes", "has", "open", "young") if await batches.get("acme", name)] == [
        *("owes", "has", "young")
    ]
    await pool.execute("UPDATE batches SET callback_status = 'failed' WHERE batch_id = 'owes'")
    await jobs.cancel((await jobs.page(Listing()))[0].ix_id)
    await batches.end_ready()
    await pool.execute("UPDATE batches SET ended_at = now() - interval '9 days' WHERE ended_at IS NOT NULL")
    assert await batches.prune(5) == 1, "one has a job"
    await pool.execute("DELETE FROM jobs")
    assert await batches.prune(5) == 1
    assert await told(pool) == [], "its deliveries went with it"


async def test_counts_stop(batches: Batches, pool: Pool) -> None:
    await declared(batches)
    await pool.execute(
        "INSERT INTO jobs (client_id, request_id, use_case, fingerprint, max_attempts, request, batch_id) "
        "SELECT 'acme', n::text, CASE WHEN n % 2 = 0 THEN 'drill' ELSE 'x' END, sha256(''), 1, '{}', 'b' "
        "FROM generate_series(0, $1) AS n",
        MOST_COUNTED,
    )
    jobs = (await found(batches)).jobs
    assert (jobs.total, jobs.at_least) == (MOST_COUNTED, True)
    only = await batches.get("acme", "b", {"drill"})
    assert only is not None
    assert (only.jobs.total, only.jobs.at_least) == (MOST_COUNTED // 2 + 1, False)
