"""The servers that all contestants share: one durable PostgreSQL, and a Redis where one can be started."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import psutil

from ix.database.embedded import LocalPostgres
from tests import databases

LOG_PREFIX = "%p %d "
"""Process and database at the start of each log line: `counting` reads them."""
DURABLE = ("fsync", "synchronous_commit", "full_page_writes")
REDIS_SETTINGS = "appendonly yes, appendfsync everysec"
"""Redis's own advice for durability at speed: what was acknowledged in the last second may be lost."""


class ServerError(Exception):
    """A server cannot be used; says why."""


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running PostgreSQL, a migrated template of ix's schema on it, and its log where it can be read."""

    url: str
    template: str
    version: str
    log: Path | None
    pid: int | None

    @contextmanager
    def database(self, template: str | None = None) -> Iterator[str]:
        """The address of a fresh database, a copy of the template or empty, after a checkpoint, so that nobody pays for
        another's."""
        name = f"ix_bench_{uuid.uuid4().hex[:12]}"
        copied = f' TEMPLATE "{template}" STRATEGY file_copy' if template else ""
        asyncio.run(execute(self.url, f'CREATE DATABASE "{name}"{copied}'))
        try:
            asyncio.run(execute(self.url, "CHECKPOINT"))
            yield databases.with_database(self.url, name)
        finally:
            asyncio.run(execute(self.url, f'DROP DATABASE "{name}" WITH (FORCE)'))


@contextmanager
def postgres() -> Iterator[Postgres]:
    """The server that `IX_POSTGRES_URL` names, else an embedded one. Raises `ServerError` where it is not durable."""
    with _address() as (url, log), databases.template(url) as template:
        version, pid = asyncio.run(_about(url, log is not None))
        yield Postgres(url, template, version, log, pid)


@contextmanager
def _address() -> Iterator[tuple[str, Path | None]]:
    if named := os.environ.get("IX_POSTGRES_URL"):
        yield named, None
        return
    home = Path(tempfile.mkdtemp(prefix="ix-bench-"))
    local = LocalPostgres(home)
    try:
        yield local.start(), home / "postgresql.log"
    finally:
        local.stop("immediate")
        shutil.rmtree(home, ignore_errors=True)


async def _about(url: str, own: bool) -> tuple[str, int | None]:
    """The server's version and first process. An own one is told to begin its log lines in a way that can be
    counted."""
    connection = await asyncpg.connect(url)
    try:
        for name in DURABLE:
            if (found := await connection.fetchval(f"SHOW {name}")) != "on":
                raise ServerError(f"PostgreSQL has {name} = {found}: the benchmark measures durable work only")
        if own:
            await connection.execute(f"ALTER SYSTEM SET log_line_prefix = '{LOG_PREFIX}'")
            await connection.execute("SELECT pg_reload_conf()")
        backend = await connection.fetchval("SELECT pg_backend_pid()")
        return await connection.fetchval("SHOW server_version"), _postmaster(backend)
    finally:
        await connection.close()


def _postmaster(backend: int) -> int | None:
    """The server's first process, whose child `backend` is; None where the server is on another machine."""
    with suppress(psutil.Error):
        process = psutil.Process(backend)
        if process.name() == "postgres":
            return int(process.ppid())
    return None


def database_name(url: str) -> str:
    """The database that an address leads to."""
    return urlsplit(url).path.strip("/")


async def execute(url: str, sql: str, *arguments: object) -> None:
    """One statement on a connection of its own."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql, *arguments)
    finally:
        await connection.close()


async def fetch(url: str, sql: str, *arguments: object) -> list[asyncpg.Record]:
    """The rows of one statement on a connection of its own."""
    connection = await asyncpg.connect(url)
    try:
        rows: list[asyncpg.Record] = await connection.fetch(sql, *arguments)
        return rows
    finally:
        await connection.close()


@dataclass(frozen=True, slots=True)
class Redis:
    """A running Redis."""

    port: int
    version: str
    pid: int

    def url_of(self, database: int) -> str:
        """The address of one of its numbered databases."""
        return f"redis://127.0.0.1:{self.port}/{database}"


@contextmanager
def redis() -> Iterator[Redis | None]:
    """A Redis of our own on a free port of 127.0.0.1; None where there is no `redis-server`."""
    program = shutil.which("redis-server")
    if program is None:
        yield None
        return
    home, port = tempfile.mkdtemp(prefix="ix-bench-redis-"), free_port()
    options = [
        "--bind",
        "127.0.0.1",
        "--port",
        str(port),
        "--dir",
        home,
        "--save",
        "",
        "--appendonly",
        "yes",
        "--appendfsync",
        "everysec",
    ]
    process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _until_connected(port)
        yield Redis(port, _redis_version(program), process.pid)
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(home, ignore_errors=True)


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as bound:
        return int(bound.getsockname()[1])


def _until_connected(port: int, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while True:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if time.monotonic() > deadline:
            raise ServerError("redis-server does not listen")
        time.sleep(0.02)


def _redis_version(program: str) -> str:
    words = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.split()
    return next((word.removeprefix("v=") for word in words if word.startswith("v=")), "?")
