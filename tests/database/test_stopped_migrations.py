"""`ix migrate` that is stopped while it works, in any way, leaves nothing behind in the database."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ix.database import dbmate, migrate
from ix.errors import IxError
from tests.accounts import connected

LONG = """-- migrate:up
CREATE TABLE half ();
SELECT pg_sleep(600);

-- migrate:down
"""
NAME = f"{migrate.FIRST_VERSION}_long.sql"
OF_OURS = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"""
AT_WORK = OF_OURS + " AND query LIKE '%pg_sleep(600)%' AND state = 'active'"
# of this database alone: the engines of tests beside this one hold locks of the same class in theirs
LOCKS = """
    SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 26936
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Migrations of which the last one takes for ever."""
    (tmp_path / NAME).write_text(LONG)
    monkeypatch.setattr(migrate, "migrations_folder", lambda: tmp_path)
    return tmp_path


async def until(url: str, query: str, number: int) -> None:
    async with connected(url) as witness, asyncio.timeout(10):
        while await witness.fetchval(query) != number:
            await asyncio.sleep(0.02)


async def nothing_is_left(url: str) -> None:
    await until(url, OF_OURS, 0)
    # a server learns late that a client has gone
    await until(url, LOCKS, 0)
    async with connected(url) as witness:
        assert await witness.fetchval("SELECT to_regclass('half')") is None


async def test_one_that_is_cancelled(empty_database_url: str, folder: Path) -> None:
    task = asyncio.create_task(migrate.migrate(empty_database_url))
    await until(empty_database_url, AT_WORK, 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await nothing_is_left(empty_database_url)


async def test_one_that_only_waits_is_given_up_and_one_that_works_is_not(
    empty_database_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(dbmate, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(dbmate, "TELL_SECONDS", 0.1)
    works = asyncio.create_task(migrate.migrate(empty_database_url, limit=0.6, tell=told.append))
    await until(empty_database_url, AT_WORK, 1)
    # the other waits for the lock, as long as the first is at work
    waits = asyncio.create_task(migrate.migrate(empty_database_url, limit=0.6))
    await asyncio.sleep(0.9)
    assert not works.done()
    assert not waits.done()
    assert any("at work" in line for line in told)
    for task in (works, waits):
        task.cancel()
    await asyncio.wait([works, waits])
    async with connected(empty_database_url) as holder, holder.transaction():
        await holder.execute("CREATE TABLE half ()")
        with pytest.raises(IxError, match="no progress"):
            await migrate.migrate(empty_database_url, limit=0.2)


async def test_dbmate_prefers_tls_as_all_else_does_and_looks_for_its_client(database_url: str) -> None:
    async with connected(database_url) as connection:
        given = await dbmate.address_for("postgres://h/ix?target_session_attrs=any", "prefer", connection)
    assert given.named.startswith("postgres://h/ix?sslmode=prefer&application_name=ix%20migrate%20")
    assert given.named.endswith("&client_connection_check_interval=1000")
