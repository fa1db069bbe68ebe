"""A pool of one connection that is inside a transaction of its own: what is done through it stays uncommitted until it
is let go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, cast

import asyncpg

from ix.database.connect import Connection, Pool
from ix.database.jsonb import prepare


class Single:
    """One connection in the place of a pool."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def acquire(self, *, timeout: float | None = None) -> Connection:
        return self.connection

    async def release(self, connection: Connection) -> None:
        """Keeps it."""

    def get_max_size(self) -> int:
        return 1

    def get_idle_size(self) -> int:
        return 1

    @property
    def as_pool(self) -> Pool:
        return cast(Pool, self)


@asynccontextmanager
async def single(url: str) -> AsyncIterator[Single]:
    """A connection in the place of a pool, for a while."""
    connection = await asyncpg.connect(url)
    try:
        await prepare(connection)
        yield Single(connection)
    finally:
        connection.terminate()


async def ended_or_blocked(work: Awaitable[Any], connection: Connection, watch: Connection) -> bool:
    """Waits until the work on a connection has ended, True, or waits for another transaction, False."""
    task, pid = asyncio.ensure_future(work), connection.get_server_pid()
    while not task.done():
        if await watch.fetchval("SELECT cardinality(pg_blocking_pids($1)) > 0", pid):
            return False
        await asyncio.wait([task], timeout=0.001)
    return True
