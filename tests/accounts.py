"""Accounts of the database server for tests, one in each of ix's roles. Afterwards they are gone, and so are roles that
were new."""

from __future__ import annotations

import asyncio
import fcntl
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from ix.database import roles
from ix.database.connect import Connection
from ix.database.migrate import set_up_roles

PASSWORD = "only-for-tests"


@contextmanager
def accounts(server_url: str, database_url: str) -> Iterator[Mapping[str, str]]:
    """The database's address as an account in `ix_web`, in `ix_engine`, and (`""`) in neither."""
    with alone():
        yield from _accounts(server_url, database_url)


@contextmanager
def alone() -> Iterator[None]:
    """Roles belong to a whole server, which the other processes of tests may share."""
    with Path(__file__).open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _accounts(server_url: str, database_url: str) -> Iterator[Mapping[str, str]]:
    made = asyncio.run(set_up_roles(database_url))
    names = {role: f"ix_test_{uuid.uuid4().hex[:12]}" for role in (*roles.ROLES, "")}
    try:
        for role, name in names.items():
            execute(
                server_url, [f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'" + (f" IN ROLE {role}" if role else "")]
            )
        yield {role: as_account(database_url, name) for role, name in names.items()}
    finally:
        execute(server_url, [f"DROP ROLE {name}" for name in names.values()])
        execute(database_url, [f"DROP OWNED BY {role}" for role in made])
        with suppress(asyncpg.DependentObjectsStillExistError):
            execute(server_url, [f"DROP ROLE {role}" for role in made])


def as_account(url: str, name: str) -> str:
    """The same database for another account."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{name}:{PASSWORD}@{parts.netloc.rpartition('@')[2]}"))


def execute(url: str, statements: Sequence[str]) -> None:
    """Runs statements one by one."""

    async def run() -> None:
        async with connected(url) as connection:
            for statement in statements:
                await connection.execute(statement)

    asyncio.run(run())


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    """A connection for a while."""
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()
