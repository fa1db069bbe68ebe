"""The application as it is put together: injected parts, health, an engine inside, waiters, and a database that goes
and comes."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import uuid
from typing import Any

import pytest

from ix.api.app import create_app
from ix.api.health import Probe
from ix.config import Settings
from ix.database.connect import Pool
from ix.database.jobs import Jobs
from ix.database.pool import open_pool
from ix.engine.engine import Engine
from ix.telemetry.health import Health
from tests.api.conftest import client_of
from tests.factories import answer, submission
from tests.logs import Log
from tests.proxy import Proxy

NOWHERE = Settings(
    postgres_url="postgres://ix@127.0.0.1:1/ix?sslmode=disable", ocr="off", probe_timeout=0.1, acquire_timeout=0.2
)


def says(state: Health) -> Probe:
    async def probe() -> Health:
        return state

    return probe


async def raises() -> Health:
    raise RuntimeError("canary")


async def hangs() -> Health:
    await asyncio.Event().wait()
    return "ok"


def body(**fields: Any) -> dict[str, Any]:
    return {"client_id": "acme", "request_id": uuid.uuid4().hex, "use_case": "drill", **fields}


OURS = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'ix %' AND datname = current_database()"


class TestHealth:
    @pytest.mark.parametrize(
        ("probe", "state", "status"),
        [
            (says("ok"), "ok", 200),
            (says("off"), "off", 200),
            (says("degraded"), "degraded", 503),
            (says("fail"), "fail", 503),
            (raises, "fail", 503),
            (hangs, "fail", 503),
        ],
    )
    async def test_is_200_only_if_every_part_in_use_is_ok(self, probe: Probe, state: str, status: int) -> None:
        async with client_of(create_app(settings=NOWHERE, probes={"postgres": says("ok"), "part": probe})) as client:
            found = await client.get("/healthz")
        assert found.json() == {"postgres": "ok", "part": state}
        assert found.status_code == status

    async def test_probes_run_at_once_each_with_its_own_limit(self) -> None:
        probes = {f"part{number}": hangs for number in range(20)}
        async with (
            client_of(create_app(settings=NOWHERE, probes={**probes, "well": says("ok")})) as client,
            asyncio.timeout(1.5),
        ):
            states = (await client.get("/healthz")).json()
        assert [state for state in states.values() if state != "fail"] == ["ok"]

    async def test_the_real_probes_see_the_real_database(self, settings: Settings, wire: Proxy) -> None:
        far = settings.model_copy(update={"postgres_url": wire.url, "probe_timeout": 0.3, "statement_timeout": 1.0})
        async with client_of(create_app(settings=far)) as client:
            assert (await client.get("/healthz")).json() == {"postgres": "ok", "ollama": "off", "ocr": "off"}
            wire.freeze()
            frozen = await client.get("/healthz")
            assert (frozen.status_code, frozen.json()["postgres"]) == (503, "fail")
            wire.cut()
            wire.mend()
            assert (await client.get("/healthz")).status_code == 200


class TestParts:
    async def test_a_pool_that_is_given_is_used_and_stays_open(self, settings: Settings, pool: Pool) -> None:
        async with client_of(
            create_app(settings=settings.model_copy(update={"postgres_url": ""}), pool=pool, probes={})
        ) as client:
            assert (await client.post("/jobs", json=body())).status_code == 201
        assert await pool.fetchval("SELECT count(*) FROM jobs") == 1

    async def test_nothing_is_left_at_the_end(self, settings: Settings, pool: Pool) -> None:
        before = asyncio.all_tasks()
        async with client_of(create_app(spawn_worker=True, settings=settings)) as client:
            assert (await client.post("/jobs", json=body(), params={"wait": 10})).json()["status"] == "done"
        assert asyncio.all_tasks() == before
        async with asyncio.timeout(5):
            while await pool.fetchval(OURS):
                await asyncio.sleep(0.01)

    async def test_it_ends_even_if_the_database_has_frozen(self, settings: Settings, wire: Proxy) -> None:
        async with asyncio.timeout(10):
            async with client_of(create_app(settings=settings.model_copy(update={"postgres_url": wire.url}))) as client:
                assert (await client.get("/metrics")).status_code == 200
                wire.freeze()


class TestEngineInside:
    async def test_runs_jobs_and_shows_in_health(self, settings: Settings) -> None:
        async with client_of(create_app(spawn_worker=True, settings=settings)) as client:
            job = (
                await client.post("/jobs", json=body(options={"result": {"answer": 42}}), params={"wait": 10})
            ).json()
            health = await client.get("/healthz")
        assert (job["status"], job["response"]["result"]["answer"]) == ("done", 42)
        assert (health.status_code, health.json()["engine"]) == (200, "ok")

    async def test_that_fails_to_start_is_logged_and_shown_and_the_api_goes_on(
        self, settings: Settings, pool: Pool, log: Log, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def fail(self: Engine) -> None:
            raise RuntimeError("canary")

        monkeypatch.setattr(Engine, "start", fail)
        async with client_of(
            create_app(spawn_worker=True, settings=settings, pool=pool, probes={"postgres": says("ok")})
        ) as client:
            assert (await log.until("did not start")).endswith("error=RuntimeError")
            health = await client.get("/healthz")
            assert (health.status_code, health.json()) == (503, {"postgres": "ok", "engine": "fail"})
            job = (await client.post("/jobs", json=body())).json()
            assert (await client.get(f"/jobs/{job['ix_id']}")).json()["status"] == "pending"

    async def test_that_has_lost_the_database_is_degraded(self, settings: Settings, wire: Proxy, log: Log) -> None:
        far = settings.model_copy(update={"postgres_url": wire.url})
        async with client_of(create_app(spawn_worker=True, settings=far, probes={})) as client:
            await log.until("listener connected")
            wire.cut()
            await log.until("listener lost.*error=")
            assert (await client.get("/healthz")).json() == {"engine": "degraded"}
            wire.mend()
            await log.until("listener connected")
            assert (await client.get("/healthz")).json() == {"engine": "ok"}


class TestDatabaseDown:
    @pytest.mark.parametrize("outage", ["cut", "freeze"])
    async def test_is_503_with_a_time_to_try_again_and_passes(
        self, settings: Settings, wire: Proxy, outage: str, log: Log
    ) -> None:
        quick = {"postgres_url": wire.url, "acquire_timeout": 0.5, "statement_timeout": 0.5}
        async with client_of(create_app(settings=settings.model_copy(update=quick))) as client:
            content = body()
            assert (await client.get("/metrics")).status_code == 200
            getattr(wire, outage)()
            down = [
                await client.post("/jobs", json=content),
                await client.get("/jobs/0123456789abcdef"),
                await client.get("/jobs", params={"client_id": "a", "request_id": "b"}),
                await client.get("/metrics"),
            ]
            assert [found.status_code for found in down] == [503] * 4
            assert {found.headers["content-type"] for found in down} == {"application/problem+json"}
            assert all(int(found.headers["retry-after"]) > 0 for found in down)
            assert await log.until("PostgreSQL does not answer who=web path=/jobs")
            wire.cut()
            wire.mend()
            assert (await client.post("/jobs", json=content)).status_code in (200, 201)

    async def test_no_free_connection_in_time_is_503_too(self, settings: Settings, pool: Pool) -> None:
        small = settings.model_copy(update={"pool_size": 1, "acquire_timeout": 0.1})
        busy = await open_pool(small)
        async with client_of(create_app(settings=small, pool=busy)) as client, busy.acquire():
            found = await client.post("/jobs", json=body())
        await busy.close()
        assert (found.status_code, found.headers["retry-after"]) == (503, "1")

    async def test_without_tables_it_says_what_to_do(self, empty_database_url: str, log: Log) -> None:
        async with client_of(create_app(settings=Settings(postgres_url=empty_database_url, ocr="off"))) as client:
            found = await client.post("/jobs", json=body())
        assert found.status_code == 503
        assert "ix migrate" in found.json()["detail"]

    async def test_an_error_that_nobody_foresaw_is_500_and_repeats_nothing(
        self, settings: Settings, pool: Pool, log: Log
    ) -> None:
        await pool.execute("ALTER TABLE jobs ADD CONSTRAINT surprise CHECK (client_id <> 'acme')")
        async with client_of(create_app(settings=settings, pool=pool)) as client:
            found = await client.post("/jobs", json=body(options={"result": {"secret": "canary"}}))
        assert found.status_code == 500
        assert found.headers["content-type"] == "application/problem+json"
        assert "surprise" in await log.until("request failed")
        assert "canary" not in found.text + "\n".join(log.lines)


async def held(pool: Pool) -> int:
    """LISTEN connections of web processes."""
    return int(
        await pool.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ix web' AND datname = current_database()"
        )
    )


class TestWaiters:
    async def test_two_hundred_share_one_connection_and_all_are_answered(
        self, settings: Settings, jobs: Jobs, pool: Pool
    ) -> None:
        job = (await jobs.insert_pending(submission())).job
        claim = await jobs.claim_next_pending(uuid.uuid4())
        assert claim is not None
        async with client_of(create_app(settings=settings, pool=pool)) as client:
            waiting = [asyncio.create_task(client.get(f"/jobs/{job.ix_id}", params={"wait": 20})) for _ in range(200)]
            await listening(pool)
            await jobs.mark_done(claim, answer(a=1))
            found = await asyncio.gather(*waiting)
            assert await held(pool) == 1
        assert {one.json()["status"] for one in found} == {"done"}

    async def test_one_whose_news_was_missed_is_answered_after_the_reconnect(
        self, settings: Settings, jobs: Jobs, pool: Pool, log: Log, wire: Proxy
    ) -> None:
        job = (await jobs.insert_pending(submission())).job
        claim = await jobs.claim_next_pending(uuid.uuid4())
        assert claim is not None
        far = settings.model_copy(update={"postgres_url": wire.url})
        async with client_of(create_app(settings=far, pool=pool)) as client:
            waiting = asyncio.create_task(client.get(f"/jobs/{job.ix_id}", params={"wait": 20}))
            await log.until('listener connected who="ix web"')
            wire.cut()
            await log.until("listener lost")
            await jobs.mark_done(claim, answer(a=1))
            assert not waiting.done()
            wire.mend()
            assert (await waiting).json()["status"] == "done"

    async def test_one_that_cannot_listen_still_answers_in_time(
        self, settings: Settings, jobs: Jobs, pool: Pool
    ) -> None:
        job = (await jobs.insert_pending(submission())).job
        deaf = settings.model_copy(update={"postgres_url": NOWHERE.postgres_url})
        async with client_of(create_app(settings=deaf, pool=pool)) as client:
            found = await client.get(f"/jobs/{job.ix_id}", params={"wait": 0.2})
        assert (found.status_code, found.json()["status"]) == (200, "pending")

    async def test_a_preference_to_wait_is_a_wait(self, settings: Settings) -> None:
        async with client_of(create_app(spawn_worker=True, settings=settings)) as client:
            job = await client.post(
                "/jobs", json=body(options={"seconds": 0.05}), headers={"prefer": "respond-async, wait=10"}
            )
        assert job.json()["status"] == "done"

    async def test_a_wait_has_a_longest_time(self, settings: Settings, jobs: Jobs, pool: Pool) -> None:
        job = (await jobs.insert_pending(submission())).job
        async with (
            client_of(create_app(settings=settings.model_copy(update={"max_wait": 0.1}), pool=pool)) as client,
            asyncio.timeout(5),
        ):
            assert (await client.get(f"/jobs/{job.ix_id}", params={"wait": 99})).json()["status"] == "pending"


async def listening(pool: Pool) -> None:
    async with asyncio.timeout(5):
        while not await held(pool):
            await asyncio.sleep(0.01)


def loaded_by(code: str) -> set[str]:
    """The modules that a new Python process has loaded after `code`."""
    run = [sys.executable, "-c", f"import sys\n{code}\nprint(*sys.modules)"]
    return set(subprocess.run(run, check=True, capture_output=True, text=True).stdout.split())


@pytest.fixture(scope="module")
def web_modules() -> set[str]:
    return loaded_by("import ix.api.app, ix.api.server.serve, ix.use_cases; ix.use_cases.load()")


def test_a_plain_web_process_never_loads_the_engine(web_modules: set[str]) -> None:
    assert {name for name in web_modules if name.startswith("ix.engine")} == set()


def test_nor_anything_that_reads_documents(web_modules: set[str]) -> None:
    readers = {"numpy", "onnxruntime", "PIL", "pypdfium2", "rapidfuzz", "rapidocr", "stdnum"}
    assert {name for name in web_modules if name.partition(".")[0] in readers} == set()
    # how a correction is written is no reading
    of_reviews = {"ix.extraction", "ix.extraction.review", "ix.extraction.review.changes", "ix.extraction.review.paths"}
    assert {name for name in web_modules if name.startswith("ix.extraction")} - of_reviews == set()
