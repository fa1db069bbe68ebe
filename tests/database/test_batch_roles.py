"""Batches and tags by the accounts that web and engine have: each does its part, and may do nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg
import pytest
from pydantic import SecretStr

from ix.config import Settings
from ix.database import Database
from ix.database.jobs import Listing, Split
from ix.job import CallbackStatus, Status
from tests.accounts import accounts
from tests.database.test_batches import URL
from tests.database.test_parts import STACK, TWO
from tests.factories import answer, submission

TAGS = {"department": "sales"}


@pytest.fixture
def logins(server_url: str, database_url: str) -> Iterator[Mapping[str, str]]:
    with accounts(server_url, database_url) as found:
        yield found


@asynccontextmanager
async def as_account(url: str) -> AsyncIterator[Database]:
    database = await Database.open(Settings(postgres_url=url))
    try:
        yield database
    finally:
        await database.close()


async def test_web_and_engine_do_all_their_work_with_their_roles(logins: Mapping[str, str]) -> None:
    async with as_account(logins["ix_web"]) as web, as_account(logins["ix_engine"]) as engine:
        await web.batches.declare("acme", "b", URL)
        stack = submission(document=STACK, tags=TAGS, batch_id="b")
        locked = submission(document=b"locked", tags=TAGS, batch_id="b", passwords={0: SecretStr("x")})
        await web.jobs.insert_many([stack, locked])
        await web.batches.close("acme", "b")
        first, second = await engine.jobs.claim(uuid4(), 2)
        assert await engine.jobs.split(first, TWO, {}) is Split.MADE
        parts = await engine.jobs.claim(uuid4(), 2)
        await engine.jobs.finish_many([(one, answer()) for one in (second, *parts)])
        await engine.jobs.gather()
        assert await engine.batches.end_ready() == [("acme", "b")]
        [due] = await engine.deliveries.claim(10, 60.0)
        await engine.deliveries.end(due, CallbackStatus.DELIVERED, "answered 200")
        batch = await web.batches.get("acme", "b")
        assert batch is not None
        assert (batch.callback_status, batch.jobs.status) == ("delivered", {"done": 4})
        for database in (web, engine):
            listed = await database.jobs.page(Listing(client_id="acme", tag="department:sales"))
            assert [one.status for one in listed] == [Status.DONE] * 4
        await web.jobs.erase(first.ix_id)
        await engine.jobs.erase(second.ix_id)
        assert await engine.pool.fetchval("SELECT count(*) FROM job_tags") == 0
        assert await engine.batches.prune(0) == 1


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("ix_web", "UPDATE batches SET ended_at = now()"),
        ("ix_web", "DELETE FROM batches"),
        ("ix_web", "INSERT INTO job_tags VALUES ('acme', 'a', 'b', '0')"),
        ("ix_web", "UPDATE jobs SET batch_id = 'other'"),
        ("ix_engine", "INSERT INTO batches (client_id, batch_id) VALUES ('acme', 'b')"),
        ("ix_engine", "UPDATE batches SET callback_url = 'https://evil.example/'"),
        ("ix_engine", "UPDATE jobs SET tags = '{}'"),
        ("ix_engine", "DELETE FROM job_tags"),
    ],
)
async def test_neither_does_more(logins: Mapping[str, str], role: str, statement: str) -> None:
    async with as_account(logins[role]) as database:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await database.pool.execute(statement)
