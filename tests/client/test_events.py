"""The Python client as a reader of event streams: against a real service, over a wire that is cut, and against strange
answers."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import AsyncIterator, Iterator

import pytest
from httpx_sse import ServerSentEvent

from ix.client import AsyncClient, Client, ClientError, NotFound, ProgressEvent, StatusEvent, StreamEvent
from ix.client import events as client_events
from ix.client.events import Follower
from ix.job import Status
from tests import proxy
from tests.receiver import receiver, status


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Comes back at once, whatever the service asks for."""
    monkeypatch.setattr(client_events, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(client_events, "LONGEST_PAUSE", 0.05)


def statuses(events: Iterator[StatusEvent | ProgressEvent]) -> list[Status]:
    return [event.job.status for event in events if isinstance(event, StatusEvent)]


def test_a_job_is_followed_to_its_end(ix: Client) -> None:
    job = ix.submit([], "drill", options={"action": "sleep", "seconds": 2})
    told = list(ix.events(job))
    assert next(event.progress.step for event in told if isinstance(event, ProgressEvent)) == "pausing"
    assert statuses(iter(told))[-2:] == [Status.RUNNING, Status.DONE]
    assert statuses(ix.events(job.ix_id)) == [Status.DONE]


def test_all_jobs_are_watched_and_the_watch_goes_on_later(ix: Client) -> None:
    jobs = [
        ix.submit([], "drill", request_id=str(number), options={"action": "sleep", "seconds": 2}) for number in range(3)
    ]
    watch, seen = ix.watch(), dict[str, str]()
    while len(seen) < 3:
        event = next(watch)
        if isinstance(event, StatusEvent) and event.job.status is Status.DONE:
            seen[event.job.ix_id] = event.id
    watch.close()
    assert set(seen) == {job.ix_id for job in jobs}
    later = ix.wait(ix.submit([], "drill", request_id="later"), 20)
    for event in ix.watch(after=max(seen.values())):
        if isinstance(event, StatusEvent) and event.job.ix_id == later.ix_id:
            break


def test_an_unknown_job_is_not_found(ix: Client) -> None:
    with pytest.raises(NotFound):
        next(iter(ix.events("0" * 16)))


def test_a_job_that_is_erased_meanwhile_is_not_found(ix: Client) -> None:
    job = ix.submit([], "drill", options={"action": "sleep", "seconds": 3600})
    events = ix.events(job)
    next(iter(events))
    eraser = threading.Thread(target=ix.erase, args=[job])
    eraser.start()
    with pytest.raises(NotFound):
        list(events)
    eraser.join()


async def next_done(watch: AsyncIterator[StreamEvent]) -> str:
    """The next job of which it is told that it is done."""
    async with asyncio.timeout(20):
        while True:
            event = await anext(watch)
            if isinstance(event, StatusEvent) and event.job.status is Status.DONE:
                return event.job.ix_id


async def test_a_reader_that_is_cut_off_comes_back_for_the_rest(service_url: str) -> None:
    name = uuid.uuid4().hex
    async with (
        proxy.proxied(service_url) as wire,
        AsyncClient(wire.http, name) as far,
        AsyncClient(service_url, name) as near,
    ):
        watch = far.watch()
        long = await near.submit([], "drill", options={"action": "sleep", "seconds": 1})
        assert await next_done(watch) == long.ix_id
        for number in range(5):
            heard = await near.submit([], "drill", request_id=f"{number} a")
            assert await next_done(watch) == heard.ix_id
            wire.cut()
            missed = await near.wait(await near.submit([], "drill", request_id=f"{number} b"))
            wire.mend()
            assert await next_done(watch) == missed.ix_id
        await watch.aclose()


async def test_the_asynchronous_one_follows_a_job_too(service_url: str) -> None:
    async with AsyncClient(service_url, client_id=uuid.uuid4().hex) as client:
        job = await client.submit([], "drill", options={"action": "fail"})
        assert [event.job.status async for event in client.events(job) if isinstance(event, StatusEvent)][
            -1
        ] is Status.ERROR
        with pytest.raises(NotFound):
            await anext(client.events("0" * 16))


def test_nobody_there_is_said_after_some_tries() -> None:
    with Client("http://127.0.0.1:9") as client, pytest.raises(ClientError, match="ix up"):
        next(iter(client.watch()))


def test_an_end_that_is_known_already_ends_it() -> None:
    with receiver() as service, Client(f"http://{service.host}") as client:
        service.answers.extend([status(503), status(204)])
        assert list(client.events("0" * 16)) == []


def test_a_service_that_is_busy_for_long_is_said_so() -> None:
    with receiver() as service, Client(f"http://{service.host}") as client:
        service.answers.extend([status(503)] * 5)
        with pytest.raises(ClientError) as refused:
            next(iter(client.watch()))
    assert refused.value.status == 503


class TestFollower:
    def test_remembers_where_it_was_and_asks_from_there(self) -> None:
        follower = Follower("http://localhost", 5, client_id="me", after="7")
        assert follower.call().headers == {"last-event-id": "7"}
        follower.take(ServerSentEvent(id="8", retry=1500))
        assert follower.call().headers == {"last-event-id": "8"}

    def test_what_it_does_not_know_is_passed_over(self) -> None:
        follower = Follower("http://localhost", 5, ix_id="0" * 16)
        assert follower.take(ServerSentEvent(event="surprise", data="{}")) is None
        assert follower.take(ServerSentEvent(event="status", data="{}")) is None
