"""Large documents in an object store, from a submission to its answer, and what happens while the store is away."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import obstore
import pytest
from obstore.store import S3Store

from ix.api.app import create_app
from ix.config import Settings
from ix.database import Database
from ix.database.connect import Pool
from ix.engine import runner
from ix.engine.maintenance.retention import Retention
from tests import logs, proxy
from tests.api.conftest import client_of
from tests.extraction.pdfs import Sheet, pdf
from tests.logs import Log
from tests.objects import S3Server
from tests.proxy import Proxy

LETTER = "Dear all,\nplease find the minutes below.\n" * 60
LINES = " ".join(f"BT /F1 12 Tf 40 {760 - 20 * n} Td (Total amount {n} of the receipt) Tj ET" for n in range(30))
PAGE = pdf(Sheet(LINES))


@pytest.fixture
def log() -> Iterator[Log]:
    with logs.heard() as log:
        yield log


@pytest.fixture
async def wire(s3: S3Server) -> AsyncIterator[Proxy]:
    """Between ix and the store."""
    async with proxy.proxied(s3.env["IX_S3_ENDPOINT"]) as wire:
        yield wire


@pytest.fixture
def settings(s3: S3Server, database_url: str, wire: Proxy) -> Settings:
    mine = {"s3_endpoint": wire.http, "s3_prefix": os.urandom(4).hex(), "s3_timeout": 1.0}
    return s3.settings(postgres_url=database_url, ocr="off", engine_slots=2, probe_timeout=2.0, **mine)


@asynccontextmanager
async def service(settings: Settings, engine: bool = True) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(create_app(spawn_worker=engine, settings=settings)) as client:
        yield client


async def submit(client: httpx.AsyncClient, text: str = LETTER, name: str = "1", wait: int = 20) -> httpx.Response:
    asked = {"client_id": "acme", "use_case": "letter", "request_id": name, "documents": [{"text": text}]}
    return await client.post("/jobs", params={"wait": wait} if wait else {}, json=asked)


def store(s3: S3Server, settings: Settings) -> tuple[S3Store, list[str]]:
    """The bucket past the wire, and this test's keys in it."""
    bucket = s3.store()
    return bucket, [one["path"] for page in obstore.list(bucket, settings.s3_prefix) for one in page]


async def ended(client: httpx.AsyncClient, ix_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get(f"/jobs/{ix_id}", params={"wait": 30})).json()
    return found


async def test_a_document_goes_there_and_comes_back(settings: Settings, s3: S3Server, pool: Pool) -> None:
    async with service(settings) as client:
        made = await submit(client)
        assert (made.status_code, made.json()["status"]) == (201, "done"), made.text
        again = await submit(client)
        assert (again.status_code, again.json()["ix_id"]) == (200, made.json()["ix_id"])
    _, keys = store(s3, settings)
    assert len(keys) == 1
    assert await pool.fetchval("SELECT count(*) FROM documents WHERE bytes IS NULL AND object IS NOT NULL") == 1


async def test_pictures_and_copies_are_made_of_it(settings: Settings) -> None:
    files = {"documents": ("a.pdf", PAGE, "application/pdf")}
    async with service(settings) as client:
        asked = {"client_id": "acme", "use_case": "receipt", "request_id": "1"}
        made = await client.post("/jobs", params={"wait": 20}, data=asked, files=files)
        assert made.status_code == 201, made.text
        job = await ended(client, made.json()["ix_id"])
        assert job["status"] == "done", job
        base = f"/jobs/{job['ix_id']}"
        for path, kind in (("pages/0/1/picture", "image/webp"), ("searchable.pdf", "application/pdf")):
            for _ in range(100):
                found = await client.get(f"{base}/{path}")
                if found.status_code == 200:
                    break
                await asyncio.sleep(0.1)
            assert (found.status_code, found.headers["content-type"]) == (200, kind), found.text


async def test_an_erased_job_leaves_nothing(settings: Settings, s3: S3Server, pool: Pool) -> None:
    async with service(settings, engine=False) as client:
        ix_ids = [(await submit(client, LETTER + name, name, wait=0)).json()["ix_id"] for name in "12"]
        # the first cancels it
        assert (await client.delete(f"/jobs/{ix_ids[0]}", params={"erase": "true"})).status_code == 204
    database = await Database.open(settings, pool)
    await Retention(settings, database).look()
    _, keys = store(s3, settings)
    assert [key.removeprefix(f"{settings.s3_prefix}/") for key in keys] == [
        await pool.fetchval("SELECT object FROM documents")
    ]


