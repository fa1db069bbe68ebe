"""Every request has an id and a place in a trace, and what is said for it carries both."""

from __future__ import annotations

import re
from uuid import uuid4

import httpx
import pytest

from ix.api.app import create_app
from ix.config import Settings
from ix.database.connect import Pool
from ix.database.jobs import Jobs
from ix.telemetry.traceparent import Trace, stored
from tests.api.conftest import client_of
from tests.logs import Log

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
PARENT = f"00-{TRACE}-{SPAN}-01"


async def submit(client: httpx.AsyncClient, **headers: str) -> httpx.Response:
    body = {"client_id": "acme", "request_id": headers.pop("key", uuid4().hex), "use_case": "drill"}
    return await client.post("/jobs", json=body, headers=headers)


async def trace_of(pool: Pool, answer: httpx.Response) -> Trace | None:
    return stored(await pool.fetchval("SELECT trace FROM jobs WHERE ix_id = $1", answer.json()["ix_id"]))


class TestId:
    async def test_the_clients_is_answered_and_said(self, settings: Settings, log: Log) -> None:
        async with client_of(create_app(settings=settings)) as client:
            answer = await submit(client, **{"x-request-id": "order-4711"})
        assert answer.headers["x-request-id"] == "order-4711"
        ix_id = answer.json()["ix_id"]
        assert (
            await log.until("job accepted")
            == f"INFO job accepted ix_id={ix_id} use_case=drill client=acme http_request=order-4711"
        )
        line = await log.until("request answered")
        assert re.search(r"method=POST route=/jobs status=201 ms=\d+\.\d+ http_request=order-4711$", line)

    @pytest.mark.parametrize("given", [None, "", "two words", "x" * 129, "caf\xe9", 'a"b', "a;b"])
    async def test_without_one_that_is_short_and_plain_a_new_one_is_made(
        self, settings: Settings, given: str | None
    ) -> None:
        headers = [] if given is None else [(b"x-request-id", given.encode("latin-1"))]
        async with client_of(create_app(settings=settings)) as client:
            made = {(await client.get("/metrics", headers=headers)).headers["x-request-id"] for _ in range(2)}
        assert len(made) == 2
        assert all(re.fullmatch("[0-9a-f]{16}", one) for one in made)

    async def test_errors_carry_it_and_a_route_is_named_without_what_stood_in_it(
        self, settings: Settings, log: Log
    ) -> None:
        async with client_of(create_app(settings=settings)) as client:
            answers = [await client.get(path) for path in ("/nowhere", "/jobs/00000000000000ff")]
            answers.append(await client.put("/jobs"))
        assert [answer.status_code for answer in answers] == [404, 404, 405]
        assert all(answer.headers["x-request-id"] for answer in answers)
        assert "route" not in await log.until("status=404")
        assert "route=/jobs/{ix_id}" in await log.until("status=404")

    async def test_the_waiters_listener_does_not_carry_the_id_of_whoever_came_first(
        self, settings: Settings, log: Log
    ) -> None:
        async with client_of(create_app(settings=settings)) as client:
            ix_id = (await submit(client)).json()["ix_id"]
            await client.get(f"/jobs/{ix_id}", params={"wait": "0.2"})
        assert "http_request" not in await log.until("listener connected")


class TestTrace:
    async def test_it_is_stored_with_the_job_and_said_and_shown_nowhere(
        self, settings: Settings, pool: Pool, log: Log
    ) -> None:
        async with client_of(create_app(settings=settings)) as client:
            answer = await submit(client, traceparent=PARENT, tracestate="foo=1")
        assert await trace_of(pool, answer) == Trace(TRACE, SPAN, 1, "foo=1")
        assert f"trace_id={TRACE}" in await log.until("job accepted")
        assert TRACE not in answer.text
        assert "trace" not in answer.json()

    async def test_a_malformed_one_is_not_there(self, settings: Settings, pool: Pool, log: Log) -> None:
        async with client_of(create_app(settings=settings)) as client:
            answer = await submit(client, traceparent=PARENT.upper(), tracestate="foo=1")
        assert answer.status_code == 201
        assert await trace_of(pool, answer) is None
        assert "trace_id" not in await log.until("job accepted")

    async def test_the_same_submission_in_another_trace_is_the_same(
        self, settings: Settings, pool: Pool, jobs: Jobs
    ) -> None:
        async with client_of(create_app(settings=settings)) as client:
            first = await submit(client, key="r-1", traceparent=PARENT)
            again = await submit(client, key="r-1", traceparent=f"00-{'a' * 32}-{SPAN}-01")
        assert (first.status_code, again.status_code) == (201, 200)
        assert again.json() == first.json()
        assert await trace_of(pool, again) == Trace(TRACE, SPAN, 1)
        claim = await jobs.claim_next_pending(uuid4())
        assert claim is not None
        assert stored(claim.trace) == Trace(TRACE, SPAN, 1)
