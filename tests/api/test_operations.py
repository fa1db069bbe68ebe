"""Minutes, engines, pauses and actions over HTTP: what they say, to whom, and what they refuse."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from ix.api.app import create_app
from ix.api.minutes import Minutes
from ix.api.recent import Recent
from ix.api.routes import actions
from ix.config import Settings
from ix.database import Database
from ix.database.connect import Pool, open_connection
from ix.database.engines import Engines, Load
from ix.database.keys import Caller, Grant
from ix.database.metrics import Metrics, Minute
from ix.database.replica import Reads
from ix.engine.maintenance.operator import Operator
from tests.api.conftest import client_of
from tests.chaos.faulty import FaultyPool
from tests.factories import answer, submission


@pytest.fixture
def database(pool: Pool) -> Database:
    return Database(pool)


@pytest.fixture
async def client(settings: Settings, pool: Pool) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(create_app(settings=settings, pool=pool, probes={})) as client:
        yield client


async def bearer(database: Database, client_id: str | None, **grant: Any) -> dict[str, str]:
    return {"authorization": f"Bearer {await database.keys.add(client_id, Grant(**grant))}"}


async def insert(database: Database, count: int = 1, client: str = "acme", **fields: Any) -> list[str]:
    made = await database.jobs.insert_many([submission(client=client, **fields) for _ in range(count)])
    return [one.job.ix_id for one in made]


async def ended(database: Database, count: int, client: str = "acme", code: str = "", **fields: Any) -> list[str]:
    made = await insert(database, count, client, **fields)
    for claim in await database.jobs.claim(uuid4(), 100):
        await (database.jobs.mark_error(claim, code, "why") if code else database.jobs.mark_done(claim, answer()))
    return made


async def waited_for(client: httpx.AsyncClient, database: Database, asked: httpx.Response, **more: Any) -> Any:
    operator = Operator(Settings(), database)
    while await operator.do_what_is_due() == 0.0:
        pass
    return (await client.get(asked.headers["location"], **more)).json()


UNFIT: Sequence[tuple[dict[str, Any], str]] = [
    ({"action": "retry"}, "where"),
    ({"action": "retry", "ids": ["0" * 16], "where": {}, "expect": 1}, "where"),
    ({"action": "retry", "where": {}}, "expect"),
    ({"action": "retry", "where": {"limit": 5}, "expect": 1}, "where.limit"),
    ({"action": "retry", "where": {"nonsense": 5}, "expect": 1}, "where.nonsense"),
    ({"action": "retry", "ids": []}, "ids"),
    ({"action": "retry", "ids": ["x"]}, "ids.0"),
    ({"action": "retry", "ids": ["0" * 16] * 1001}, "ids"),
    ({"action": "delete", "ids": ["0" * 16]}, "action"),
]


class CountedMetrics(Metrics):
    """The real ones, which note how many minutes each read is about."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool)
        self.counts: list[int] = []

    async def minutes(self, count: int, *whose: Any) -> Sequence[Minute]:
        self.counts.append(count)
        return await super().minutes(count, *whose)


class TestMinutes:
    async def test_each_sees_its_own(self, client: httpx.AsyncClient, database: Database) -> None:
        acme, admin = await bearer(database, "acme"), await bearer(database, None)
        few = await bearer(database, None, use_cases=["receipt"])
        await ended(database, 2)
        await ended(database, 1, code="ocr_failed")
        await ended(database, 3, client="other", use_case="receipt")
        await insert(database, 4)
        await insert(database, 1, client="other")
        expected = [(acme, 2, 1, 4), (admin, 5, 1, 5), (few, 3, 0, 0)]
        for headers, done, error, waiting in expected:
            said = (await client.get("/metrics/minutes?last=3", headers=headers)).json()
            assert sum(minute["done"] for minute in said["minutes"]) == done
            assert sum(minute["error"] for minute in said["minutes"]) == error
            assert (said["waiting"], said["paused"], said["oldest_seconds"] is None) == (waiting, 0, not waiting)
            assert len({minute["at"] for minute in said["minutes"]}) == 3
            last = next(minute for minute in reversed(said["minutes"]) if minute["done"])
            assert 0 <= last["p50"] <= last["p95"]

    async def test_a_number_that_is_none_is_refused(self, client: httpx.AsyncClient) -> None:
        for last in ("0", "1441", "x", ""):
            refused = await client.get("/metrics/minutes", params={"last": last})
            assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "last")

    async def test_the_oldest_is_found_whatever_goes_before_it(self, database: Database, pool: Pool) -> None:
        [old] = await insert(database)
        await insert(database, 3, priority=9, precedes=True)
        await pool.execute("UPDATE jobs SET created_at = now() - interval '1 hour' WHERE ix_id = $1", old)
        found = await database.metrics.queue()
        assert found.waiting == 4
        assert 3600 <= (found.oldest_seconds or 0) < 3700

    async def test_what_is_paused_waits_for_no_engine(self, database: Database) -> None:
        await insert(database, 2)
        await database.pauses.pause("drill", "")
        while await database.pauses.settle():
            pass
        assert tuple(await database.metrics.queue()) == (0, None, 2)
        assert tuple(await database.metrics.queue("acme")) == (0, None, 2)
        assert (await database.metrics.read())["paused"] == {"drill": 2}

    async def test_minutes_that_are_over_are_read_once(self, database: Database, pool: Pool) -> None:
        await ended(database, 3)
        await pool.execute("UPDATE jobs SET finished_at = finished_at - interval '10 minutes'")
        now, metrics = 0.0, CountedMetrics(pool)
        database.metrics = metrics
        minutes = Minutes(Reads(Settings(), database), clock=lambda: now)
        for seconds in (0.0, 0.5, 1.0, 61.0, 600.0):
            now += seconds
            told = (await minutes.of(Caller(None), 100)).minutes
            assert sum(minute.done for minute in told) == 3
            assert len({minute.at for minute in told}) == 100
        # within a second nothing is read; after a minute one more than may still change
        assert metrics.counts == [60, 40, 3, 4, 60]

    async def test_minutes_that_a_replica_may_not_know_yet_are_read_again(self, database: Database, pool: Pool) -> None:
        now, metrics = 0.0, CountedMetrics(pool)
        database.metrics = metrics
        minutes = Minutes(Reads(Settings(), database), late=150.0, clock=lambda: now)
        for seconds in (0.0, 1.0, 61.0):
            now += seconds
            await minutes.of(Caller(None), 60)
        # two minutes and a half beside those that may still change
        assert metrics.counts == [60, 5, 6]


