"""What one web process takes on at once, and what it says beyond that."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from ix.api.app import ROUTES, create_app
from ix.api.middleware.admission import ALWAYS, AdmissionControl
from ix.config import Settings
from ix.database.connect import Pool
from ix.database.jobs import Jobs
from ix.database.keys import Keyring
from ix.database.pool import open_pool
from tests.api.conftest import client_of
from tests.factories import answer, submission
from tests.logs import Log

NOBODYS = "/jobs/0000000000000000"


async def without_keys() -> Keyring:
    return Keyring({}, True)


def app_of(settings: Settings, pool: Pool | None = None, **changes: Any) -> Starlette:
    return create_app(settings=settings.model_copy(update=changes), pool=pool, keys=without_keys)


def body(size: int = 0) -> bytes:
    """A submission of at least `size` bytes."""
    given = {
        "client_id": "acme",
        "request_id": uuid.uuid4().hex,
        "use_case": "drill",
        "options": {"result": {"filler": "x" * size}},
    }
    return json.dumps(given).encode()


def post(client: httpx.AsyncClient, content: bytes | AsyncIterator[bytes], wait: float = 0) -> Any:
    """The answer to a submission, on its way."""
    headers = {"content-type": "application/json", "prefer": f"wait={wait}"}
    return asyncio.create_task(client.post("/jobs", content=content, headers=headers))


@pytest.fixture
async def narrow(settings: Settings) -> AsyncIterator[Pool]:
    """A pool of one connection."""
    pool = await open_pool(settings.model_copy(update={"pool_size": 1}))
    yield pool
    await pool.close()


@asynccontextmanager
async def stalled(app: Starlette, client: httpx.AsyncClient, pool: Pool) -> AsyncIterator[asyncio.Task[httpx.Response]]:
    """A request that waits for the pool's only connection, which is taken while the block runs."""
    await client.get(NOBODYS)
    async with pool.acquire():
        first = asyncio.create_task(client.get(NOBODYS))
        await until(app, in_flight=1)
        yield first


def assert_is_refusal(found: httpx.Response, status: int, limit: str) -> None:
    assert (found.status_code, found.headers["content-type"]) == (status, "application/problem+json")
    assert limit in found.json()["detail"]


async def until(app: Starlette, **counts: int) -> None:
    """Returns when that many requests are in flight, or held."""
    limits: Any = app.middleware_stack
    while not isinstance(limits, AdmissionControl):
        limits = limits.app
    async with asyncio.timeout(5):
        while any(getattr(limits, name) != count for name, count in counts.items()):
            await asyncio.sleep(0)


class TestInFlight:
    async def test_one_too_many_is_503_at_once_and_the_others_are_answered(
        self, settings: Settings, narrow: Pool, log: Log
    ) -> None:
        async with client_of(app := app_of(settings, narrow, max_in_flight=1)) as client:
            async with stalled(app, client, narrow) as first, asyncio.timeout(2):
                refused = [await client.get(NOBODYS) for _ in range(3)]
                assert not first.done()
            assert (await first).status_code == 404
            assert (await client.get(NOBODYS)).status_code == 404
        for one in refused:
            assert_is_refusal(one, 503, "IX_MAX_IN_FLIGHT")
            assert int(one.headers["retry-after"]) > 0
        assert [line for line in log.lines if "requests refused" in line] == [
            await log.until("requests refused.*in_flight=1")
        ]

    async def test_health_answers_all_the_same(self, settings: Settings, narrow: Pool) -> None:
        app = app_of(settings, narrow, max_in_flight=1, probe_timeout=0.2)
        async with client_of(app) as client, stalled(app, client, narrow):
            async with asyncio.timeout(0.1):
                assert (await client.get("/livez")).status_code == 200
            async with asyncio.timeout(1):
                health, ready = await client.get("/healthz"), await client.get("/readyz")
        assert (health.status_code, health.json()["postgres"]) == (503, "fail")
        assert (ready.status_code, ready.json()) == (503, {"postgres": "fail", "migrations": "fail"})

    async def test_an_error_gives_its_place_back(self, settings: Settings, pool: Pool) -> None:
        async with client_of(app_of(settings, pool, max_in_flight=1)) as client:
            assert [(await client.post("/jobs", content=b"{")).status_code for _ in range(3)] == [415] * 3


