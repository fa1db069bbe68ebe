"""Batches under real engines: told once, whoever is killed or cut off when."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from ix.config import Settings
from ix.database import Database
from ix.database.batches import Batches
from ix.database.connect import Pool
from ix.database.jobs import Jobs, Listing
from ix.engine.engine import Engine
from ix.engine.maintenance.completer import Completer
from ix.job import Status
from tests import processes
from tests.factories import answer, submission
from tests.logs import Log
from tests.proxy import Proxy
from tests.receiver import Receiver, receiver


@pytest.fixture
def service() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


@pytest.fixture
def batches(pool: Pool) -> Batches:
    return Batches(pool)


@asynccontextmanager
async def engine(settings: Settings) -> AsyncIterator[Engine]:
    one = Engine(settings.model_copy(update={"allow_hosts": ("127.0.0.1",), "drill": True}))
    await one.start()
    try:
        yield one
    finally:
        await one.stop()


async def filled(batches: Batches, jobs: Jobs, url: str | None, number: int, name: str = "b") -> None:
    """A closed batch of so many jobs that wait."""
    await batches.declare("acme", name, url)
    await jobs.insert_many([submission(batch_id=name) for _ in range(number)])
    await batches.close("acme", name)


async def status(batches: Batches, name: str = "b") -> str:
    batch = await batches.get("acme", name)
    assert batch is not None
    return batch.status


async def until_ended(batches: Batches) -> None:
    async with asyncio.timeout(20):
        while await status(batches) != "ended":
            await asyncio.sleep(0.01)


async def test_two_engines_tell_of_a_batch_once(
    settings: Settings, batches: Batches, jobs: Jobs, service: Receiver
) -> None:
    async with engine(settings), engine(settings):
        await filled(batches, jobs, service.url, 200)
        [told] = await asyncio.to_thread(service.until, 1)
        await batches.declare("acme", "empty", service.url)
        await batches.close("acme", "empty")
        await asyncio.to_thread(service.until, 2)
    event = told.json()
    assert (event["type"], event["data"]["batch_id"], event["data"]["url"]) == ("batch.ended", "b", "/batches/b")
    assert event["data"]["jobs"] == {"total": 200, "status": {"done": 200}, "at_least": False}
    assert [one.json()["data"]["batch_id"] for one in service.received] == ["b", "empty"]


async def test_an_engine_that_dies_between_the_last_end_and_the_callback_is_followed(
    settings: Settings, batches: Batches, jobs: Jobs, service: Receiver
) -> None:
    await filled(batches, jobs, service.url, 2)
    for claim in await jobs.claim(uuid4(), 2):
        # committed, and whoever did it is gone before it looks
        await jobs.mark_done(claim, answer())
    assert await status(batches) == "closed"
    async with engine(settings):
        await asyncio.to_thread(service.until, 1)
    await filled(batches, jobs, service.url, 0, "c")
    # another one dies with the delivery owed
    assert await batches.end_ready() == [("acme", "c")]
    async with engine(settings):
        await asyncio.to_thread(service.until, 2)
    assert [one.json()["data"]["batch_id"] for one in service.received] == ["b", "c"]


async def test_one_that_is_killed_while_it_works_leaves_one_callback(
    database_url: str, batches: Batches, jobs: Jobs, service: Receiver
) -> None:
    quick = {"IX_ALLOW_HOSTS": service.host, "IX_LIVENESS_LIMIT": "3", "IX_HEARTBEAT_INTERVAL": "1"}
    with processes.engine(database_url, **quick) as killed:
        await filled(batches, jobs, service.url, 300)
        async with asyncio.timeout(20):
            while not await jobs.page(Listing(status=(Status.DONE,))):
                await asyncio.sleep(0)
        killed.send(signal.SIGKILL)
        killed.wait()
    with processes.engine(database_url, **quick):
        await asyncio.to_thread(service.until, 1, 40)
        await until_ended(batches)
    assert {one.headers["webhook-id"] for one in service.received} == {service.received[0].headers["webhook-id"]}


async def test_the_database_is_away_and_comes_back(
    settings: Settings, batches: Batches, jobs: Jobs, wire: Proxy, log: Log
) -> None:
    far = await Database.open(settings.model_copy(update={"postgres_url": wire.url, "acquire_timeout": 0.5}))
    completer = Completer(far.batches)
    await completer.start()
    try:
        wire.cut()
        await filled(batches, jobs, None, 0)
        completer.wake()
        await log.until("PostgreSQL does not answer who=completer")
        assert await status(batches) == "closed"
        wire.mend()
        # nobody wakes it again
        await until_ended(batches)
    finally:
        await completer.stop()
        await far.close()


async def test_however_often_it_is_woken_it_rests(batches: Batches, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0

    async def look() -> list[tuple[str, str]]:
        nonlocal looks
        looks += 1
        return []

    monkeypatch.setattr(batches, "end_ready", look)
    monkeypatch.setattr("ix.engine.maintenance.completer.REST", 0.2)
    completer = Completer(batches)
    await completer.start()
    try:
        async with asyncio.timeout(10):
            for _ in range(300):
                completer.wake()
                await asyncio.sleep(0.002)
    finally:
        await completer.stop()
    assert 1 <= looks < 100