class TestEngines:
    async def test_each_with_its_load(self, client: httpx.AsyncClient, settings: Settings, database: Database) -> None:
        connection = await open_connection(settings, "test")
        await Engines.heartbeat(connection, uuid4(), 7, "reader:1", {"ocr": "ok"}, Load(8, 3))
        await Engines.heartbeat(connection, uuid4(), 8, "older:2", {})
        await connection.execute("UPDATE engines SET heartbeat_at = now() - interval '1 day' WHERE name = 'older:2'")
        await connection.close()
        found = (await client.get("/engines")).json()["engines"]
        assert [(one["name"], one["slots"], one["running"], one["lives"], one["health"]) for one in found] == [
            ("reader:1", 8, 3, True, {"ocr": "ok"}),
            ("older:2", None, None, False, {}),
        ]

    async def test_is_for_administrators(self, client: httpx.AsyncClient, database: Database) -> None:
        assert (await client.get("/engines", headers=await bearer(database, "acme"))).status_code == 403


class TestPauses:
    async def test_it_stands_still_and_goes_on(self, client: httpx.AsyncClient, database: Database) -> None:
        admin = await bearer(database, None)
        await insert(database, 2)
        paused = await client.put("/use-cases/drill/pause", headers=admin)
        assert (paused.status_code, paused.json()["settled"]) == (200, True)
        assert len(paused.json()["key_id"]) == 12
        assert await database.jobs.claim(uuid4(), 9) == []
        told = (await client.get("/use-cases", headers=admin)).json()["use_cases"]
        assert [one["name"] for one in told if one["paused"]] == ["drill"]
        body = {"client_id": "acme", "request_id": "new", "use_case": "drill"}
        assert (await client.post("/jobs", json=body, headers=admin)).status_code == 201
        for _ in range(2):
            assert (await client.delete("/use-cases/drill/pause", headers=admin)).status_code == 204
        assert (await client.get("/use-cases/drill", headers=admin)).json()["paused"] is False
        while await Operator(Settings(), database).do_what_is_due() == 0.0:
            pass
        assert len(await database.jobs.claim(uuid4(), 9)) == 3

    async def test_is_for_administrators(self, client: httpx.AsyncClient, database: Database) -> None:
        acme, admin = await bearer(database, "acme"), await bearer(database, None)
        for method in ("PUT", "DELETE"):
            assert (await client.request(method, "/use-cases/drill/pause", headers=acme)).status_code == 403
            assert (await client.request(method, "/use-cases/none/pause", headers=admin)).status_code == 404
        assert await database.pauses.list() == []

    async def test_use_cases_are_told_where_the_database_is_away(self, settings: Settings, pool: Pool) -> None:
        faulty = FaultyPool(pool)
        async with client_of(create_app(settings=settings, pool=faulty.as_pool, probes={})) as client:
            await client.get("/livez")
            assert (await client.get("/use-cases/drill")).json()["paused"] is False
            faulty.outage = "pauses"
            assert (await client.put("/use-cases/drill/pause")).status_code == 503
            # what was read a moment ago may still be told
            assert (await client.get("/use-cases/receipt")).json()["paused"] in (False, None)
            faulty.outage = "ended AS ("
            assert (await client.get("/metrics/minutes")).status_code == 503
            faulty.outage = ""
            assert (await client.get("/metrics/minutes")).status_code == 200