async def test_away_at_a_submission(settings: Settings, wire: Proxy, pool: Pool, log: Log) -> None:
    async with service(settings, engine=False) as client:
        assert (await client.get("/readyz")).json()["object_store"] == "ok"
        wire.cut()
        refused = await submit(client, wait=0)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert refused.json()["detail"].startswith("object_store_unavailable: ")
        assert settings.s3_secret_access_key.get_secret_value() not in refused.text + "\n".join(log.lines)
        assert (await submit(client, "short", "2", wait=0)).status_code == 201, "stands in PostgreSQL"
        ready, well = await client.get("/readyz"), await client.get("/healthz")
        assert (ready.status_code, ready.json()["object_store"]) == (200, "degraded")
        assert (well.status_code, well.json()["object_store"]) == (503, "fail")
        batch = [
            {"client_id": "acme", "use_case": "letter", "request_id": name, "documents": [{"text": text}]}
            for name, text in (("3", LETTER), ("4", "short"))
        ]
        answer = (await client.post("/jobs/batch", json={"jobs": batch})).json()
        assert [one["status"] for one in answer["jobs"]] == [503, 201]
        wire.mend()
        assert (await submit(client, wait=0)).status_code == 201
    assert await pool.fetchval("SELECT count(*) FROM jobs") == 3


async def test_frozen_at_a_submission(settings: Settings, wire: Proxy, pool: Pool) -> None:
    """Nobody else waits for whoever waits for the store."""
    async with service(settings.model_copy(update={"s3_timeout": 3.0}), engine=False) as client:
        wire.freeze()
        waiting = [asyncio.create_task(submit(client, LETTER + name, name, wait=0)) for name in "123"]
        assert (await submit(client, "short", "4", wait=0)).status_code == 201
        assert not any(one.done() for one in waiting)
        assert {answer.status_code for answer in await asyncio.gather(*waiting)} == {503}


async def test_the_largest_document(settings: Settings, s3: S3Server, pool: Pool) -> None:
    data = os.urandom(1024) * (settings.max_document_bytes // 1024)
    roomy = settings.model_copy(update={"s3_timeout": 30.0})
    async with service(roomy, engine=False) as client:
        files = {"documents": ("a.pdf", data, "application/pdf")}
        asked = {"client_id": "acme", "use_case": "receipt", "request_id": "1"}
        made = await client.post("/jobs", data=asked, files=files)
        assert made.status_code == 201, made.text
    database = await Database.open(roomy, pool)
    sha = made.json()["request"]["documents"][0]["sha256"]
    assert (await database.documents.read([sha]))[sha] == data


async def test_away_when_an_engine_needs_it(
    settings: Settings, wire: Proxy, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "STORE_PAUSE_SECONDS", 0.2)
    async with service(settings, engine=False) as client:
        ix_id = (await submit(client, wait=0)).json()["ix_id"]
    wire.cut()
    async with service(settings) as client:
        # more often than there are attempts
        for _ in range(4):
            await log.until("tried again.*object_store_unavailable", 20)
        job = (await client.get(f"/jobs/{ix_id}")).json()
        assert (job["status"] in ("scheduled", "pending", "running"), job["attempts"]) == (True, 0)
        wire.mend()
        job = await ended(client, ix_id)
        assert (job["status"], job["attempts"]) == ("done", 1)


@pytest.mark.parametrize("fate", ["lost", "changed", "cut short"])
async def test_an_object_that_is_not_what_it_was(settings: Settings, s3: S3Server, fate: str) -> None:
    async with service(settings, engine=False) as client:
        ix_id = (await submit(client, wait=0)).json()["ix_id"]
    bucket, [key] = store(s3, settings)
    if fate == "lost":
        obstore.delete(bucket, key)
    else:
        obstore.put(bucket, key, LETTER.upper().encode() if fate == "changed" else LETTER[:-1].encode())
    async with service(settings) as client:
        job = await ended(client, ix_id)
    assert (job["status"], job["response"]["error"]["code"]) == ("error", "document_missing")


async def test_a_document_that_was_known_and_is_gone_is_uploaded(
    settings: Settings, s3: S3Server, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look whether it is known and the insert, its last job is erased."""
    async with service(settings, engine=False) as client:
        first = (await submit(client, wait=0)).json()["ix_id"]
        database = await Database.open(settings, pool)
        await pool.execute("""
            CREATE FUNCTION erased() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN DELETE FROM documents; RETURN NULL; END $$""")
        await pool.execute("""
            CREATE TRIGGER meanwhile BEFORE INSERT ON jobs FOR EACH STATEMENT
            WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION erased()""")
        made = await submit(client, name="2", wait=0)
        assert (made.status_code, made.json()["ix_id"] != first) == (201, True)
        await pool.execute("DROP TRIGGER meanwhile ON jobs")
    [row] = await pool.fetch("SELECT sha256, object FROM documents")
    assert await database.documents.read([row["sha256"].hex()]) == {row["sha256"].hex(): LETTER.encode()}
