"""Connections: the pool and the listener's connection. Nothing else opens one.

Between ix and PostgreSQL there may be a pooler, such as PgBouncer, that lends a session for one transaction at a time. It refuses start-up
parameters that it does not know, and a statement that is kept prepared in one session is not found in the next. Both are noticed when a
connection is made, and such connections do without. What a pooler cannot carry at all, LISTEN and session locks, is the business of
`ix.listen`, whose connection `IX_LISTEN_URL` may lead past the pooler.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

import asyncpg
from pydantic_core import from_json, to_json

from ix.config import Settings
from ix.errors import ConfigError, Overloaded
from ix.events import Event, say

if TYPE_CHECKING:
    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record]
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
else:
    Pool = asyncpg.Pool
    Connection = asyncpg.Connection

TRANSIENT: tuple[type[BaseException], ...] = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    # a killed backend: "cannot switch to state …", even from the release after a commit
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    Overloaded,
)
"""What a database that blinks raises. Every write of ix is idempotent, so that it can be tried again after any of these."""

UNMIGRATED = (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError, asyncpg.UndefinedFunctionError)
"""What a database raises whose migrations are behind this ix."""

_JSONB_VERSION = b"\x01"
"""The byte ahead of jsonb's text in the binary protocol (jsonb_recv in PostgreSQL's jsonb.c)."""

_LARGE = re.compile(rb'"(?:[^"\\]|\\.)*"|-?[0-9.]+e\+[0-9]+')
"""A string, in which nothing is looked for, or a number as `to_json` writes it from 1e16 on."""

LINE_PER_CONNECTION = 128
"""How many may wait for each connection of a pool: at a millisecond a statement, what is answered well within `acquire_timeout`."""
_in_line: Counter[Pool] = Counter()
"""How many wait for a connection of each pool; a pool that nobody waits for is not in it."""

_KEEPALIVE = {"TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 2, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 10_000}
"""Finds a cut wire in about 10 s: seconds, seconds, probes, milliseconds (see tcp(7)); names the platform lacks are left out."""

PLANNING = {"jit": "off", "plan_cache_mode": "force_generic_plan", "enable_seqscan": "off"}
"""Statements are planned once, whatever their parameters are. A plan made while a table is small must still do when it is large, so that no
table is read whole where an index leads to the row."""


async def open_pool(settings: Settings) -> Pool:
    """A pool of connections to `settings.postgres_url`. Raises `ConfigError` when it is empty or malformed."""
    require_url(settings)
    return await asyncpg.create_pool(
        settings.postgres_url,
        min_size=0,  # a database that is down at the start must not stop the start
        max_inactive_connection_lifetime=0,
        max_size=settings.pool_size,
        command_timeout=settings.statement_timeout,
        timeout=settings.acquire_timeout,
        connect=Dialler("ix", **PLANNING),
        init=prepare,
        reset=_keep,
    )


CLOSE_SECONDS = 1.0
"""How long the end of a process waits for the database to take its leave."""


async def close_pool(pool: Pool) -> None:
    """Closes a pool politely where the database answers: one that has frozen must not keep the process from ending."""
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await pool.close()
    except TimeoutError:
        pool.terminate()


async def open_connection(settings: Settings, name: str) -> Connection:
    """A connection of its own, outside any pool, with TCP keepalive: for LISTEN and session locks. It leads to `listen_url` if there is
    one."""
    require_url(settings)
    connection = await Dialler(name)(direct_url(settings), timeout=settings.acquire_timeout, command_timeout=settings.heartbeat_timeout)
    async with _terminated_on_error(connection):
        await prepare(connection)
        _keep_alive(connection)
    return connection


def direct_url(settings: Settings) -> str:
    """The address past a pooler, if there is one."""
    return settings.listen_url or settings.postgres_url


async def ping(pool: Pool, seconds: float, channel: str, payload: str) -> None:
    """Sends a notification the way that all others take. A free connection is waited for so long; raises `Overloaded`."""
    async with acquire(pool, seconds) as connection:
        await connection.execute("SELECT pg_notify($1, $2)", channel, payload)


class Dialler:
    """Connects to one address, and remembers whether a pooler answers there. `parameters` are sent at the start where none does."""

    def __init__(self, name: str, **parameters: str) -> None:
        self._name = {"application_name": name}
        self._parameters = parameters
        self._pooled = False

    async def __call__(self, *address: Any, **options: Any) -> Connection:
        """A connection."""
        if not self._pooled:
            connection = await self._direct(*address, **options)
            if connection is not None:
                return connection
            if not self._pooled:
                say(Event.POOLER_FOUND, who=self._name["application_name"])
            self._pooled = True
        return await asyncpg.connect(*address, **options, server_settings=self._name, statement_cache_size=0)

    async def _direct(self, *address: Any, **options: Any) -> Connection | None:
        """A connection to PostgreSQL itself; None where a pooler stands before it."""
        try:
            connection: Connection = await asyncpg.connect(*address, **options, server_settings=self._name | self._parameters)
        except asyncpg.ProtocolViolationError as error:
            if "startup parameter" not in str(error):
                raise
            return None
        async with _terminated_on_error(connection):
            if await owns_session(connection):
                return connection
        connection.terminate()
        return None


@asynccontextmanager
async def _terminated_on_error(connection: Connection) -> AsyncIterator[None]:
    """A connection that breaks before it is handed out leaves no socket behind."""
    try:
        yield
    except BaseException:
        connection.terminate()
        raise


_IS_BACKEND = "SELECT WHERE pg_backend_pid() = {:d}"


async def owns_session(connection: Connection) -> bool:
    """Whether the connection leads to a backend that is its own: a pooler makes up the process id that it tells at the start."""
    # in the simple protocol, which has no parameters, since a pooler may mix up whatever is prepared
    return bool(await connection.execute(_IS_BACKEND.format(connection.get_server_pid())) == "SELECT 1")


def require_url(settings: Settings) -> None:
    """Raises `ConfigError` when no database is named, or by what is no address of one."""
    if not settings.postgres_url:
        raise ConfigError("IX_POSTGRES_URL: name the database, or run `ix up`, which starts an embedded one")
    for name, url in (("IX_POSTGRES_URL", settings.postgres_url), ("IX_LISTEN_URL", settings.listen_url)):
        if url and not _is_address(url):
            raise ConfigError(f"{name}: is not an address such as postgres://user:password@host:5432/database")


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("postgres", "postgresql") and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


async def _keep(connection: Any) -> None:
    """Leaves a connection as it is when it goes back to the pool: no statement of ix leaves anything in its session, and asyncpg's own
    reset costs a round trip for each statement."""


async def prepare(connection: Any) -> None:
    """Makes jsonb arrive and leave as Python values."""
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=_encode, decoder=_decode, format="binary")


def _encode(value: Any) -> bytes:
    text = value if isinstance(value, bytes) else to_json(value)
    return _JSONB_VERSION + (_LARGE.sub(_in_digits, text) if b"e+" in text else text)


def _in_digits(found: re.Match[bytes]) -> bytes:
    """A large number with a point, which jsonb keeps: without one, it would come back as an integer that many readers cannot hold."""
    return found[0] if found[0].startswith(b'"') else f"{Decimal(found[0].decode()):f}.0".encode()


def _decode(value: bytes) -> Any:
    return from_json(value[1:])


@asynccontextmanager
async def acquire(pool: Pool, seconds: float) -> AsyncIterator[Connection]:
    """A pooled connection; waiting for one has its own limits, of time and of the line's length, which a statement's do not cover.

    Raises `Overloaded`."""
    connection = await _taken(pool, seconds)
    try:
        yield connection
    finally:
        # a backend killed after its commit makes the release raise; the work is done all the same
        with suppress(asyncpg.InternalClientError, asyncpg.InterfaceError, OSError):
            # shielded by itself against a cancellation of its caller
            await pool.release(connection)


async def _taken(pool: Pool, seconds: float) -> Any:
    if not _in_line[pool] and pool.get_idle_size():
        # nothing to wait for, so no time limit, which would take a task of its own
        return await pool.acquire()
    if _in_line[pool] >= LINE_PER_CONNECTION * pool.get_max_size():
        raise Overloaded("too many wait for a connection to PostgreSQL")
    _in_line[pool] += 1
    try:
        return await pool.acquire(timeout=seconds)
    except TimeoutError:
        raise Overloaded("no free connection to PostgreSQL in time") from None
    finally:
        _in_line[pool] -= 1
        if not _in_line[pool]:
            del _in_line[pool]


class Seam:
    """What every repository is: a pool, and statements each in its own transaction. Raises `Overloaded` when no connection is free in time,
    and asyncpg's errors as they are."""

    def __init__(self, pool: Pool, acquire_timeout: float = 5.0) -> None:
        self._pool = pool
        self._acquire_timeout = acquire_timeout

    async def _fetch(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        async with acquire(self._pool, self._acquire_timeout) as connection:
            rows: list[asyncpg.Record] = await connection.fetch(sql, *arguments)
            return rows


def _keep_alive(connection: Connection) -> None:
    sock = connection._transport.get_extra_info("socket")
    if sock is None or sock.family == socket.AF_UNIX:
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in _KEEPALIVE.items():
        if number := getattr(socket, option, None):
            sock.setsockopt(socket.IPPROTO_TCP, number, value)
