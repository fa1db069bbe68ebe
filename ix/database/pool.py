"""The pool of connections: how it is opened, and how one of it is borrowed, with limits on the time that this may take
and on how many may wait."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from time import monotonic
from typing import Any

import asyncpg

from ix.config import Settings
from ix.database.connect import DATABASE_ERRORS, Connection, Dialler, Pool, require_url
from ix.database.faults import outdates_connection
from ix.database.jsonb import prepare
from ix.errors import Overloaded

LINE_PER_CONNECTION = 128
"""How many may wait for each connection of a pool: at a millisecond a statement, what is answered well within
`acquire_timeout`."""
_in_line: Counter[Pool] = Counter()
"""How many wait for a connection of each pool; a pool that nobody waits for is not in it."""
RENEWAL_SECONDS = 1.0
"""Least time between two renewals of a pool's connections: for as long as a fault lasts, each new one may meet it."""
_renewed_at: dict[Pool, float] = {}
PLANNING = {
    "jit": "off",
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "max_parallel_workers_per_gather": "0",
}
"""Statements are planned once, whatever their parameters are. A plan made while a table is small must still do when it
is large, so that no table is read whole where an index leads to the row. What is read is bounded: further processes
take longer to start than it takes to read, and where millions of jobs have ended a plan for any client would start
them."""
CLOSE_SECONDS = 1.0
"""How long the end of a process waits for the database to take its leave."""


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


async def close_pool(pool: Pool) -> None:
    """Closes a pool politely where the database answers: one that has frozen must not keep the process from ending."""
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await pool.close()
    except TimeoutError:
        pool.terminate()


async def ping(pool: Pool, seconds: float, channel: str, payload: str) -> None:
    """Sends a notification the way that all others take. Raises `Overloaded` when no connection is free within so many
    seconds."""
    async with acquire(pool, seconds) as connection:
        await connection.execute("SELECT pg_notify($1, $2)", channel, payload)


async def ensure_answers(pool: Pool, seconds: float) -> None:
    """Raises unless the database answers: `Overloaded` when no connection is free within so many seconds, else one of
    `DATABASE_ERRORS`."""
    async with acquire(pool, seconds) as connection:
        await connection.execute("SELECT 1")


async def _keep(connection: Any) -> None:
    """Leaves a connection as it is when it goes back to the pool: no statement of ix leaves anything in its session,
    and asyncpg's own reset costs a round trip for each statement."""


@asynccontextmanager
async def acquire(pool: Pool, seconds: float) -> AsyncIterator[Connection]:
    """Lends a connection of the pool. Raises `Overloaded` when none is free within so many seconds, or at once when too
    many wait already: a statement's own limits do not cover the wait."""
    connection = await _borrow(pool, seconds)
    try:
        yield connection
    except Exception as error:
        if outdates_connection(error):
            await _renew(pool)
        # uvloop raises RuntimeError for what is written to a socket that has just been closed
        if connection.is_closed() and not isinstance(error, DATABASE_ERRORS):
            raise asyncpg.ConnectionDoesNotExistError(f"the connection was lost ({type(error).__name__})") from error
        raise
    finally:
        # a backend killed after its commit makes the release raise; the work is done all the same
        with suppress(asyncpg.InternalClientError, asyncpg.InterfaceError, OSError):
            # shielded by itself against a cancellation of its caller
            await pool.release(connection)


async def _renew(pool: Pool) -> None:
    """Lets every connection of the pool be made anew before it is used again: after a failover they lead to a server
    that takes no writes."""
    now = monotonic()
    for one, at in list(_renewed_at.items()):
        if now - at >= RENEWAL_SECONDS:
            del _renewed_at[one]
    if pool not in _renewed_at:
        _renewed_at[pool] = now
        await pool.expire_connections()


async def _borrow(pool: Pool, seconds: float) -> Any:
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
