"""Migrations with jobs in the tables and work going on; a backup, and the service on what was restored from it."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import time
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from ix.config import Settings
from ix.database.connect import Pool
from ix.database.embedded import candidates
from ix.database.jobs import Jobs, Outcome
from ix.database.migrate import migrate, migrations_folder
from ix.database.pool import open_pool
from ix.errors import IxError
from tests import databases, processes
from tests.chaos.clients import submitting
from tests.chaos.fleet import patiently
from tests.factories import answer, submission
from tests.rows import Row, Size

MIGRATIONS = len(list(migrations_folder().glob("*.sql")))
KEYS = "SELECT array_agg(ix_id || status || attempts ORDER BY ix_id) FROM jobs"
WAITED = """
    SELECT coalesce(max(extract(epoch FROM started_at - created_at)), 0)::float8
    FROM jobs WHERE starts_with(request_id, $1)"""
COLOUR = """
-- migrate:up
SET lock_timeout = '2s';
ALTER TABLE jobs ADD COLUMN colour text CHECK (colour <> '');
-- migrate:down
SET lock_timeout = '2s';
ALTER TABLE jobs DROP COLUMN colour;
"""


async def test_migrations_go_down_and_up_again_over_jobs_in_every_state(
    database_url: str, size: Size, row: Row
) -> None:
    row.did(
        "each migration undone and done again, and all of them",
        "jobs waiting, running, postponed and done, with documents and deliveries",
    )
    for depth in range(1, size(MIGRATIONS, min(MIGRATIONS, 2)) + 1):
        pool = await open_pool(Settings(postgres_url=database_url))
        await one_job_in_each_state(pool)
        before = await pool.fetchval(KEYS)
        await pool.close()
        for _ in range(depth):
            await migrate(database_url, "down")
        await migrate(database_url)
    row.found(f"down by 1 to {MIGRATIONS}, {len(before)} jobs each time, no migration failed")


async def one_job_in_each_state(pool: Pool) -> None:
    jobs = Jobs(pool)
    await pool.execute("DELETE FROM jobs")
    for _ in range(3):
        await jobs.insert_pending(submission(document=b"letter", callback_url="https://example.com/"))
    running, ended, postponed = await jobs.claim(uuid4(), 3)
    await jobs.mark_done(ended, answer())
    await jobs.postpone(postponed, "cause", 3600)
    await jobs.insert_pending(submission(document=b"letter"))
    assert running


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more migration, of the kind that adds something to the largest table."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrations_folder(), folder)
    (folder / "29990101000000_colour.sql").write_text(COLOUR)
    monkeypatch.setattr("ix.database.migrate.migrations_folder", lambda: folder)


def test_migrations_under_load(busy_database: str, busy_url: str, added: None, size: Size, row: Row) -> None:
    rounds = size(10, 1)
    row.did(f"a migration up and down under load x {rounds}, then one behind an idle transaction", "50 submits/s")
    with submitting(busy_url, 50, action="succeed") as client:
        time.sleep(0.3)
        for _ in range(rounds):
            asyncio.run(migrate(busy_database))
            asyncio.run(migrate(busy_database, "down"))
        claimed, answered = value(busy_database, WAITED, client.prefix), max(client.seconds)
        asyncio.run(behind_an_idle_transaction(busy_database))
    drained(busy_database)
    done = value(
        busy_database, "SELECT count(*) FROM jobs WHERE status = 'done' AND starts_with(request_id, $1)", client.prefix
    )
    row.found(
        f"no claim waited over {claimed:.2f} s, no answer over {answered:.2f} s",
        f"{max(client.seconds):.1f} s behind the idle transaction, where the migration gave up "
        "after its lock_timeout of 2 s",
        f"{done:,} of {len(client.accepted):,} accepted jobs done, all answers 201: {not client.unexpected}",
    )
    assert done == len(client.accepted)
    assert not client.unexpected
    assert claimed < 3
    assert answered < 3


async def behind_an_idle_transaction(url: str) -> None:
    holder = await asyncpg.connect(url)
    try:
        async with holder.transaction():
            await holder.fetchval("SELECT count(*) FROM jobs")
            with pytest.raises(IxError, match="lock timeout"):
                await migrate(url)
    finally:
        await holder.close()


def value(url: str, sql: str, *arguments: str) -> float:
    async def ask() -> float:
        connection = await asyncpg.connect(url)
        try:
            found: float = await connection.fetchval(sql, *arguments)
            return found
        finally:
            await connection.close()

    return asyncio.run(ask())


def drained(url: str) -> None:
    for _ in patiently(30):
        if value(url, "SELECT count(*) FROM jobs WHERE finished_at IS NULL") == 0:
            return


@pytest.mark.long
def test_backup_and_restore(
    server_url: str, busy_database: str, busy_url: str, size: Size, row: Row, tmp_path: Path
) -> None:
    before = size(500, 20)
    row.did("backup (pg_dump) during work, restore, an engine on the restore", f"{before} jobs and more, 50 submits/s")
    file = tmp_path / "ix.dump"
    with submitting(busy_url, 50, action="sleep", seconds=0.2) as client:
        for _ in patiently(60):
            if len(client.accepted) >= before:
                break
        tool("pg_dump", "-Fc", "-d", busy_database, "-f", file)
    with databases.clone(server_url, None) as restored:
        tool("pg_restore", "--no-owner", "-d", restored, file)
        held, running = (
            int(value(restored, f"SELECT count(*) FROM jobs {which}")) for which in ("", "WHERE status = 'running'")
        )
        old, new = asyncio.run(submitted_again(restored, f"{client.prefix}-0"))
        with processes.engine(restored, IX_LIVENESS_LIMIT="2", IX_HEARTBEAT_INTERVAL="0.3", IX_SWEEP_INTERVAL="0.2"):
            drained(restored)
        done = int(value(restored, "SELECT count(*) FROM jobs WHERE status = 'done'"))
    row.found(
        f"{held} jobs restored, {running} of them running; all done, and a new one",
        f"an old key finds its job: {old is Outcome.SAME}",
    )
    assert (done, old, new) == (held + 1, Outcome.SAME, Outcome.INSERTED)


async def submitted_again(url: str, key: str) -> list[Outcome]:
    """What an old key and a new one come to."""
    pool = await open_pool(Settings(postgres_url=url))
    try:
        options = {"action": "sleep", "seconds": 0.2}
        given = [submission(client="acme", request_id=one, options=options) for one in (key, "new")]
        return [found.outcome for found in await Jobs(pool).insert_many(given)]
    finally:
        await pool.close()


def tool(name: str, *arguments: object) -> None:
    """Runs a tool of PostgreSQL's of the embedded server; skips where it is none or too old for the server."""
    for folder in candidates():
        done = subprocess.run([folder / name, *map(str, arguments)], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return
    pytest.skip(f"no {name} that is new enough for this server")
