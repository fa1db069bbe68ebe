"""Migrations in a subprocess, up and down, and the dump that goes with them."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import asyncpg
import pytest

from ix.database.migrate import _DROP_UNFINISHED, migrate, set_up_roles
from ix.errors import IxError
from tests.accounts import connected
from tests.schema import dump, load, objects

SCHEMA = Path(__file__).parents[2] / "db" / "schema.sql"
MIGRATIONS = list((SCHEMA.parent / "migrations").glob("*.sql"))


async def test_up_down_up(empty_database_url: str) -> None:
    empty = await objects(empty_database_url)
    await migrate(empty_database_url)
    full = await objects(empty_database_url)
    for _ in MIGRATIONS:
        await migrate(empty_database_url, "down")
    assert await objects(empty_database_url) == empty
    await migrate(empty_database_url)
    assert await objects(empty_database_url) == full
    assert {"jobs", "documents", "engines"} <= {name for _, name, _ in full}


async def test_down_with_a_job_that_waits_for_its_parts(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        "INSERT INTO jobs (client_id, request_id, use_case, fingerprint, max_attempts, request, status, claim_token, "
        "started_at, parts) VALUES ('a', 'b', 'c', sha256(''), 1, '{}', 'split', gen_random_uuid(), now(), 2)"
    )
    try:
        for _ in [path for path in MIGRATIONS if path.name >= "20261205000001_parts"]:
            await migrate(database_url, "down")
        assert await connection.fetchval("SELECT status FROM jobs") == "cancelled"
        assert not await connection.fetchval("SELECT EXISTS (SELECT FROM pg_class WHERE relname = 'parts')")
    finally:
        await connection.close()


async def test_six_at_once_apply_each_migration_once(empty_database_url: str) -> None:
    await asyncio.gather(*(migrate(empty_database_url) for _ in range(6)))
    connection = await asyncpg.connect(empty_database_url)
    versions = await connection.fetch("SELECT version FROM schema_migrations")
    await connection.close()
    assert len(versions) == len(MIGRATIONS)


async def test_the_lock_does_not_hold_up_an_index_that_is_made_concurrently(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    indexes = iter(["one", "two"])

    async def make_index(url: str, command: str) -> str:
        connection = await asyncpg.connect(url)
        await connection.execute(f"CREATE INDEX CONCURRENTLY {next(indexes)} ON jobs (use_case)")
        await connection.close()
        return "made"

    monkeypatch.setattr("ix.database.migrate._dbmate", make_index)
    # one holds the lock, the other asks for it again and again
    assert await asyncio.gather(*(migrate(database_url, limit=20) for _ in range(2))) == ["made", "made"]


async def test_an_index_whose_building_was_stopped_is_built_anew(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    invalid = "SELECT count(*) FROM pg_index WHERE NOT indisvalid"
    try:
        await connection.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'jobs_pending_apart'::regclass"
        )
        await connection.execute("DELETE FROM schema_migrations WHERE version = '20261203000002'")
        assert await connection.fetchval(invalid) == 1
        await migrate(database_url)
        assert await connection.fetchval(invalid) == 0
        assert await connection.fetchval("SELECT to_regclass('jobs_pending_apart')")
    finally:
        await connection.close()


def test_migrate_knows_each_index_that_is_built_beside_the_work() -> None:
    built = [
        re.findall(r"CREATE INDEX CONCURRENTLY (\w+)", file.read_text().split("migrate:down")[0]) for file in MIGRATIONS
    ]
    assert {f"'{name}'" for names in built for name in names} == set(
        re.findall(r"'(?:jobs|deliveries)_\w+'", _DROP_UNFINISHED)
    )


async def test_a_failure_tells_dbmates_words(empty_database_url: str) -> None:
    connection = await asyncpg.connect(empty_database_url)
    await connection.execute("CREATE TABLE jobs ()")
    await connection.close()
    with pytest.raises(IxError, match="already exists"):
        await migrate(empty_database_url)


UNRELEASED = """
    CREATE TABLE schema_migrations (version varchar PRIMARY KEY);
    INSERT INTO schema_migrations VALUES ('20261101000000'), ('20261126190000')"""
OLD_JOBS = "CREATE TABLE jobs (ix_id text PRIMARY KEY, lane text, place bigint, solo boolean, token uuid, cause text)"


@pytest.mark.parametrize("tables", ["", OLD_JOBS])
@pytest.mark.parametrize("command", ["up", "down", "status"])
async def test_tables_from_before_the_first_release_are_left_alone(
    empty_database_url: str, tables: str, command: str
) -> None:
    async with connected(empty_database_url) as owner:
        await owner.execute(f"{UNRELEASED}; {tables}")
    before = await objects(empty_database_url)
    with pytest.raises(IxError, match=r"older than 0\.1\.0.*new database.*IX_HOME"):
        await migrate(empty_database_url, command)
    with pytest.raises(IxError, match=r"older than 0\.1\.0"):
        await set_up_roles(empty_database_url)
    assert await objects(empty_database_url) == before


async def test_an_old_version_beside_the_first_releases_does_not_matter(database_url: str) -> None:
    async with connected(database_url) as owner:
        await owner.execute("INSERT INTO schema_migrations VALUES ('20261101000000')")
    await migrate(database_url)


async def test_the_dump_is_what_the_migrations_make(empty_database_url: str, database_url: str) -> None:
    await load(empty_database_url, SCHEMA.read_text())
    assert await objects(empty_database_url) == await objects(database_url)


def test_the_dump_can_be_made(database_url: str) -> None:
    assert "CREATE TABLE public.jobs" in dump(database_url)
