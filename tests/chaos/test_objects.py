"""Web and the object store are killed while documents go there: none is lost, and none is left."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Iterator

import asyncpg
import httpx
import pytest

from tests import processes
from tests.chaos.clients import submitting
from tests.chaos.fleet import patiently
from tests.objects import S3Server, s3_server
from tests.ports import free_port
from tests.rows import Row, Size

TEXT = "Dear all,\nplease find the minutes below.\n" * 100
RATE = 10
DUE = "UPDATE loose_objects SET due_at = clock_timestamp()"
LEFT = "SELECT count(*) FROM loose_objects"
FATES = """
    SELECT count(*) FILTER (WHERE status = 'done'), count(*), max(attempts) FROM jobs WHERE ix_id = ANY ($1)"""


@pytest.fixture
def store() -> Iterator[S3Server]:
    """A server that may be killed."""
    with s3_server() as server:
        yield server


async def _fetch(url: str, sql: str, *arguments: object) -> asyncpg.Record:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchrow(sql, *arguments)
    finally:
        await connection.close()


def ask(url: str, sql: str, *arguments: object) -> asyncpg.Record:
    return asyncio.run(_fetch(url, sql, *arguments))


def delete_what_is_due(url: str, **settings: str) -> None:
    """Has every loose object deleted, by an engine that looks when it starts, and again each minute."""
    ask(url, DUE)
    with processes.engine(url, **settings):
        for _ in patiently(100, pause=0.2):
            if ask(url, LEFT)[0] == 0:
                break
            # what was begun and not answered in time would wait for its lease
            ask(url, DUE)


def keep_only_named(url: str, store: S3Server, **settings: str) -> None:
    """No object is left but those that documents name, and these all are."""
    delete_what_is_due(url, **settings)
    named = ask(url, "SELECT array_agg(object) FROM documents WHERE object IS NOT NULL")[0]
    assert store.keys() == set(named or ())


def test_web_dies_between_the_upload_and_the_commit(database_url: str, s3: S3Server, row: Row) -> None:
    row.did("web SIGKILLed, its document uploaded and its job not committed", "1 document")
    settings = {**s3.env, "IX_S3_PREFIX": "killed"}
    asyncio.run(_kill_in_between(database_url, s3, settings))
    before = s3.keys("killed/")
    delete_what_is_due(database_url, **settings)
    after = s3.keys("killed/")
    jobs = ask(database_url, "SELECT count(*) FROM jobs")[0]
    row.found(f"{len(before)} object without a document, {jobs} jobs; after the grace {len(after)} objects")
    assert (len(before), len(after), jobs) == (1, 0, 0)


async def _kill_in_between(url: str, s3: S3Server, settings: dict[str, str]) -> None:
    holder = await asyncpg.connect(url)
    web = processes.Process("web", url, **settings)
    try:
        address = await asyncio.to_thread(lambda: web.until(r"web listens address=(\S+)")[1])
        async with holder.transaction(), httpx.AsyncClient(base_url=address, trust_env=False) as client:
            # the insert waits, and nothing before it
            await holder.execute("LOCK TABLE jobs IN SHARE MODE")
            body = {"client_id": "acme", "request_id": "1", "use_case": "letter", "documents": [{"text": TEXT}]}
            asked = asyncio.create_task(client.post("/jobs", json=body))
            for _ in range(200):
                if s3.keys("killed/"):
                    break
                await asyncio.sleep(0.05)
            web.send(signal.SIGKILL)
            with pytest.raises(httpx.TransportError):
                await asked
    finally:
        web.stop()
        await holder.close()


@pytest.mark.long
def test_web_and_the_store_die_under_load(database_url: str, store: S3Server, size: Size, row: Row) -> None:
    rounds = size(4, 1)
    row.did("the S3 server SIGKILLed and started again, and web SIGKILLed", f"{RATE} documents/s, x {rounds} each")
    # from the moment in which it comes back a job has no longer to wait than this
    settings = {**store.env, "IX_PORT": str(free_port()), "IX_S3_TIMEOUT": "2", "IX_LOG_LEVEL": "INFO"}
    with processes.engine(database_url, **settings) as engine:
        web = processes.Process("web", database_url, **settings)
        address = web.until(r"web listens address=(\S+)")[1]
        with submitting(address, RATE, TEXT) as client:
            for _ in range(rounds):
                time.sleep(2)
                store.kill()
                time.sleep(2)
                store.start()
                time.sleep(1)
                web.send(signal.SIGKILL)
                web.stop()
                web = processes.Process("web", database_url, **settings)
                web.until("web listens")
            time.sleep(2)
        for _ in patiently(60):
            done, stored, attempts = ask(database_url, FATES, client.accepted)
            if done == stored:
                break
        web.stop()
        waited = sum("object_store_unavailable" in line for line in engine.lines)
    keep_only_named(database_url, store, **(settings | {"IX_S3_TIMEOUT": "30"}))
    kept = ask(database_url, "SELECT count(*) FROM documents WHERE object IS NOT NULL")[0]
    row.found(
        f"{len(client.accepted) - stored} of {len(client.accepted):,} accepted jobs lost, {stored - done} not done",
        ", ".join(f"{count:,} x {answer}" for answer, count in sorted(client.answers.items())),
        f"attempts at most {attempts}, {waited} waits for the store",
        f"{kept} objects for {kept} documents in the end",
    )
    assert (stored, done, attempts) == (len(client.accepted), len(client.accepted), 1)
    assert "500" not in client.answers
    assert client.answers["503 with Retry-After"] > 0
