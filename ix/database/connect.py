"""How one connection is made, and what a database may raise.

Between ix and PostgreSQL there may be a pooler, such as PgBouncer, that lends a session for one transaction at a time.
It refuses start-up parameters that it does not know, and a statement that is kept prepared in one session is not found
in the next. `Dialler` notices both when it connects, and its connections then do without. What a pooler cannot carry at
all, LISTEN and session locks, is the business of `ix.database.listener`, whose connection `IX_LISTEN_URL` may lead past
the pooler."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg

from ix.config import Settings
from ix.database.address import is_address, servers
from ix.database.jsonb import prepare
from ix.errors import ConfigError, Overloaded
from ix.telemetry.log import Event, log

if TYPE_CHECKING:
    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record]
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
else:
    # at run time asyncpg's classes take no parameters
    Pool = asyncpg.Pool
    Connection = asyncpg.Connection

DATABASE_ERRORS: tuple[type[BaseException], ...] = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    # a killed backend may raise "cannot switch to state …", even from the release after a commit
    asyncpg.InternalClientError,
    asyncpg.PostgresError,
    Overloaded,
)
"""All that a statement may raise; `ix.database.faults` tells what is to blame. Every write of ix is idempotent, so that
it can be tried again after any of these."""
UNMIGRATED = (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError, asyncpg.UndefinedFunctionError)
"""What a database raises whose migrations are behind this ix."""

_KEEPALIVE = {"TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 2, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 10_000}
"""Finds a cut wire in about 10 s: seconds, seconds, probes, milliseconds (see tcp(7)); names the platform lacks are
left out."""


async def open_plain(url: str, seconds: float) -> Connection:
    """A connection to the address of one server, made within so many seconds, that keeps no statement prepared: for
    migrations, which may go through a pooler. Raises one of `DATABASE_ERRORS`."""
    return await asyncpg.connect(url, timeout=seconds, statement_cache_size=0)


async def first_that_answers(
    addresses: Sequence[str], seconds: float, connect: Callable[[str, float], Awaitable[Connection]]
) -> tuple[str, Connection]:
    """The first server that lets itself be connected to, each within its share of so many seconds, and the connection.
    Raises what the most telling of them answered, one of `DATABASE_ERRORS`."""
    errors: list[BaseException] = []
    for address in addresses:
        try:
            return address, await connect(address, seconds / len(addresses))
        # not only silence: a server that is about to become a standby refuses in many ways
        except DATABASE_ERRORS as error:
            errors.append(error)
    raise next((error for error in errors if not isinstance(error, OSError)), errors[-1])


async def open_connection(settings: Settings, name: str) -> Connection:
    """A connection outside any pool, with TCP keepalive: for LISTEN and session locks. It leads to `listen_url` if
    there is one. Raises `ConfigError` where that is no address, and else one of `DATABASE_ERRORS`."""
    require_url(settings)
    connection = await Dialler(name)(
        direct_url(settings), timeout=settings.acquire_timeout, command_timeout=settings.heartbeat_timeout
    )
    async with _terminated_on_error(connection):
        await prepare(connection)
        _keep_alive(connection)
    return connection


def direct_url(settings: Settings) -> str:
    """The address past a pooler, if there is one."""
    return settings.listen_url or settings.postgres_url


class Dialler:
    """Connects to one address, and remembers whether a pooler answers there. `parameters` are settings of the session,
    sent at the start where no pooler stands before it. For asyncpg's `connect`."""

    def __init__(self, name: str, **parameters: str) -> None:
        self._name = {"application_name": name}
        self._parameters = parameters
        self._pooled = False
        self._last = ""

    async def __call__(self, url: str, **options: Any) -> Connection:
        """A connection to PostgreSQL itself, or else one that works through a pooler; of several servers to the one
        that answered last, if it does. Takes and raises what `asyncpg.connect` does."""
        addresses = sorted(servers(url), key=lambda address: address != self._last)
        limit = options.pop("timeout")
        self._last, connection = await first_that_answers(
            addresses, limit, lambda address, seconds: self._connect(address, timeout=seconds, **options)
        )
        return connection

    async def _connect(self, address: str, **options: Any) -> Connection:
        if not self._pooled:
            connection = await self._direct(address, **options)
            if connection is not None:
                return connection
            if not self._pooled:
                log(Event.POOLER_FOUND, who=self._name["application_name"])
            self._pooled = True
        return await asyncpg.connect(address, **options, server_settings=self._name, statement_cache_size=0)

    async def _direct(self, address: str, **options: Any) -> Connection | None:
        """A connection to PostgreSQL itself; None where a pooler stands before it."""
        try:
            connection: Connection = await asyncpg.connect(
                address, **options, server_settings=self._name | self._parameters
            )
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
    # one that breaks before it is handed out would leave its socket behind
    try:
        yield
    except BaseException:
        connection.terminate()
        raise


_IS_BACKEND = "SELECT WHERE pg_backend_pid() = {:d}"


async def owns_session(connection: Connection) -> bool:
    """Whether the connection leads to a backend of its own. A pooler does not: the process id that PgBouncer reports at
    the start is an invented one."""
    # in the simple protocol, which has no parameters, since a pooler may mix up whatever is prepared
    return bool(await connection.execute(_IS_BACKEND.format(connection.get_server_pid())) == "SELECT 1")


def require_url(settings: Settings) -> None:
    """Raises `ConfigError` when no database is named, or by what is no address of one."""
    if not settings.postgres_url:
        raise ConfigError("IX_POSTGRES_URL: name the database, or run `ix up`, which starts an embedded one")
    addresses = settings.postgres_url, settings.listen_url, settings.replica_url
    for name, url in zip(("IX_POSTGRES_URL", "IX_LISTEN_URL", "IX_REPLICA_URL"), addresses, strict=True):
        if url and not is_address(url):
            raise ConfigError(f"{name}: is not an address such as postgres://user:password@host:5432/database")


def _keep_alive(connection: Connection) -> None:
    sock = connection._transport.get_extra_info("socket")
    if sock is None or sock.family == socket.AF_UNIX:
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in _KEEPALIVE.items():
        if number := getattr(socket, option, None):
            sock.setsockopt(socket.IPPROTO_TCP, number, value)
