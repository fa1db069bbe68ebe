"""How many jobs and pages a client may have in a day: counted once, kept exactly, and told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from pydantic import SecretStr

from ix.api.app import create_app
from ix.api.measuring import Monitor
from ix.api.measuring.prometheus import text
from ix.api.problems import Problem
from ix.api.submission.caps import CREDIT_SECONDS, DayCaps
from ix.api.submission.credits import SHARES
from ix.background.batcher import Batcher
from ix.config import Settings
from ix.database import Database
from ix.database.caps import Cap
from ix.database.connect import Pool
from ix.database.jobs import Inserted, Jobs, Outcome
from ix.database.jobs.insert import _row
from ix.database.jobs.split import NewPart
from ix.job import PartPages, Request, Response, Submission
from tests.api.conftest import client_of
from tests.api.submission.test_quota import Clock
from tests.factories import submission


@pytest.fixture
def database(pool: Pool) -> Database:
    return Database(pool)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def client(settings: Settings, pool: Pool) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(create_app(settings=settings, pool=pool, probes={})) as client:
        yield client


def web(database: Database, clock: Clock, jobs: int = 0, pages: int = 0) -> DayCaps:
    return DayCaps(database, Cap(jobs, pages), clock)


async def refused(caps: DayCaps, insert: Any, number: int, client: str = "acme") -> int:
    """How many of so many new jobs, submitted at once, are refused."""
    answers = await asyncio.gather(
        *(caps.submit(submission(client=client), insert) for _ in range(number)), return_exceptions=True
    )
    assert {type(one) for one in answers if isinstance(one, Exception)} <= {Problem}
    return sum(isinstance(one, Problem) for one in answers)


async def read(database: Database, pages: int, client: str = "acme", **fields: Any) -> str:
    """A job that ended having read so many pages."""
    job = (await database.jobs.insert_pending(submission(client=client, **fields))).job
    [claim] = await database.jobs.claim(uuid4(), 1)
    await database.jobs.mark_done(claim, Response(result={}, usage={"pages": pages}))
    return job.ix_id


async def used(database: Database, client: str = "acme") -> tuple[int, int]:
    found = await database.caps.used(client)
    return found.jobs, found.pages


@pytest.mark.parametrize("cap", [1, 7, 45])
async def test_exactly_the_cap_gets_in_one_by_one_or_at_once(cap: int, database: Database, clock: Clock) -> None:
    for insert in (database.jobs.insert_pending, Batcher(database.jobs.insert_many)):
        client = str(uuid4())
        assert await refused(web(database, clock, jobs=cap), insert, cap + 20, client) == 20
        assert await used(database, client) == (cap, 0)


async def test_each_way_in_is_counted_with_its_job(database: Database) -> None:
    one = submission(counted=True)
    protected = submission(document=b"a", counted=True, passwords={0: SecretStr("secret")})
    many = [submission(client=name, document=name.encode(), counted=name != "free") for name in ("acme", "free", "b")]
    for given in ([one], [protected], many, [one, protected, *many]):
        await database.jobs.insert_many(given)
    assert await used(database) == (3, 0)
    assert [await used(database, name) for name in ("free", "b")] == [(0, 0), (1, 0)]


async def test_what_was_there_already_is_not_counted_and_never_refused(database: Database, clock: Clock) -> None:
    caps = web(database, clock, jobs=2)
    first = submission()
    for _ in range(5):
        await caps.submit(first, database.jobs.insert_pending)
    assert await used(database) == (1, 0)
    assert await refused(caps, database.jobs.insert_pending, 2) == 1
    assert (await caps.submit(first, database.jobs.insert_pending)).outcome is Outcome.SAME
    # neither the erased nor the cancelled give their place back
    await database.jobs.erase((await database.jobs.known(first)).job.ix_id)  # type: ignore[union-attr]
    clock.now += CREDIT_SECONDS + 1
    assert await refused(caps, database.jobs.insert_pending, 1) == 1


async def test_an_insert_that_failed_is_not_counted(database: Database, clock: Clock) -> None:
    async def away(_: Submission) -> Inserted:
        raise OSError("the database is away")

    caps = web(database, clock, jobs=1)
    with pytest.raises(OSError, match="away"):
        await caps.submit(submission(), away)
    clock.now += CREDIT_SECONDS
    assert await refused(caps, database.jobs.insert_pending, 2) == 1


async def test_two_processes_overshoot_by_no_more_than_they_cannot_see(database: Database, clock: Clock) -> None:
    cap, at_once = 200, 150
    batchers = [Batcher(database.jobs.insert_many) for _ in range(2)]
    webs = [web(database, clock, jobs=cap) for _ in batchers]
    await asyncio.gather(*(refused(caps, insert, at_once) for caps, insert in zip(webs, batchers, strict=True)))
    jobs, _ = await used(database)
    # a twentieth of what is left, and what the other one inserts in that moment
    assert cap <= jobs <= cap + cap // SHARES + at_once
    assert jobs == await database.pool.fetchval("SELECT count(*) FROM jobs")
    clock.now += CREDIT_SECONDS + 1
    assert await refused(webs[0], batchers[0], 3) == 3


async def test_pages_count_when_they_were_read_once_each(database: Database, clock: Clock) -> None:
    caps = web(database, clock, pages=10)
    await read(database, 4)
    assert await refused(caps, database.jobs.insert_pending, 3) == 0
    ix_id = await database.pool.fetchval("SELECT ix_id FROM jobs WHERE status = 'pending' LIMIT 1")
    claims = await database.jobs.claim(uuid4(), 3)
    for claim in claims:
        for _ in range(2):
            # the second finish is the first one's, repeated
            await database.jobs.mark_done(claim, Response(result={}, usage={"pages": 2}))
    assert await used(database) == (0, 10)
    clock.now += CREDIT_SECONDS
    with pytest.raises(Problem) as error:
        await caps.submit(submission(), database.jobs.insert_pending)
    refusal = error.value.document()
    assert (error.value.status, refusal.code, refusal.cap and refusal.cap.of) == (429, "day_pages_used", "pages")
    with pytest.raises(Problem, match="10 pages read"):
        await caps.ensure_reading("acme")
    await caps.ensure_reading("another")
    # what is read again counts again, whatever becomes of the job
    assert await database.jobs.retry(ix_id)
    [again] = await database.jobs.claim(uuid4(), 1)
    await database.jobs.mark_done(again, Response(result={}, usage={"pages": 2}))
    await database.jobs.erase(ix_id)
    assert await used(database) == (0, 12)


async def test_pages_of_parts_count_once_and_parts_are_no_new_jobs(database: Database) -> None:
    await database.jobs.insert_many([submission(document=b"a stack", counted=True)])
    [claim] = await database.jobs.claim(uuid4(), 1)
    assert claim.request is not None
    parts = [
        NewPart(Request(documents=claim.request.documents), [PartPages(document=0, pages=(n,))], "") for n in (1, 2)
    ]
    await database.jobs.split(claim, parts, {})
    for part in await database.jobs.claim(uuid4(), 2):
        await database.jobs.mark_done(part, Response(result={}, usage={"pages": 1}))
    assert await database.jobs.gather() == [claim.ix_id]
    assert await used(database) == (1, 2)


async def test_a_day_is_one_of_the_database_and_the_next_one_begins_anew(database: Database, clock: Clock) -> None:
    caps = web(database, clock, jobs=2)
    assert await refused(caps, database.jobs.insert_pending, 3) == 1
    with pytest.raises(Problem) as error:
        await caps.submit(submission(), database.jobs.insert_pending)
    now = await database.pool.fetchval("SELECT now()")
    midnight = datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), datetime.min.time(), UTC)
    cap = error.value.document().cap
    assert cap is not None
    assert (cap.of, cap.cap, cap.used, cap.turns_at) == ("jobs", 2, 2, midnight)
    assert abs(int(error.value.headers["retry-after"]) - (midnight - now).total_seconds()) < 5
    await database.pool.execute("UPDATE day_counts SET day = day - 1")
    clock.now += CREDIT_SECONDS + 1
    assert await refused(caps, database.jobs.insert_pending, 3) == 1


async def test_days_that_are_over_are_added_up_and_forgotten(database: Database) -> None:
    await database.pool.execute("""
        INSERT INTO day_counts (day, client_id, shard, jobs, pages)
        SELECT day_of_counts() - ago, 'acme', shard, 1, 2
        FROM generate_series(0, 100, 50) AS ago, generate_series(1, 700) AS shard""")
    while await database.caps.add_up():
        pass
    rows = await database.pool.fetch(
        "SELECT day_of_counts() - day AS ago, count(*), sum(jobs) AS jobs, sum(pages) AS pages FROM day_counts "
        "GROUP BY day ORDER BY 1"
    )
    assert [tuple(row) for row in rows] == [(0, 700, 700, 1400), (50, 1, 700, 1400)]


async def test_a_monitor_sees_how_near_a_client_is_to_its_cap(settings: Settings, database: Database) -> None:
    await read(database, 4)
    await read(database, 7, "other")
    await database.jobs.insert_many([submission(client="other", counted=True)])
    await database.caps.set("other", Cap(jobs=5))
    snapshot = await Monitor(settings.model_copy(update={"day_pages": 50}), database).snapshot()
    body = text(snapshot, "").body.decode()
    lines = {line for line in body.splitlines() if line.startswith("ix_day_")}
    assert lines == {
        'ix_day_used{client="other",of="pages"} 7.0',
        'ix_day_used{client="acme",of="pages"} 4.0',
        'ix_day_used{client="other",of="jobs"} 1.0',
        'ix_day_cap{client="other",of="pages"} 50.0',
        'ix_day_cap{client="acme",of="pages"} 50.0',
        'ix_day_cap{client="other",of="jobs"} 5.0',
    }


async def test_nobody_waits_for_another_that_counts(database: Database) -> None:
    """Each connection has a row of its own."""
    async with database.pool.acquire() as one, one.transaction():
        await one.fetch(Jobs._INSERT_ONE_COUNTED, *_row(submission(counted=True)), True)
        async with asyncio.timeout(5):
            await database.jobs.insert_many([submission(counted=True)])
        assert await used(database) == (1, 0), "the first one is not committed"
    assert await used(database) == (2, 0)


async def test_a_client_without_a_cap_is_inserted_by_the_statements_of_before(database: Database, clock: Clock) -> None:
    assert await refused(web(database, clock), database.jobs.insert_pending, 3) == 0
    assert await database.pool.fetchval("SELECT count(*) FROM day_counts") == 0


async def test_caps_are_set_seen_and_lifted_while_the_service_runs(client: httpx.AsyncClient) -> None:
    body = {"client_id": "a/b?c", "use_case": "drill"}
    put = await client.put("/caps", params={"client_id": "a/b?c"}, json={"jobs": 1, "pages": 50})
    assert (put.status_code, put.json()["jobs"]) == (200, 1)
    first = await client.post("/jobs", json={**body, "request_id": "1"})
    second = await client.post("/jobs", json={**body, "request_id": "2"})
    assert (first.status_code, second.status_code) == (201, 429)
    problem = second.json()
    assert (problem["code"], problem["cap"]["used"], problem["errors"][0]["field"]) == ("day_jobs_used", 1, "client_id")
    assert 0 < int(second.headers["retry-after"]) <= 86_400
    assert (await client.post("/jobs", json={**body, "request_id": "1"})).status_code == 200
    batch = {"jobs": [{**body, "request_id": "3"}, {**body, "client_id": "other", "request_id": "3"}]}
    assert [one["status"] for one in (await client.post("/jobs/batch", json=batch)).json()["jobs"]] == [429, 201]
    told = (await client.get("/caps")).json()
    assert told["default"] == {"jobs": 0, "pages": 0}
    expected = {"client_id": "a/b?c", "jobs": 1, "pages": 50, "used_jobs": 1, "used_pages": 0}
    assert (told["clients"], told["more"]) == ([expected], False)
    assert (await client.get("/caps", params={"client_id": "a/b?c"})).json()["clients"] == [expected]
    assert (await client.delete("/caps", params={"client_id": "a/b?c"})).status_code == 204
    assert (await client.post("/jobs", json={**body, "request_id": "2"})).status_code == 201
    noted = (await client.get("/audit")).json()["entries"]
    assert [one["what"] for one in noted] == ["cap.drop", "cap.set"]
    assert noted[1]["detail"] == {"of": "a/b?c", "jobs": 1, "pages": 50}


@pytest.mark.parametrize("body", [{"jobs": -1}, {"jobs": 1.5}, {"jobs": 2**63}, {"pages": "many"}, {"job": 1}, [], "x"])
async def test_what_is_no_cap_is_refused(client: httpx.AsyncClient, body: object) -> None:
    refusal = await client.put("/caps", params={"client_id": "acme"}, json=body)
    assert refusal.status_code == 422
    assert (await client.get("/caps")).json()["clients"] == []


@pytest.mark.parametrize("name", [None, "", "a\x00b", "x" * 201])
async def test_a_cap_is_of_somebody(client: httpx.AsyncClient, name: str | None) -> None:
    query = {} if name is None else {"client_id": name}
    assert (await client.put("/caps", params=query, json={"jobs": 1})).status_code == 422
    assert (await client.delete("/caps", params=query)).status_code == 422
