"""Lists from a standby: they say how old they are, and a job that was made is found whatever the standby knows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from ix.api.app import create_app
from ix.api.live import counting
from ix.cli.doctor.patient import Patient, State
from ix.cli.doctor.replica import replica as examined
from ix.config import Settings
from ix.database import Database, replica
from ix.database.migrate import migrate
from tests import logs, proxy
from tests.api.conftest import client_of
from tests.chaos.standby import Pair
from tests.factories import answer
from tests.logs import Log
from tests.proxy import Proxy

ASKED = {"client_id": "acme", "use_case": "drill", "options": {"action": "succeed"}}
DONE = "SELECT count(*) FROM jobs WHERE status = 'done'"
CAUGHT_UP = "SELECT count(*) FROM jobs WHERE request_id = $1"


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with Pair.running() as pair:
        yield pair


@pytest.fixture
async def wire(pair: Pair) -> AsyncIterator[Proxy]:
    """To the standby."""
    async with proxy.proxied(pair.replica_url) as wire:
        yield wire


@pytest.fixture
async def standby(pair: Pair) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(pair.replica_url)
    yield connection
    await connection.execute("SELECT pg_wal_replay_resume()")
    await connection.close()


@pytest.fixture
async def settings(pair: Pair, wire: Proxy) -> Settings:
    await migrate(pair.url)
    return Settings(postgres_url=pair.url, replica_url=wire.url, ocr="off", drill=True)


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(create_app(settings=settings)) as client:
        yield client


@pytest.fixture
def log() -> Iterator[Log]:
    with logs.heard() as log:
        yield log


async def made(client: httpx.AsyncClient, name: str) -> dict[str, Any]:
    answer = await client.post("/jobs", json={**ASKED, "request_id": name})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def asked_of(pair: Pair, sql: str) -> int:
    connection = await asyncpg.connect(pair.url)
    found = await connection.fetchval(sql)
    await connection.close()
    return int(found)


async def listed(client: httpx.AsyncClient) -> tuple[set[str], str | None]:
    found = (await client.get("/jobs", params={"limit": 200})).json()
    return {job["request_id"] for job in found["jobs"]}, found.get("as_of")


async def finished(pair: Pair) -> None:
    """All that waits is done."""
    database = await Database.open(Settings(postgres_url=pair.url))
    while claims := await database.jobs.claim(uuid4(), 10):
        await database.jobs.finish_many([(claim, answer(n=1)) for claim in claims])
    await database.close()


async def told(client: httpx.AsyncClient) -> dict[str, tuple[int, str | None]]:
    """Of each question about many jobs how many it finds, and of which moment."""
    counts = (await client.get("/jobs/counts")).json()
    minutes = (await client.get("/metrics/minutes", params={"last": 30})).json()
    preview = (await client.get("/exports/preview", params={"format": "jsonl"})).json()
    export = await client.get("/exports", params={"format": "jsonl"})
    return {
        "counts": (counts["status"]["done"], counts.get("as_of")),
        "minutes": (sum(minute["done"] for minute in minutes["minutes"]), minutes.get("as_of")),
        "preview": (preview["of"], preview.get("as_of")),
        "export": (len(export.text.splitlines()), export.headers.get("ix-as-of")),
    }


async def done(standby: asyncpg.Connection, number: int) -> None:
    for _ in range(2000):
        if await standby.fetchval(DONE) == number:
            return
    raise AssertionError(f"the standby does not get {number} jobs that are done")


async def applied(standby: asyncpg.Connection, name: str) -> None:
    for _ in range(2000):
        if await standby.fetchval(CAUGHT_UP, name):
            return
    raise AssertionError(f"the standby does not get {name}")


async def test_a_list_of_a_standby_says_how_old_it_is(client: httpx.AsyncClient, standby: asyncpg.Connection) -> None:
    await made(client, "first")
    await applied(standby, "first")
    await standby.execute("SELECT pg_wal_replay_pause()")
    before = await standby.fetchval("SELECT pg_last_xact_replay_timestamp()")
    job = await made(client, "second")
    names, as_of = await listed(client)
    assert "first" in names
    assert "second" not in names
    assert as_of is not None
    assert before.isoformat()[:19] == as_of[:19]
    # one job is the database's own affair
    assert (await client.get(f"/jobs/{job['ix_id']}")).status_code == 200
    known = {"client_id": job["client_id"], "request_id": "second"}
    assert (await client.get("/jobs", params=known)).json()["ix_id"] == job["ix_id"]
    await standby.execute("SELECT pg_wal_replay_resume()")
    await applied(standby, "second")
    assert "second" in (await listed(client))[0]


async def test_a_standby_that_is_too_far_behind_is_passed_over(
    settings: Settings, standby: asyncpg.Connection, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replica, "AWAY_SECONDS", 0.0)
    async with client_of(create_app(settings=settings.model_copy(update={"replica_age": 0.2}))) as client:
        await standby.execute("SELECT pg_wal_replay_pause()")
        await standby.execute("SELECT pg_sleep(0.3)")
        await made(client, "late")
        names, as_of = await listed(client)
        assert ("late" in names, as_of) == (True, None)
        await log.until("lists are asked of the database itself")
        await standby.execute("SELECT pg_wal_replay_resume()")
        await made(client, "in time")
        await applied(standby, "in time")
        assert (await listed(client))[1] is not None


@pytest.mark.parametrize("outage", ["cut", "freeze"])
async def test_a_standby_that_is_away_is_passed_over(
    client: httpx.AsyncClient, standby: asyncpg.Connection, wire: Proxy, log: Log, outage: str
) -> None:
    await made(client, f"before {outage}")
    await applied(standby, f"before {outage}")
    assert (await listed(client))[1] is not None
    getattr(wire, outage)()
    names, as_of = await listed(client)
    assert (f"before {outage}" in names, as_of) == (True, None)
    await log.until("lists are asked of the database itself")
    # and not waited for again
    assert (await listed(client))[1] is None


async def test_whatever_is_about_many_jobs_is_asked_of_a_standby(
    pair: Pair, client: httpx.AsyncClient, standby: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "FRESH_SECONDS", 0.0)
    await made(client, "known")
    await finished(pair)
    known = await asked_of(pair, DONE)
    await done(standby, known)
    await standby.execute("SELECT pg_wal_replay_pause()")
    await made(client, "unknown")
    await finished(pair)
    found = await told(client)
    assert {name: number for name, (number, _) in found.items()} == dict.fromkeys(found, known)
    assert all(as_of for _, as_of in found.values())
    bar = await client.get("/reviews/bar", params={"use_case": "receipt"})
    assert bar.json()["as_of"]


@pytest.mark.parametrize("outage", ["cut", "freeze"])
async def test_the_database_tells_of_many_jobs_where_a_standby_is_away(
    pair: Pair, client: httpx.AsyncClient, wire: Proxy, outage: str
) -> None:
    await made(client, f"told before {outage}")
    await finished(pair)
    getattr(wire, outage)()
    found = await told(client)
    known = await asked_of(pair, DONE)
    assert found == dict.fromkeys(found, (known, None))


async def test_what_began_at_a_standby_ends_at_the_database_and_goes_back_never(
    pair: Pair, settings: Settings, standby: asyncpg.Connection, wire: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replica, "AWAY_SECONDS", 0.0)
    primary = await Database.open(settings)
    reads = replica.Reads(settings, primary)
    try:
        steady = reads.steadily()

        async def at(there: Database) -> bool:
            return bool(await there.pool.fetchval("SELECT pg_is_in_recovery()"))

        assert await steady.ask(at) is True
        assert (as_of := steady.as_of) is not None
        wire.cut()
        assert await steady.ask(at) is False
        wire.mend()
        assert (await reads.ask(at)).found is True
        assert await steady.ask(at) is False
        # complete at least to where it began
        assert steady.as_of == as_of
    finally:
        await reads.close()
        await primary.close()


async def test_the_doctor_says_how_it_is(settings: Settings, standby: asyncpg.Connection, wire: Proxy) -> None:
    async def look(**more: object) -> tuple[State, str]:
        found = await examined(Patient(settings.model_copy(update=more)))
        return found.state, found.found

    assert (await look())[0] is State.OK
    await standby.execute("SELECT pg_wal_replay_pause()")
    await standby.execute("SELECT pg_sleep(0.3)")
    assert (await look(replica_age=0.2))[0] is State.WARN
    assert (await look(replica_url=settings.postgres_url))[1].startswith("lists come from the database: the replica is")
    wire.cut()
    assert (await look())[0] is State.WARN
    assert (await look(replica_url=""))[0] is State.OFF


async def test_no_standby_says_nothing_of_age(settings: Settings) -> None:
    async with client_of(create_app(settings=settings.model_copy(update={"replica_url": ""}))) as client:
        assert "as_of" not in (await client.get("/jobs")).json()