class TestHeldAnswers:
    async def test_take_no_place_of_those_in_flight(self, settings: Settings, jobs: Jobs, pool: Pool) -> None:
        job = (await jobs.insert_pending(submission())).job
        claim = await jobs.claim_next_pending(uuid.uuid4())
        assert claim is not None
        async with client_of(app := app_of(settings, pool, max_in_flight=1)) as client:
            await client.get(NOBODYS)
            held = []
            for number in range(5):
                held.append(asyncio.create_task(client.get(f"/jobs/{job.ix_id}", params={"wait": 20})))
                await until(app, held=number + 1, in_flight=0)
                assert (await client.get(NOBODYS)).status_code == 404
            await jobs.mark_done(claim, answer(a=1))
            found = await asyncio.gather(*held)
        assert [one.json()["status"] for one in found] == ["done"] * 5

    async def test_have_a_limit_of_their_own(self, settings: Settings, jobs: Jobs, pool: Pool) -> None:
        job = (await jobs.insert_pending(submission())).job
        async with client_of(app := app_of(settings, pool, max_waiters=1, max_wait=1)) as client:
            await client.get(NOBODYS)
            first = asyncio.create_task(client.get(f"/jobs/{job.ix_id}", params={"wait": 1}))
            await until(app, held=1)
            second, made = (
                await client.get(f"/jobs/{job.ix_id}", params={"wait": 1}),
                await post(client, body(), wait=1),
            )
            assert not first.done()
            await first
        assert_is_refusal(second, 503, "IX_MAX_WAITERS")
        assert (made.status_code, made.json()["status"]) == (201, "pending")


class TestBodies:
    async def test_a_declared_size_beyond_the_cap_is_413_on_every_route(self, settings: Settings) -> None:
        calls = [
            (m, route.path)
            for route in ROUTES
            if isinstance(route, Route)
            for m in route.methods or ()
            if route.path not in ALWAYS
        ]
        async with client_of(app_of(settings, max_body_bytes=100)) as client:
            for method, path in [*calls, ("POST", "/nowhere")]:
                found = await client.request(method, path.format(ix_id="0" * 16, name="drill"), content=b"x" * 101)
                assert_is_refusal(found, 413, "IX_MAX_BODY_BYTES") if method != "HEAD" else None
                assert (found.status_code, found.headers["connection"]) == (413, "close")
        assert len(calls) > 5

    async def test_an_undeclared_one_is_413_once_it_is_reached(self, settings: Settings) -> None:
        sent = 0

        async def endless() -> AsyncIterator[bytes]:
            nonlocal sent
            while True:
                sent += 50
                yield b"x" * 50

        async with client_of(app_of(settings, max_body_bytes=100)) as client, asyncio.timeout(5):
            assert_is_refusal(await post(client, endless()), 413, "IX_MAX_BODY_BYTES")
        assert sent == 150

    async def test_all_of_them_together_have_a_cap(self, settings: Settings, pool: Pool) -> None:
        come, go_on, content = asyncio.Event(), asyncio.Event(), body(800)

        async def halting() -> AsyncIterator[bytes]:
            yield content[:600]
            come.set()
            await go_on.wait()
            yield content[600:]

        async with client_of(app_of(settings, pool, max_bodies_bytes=1000)) as client:
            first = post(client, halting())
            await come.wait()
            refused, small = await post(client, body(700)), await post(client, body())
            go_on.set()
            assert [small.status_code, (await first).status_code] == [201, 201]
            assert_is_refusal(refused, 503, "IX_MAX_BODIES_BYTES")
            assert (await post(client, body(2000))).status_code == 201

    async def test_that_of_a_held_answer_does_not_count_any_more(self, settings: Settings, pool: Pool) -> None:
        async with client_of(app := app_of(settings, pool, max_bodies_bytes=1000, max_wait=1)) as client:
            await client.get(NOBODYS)
            first = post(client, body(800), wait=1)
            await until(app, held=1)
            assert (await post(client, body(800))).status_code == 201
            assert not first.done()
            await first
