"""Reviews against a real PostgreSQL: nobody takes back what was put right, and an approval is told once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import asyncpg
import pytest

from ix.config import Settings
from ix.database import Database
from ix.database.connect import Pool
from ix.database.keys import Caller
from ix.database.pool import open_pool
from ix.database.reviews import Decision, StoredReview
from ix.job import CallbackStatus
from tests import databases
from tests.accounts import accounts, connected
from tests.api.reviewing import ended

ANNA, BEN = Caller(None, "0" * 12, name="Anna"), Caller(None, "1" * 12, name="Ben")
URL = "http://receiver.test/hook"
ENTRY = b'[{"path": "number", "op": "set", "value": "B", "was": "A", "evidence": null}]'
APPROVED = Decision("approved", "right", b'[["number", 0.9, false]]', {"number": "B"})


@pytest.fixture(scope="module")
def owned(server_url: str, template_name: str) -> Iterator[str]:
    with databases.clone(server_url, template_name) as url:
        yield url


@pytest.fixture(scope="module")
def logins(server_url: str, owned: str) -> Iterator[Mapping[str, str]]:
    with accounts(server_url, owned) as found:
        yield found


@pytest.fixture
async def owner(owned: str) -> AsyncIterator[Pool]:
    pool = await open_pool(Settings(postgres_url=owned))
    yield pool
    await pool.close()


@pytest.fixture
async def web(owner: Pool, logins: Mapping[str, str]) -> AsyncIterator[Database]:
    """The database as web has it."""
    database = await Database.open(Settings(postgres_url=logins["ix_web"]))
    yield database
    await database.close()


async def seen(database: Database, ix_id: str) -> StoredReview:
    found = await database.reviews.find(ix_id)
    assert found is not None
    return found


async def test_webs_role_does_all_that_reviewers_do(owner: Pool, web: Database) -> None:
    ix_id = await ended(owner, callback_url=URL)
    assert await web.reviews.lease(ix_id, ANNA)
    assert await web.reviews.correct(await seen(web, ix_id), 0, ENTRY, 0, ANNA)
    assert await web.reviews.decide(await seen(web, ix_id), 1, APPROVED, 0, ANNA)
    assert (await web.reviews.bar("custom")).of == 1
    assert await web.reviews.is_reviewed(ix_id)
    assert await web.jobs.retry(ix_id) is None
    again = await web.jobs.retry(ix_id, discard_review=True)
    assert again is not None
    assert await owner.fetchval("SELECT count(*) FROM corrections WHERE ix_id = $1", ix_id) == 0
    assert await web.jobs.erase(ix_id)
    assert await owner.fetchval("SELECT count(*) FROM reviews WHERE ix_id = $1", ix_id) == 0


BACK = [
    "UPDATE corrections SET value = '1'",
    "UPDATE corrections SET made_by = 'another'",
    "DELETE FROM corrections",
    "TRUNCATE corrections",
    "INSERT INTO corrections (ix_id, version, path, op, made_by, made_at) VALUES ($1, 1, 'x', 'set', 'y', now())",
    "DELETE FROM reviews",
    "UPDATE reviews SET ix_id = '0000000000000000'",
    "SELECT forget_corrections()",
]


async def test_web_takes_nothing_back(owner: Pool, logins: Mapping[str, str]) -> None:
    async with connected(logins["ix_web"]) as connection:
        for statement in BACK:
            arguments = ["0" * 16] if "$1" in statement else []
            with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.FeatureNotSupportedError)):
                await connection.execute(statement, *arguments)


async def test_nor_by_forgetting_what_is_not_run_again(owner: Pool, web: Database, logins: Mapping[str, str]) -> None:
    ix_id = await ended(owner)
    assert await web.reviews.correct(await seen(web, ix_id), 0, ENTRY, 0, ANNA)
    async with connected(logins["ix_web"]) as connection:
        with pytest.raises(asyncpg.CheckViolationError, match="forgotten with its answer"):
            await connection.execute("UPDATE reviews SET state = 'forgotten'")
    assert await owner.fetchval("SELECT count(*) FROM corrections WHERE ix_id = $1", ix_id) == 1


@pytest.mark.parametrize(
    "statement", ["SELECT note FROM reviews", "SELECT value FROM corrections", "DELETE FROM reviews"]
)
async def test_engines_read_nothing_of_them(owner: Pool, logins: Mapping[str, str], statement: str) -> None:
    async with connected(logins["ix_engine"]) as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)


async def deliveries(database: Database, ix_id: str) -> list[tuple[str, Any]]:
    rows = await database.pool.fetch(
        "SELECT status, approval FROM deliveries WHERE ix_id = $1 ORDER BY created_at", ix_id
    )
    return [(row["status"], row["approval"] and row["approval"]["by"]) for row in rows]


async def tell(database: Database, ix_id: str) -> Any:
    """Tries what is owed, and is heard; what was told."""
    [due] = [due for due in await database.deliveries.claim(10, 60.0) if due.job.ix_id == ix_id]
    await database.deliveries.end(due, CallbackStatus.DELIVERED, "answered 200")
    return due.approval


class TestCallbacks:
    """What is told of an approval, and when it is not."""

    @pytest.fixture
    def database(self, pool: Pool) -> Database:
        return Database(pool)

    async def test_an_approval_is_told_with_the_reviewed_result(self, database: Database, pool: Pool) -> None:
        ix_id = await ended(pool, callback_url=URL)
        assert await tell(database, ix_id) is None
        assert await database.reviews.decide(await seen(database, ix_id), 0, APPROVED, 0, ANNA)
        assert not await database.reviews.decide(await seen(database, ix_id), 0, APPROVED, 0, ANNA)
        assert await deliveries(database, ix_id) == [("delivered", None), ("pending", "Anna")]
        job = await database.jobs.get(ix_id)
        assert (job and job.callback_status) == "pending"
        told = await tell(database, ix_id)
        assert (told["state"], told["by"], told["note"], told["result"]) == (
            *("approved", "Anna", "right"),
            {"number": "B"},
        )
        # once more is the same once more
        await database.deliveries.resend(ix_id)
        assert (await tell(database, ix_id))["by"] == "Anna"

    async def test_it_takes_the_place_of_an_end_that_was_not_told(self, database: Database, pool: Pool) -> None:
        ix_id = await ended(pool, callback_url=URL)
        assert await database.reviews.decide(await seen(database, ix_id), 0, APPROVED, 0, ANNA)
        assert await deliveries(database, ix_id) in ([("pending", "Anna")], [("failed", None), ("pending", "Anna")])
        # opened again before it was told: the end is told after all
        assert await database.reviews.decide(await seen(database, ix_id), 1, Decision("needed"), 1, BEN)
        assert (await deliveries(database, ix_id))[-1] == ("pending", None)

    async def test_what_is_open_again_is_not_told_any_more(self, database: Database, pool: Pool) -> None:
        ix_id = await ended(pool, callback_url=URL)
        await tell(database, ix_id)
        assert await database.reviews.decide(await seen(database, ix_id), 0, APPROVED, 0, ANNA)
        assert await database.reviews.decide(await seen(database, ix_id), 1, Decision("needed"), 1, BEN)
        assert await deliveries(database, ix_id) == [("delivered", None)]
        job = await database.jobs.get(ix_id)
        assert (job and job.callback_status) == "delivered"

    async def test_nobody_is_called_who_did_not_ask(self, database: Database, pool: Pool) -> None:
        ix_id = await ended(pool)
        assert await database.reviews.decide(await seen(database, ix_id), 0, APPROVED, 0, ANNA)
        assert await deliveries(database, ix_id) == []
