"""Databases for tests: a server, a migrated template, and a clone of it for each test."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from ix.database.embedded import LocalPostgres
from ix.database.migrate import migrate
from ix.errors import LocalPostgresError

MEMORY = Path("/dev/shm")
"""A file system in memory, where there is one (Linux: shm_overview(7)). To clone a database there takes a fifth of the
time."""
MIN_FREE = 2 << 30
"""Free bytes of it that a server of tests asks for; containers often have no more than 64 MiB in all."""


class NoServerError(Exception):
    """No PostgreSQL is named and none can be started; says why."""


@contextmanager
def server(in_memory: bool = False) -> Iterator[str]:
    """The address of a PostgreSQL server: the one that the environment names, else an embedded one, durable, in a
    temporary folder. One in memory is the same to whoever does not pull the plug."""
    if named := os.environ.get("IX_TEST_DATABASE_URL") or os.environ.get("IX_POSTGRES_URL"):
        yield named
        return
    home = Path(tempfile.mkdtemp(prefix="ix-tests-", dir=_memory() if in_memory else None))
    local = LocalPostgres(home)
    try:
        try:
            yield local.start()
        except LocalPostgresError as error:
            raise NoServerError(f"neither IX_TEST_DATABASE_URL nor IX_POSTGRES_URL is set, and {error}") from None
    finally:
        local.stop("immediate")
        shutil.rmtree(home, ignore_errors=True)


def _memory() -> Path | None:
    """The folder in memory if it has space and programs may run there, since a server of root's may need its own copy;
    else None."""
    with suppress(OSError):
        about = os.statvfs(MEMORY)
        if (
            os.access(MEMORY, os.W_OK)
            and about.f_bavail * about.f_frsize > MIN_FREE
            and not about.f_flag & getattr(os, "ST_NOEXEC", 0)
        ):
            return MEMORY
    return None


@contextmanager
def template(server_url: str) -> Iterator[str]:
    """The name of a migrated database that `clone` copies."""
    name = f"ix_template_{uuid.uuid4().hex[:8]}"
    asyncio.run(_execute(server_url, f'CREATE DATABASE "{name}"'))
    try:
        asyncio.run(migrate(with_database(server_url, name)))
        yield name
    finally:
        asyncio.run(_execute(server_url, f'DROP DATABASE "{name}" WITH (FORCE)'))


@contextmanager
def clone(server_url: str, template_name: str | None) -> Iterator[str]:
    """The address of a fresh copy of the template, or of an empty database."""
    name = f"ix_test_{uuid.uuid4().hex[:12]}"
    # file by file takes two thirds of the time of what goes through the log, block by block
    source = f' TEMPLATE "{template_name}" STRATEGY file_copy' if template_name else ""
    asyncio.run(_execute(server_url, f'CREATE DATABASE "{name}"{source}'))
    try:
        yield with_database(server_url, name)
    finally:
        asyncio.run(_execute(server_url, f'DROP DATABASE "{name}" WITH (FORCE)'))


@contextmanager
def cloned() -> Iterator[str]:
    """The address of a migrated database on a server of its own: for benchmarks, which have no fixtures."""
    with server() as url, template(url) as name, clone(url, name) as database_url:
        yield database_url


def with_database(url: str, name: str) -> str:
    """The same server's other database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}")).replace(":///", "://postgres@/", 1)


async def _execute(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
