"""Actions on many jobs: every job once, whoever dies meanwhile, and no job of another."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from ix.config import Settings
from ix.database import Database
from ix.database.actions import MOST_OPEN, Action, Kind, Order, Wanted
from ix.database.channels import CANCELLED_CHANNEL
from ix.database.connect import Pool, open_connection
from ix.engine.maintenance.operator import Operator
from ix.job import Problem, Response
from tests.chaos.faulty import FaultyPool, When
from tests.factories import submission

TOP = "f" * 16
BATCH = 5


@pytest.fixture
def database(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setattr("ix.engine.maintenance.operator.BATCH", BATCH)
    return Database(pool)


async def insert(database: Database, count: int = 1, client: str = "acme", **fields: Any) -> list[str]:
    made = await database.jobs.insert_many([submission(client=client, **fields) for _ in range(count)])
    return [one.job.ix_id for one in made]


async def failed(database: Database, count: int = 1, client: str = "acme", **fields: Any) -> list[str]:
    """Jobs that ended in error."""
    made = await insert(database, count, client, **fields)
    claims = await database.jobs.claim(uuid4(), 10_000)
    await database.jobs.finish_many(
        [(claim, Response(error=Problem(code="ocr_failed", message=""))) for claim in claims]
    )
    return made


async def asked(database: Database, action: Kind, **wanted: Any) -> Action:
    if "ix_ids" not in wanted:
        wanted.setdefault("filters", {})
    action_asked = await database.actions.ask(Wanted(action, 1, TOP, **wanted))
    assert action_asked is not None
    return action_asked


async def carried_out(database: Database, action: Action) -> Action:
    operator = Operator(Settings(), database)
    while await operator.do_what_is_due() == 0.0:
        pass
    found = await database.actions.find(action.id)
    assert found is not None
    assert found.state == "done"
    assert found.total == found.done + found.failed
    return found


async def states(pool: Pool) -> dict[str, int]:
    rows = await pool.fetch("SELECT status, count(*) FROM jobs GROUP BY status")
    return {row["status"]: row["count"] for row in rows}


async def test_all_that_match_run_again_and_nothing_else(database: Database, pool: Pool) -> None:
    await failed(database, 2 * BATCH + 1)
    await insert(database, 2)
    done = await carried_out(database, await asked(database, Kind.RETRY, filters={"status": "error"}))
    assert (done.done, done.failed) == (2 * BATCH + 1, 0)
    assert await states(pool) == {"pending": 2 * BATCH + 3}
    assert await pool.fetchval("SELECT count(DISTINCT position) FROM jobs") == 2 * BATCH + 3


async def test_of_a_list_each_that_cannot_be_done_says_why(database: Database, pool: Pool) -> None:
    ended, waiting = await failed(database, 2), await insert(database)
    ids = [*ended, *waiting, "0" * 16]
    done = await carried_out(database, await asked(database, Kind.RETRY, ix_ids=ids))
    assert (done.done, done.reasons) == (2, {"not_ended": 1, "unknown": 1})
    await pool.execute("UPDATE jobs SET has_passwords = true WHERE ix_id = $1", ended[0])
    done = await carried_out(database, await asked(database, Kind.CANCEL, ix_ids=ids))
    assert (done.done, done.reasons) == (3, {"unknown": 1})
    done = await carried_out(database, await asked(database, Kind.RETRY, ix_ids=ended))
    assert (done.done, done.reasons) == (1, {"passwords": 1})
    done = await carried_out(database, await asked(database, Kind.CANCEL, ix_ids=ended))
    assert (done.done, done.reasons) == (1, {"ended": 1})


async def test_what_a_person_has_reviewed_is_forgotten_only_where_that_is_said(database: Database, pool: Pool) -> None:
    ended = await failed(database, 2)
    await pool.execute(
        "INSERT INTO reviews (ix_id, client_id, use_case, version, state, decided_by, decided_at)"
        " SELECT ix_id, client_id, use_case, 1, 'approved', 'anna', now() FROM jobs WHERE ix_id = $1",
        ended[0],
    )
    done = await carried_out(database, await asked(database, Kind.RETRY, ix_ids=ended))
    assert (done.done, done.reasons) == (1, {"reviewed": 1})
    done = await carried_out(database, await asked(database, Kind.RETRY, ix_ids=ended[:1], discard_review=True))
    assert (done.done, done.failed) == (1, 0)
    assert await pool.fetchval("SELECT state FROM reviews") == "forgotten"


async def test_jobs_of_others_are_not_there(database: Database, pool: Pool) -> None:
    own, foreign = await insert(database), await insert(database, client="other")
    hidden = await insert(database, use_case="secret")
    ids = [*own, *foreign, *hidden]
    only = {"client_id": "acme", "use_cases": ["drill"]}
    done = await carried_out(database, await asked(database, Kind.ERASE, ix_ids=ids, **only))
    assert (done.done, done.reasons) == (1, {"unknown": 2})
    for filters in ({}, {"client_id": "other"}):
        done = await carried_out(database, await asked(database, Kind.ERASE, filters=filters, **only))
        assert (done.done, done.failed) == (0, 0)
    assert {row["ix_id"] for row in await pool.fetch("SELECT ix_id FROM jobs")} == {*foreign, *hidden}


async def test_jobs_that_came_later_are_left_alone(database: Database, pool: Pool) -> None:
    [first] = await insert(database)
    above = f"{int(first, 16) + 1:016x}"
    action = await database.actions.ask(Wanted(Kind.CANCEL, 1, above, filters={}))
    assert action is not None
    await insert(database)
    assert (await carried_out(database, action)).done == 1
    assert await states(pool) == {"cancelled": 1, "pending": 1}


async def test_no_client_has_more_waiting_than_it_may(database: Database, pool: Pool) -> None:
    await failed(database, 6)
    await failed(database, 1, client="other")
    await insert(database, 2)
    done = await carried_out(database, await asked(database, Kind.RETRY, filters={"status": "error"}, max_pending=5))
    assert (done.done, done.reasons) == (4, {"pending_limit": 3})
    waiting = await pool.fetch("SELECT client_id, count(*) FROM jobs WHERE status = 'pending' GROUP BY 1")
    assert dict(map(tuple, waiting)) == {"acme": 5, "other": 1}


async def test_what_is_erased_is_gone_with_its_documents_and_runs_no_more(
    database: Database, pool: Pool, settings: Settings
) -> None:
    await insert(database, 2, document=b"letter")
    await insert(database, 1, client="other", document=b"letter")
    await insert(database, 1, document=b"own")
    await database.jobs.claim(uuid4(), 1)
    heard: list[str] = []
    connection = await open_connection(settings, "test")
    await connection.add_listener(CANCELLED_CHANNEL, lambda *told: heard.append(str(told[-1])))
    await carried_out(database, await asked(database, Kind.ERASE, filters={"client_id": "acme"}))
    # what was told before is heard with the answer
    await connection.execute("SELECT")
    await connection.close()
    assert len(heard) == 1
    rows = await pool.fetch("SELECT bytes, uses FROM documents")
    assert [tuple(row) for row in rows] == [(b"letter", 1)]


async def test_a_callback_that_was_not_sent_yet_is_not_sent_any_more(database: Database, pool: Pool) -> None:
    await failed(database, 1, callback_url="https://example.com/")
    await carried_out(database, await asked(database, Kind.RETRY))
    assert await pool.fetchval("SELECT status FROM deliveries") == "failed"


async def test_a_part_goes_with_its_parent_that_runs_again(database: Database, pool: Pool) -> None:
    parent, part = await failed(database, 2)
    await pool.execute("UPDATE jobs SET parts = 1 WHERE ix_id = $1", parent)
    await pool.execute("UPDATE jobs SET parent = $1 WHERE ix_id = $2", parent, part)
    await pool.execute(
        "INSERT INTO parts (parent, number, ix_id, request_id, documents, reason) VALUES ($1, 1, $2, 'r', '[]', '')",
        parent,
        part,
    )
    done = await carried_out(database, await asked(database, Kind.RETRY))
    assert (done.done, done.reasons) == (1, {"parent": 1})
    assert await states(pool) == {"pending": 1}


async def test_a_job_that_somebody_holds_is_waited_for(database: Database, pool: Pool) -> None:
    ids = await insert(database, 3)
    action = await asked(database, Kind.CANCEL)
    async with pool.acquire() as connection:
        held = connection.transaction()
        await held.start()
        await connection.execute("SELECT FROM jobs WHERE ix_id = $1 FOR UPDATE", ids[1])
        operator = Operator(Settings(), database)
        await operator.do_what_is_due()
        assert await states(pool) == {"cancelled": 1, "pending": 2}
        waiting = asyncio.create_task(operator.do_what_is_due())
        await asyncio.wait([waiting], timeout=0.1)
        assert not waiting.done()
        await held.rollback()
        await waiting
    assert (await carried_out(database, action)).done == 3


async def test_an_engine_that_lost_its_turn_does_nothing_more(database: Database, pool: Pool) -> None:
    ids = await insert(database, 2)
    action = await asked(database, Kind.CANCEL)
    stale = await database.actions.claim(0.0)
    assert await database.actions.claim(0.0)
    assert stale is not None
    order = await database.actions.claim(30.0)
    assert order is not None
    assert await database.actions.claim(30.0) is None
    assert not await database.actions.act(stale, ids)
    await database.actions.end(stale)
    assert await states(pool) == {"pending": 2}
    assert await database.actions.act(order, sorted(ids, reverse=True))
    assert (await carried_out(database, action)).done == 2


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", list(Kind))
async def test_a_broken_connection_does_nothing_twice(kind: Kind, when: When, database: Database, pool: Pool) -> None:
    await failed(database, BATCH + 5)
    if kind is Kind.CANCEL:
        await pool.execute("UPDATE jobs SET status = 'pending', response = NULL, finished_at = NULL")
    action = await asked(database, kind)
    faulty = FaultyPool(pool)
    faulty.break_at(1, when, "given AS MATERIALIZED")
    with pytest.raises(asyncpg.PostgresConnectionError):
        await Operator(Settings(), Database(faulty.as_pool)).do_what_is_due()
    # its lease is over
    await pool.execute("UPDATE actions SET due_at = now()")
    assert (await carried_out(database, action)).done == BATCH + 5


async def test_who_needs_longer_gets_longer(database: Database, pool: Pool) -> None:
    ids = await insert(database)
    await asked(database, Kind.CANCEL)
    waits = []
    for _ in range(3):
        await pool.execute("UPDATE actions SET due_at = now()")
        order = await database.actions.claim(10.0)
        waits.append(await database.actions.seconds_to_next() or 0)
    assert [round(seconds / 10) for seconds in waits] == [1, 2, 4]
    assert order is not None
    assert await database.actions.act(order, ids)
    assert await pool.fetchval("SELECT looks FROM actions") == 0


async def test_actions_take_turns_and_are_not_too_many(database: Database, pool: Pool) -> None:
    await insert(database, 2 * BATCH)
    orders: list[Order] = []
    for _ in range(MOST_OPEN):
        await asked(database, Kind.CANCEL, client_id="acme")
    assert await database.actions.ask(Wanted(Kind.CANCEL, 1, TOP, filters={}, client_id="acme")) is None
    assert await database.actions.ask(Wanted(Kind.CANCEL, 1, TOP, filters={}, client_id="other")) is not None
    while order := await database.actions.claim(30.0):
        orders.append(order)
    assert len({order.id for order in orders}) == len(orders) == MOST_OPEN + 1


async def test_what_another_version_asks_for_is_left_to_it(database: Database, pool: Pool) -> None:
    action = await asked(database, Kind.CANCEL, filters={"new": True})
    await Operator(Settings(), database).do_what_is_due()
    found = await database.actions.find(action.id)
    assert found is not None
    assert (found.state, found.done) == ("running", 0)
    assert 0 < (await database.actions.seconds_to_next() or 0) <= 60


async def test_old_ones_are_forgotten(database: Database, pool: Pool) -> None:
    action = await carried_out(database, await asked(database, Kind.CANCEL))
    await database.actions.prune()
    assert await database.actions.find(action.id)
    await database.actions.prune(0)
    assert await database.actions.find(action.id) is None
