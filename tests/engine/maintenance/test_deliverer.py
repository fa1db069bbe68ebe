"""The deliverer over real HTTP: woken at once, patient with receivers, signed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest

from ix import callbacks
from ix.config import Settings
from ix.database.connect import Pool
from ix.database.deliveries import Deliveries, Delivery
from ix.database.jobs import Jobs
from ix.engine.maintenance.deliverer import MOST_AT_ONCE, SHARE, Deliverer
from ix.job import CallbackStatus
from ix.outbound import Outbound
from tests.factories import answer, submission
from tests.receiver import Receiver, hang, receiver, status


@pytest.fixture
def service() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


@pytest.fixture
def deliveries(pool: Pool) -> Deliveries:
    return Deliveries(pool)


@pytest.fixture
async def deliverer(settings: Settings, deliveries: Deliveries) -> AsyncIterator[Deliverer]:
    settings = settings.model_copy(update={"allow_hosts": ("127.0.0.1",), "callback_timeout": 2.0})
    outbound = Outbound(settings)
    made = Deliverer(settings, deliveries, outbound)
    await made.start()
    yield made
    await made.stop()
    await outbound.aclose()


async def end_job(jobs: Jobs, url: str) -> str:
    await jobs.insert_pending(submission(callback_url=url))
    claim = await jobs.claim_next_pending(uuid4())
    assert claim is not None
    await jobs.mark_done(claim, answer())
    return claim.ix_id


async def tried(deliveries: Deliveries, ix_id: str) -> Delivery:
    """The job's delivery once a try has come to something."""
    async with asyncio.timeout(10):
        while True:
            (found,) = await deliveries.of_job(ix_id)
            if found.outcome is not None:
                return found
            await asyncio.sleep(0.01)


async def test_an_ended_job_is_told_signed(
    deliverer: Deliverer, deliveries: Deliveries, jobs: Jobs, service: Receiver
) -> None:
    key, _ = callbacks.new_secret()
    await deliveries.add_secret("acme", key, 60)
    ix_id = await end_job(jobs, service.url)
    deliverer.wake()
    assert (await tried(deliveries, ix_id)).status is CallbackStatus.DELIVERED
    (got,) = service.received
    stamp = int(got.headers["webhook-timestamp"])
    assert got.headers["webhook-signature"] == callbacks.signature(key, got.headers["webhook-id"], stamp, got.body)
    assert got.json()["data"]["ix_id"] == ix_id


async def test_a_failure_is_tried_again_under_the_same_id(
    deliverer: Deliverer, deliveries: Deliveries, jobs: Jobs, service: Receiver, pool: Pool
) -> None:
    service.answers.append(status(500))
    ix_id = await end_job(jobs, service.url)
    deliverer.wake()
    first = await tried(deliveries, ix_id)
    assert (first.status, first.attempts, first.outcome) == (CallbackStatus.PENDING, 1, "answered 500")
    assert 4 < (first.due_at - first.created_at).total_seconds() < 8
    await pool.execute("UPDATE deliveries SET due_at = now()")
    deliverer.wake()
    ids = {got.headers["webhook-id"] for got in await asyncio.to_thread(service.until, 2)}
    assert ids == {first.delivery_id}


async def test_a_redirect_is_a_failure_and_not_followed(
    deliverer: Deliverer, deliveries: Deliveries, jobs: Jobs, service: Receiver
) -> None:
    service.answers.append(status(307, location=service.url))
    ix_id = await end_job(jobs, service.url)
    deliverer.wake()
    assert (await tried(deliveries, ix_id)).outcome == "answered 307"
    assert len(service.received) == 1


async def test_gone_ends_it(deliverer: Deliverer, deliveries: Deliveries, jobs: Jobs, service: Receiver) -> None:
    service.answers.append(status(410))
    ix_id = await end_job(jobs, service.url)
    deliverer.wake()
    assert (await tried(deliveries, ix_id)).status is CallbackStatus.FAILED


async def test_receivers_that_hang_do_not_hold_up_the_others(
    deliverer: Deliverer, deliveries: Deliveries, jobs: Jobs, service: Receiver
) -> None:
    with receiver() as slow:
        slow.answers.extend([hang] * MOST_AT_ONCE)
        for _ in range(MOST_AT_ONCE):
            await end_job(jobs, slow.url)
        deliverer.wake()
        await asyncio.to_thread(slow.until, SHARE.both)
        began = asyncio.get_running_loop().time()
        quick = [await end_job(jobs, service.url) for _ in range(5)]
        deliverer.wake()
        for ix_id in quick:
            assert (await tried(deliveries, ix_id)).status is CallbackStatus.DELIVERED
        assert asyncio.get_running_loop().time() - began < 1.5
        assert len(slow.received) == SHARE.both


async def test_one_that_fails_is_tried_one_at_a_time_until_it_answers(
    deliverer: Deliverer, deliveries: Deliveries, jobs: Jobs, service: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ix.engine.maintenance.deliverer.FIRST_PAUSE_SECONDS", 0.002)
    service.answers.extend([status(503)] * (SHARE.both + 2))
    ix_ids = [await end_job(jobs, service.url) for _ in range(SHARE.both + 8)]
    deliverer.wake()
    for ix_id in ix_ids:
        await tried(deliveries, ix_id)
    assert not deliverer._failing
    assert len({got.headers["webhook-id"] for got in service.received}) == len(ix_ids)


async def test_the_signature_bears_the_databases_time(
    deliverer: Deliverer, deliveries: Deliveries, jobs: Jobs, service: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: 1.0)
    ix_id = await end_job(jobs, service.url)
    deliverer.wake()
    await tried(deliveries, ix_id)
    assert int(service.received[0].headers["webhook-timestamp"]) > 1_000_000_000


async def test_what_leads_inside_is_not_delivered(deliverer: Deliverer, deliveries: Deliveries, jobs: Jobs) -> None:
    ix_id = await end_job(jobs, "http://127.0.0.2:9/")
    deliverer.wake()
    assert "not public" in ((await tried(deliveries, ix_id)).outcome or "")
