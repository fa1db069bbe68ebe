"""Server-sent events through a real socket: a job from its beginning to its end, a reader that comes back, and a web
process that stops."""

from __future__ import annotations

import asyncio
import json
import signal
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from httpx_sse import EventSource, ServerSentEvent, connect_sse

from tests.blackbox.test_jobs import submit
from tests.processes import Process


@contextmanager
def opened(client: httpx.Client, path: str, last_id: str = "") -> Iterator[Iterator[ServerSentEvent]]:
    """The events of a stream, without those that only set the reader's position."""
    source: EventSource
    with connect_sse(client, "GET", path, headers={"last-event-id": last_id} if last_id else {}) as source:
        assert source.response.status_code == 200, source.response.status_code
        yield (event for event in source.iter_sse() if event.data)


def whats(events: Iterator[ServerSentEvent]) -> Iterator[str]:
    return (str(said.get("status") or said["step"]) for event in events if (said := json.loads(event.data)))


@pytest.fixture
def own(client: httpx.Client) -> str:
    """A client id of the test's own."""
    return uuid.uuid4().hex


class TestJob:
    def test_a_long_job_is_told_of_step_by_step(self, client: httpx.Client) -> None:
        job = submit(client, options={"action": "sleep", "seconds": 2})
        with opened(client, f"/jobs/{job['ix_id']}/events") as events:
            told = list(events)
        assert [what for what in whats(iter(told)) if what != "pending"] == ["running", "pausing", "done"]
        running, progress, done = told[-3:]
        assert {"request", "response"}.isdisjoint(json.loads(running.data))
        assert json.loads(progress.data) == {"ix_id": job["ix_id"], "attempt": 1, "step": "pausing"}
        assert [event.event for event in told[-3:]] == ["status", "progress", "status"]
        assert (json.loads(done.data)["attempts"], bool(done.id)) == (1, True)

    def test_a_short_one_shows_its_end_only(self, client: httpx.Client) -> None:
        job = submit(client, run_at="2100-01-01T00:00:00Z")
        with opened(client, f"/jobs/{job['ix_id']}/events") as events:
            assert next(whats(events)) == "scheduled"
            client.delete(f"/jobs/{job['ix_id']}")
            assert list(whats(events)) == ["cancelled"]

    def test_who_knows_the_end_need_not_come_back(self, client: httpx.Client) -> None:
        job = submit(client)
        with opened(client, f"/jobs/{job['ix_id']}/events") as events:
            *_, last = events
        again = client.get(f"/jobs/{job['ix_id']}/events", headers={"last-event-id": last.id})
        assert (again.status_code, again.content) == (204, b"")
        client.post(f"/jobs/{job['ix_id']}/retry")
        with opened(client, f"/jobs/{job['ix_id']}/events", last.id) as events:
            assert [*events][-1].id != last.id

    def test_headers_keep_caches_and_proxies_out_of_the_way(self, client: httpx.Client) -> None:
        job = submit(client)
        answer = client.get(f"/jobs/{job['ix_id']}/events")
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert (answer.headers["cache-control"], answer.headers["x-accel-buffering"]) == ("no-store", "no")
        assert answer.text.startswith("retry: ")
        head = client.head(f"/jobs/{job['ix_id']}/events")
        assert (head.status_code, head.content) == (200, b"")

    @pytest.mark.parametrize("ix_id", ["0" * 16, "nonsense"])
    def test_an_unknown_one_is_404(self, client: httpx.Client, ix_id: str) -> None:
        answer = client.get(f"/jobs/{ix_id}/events")
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


class TestClient:
    def test_all_jobs_of_a_client_are_told_of(self, client: httpx.Client, own: str) -> None:
        with opened(client, f"/events?client_id={own}") as events:
            submit(client)
            jobs = [submit(client, client_id=own)["ix_id"] for _ in range(3)]
            ended = set[str]()
            while len(ended) < 3:
                head = json.loads(next(events).data)
                assert head["client_id"] == own
                ended |= {head["ix_id"]} if head["status"] == "done" else set()
        assert ended == set(jobs)

    def test_a_reader_that_was_cut_off_gets_what_it_missed(self, client: httpx.Client, own: str) -> None:
        with opened(client, f"/events?client_id={own}") as events:
            first = submit(client, client_id=own)["ix_id"]
            while not (last := next(events)).id or json.loads(last.data)["status"] != "done":
                pass
        missed = [submit(client, client_id=own)["ix_id"] for _ in range(5)]
        for ix_id in missed:
            client.get(f"/jobs/{ix_id}", params={"wait": 20})
        with opened(client, f"/events?client_id={own}", last.id) as events:
            told = [json.loads(next(events).data)["ix_id"] for _ in range(6)]
        assert sorted(told) == sorted([first, *missed])

    def test_a_reader_that_was_told_nothing_has_a_position_too(self, client: httpx.Client, own: str) -> None:
        with connect_sse(client, "GET", f"/events?client_id={own}") as source:
            position = next(event.id for event in source.iter_sse() if event.id)
        job = submit(client, client_id=own)["ix_id"]
        client.get(f"/jobs/{job}", params={"wait": 20})
        with opened(client, f"/events?client_id={own}", position) as events:
            assert json.loads(next(events).data)["ix_id"] == job

    @pytest.mark.parametrize(
        ("query", "headers", "field"),
        [
            ("?client_id=", {}, "client_id"),
            (f"?client_id={'x' * 201}", {}, "client_id"),
            ("?counts=perhaps", {}, "counts"),
            ("?client_id=a", {"last-event-id": "b"}, "Last-Event-ID"),
        ],
    )
    def test_bad_input_names_its_field(
        self, client: httpx.Client, query: str, headers: dict[str, str], field: str
    ) -> None:
        answer = client.get(f"/events{query}", headers=headers)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


def test_a_web_process_that_stops_lets_go_of_all_that_it_holds(database_url: str) -> None:
    """Streams end, requests that wait are answered with the job as it is, and the process does not wait for its drain's
    time to be up."""

    async def held(url: str, ix_id: str) -> tuple[str, str, dict[str, Any], float]:
        async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client:
            opened = [client.stream("GET", path) for path in (f"/jobs/{ix_id}/events", "/events?client_id=acme")]
            async with opened[0] as job, opened[1] as all_jobs:
                texts = [one.aiter_text() for one in (job, all_jobs)]
                heads = [await anext(text) for text in texts]
                waiter = asyncio.create_task(client.get(f"/jobs/{ix_id}", params={"wait": 30}))
                while "listener connected" not in " ".join(web.lines):
                    await asyncio.sleep(0.01)
                # answers that come one after the other: by the last of them the request that waits has long arrived
                for _ in range(10):
                    await client.get("/livez")
                began = time.monotonic()
                web.send(signal.SIGTERM)
                tails = ["".join([part async for part in text]) for text in texts]
                said: dict[str, Any] = (await waiter).json()
        return heads[0] + tails[0], heads[1] + tails[1], said, time.monotonic() - began

    web = Process("web", database_url)
    try:
        url = web.until(r"web listens address=(\S+)")[1]
        with httpx.Client(base_url=url, trust_env=False) as client:
            job = submit(client)
        of_job, of_client, said, seconds = asyncio.run(held(url, job["ix_id"]))
        assert web.wait() == 0
    finally:
        web.stop()
    assert "event: status" in of_job
    assert of_client.startswith("retry: ")
    assert (said["ix_id"], said["status"]) == (job["ix_id"], "pending")
    assert seconds < 2
    assert "broken off" not in " ".join(web.lines)
