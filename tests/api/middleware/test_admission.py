"""What one web process takes on at once, and what it says beyond that."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from ix.api.app import ROUTES, create_app
from ix.api.middleware import shares
from ix.api.middleware.admission import ALWAYS, AdmissionControl
from ix.config import Settings
from ix.database.connect import Pool
from ix.database.jobs import Jobs
from ix.database.keys import Caller, Keyring
from ix.database.pool import open_pool
from tests.api.conftest import client_of
from tests.factories import answer, submission
from tests.logs import Log

NOBODYS = "/jobs/0000000000000000"


async def without_keys() -> Keyring:
    return Keyring({}, True)


class Ring(Keyring):
    """Each word is the key of the client of its name."""

    def caller(self, key: str) -> Caller | None:
        return None if key in ("", "wrong") else Caller(key, key)


async def with_keys() -> Keyring:
    return Ring({}, False)


def of(client_id: str) -> dict[str, str]:
    return {"authorization": f"Bearer {client_id}"}


def app_of(settings: Settings, pool: Pool | None = None, **changes: Any) -> Starlette:
    keys = changes.pop("keys", without_keys)
    return create_app(settings=settings.model_copy(update=changes), pool=pool, keys=keys)


def body(size: int = 0, client_id: str = "acme") -> bytes:
    """A submission of at least `size` bytes."""
    given = {
        "client_id": client_id,
        "request_id": uuid.uuid4().hex,
        "use_case": "drill",
        "options": {"result": {"filler": "x" * size}},
    }
    return json.dumps(given).encode()


FORM = {"content-type": "application/json"}


def post(client: httpx.AsyncClient, content: bytes | AsyncIterator[bytes], wait: float = 0, whose: str = "") -> Any:
    """The answer to a submission, on its way."""
    headers = {**FORM, "prefer": f"wait={wait}", **(of(whose) if whose else {})}
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


async def until(app: Starlette, **counts: int) -> AdmissionControl:
    """Returns when that many requests are in flight, held, or their bodies on the way."""
    limits: Any = app.middleware_stack
    while not isinstance(limits, AdmissionControl):
        limits = limits.app
    async with asyncio.timeout(5):
        while any(getattr(limits.total, name) != count for name, count in counts.items()):
            await asyncio.sleep(0)
    return limits


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
                found = await client.request(
                    method,
                    path.format(ix_id="0" * 16, name="drill", id="act_0", batch_id="b", document=0, page=1),
                    content=b"x" * 101,
                )
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


class TestShares:
    """One client takes what it can get: 429 for it, and others get in. A share of 16 is the least."""

    async def test_of_places_in_flight(self, settings: Settings, narrow: Pool) -> None:
        app = app_of(settings, narrow, max_in_flight=64, keys=with_keys)
        async with client_of(app) as client:
            await client.get(NOBODYS, headers=of("acme"))
            async with narrow.acquire():
                taken = [asyncio.create_task(client.get(NOBODYS, headers=of("acme"))) for _ in range(16)]
                await until(app, in_flight=16)
                refused = await client.get(NOBODYS, headers=of("acme"))
                other = asyncio.create_task(client.get(NOBODYS, headers=of("other")))
                await until(app, in_flight=17)
            assert {(await one).status_code for one in [*taken, other]} == {404}
            assert (await client.get(NOBODYS, headers=of("acme"))).status_code == 404
        assert_is_refusal(refused, 429, "its share of IX_MAX_IN_FLIGHT")
        assert refused.headers["retry-after"] == "1"

    @pytest.mark.parametrize("has_keys", [True, False])
    async def test_of_held_answers(self, settings: Settings, jobs: Jobs, pool: Pool, has_keys: bool) -> None:
        acmes, others = [(await jobs.insert_pending(submission(client=one))).job.ix_id for one in ("acme", "other")]
        keys = with_keys if has_keys else without_keys
        app = app_of(settings, pool, max_waiters=64, max_wait=60, keys=keys)

        def held(client: httpx.AsyncClient, ix_id: str, whose: str) -> asyncio.Task[httpx.Response]:
            return asyncio.create_task(client.get(f"/jobs/{ix_id}", params={"wait": 60}, headers=of(whose)))

        async with client_of(app) as client:
            await client.get(NOBODYS, headers=of("acme"))
            taken = [held(client, acmes, "acme") for _ in range(16)]
            await until(app, held=16)
            refused = await held(client, acmes, "acme")
            taken.append(held(client, others, "other"))
            await until(app, held=17)
            # a submission is made all the same
            made = await client.post("/jobs", content=body(), headers={**of("acme"), **FORM, "prefer": "wait=60"})
            app.state.services.end_held_requests()
            assert {(await one).status_code for one in taken} == {200}
            await until(app, held=0, in_flight=0)
        assert_is_refusal(refused, 429, "its share of IX_MAX_WAITERS")
        assert (made.status_code, made.json()["status"]) == (201, "pending")

    async def test_of_bytes_of_bodies(self, settings: Settings, pool: Pool) -> None:
        come, go_on, content = asyncio.Event(), asyncio.Event(), body(800)

        async def halting() -> AsyncIterator[bytes]:
            yield content[:600]
            come.set()
            await go_on.wait()
            yield content[600:]

        async with client_of(app_of(settings, pool, max_bodies_bytes=4000, keys=with_keys)) as client:
            first = post(client, halting(), whose="acme")
            await come.wait()
            refused, other = (
                await post(client, body(700), whose="acme"),
                await post(client, body(0, "other"), whose="other"),
            )
            go_on.set()
            assert [(await first).status_code, other.status_code] == [201, 201]
        assert_is_refusal(refused, 429, "its share of IX_MAX_BODIES_BYTES")

    async def test_bodies_that_do_not_come_take_no_place_of_others(self, settings: Settings, pool: Pool) -> None:
        never = asyncio.Event()

        async def endless() -> AsyncIterator[bytes]:
            yield b"{"
            await never.wait()

        async with client_of(app := app_of(settings, pool, max_in_flight=2)) as client:
            await client.get(NOBODYS)
            slow = [post(client, endless()) for _ in range(10)]
            control = await until(app, in_flight=0, receiving=10)
            assert [(await post(client, body())).status_code for _ in range(5)] == [201] * 5
            await cancelled(slow)
            await until(app, receiving=0, in_flight=0)
            assert control.total.requests == control.total.body_bytes == 0

    async def test_the_slowest_bodies_are_cut_off_when_more_come_than_may(
        self, settings: Settings, pool: Pool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(shares, "GRACE_SECONDS", 0.0)
        never = asyncio.Event()

        def halting(size: int) -> AsyncIterator[bytes]:
            async def pieces() -> AsyncIterator[bytes]:
                yield b" " * size
                await never.wait()

            return pieces()

        async with client_of(app := app_of(settings, pool, max_in_flight=2)) as client:
            await client.get(NOBODYS)
            slow, fast = post(client, halting(1)), post(client, halting(1_000_000))
            await until(app, receiving=2)
            third = post(client, halting(1))
            told = await slow
            assert (told.status_code, told.headers["connection"]) == (408, "close")
            assert "too slowly" in told.json()["detail"]
            assert not fast.done()
            await cancelled([fast, third])

    async def test_a_wrong_key_is_refused_before_its_body(self, settings: Settings, pool: Pool) -> None:
        read = asyncio.Event()

        async def endless() -> AsyncIterator[bytes]:
            read.set()
            yield b"{"
            await asyncio.Event().wait()

        async with client_of(app := app_of(settings, pool, keys=with_keys)) as client, asyncio.timeout(5):
            assert (await post(client, endless(), whose="wrong")).status_code == 401
            await until(app, in_flight=0, receiving=0)
        assert not read.is_set()


async def cancelled(tasks: Iterable[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