class TestActions:
    async def test_all_that_match_of_one_client(self, client: httpx.AsyncClient, database: Database) -> None:
        acme, other = await bearer(database, "acme"), await bearer(database, "other")
        await ended(database, 3, code="ocr_failed")
        await ended(database, 2, client="other", code="ocr_failed")
        body = {"action": "retry", "where": {"status": "error"}, "expect": 3}
        asked = await client.post("/jobs/actions", json=body, headers=acme)
        assert (asked.status_code, asked.json()["of"], asked.json()["state"]) == (202, 3, "pending")
        assert (await client.get(asked.headers["location"], headers=other)).status_code == 404
        found = await waited_for(client, database, asked, headers=acme)
        assert (found["done"], found["failed"], found["state"]) == (3, 0, "done")
        assert (await client.get(asked.headers["location"], headers=await bearer(database, None))).status_code == 200
        whose = await database.pool.fetch("SELECT DISTINCT client_id FROM jobs WHERE status = 'pending'")
        assert [row["client_id"] for row in whose] == ["acme"]

    async def test_another_clients_jobs_are_as_none(self, client: httpx.AsyncClient, database: Database) -> None:
        acme = await bearer(database, "acme")
        foreign = await insert(database, 2, client="other")
        hidden = await bearer(database, None, use_cases=["receipt"])
        for headers, where in ((acme, {}), (acme, {"client_id": "other"}), (hidden, {})):
            body = {"action": "erase", "where": where, "expect": 2}
            assert (await client.post("/jobs/actions", json=body, headers=headers)).status_code == 409
        for headers in (acme, hidden):
            asked = await client.post("/jobs/actions", json={"action": "erase", "ids": foreign}, headers=headers)
            found = await waited_for(client, database, asked, headers=headers)
            assert (found["done"], found["reasons"]) == (0, {"unknown": 2})
        assert await database.pool.fetchval("SELECT count(*) FROM jobs") == 2

    async def test_what_is_expected_may_be_a_tenth_off(self, client: httpx.AsyncClient, database: Database) -> None:
        await insert(database, 20)
        for expected, status in ((20, 202), (18, 202), (22, 202), (17, 409), (23, 409), (0, 409)):
            body = {"action": "cancel", "where": {"client_id": "acme"}, "expect": expected}
            answered = await client.post("/jobs/actions", json=body)
            assert answered.status_code == status
            if status == 409:
                message = f"20 jobs match, {expected} were expected"
                assert answered.json()["errors"] == [{"field": "expect", "message": message}]

    async def test_of_more_than_are_counted_any_great_number_is_right(
        self, client: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(actions, "MOST_COUNTED", 20)
        await insert(database, 30)
        for expected, status in ((1_000_000, 202), (18, 202), (17, 409)):
            body = {"action": "retry", "where": {}, "expect": expected}
            asked = await client.post("/jobs/actions", json=body)
            assert asked.status_code == status
        done = {"action": "cancel", "where": {}, "expect": 30}
        asked = await client.post("/jobs/actions", json=done)
        found = await waited_for(client, database, asked)
        assert (asked.json()["of"], found["of"], found["done"]) == (20, 30, 30)

    async def test_what_cannot_be_asked_names_its_field(self, client: httpx.AsyncClient) -> None:
        for body, field in UNFIT:
            refused = await client.post("/jobs/actions", json=body)
            assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)

    async def test_a_body_that_is_no_json_or_too_large_is_refused(self, client: httpx.AsyncClient) -> None:
        json = {"content-type": "application/json"}
        assert (await client.post("/jobs/actions", content=b"{", headers=json)).status_code == 400
        assert (await client.post("/jobs/actions", content=b" " * 70_000, headers=json)).status_code == 413
        assert (await client.post("/jobs/actions", content=b"x")).status_code == 415

    async def test_one_that_is_not_there_is_404(self, client: httpx.AsyncClient) -> None:
        for name in ("act_x", "%00", "act_" + "0" * 32):
            assert (await client.get(f"/actions/{name}")).status_code == 404

    async def test_of_too_many_the_next_is_refused(self, client: httpx.AsyncClient) -> None:
        body = {"action": "cancel", "ids": ["0" * 16]}
        answers = [(await client.post("/jobs/actions", json=body)) for _ in range(21)]
        assert [answered.status_code for answered in answers] == [202] * 20 + [429]
        assert answers[-1].headers["retry-after"] == "1"


async def test_what_is_read_once_is_told_to_all_who_ask() -> None:
    now, reads = 0.0, 0

    async def read() -> int:
        nonlocal reads
        reads += 1
        if reads == 3:
            raise asyncpg.PostgresConnectionError("away")
        return reads

    recent = Recent(read, 1.0, lambda: now)
    assert [await recent.get(), await recent.get()] == [1, 1]
    now = 1.0
    assert await recent.get() == 2
    recent.forget()
    with pytest.raises(asyncpg.PostgresConnectionError):
        await recent.get()
    # an error is not kept
    assert await recent.get() == 4
