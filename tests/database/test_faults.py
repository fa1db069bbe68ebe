"""Faults of the database: whatever PostgreSQL says but of the data passes, and costs neither a result nor a job. Every
class of its errors meets every write of a job."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import httpx
import pytest

from ix.api.app import create_app
from ix.config import Settings
from ix.database.connect import Connection, Pool
from ix.database.faults import kind_of, minds_data
from ix.database.jobs import Jobs
from ix.database.pool import open_pool
from ix.database.roles import ROLES
from ix.engine import finisher
from ix.engine.answer import Answer
from ix.engine.finisher import Finisher
from ix.job import Claim, Job, Problem, Status
from tests import logs
from tests.accounts import accounts, connected
from tests.api.conftest import client_of
from tests.engine.working import insert
from tests.factories import answer
from tests.logs import Log

KINDS = {
    "unreachable": ["08006"],
    "failing": ["0A000", "21000", "26000", "39000", "53200", "58030", "F0000", "HV000", "P0001", "XX000", "ZZ999"],
    "read_only": ["25006"],
    "denied": ["28P01", "42501"],
    "locked": ["40001", "40P01", "55P03"],
    "unmigrated": ["3F000", "42703", "42704", "42883", "42P01"],
    "full": ["53100"],
    "busy": ["53300"],
    "restarting": ["57P01", "57P03"],
    "slow": ["57014"],
}
PASSING = [state for states in KINDS.values() for state in states]
OF_THE_DATA = ["22021", "22P02", "22999", "23505", "23514", "54000"]
RAISE = """
    CREATE TABLE fault (state text);
    INSERT INTO fault VALUES (NULL);
    CREATE FUNCTION raise_fault() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE at_fault text := (SELECT state FROM fault);
    BEGIN
        IF at_fault IS NOT NULL THEN RAISE EXCEPTION 'provoked' USING ERRCODE = at_fault; END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER provoked AFTER INSERT OR UPDATE OR DELETE ON jobs FOR EACH ROW EXECUTE FUNCTION raise_fault()"""
SLOW = """
    CREATE FUNCTION take_long() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_sleep(0.9);
        RETURN NULL;
    END $$;
    CREATE TRIGGER slow AFTER UPDATE ON jobs FOR EACH ROW
    WHEN (length(NEW.response::text) > 100000) EXECUTE FUNCTION take_long()"""
Provoke = Callable[[str | None], Awaitable[None]]


@pytest.fixture
async def provoke(pool: Pool) -> Provoke:
    """Lets every write of a job end in an error of this SQLSTATE from now on; None lets it pass."""
    await pool.execute(RAISE)

    async def provoke(state: str | None) -> None:
        await pool.execute("UPDATE fault SET state = $1", state)

    return provoke


@pytest.fixture
def log() -> Iterator[Log]:
    with logs.heard() as log:
        yield log


@pytest.fixture
async def quick(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Finisher]:
    """A finisher that hardly pauses between its tries."""
    monkeypatch.setattr(finisher, "PAUSES", (0.01,))
    quick = Finisher(jobs, 0.01, lambda: None)
    yield quick
    quick.stop()


async def claimed(jobs: Jobs, number: int = 1) -> list[Claim]:
    await insert(jobs, number)
    return await jobs.claim(uuid4(), number)


async def finished(log: Log) -> str:
    """The next job that is finished."""
    return (await log.until("job finished")).partition("ix_id=")[2].partition(" ")[0]


def body(request_id: str) -> dict[str, str]:
    return {"client_id": "acme", "request_id": request_id, "use_case": "drill"}


class TestResults:
    @pytest.mark.parametrize("bytes_of_pad", [1, finisher.HEAVY])
    async def test_what_passes_costs_no_result(
        self, jobs: Jobs, pool: Pool, quick: Finisher, provoke: Provoke, log: Log, bytes_of_pad: int
    ) -> None:
        [claim] = await claimed(jobs)
        good = answer(pad="x" * bytes_of_pad)
        await provoke(PASSING[0])
        quick.finish(claim, Answer.of(good), 0.0)
        for kind, states in KINDS.items():
            for state in states:
                await provoke(state)
                await log.until(f"finish delayed.* kind={kind} ")
        await provoke(None)
        await quick.wait_until_stored()
        job = await jobs.get(claim.ix_id)
        assert job is not None
        # what is large is not looked into, and so read anew
        stored = Job.model_validate_json(job.envelope()).response
        assert (job.status, job.attempts, stored) == (Status.DONE, 1, good)

    async def test_what_the_data_is_minded_for_ends_in_an_error_that_says_so(
        self, jobs: Jobs, pool: Pool, quick: Finisher, provoke: Provoke, log: Log
    ) -> None:
        for state in OF_THE_DATA:
            claims = await claimed(jobs, 2)
            await provoke(state)
            for claim in claims:
                quick.finish(claim, Answer.of(answer(n=1)), 0.0)
            for _ in claims:
                await log.until("use case raised")
            await provoke(None)
            await quick.wait_until_stored()
        errors = await pool.fetch("SELECT DISTINCT response -> 'error' ->> 'code' AS code FROM jobs")
        assert [row["code"] for row in errors] == ["response_unstorable"]

    async def test_a_job_is_postponed_however_long_it_takes(
        self, jobs: Jobs, pool: Pool, quick: Finisher, provoke: Provoke, log: Log
    ) -> None:
        [claim] = await claimed(jobs)
        await provoke(PASSING[0])
        quick.postpone(claim, Problem(code="model_overloaded", message="a\x00b \ud800"))
        for state in PASSING:
            await provoke(state)
            await log.until("finish delayed")
        await provoke(None)
        await quick.wait_until_stored()
        job = await jobs.get(claim.ix_id)
        assert job is not None
        assert (job.status, job.attempts) == (Status.SCHEDULED, 1)

    async def test_one_that_outlasts_every_time_limit_gets_more_and_holds_up_no_other(
        self, jobs: Jobs, pool: Pool, log: Log, settings: Settings
    ) -> None:
        await pool.execute(SLOW)
        await pool.execute(f"ALTER DATABASE {urlsplit(settings.postgres_url).path[1:]} SET statement_timeout = 300")
        await pool.expire_connections()
        large, *small = await claimed(jobs, 3)
        impatient = Finisher(jobs, 0.01, lambda: None, statement_timeout=0.3)
        impatient.finish(large, Answer.of(answer(pad="x" * finisher.HEAVY)), 0.0)
        await log.until("finish delayed.* kind=slow ")
        for claim in small:
            impatient.finish(claim, Answer.of(answer()), 0.0)
        assert {await finished(log), await finished(log)} == {claim.ix_id for claim in small}
        await impatient.wait_until_stored()
        assert await finished(log) == large.ix_id
        assert impatient.unstored_bytes == 0

    async def test_a_row_that_is_held_holds_up_no_other_result(
        self, jobs: Jobs, pool: Pool, log: Log, settings: Settings
    ) -> None:
        patient = Finisher(jobs, 0.01, lambda: None)
        first, *others = await claimed(jobs, 8)
        await pool.execute(f"ALTER DATABASE {urlsplit(settings.postgres_url).path[1:]} SET lock_timeout = 20")
        await pool.expire_connections()
        async with connected(settings.postgres_url) as holder, holder.transaction():
            await holder.execute("SELECT FROM jobs WHERE ix_id = $1 FOR UPDATE", first.ix_id)
            for claim in (first, *others):
                patient.finish(claim, Answer.of(answer()), 0.0)
            for _ in others:
                await log.until("job finished")
            assert [claim.ix_id for claim in patient.claims] == [first.ix_id]
        await patient.wait_until_stored()
        assert await pool.fetchval("SELECT count(*) FROM jobs WHERE status = 'done'") == 8


async def calls(client: httpx.AsyncClient, ids: dict[str, str]) -> dict[str, httpx.Response]:
    return {
        "submit": await client.post("/jobs", json=body("new")),
        "batch": await client.post("/jobs/batch", json={"jobs": [body("new")]}),
        "cancel": await client.delete(f"/jobs/{ids['waiting']}"),
        "erase": await client.delete(f"/jobs/{ids['ended']}", params={"erase": "true"}),
        "retry": await client.post(f"/jobs/{ids['ended']}/retry"),
    }


async def two_jobs(jobs: Jobs) -> dict[str, str]:
    waiting, ended = await insert(jobs, 2)
    await jobs.cancel(ended)
    return {"waiting": waiting, "ended": ended}


class TestHttp:
    async def test_what_passes_is_503_with_a_time_to_try_again(
        self, settings: Settings, jobs: Jobs, pool: Pool, provoke: Provoke
    ) -> None:
        ids = await two_jobs(jobs)
        async with client_of(create_app(settings=settings, pool=pool)) as client:
            for kind, states in KINDS.items():
                for state in states:
                    await provoke(state)
                    for name, answered in (await calls(client, ids)).items():
                        found = answered.status_code, answered.headers.get("retry-after")
                        assert found == (503, "1"), (state, name, answered.text)
                    ready = await client.get("/readyz")
                    shown = "fail" if kind in ("unreachable", "busy", "slow") else kind
                    assert (ready.status_code, ready.json()["postgres"]) == (503, shown)
            await provoke(None)
            assert [one.status_code for one in (await calls(client, ids)).values()][:1] == [201]
            assert (await client.get("/readyz")).status_code == 200

    async def test_a_full_notification_queue_is_no_fault_of_the_data(
        self, settings: Settings, jobs: Jobs, pool: Pool, provoke: Provoke, quick: Finisher, log: Log
    ) -> None:
        ids = await two_jobs(jobs)
        [claim] = await jobs.claim(uuid4(), 1)
        async with client_of(create_app(settings=settings, pool=pool)) as client:
            with pytest.MonkeyPatch.context() as patch:
                # as if it were full: triggers notify, too, where a callback is owed
                patch.setattr("ix.database.repository.FULL", 0.0)
                await provoke("54000")
                quick.finish(claim, Answer.of(answer()), 0.0)
                await log.until("finish delayed.* kind=busy ")
                assert {one.status_code for one in (await calls(client, ids)).values()} == {503}
                # before the queue is as it was: another try would take the fault for the data's
                await provoke(None)
            await quick.wait_until_stored()
        assert await pool.fetchval("SELECT status FROM jobs WHERE ix_id = $1", claim.ix_id) == "done"

    async def test_what_the_data_is_minded_for_is_nobodys_to_try_again(
        self, settings: Settings, jobs: Jobs, pool: Pool, provoke: Provoke
    ) -> None:
        ids = await two_jobs(jobs)
        async with client_of(create_app(settings=settings, pool=pool)) as client:
            for state in OF_THE_DATA:
                await provoke(state)
                assert (await calls(client, ids))["submit"].status_code == 500


CUT = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""


def deeds(name: str) -> list[tuple[str, str, str]]:
    """What is done to the database, how it is undone, and what `/readyz` says meanwhile."""
    return [
        (
            f"ALTER DATABASE {name} SET default_transaction_read_only = on; {CUT}",
            f"SET default_transaction_read_only = off; ALTER DATABASE {name} RESET default_transaction_read_only",
            "read_only",
        ),
        (
            "REVOKE ix_web FROM {web}; REVOKE ix_engine FROM {engine}",
            "GRANT ix_web TO {web}; GRANT ix_engine TO {engine}",
            "denied",
        ),
        (
            "ALTER TABLE jobs RENAME COLUMN callback_status TO called; ALTER TABLE jobs RENAME COLUMN trace TO path",
            "ALTER TABLE jobs RENAME COLUMN called TO callback_status; ALTER TABLE jobs RENAME COLUMN path TO trace",
            "unmigrated",
        ),
        ("ALTER TABLE jobs RENAME TO tasks", "ALTER TABLE tasks RENAME TO jobs", "unmigrated"),
        (
            f"ALTER DATABASE {name} SET lock_timeout = 30; {CUT}; BEGIN; LOCK TABLE jobs",
            f"COMMIT; ALTER DATABASE {name} RESET lock_timeout",
            "locked",
        ),
    ]


async def each(owner: Connection, statements: str) -> None:
    """One by one: together they would be one transaction."""
    for statement in statements.split(";"):
        await owner.execute(statement)


@pytest.fixture
def logins(server_url: str, database_url: str) -> Iterator[Mapping[str, str]]:
    with accounts(server_url, database_url) as found:
        yield found


async def test_a_real_fault_passes_and_costs_nothing(
    database_url: str, settings: Settings, logins: Mapping[str, str], log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finisher, "PAUSES", (0.01,))
    monkeypatch.setattr("ix.database.pool.RENEWAL_SECONDS", 0.01)
    pools = {role: await open_pool(settings.model_copy(update={"postgres_url": logins[role]})) for role in ROLES}
    jobs, engine = Jobs(pools["ix_web"]), Jobs(pools["ix_engine"])
    names = {role.removeprefix("ix_"): urlsplit(logins[role]).username for role in ROLES}
    storing = Finisher(engine, 0.01, lambda: None)
    async with (
        connected(database_url) as owner,
        client_of(create_app(settings=settings, pool=pools["ix_web"])) as client,
    ):
        for number, (do, undo, kind) in enumerate(deeds(urlsplit(database_url).path[1:])):
            await insert(jobs, 1)
            [claim] = await engine.claim(uuid4(), 1)
            await each(owner, do.format(**names))
            storing.finish(claim, Answer.of(answer(n=42)), 0.0)
            await log.until(f"finish delayed.* kind={kind} ")
            refused = await client.post("/jobs", json=body(f"r{number}"))
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
            assert (await client.get("/readyz")).json()["postgres"] == kind
            await each(owner, undo.format(**names))
            async with asyncio.timeout(10):
                await storing.wait_until_stored()
            stored = await engine.get(claim.ix_id)
            assert stored is not None
            assert stored.response == answer(n=42)
            async with asyncio.timeout(5):
                # what was refused over an old connection is taken over a new one
                while (again := await client.post("/jobs", json=body(f"r{number}"))).status_code == 503:
                    pass
            assert again.status_code == 201
    for pool in pools.values():
        await pool.close()


def test_a_certificate_and_a_wrong_setting_are_no_data() -> None:
    assert not minds_data(ssl.SSLCertVerificationError())
    assert not minds_data(asyncpg.ClientConfigurationError("wrong"))
    assert kind_of(TimeoutError()) == "slow"
