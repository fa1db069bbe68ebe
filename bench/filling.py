"""Very many ended jobs in minutes, and as a service leaves them: what `bench.ended` and `bench.lists` measure on.

Rows go into a table that is emptied in the same transaction, on a server with `wal_level=minimal`, so that none of them
is written to the WAL (PostgreSQL's manual, "Populating a Database"); all indexes but the primary key's are made
afterwards, two at a time. The server is started anew with a service's settings before anything is measured."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from bench.servers import execute, fetch
from ix.config import Settings
from ix.database import Database
from ix.database.embedded import LocalPostgres
from ix.database.migrate import migrate

HOURS = 4 * 3600.0
LOADING = {
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "1h",
    "synchronous_commit": "off",
    "autovacuum": "off",
    "maintenance_work_mem": "1GB",
    "shared_buffers": "512MB",
}
SERVING = {"shared_buffers": "1GB", "max_wal_size": "4GB"}
"""A twentieth of the machine that this is made for, where a quarter is usual: what is slow only where nothing is in
memory shows rather here."""
RANDOM_FILL = 70
"""Percent: how full random keys leave the pages of a B-tree, ln 2 (Yao, On random 2-3 trees, 1978). Made in one go
they would be 90 % full, and as good as each submission would split one."""

_INDEXES = """
    SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS made, indisunique AS is_key
    FROM pg_index WHERE indrelid = 'jobs'::regclass AND NOT indisprimary
    ORDER BY pg_get_indexdef(indexrelid) LIKE '%USING gin%' DESC, indisunique DESC"""


@contextmanager
def server(folder: Path | None = None) -> Iterator[LocalPostgres]:
    """An embedded server, durable: in `folder`, which stays, or in a temporary one."""
    home = folder or Path(tempfile.mkdtemp(prefix="ix-filled-"))
    local = LocalPostgres(home)
    try:
        local.start()
        yield local
    finally:
        local.stop()
        if folder is None:
            shutil.rmtree(home, ignore_errors=True)


def restart(local: LocalPostgres, settings: Mapping[str, str]) -> None:
    """Starts the server anew with these settings and no others."""
    url = local.url("postgres")
    for statement in ("RESET ALL", *(f"SET {name} = '{value}'" for name, value in settings.items())):
        asyncio.run(execute(url, f"ALTER SYSTEM {statement}"))
    local.stop()
    local.start()


def filled(local: LocalPostgres, name: str, rows: str, jobs: int, *arguments: object) -> str:
    """The address of the database of this name, migrated. Where there is none it is made, with as many jobs: `rows`
    inserts those from $1 to $2, and is given `arguments` beside."""
    url = local.url(name)
    known = asyncio.run(fetch(local.url("postgres"), "SELECT FROM pg_database WHERE datname = $1", name))
    if not known:
        asyncio.run(execute(local.url("postgres"), f'CREATE DATABASE "{name}"'))
    asyncio.run(migrate(url))
    if not known:
        began = time.perf_counter()
        asyncio.run(fill(url, rows, 1, jobs, *arguments))
        print(f"{jobs:,} ended jobs in {time.perf_counter() - began:.0f} s", flush=True)
    return url


async def fill(url: str, rows: str, *arguments: object) -> None:
    """Empties the table of jobs, inserts rows, and leaves it with every index and constraint that it had, its minutes
    tallied."""
    connection = await asyncpg.connect(url)
    try:
        indexes = await connection.fetch(_INDEXES)
        async with connection.transaction():
            await connection.execute("TRUNCATE jobs CASCADE")
            for index in indexes:
                what = "ALTER TABLE jobs DROP CONSTRAINT" if index["is_key"] else "DROP INDEX"
                await connection.execute(f"{what} {index['name']}")
            await connection.execute(rows, *arguments, timeout=HOURS)
        await _make(url, [_definition(index) for index in indexes])
        for name in (index["name"] for index in indexes if index["is_key"]):
            await connection.execute(f"ALTER INDEX {name} RESET (fillfactor)")
            await connection.execute(f"ALTER TABLE jobs ADD CONSTRAINT {name} UNIQUE USING INDEX {name}")
        await connection.execute("VACUUM (ANALYZE) jobs", timeout=HOURS)
    finally:
        await connection.close()
    await _tally(url)
    await execute(url, "CHECKPOINT")


def _definition(index: asyncpg.Record) -> str:
    return f"{index['made']} WITH (fillfactor = {RANDOM_FILL})" if index["is_key"] else str(index["made"])


async def _make(url: str, definitions: Sequence[str]) -> None:
    """Two at a time, in this order: what takes longest first."""
    left = iter(definitions)

    async def make() -> None:
        connection = await asyncpg.connect(url)
        try:
            for definition in left:
                await connection.execute(definition, timeout=HOURS)
        finally:
            await connection.close()

    await asyncio.gather(make(), make())


async def _tally(url: str) -> None:
    """Counts the last day, as engines do; what is older is in no figure that is asked for here."""
    database = await Database.open(Settings(postgres_url=url, statement_timeout=600))
    try:
        await database.pool.execute(
            "UPDATE tallied SET since = day, until = day "
            "FROM (SELECT date_trunc('minute', now() - interval '1 day', 'UTC') AS day) AS days"
        )
        while await database.tallies.count():
            pass
    finally:
        await database.close()
