"""What every table's class shares: a pool, and statements that are transactions of their own."""

from __future__ import annotations

from typing import Any

import asyncpg

from ix.database.connect import Connection, Pool
from ix.database.pool import acquire
from ix.errors import Overloaded

FULL = 0.5
"""Share of the notification queue from which on an error of class 54 is taken for the queue's: what it says is a text
in the server's language."""


class QueueFull(Overloaded):
    """The notification queue of the whole server is full, which says nothing of the data."""


class Repository:
    """One or more tables, read and written over a pool. `acquire_timeout`: seconds that a statement may wait for a free
    connection. Every method raises `Overloaded` when none is free in time, and asyncpg's errors as they are."""

    def __init__(self, pool: Pool, acquire_timeout: float = 5.0) -> None:
        self._pool = pool
        self._acquire_timeout = acquire_timeout

    async def _fetch(self, sql: str, *arguments: Any, seconds: float | None = None) -> list[asyncpg.Record]:
        """The rows of one statement, which is a transaction of its own. `seconds`: another time limit than usual."""
        async with acquire(self._pool, self._acquire_timeout) as connection:
            try:
                if seconds is not None:
                    return await _fetch_patiently(connection, seconds, sql, *arguments)
                rows: list[asyncpg.Record] = await connection.fetch(sql, *arguments)
                return rows
            except asyncpg.ProgramLimitExceededError:
                await raise_if_full(connection)
                raise

    async def _fetch_in_order(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        """`_fetch` for a statement that ends early because an index has the order that it asks for: none is to be
        preferred that finds rows in another order, and however many of them, to sort them."""
        async with acquire(self._pool, self._acquire_timeout) as connection, connection.transaction():
            await connection.execute(IN_ORDER)
            rows: list[asyncpg.Record] = await connection.fetch(sql, *arguments)
            return rows

    async def _fetch_telling(self, sql: str, *arguments: Any, seconds: float | None = None) -> list[asyncpg.Record]:
        """`_fetch` for a statement whose last parameter says whether it notifies: what it does counts, and goes through
        without the hint where the queue of notifications is full."""
        try:
            return await self._fetch(sql, *arguments, True, seconds=seconds)
        except (QueueFull, asyncpg.ProgramLimitExceededError):
            return await self._fetch(sql, *arguments, False, seconds=seconds)


async def raise_if_full(connection: Connection) -> None:
    """Raises `QueueFull` after an error of class 54 that is not the data's."""
    # to ask is what clears a queue that is no longer full
    if await connection.fetchval(_QUEUE_USAGE) >= FULL:
        raise QueueFull("the notification queue of PostgreSQL is full") from None


_QUEUE_USAGE = "SELECT pg_notification_queue_usage()"
# of a plan that must sort anyway this changes nothing
IN_ORDER = "SET LOCAL enable_sort = off; SET LOCAL enable_incremental_sort = off"
_PATIENCE = "SELECT set_config('statement_timeout', $1, true)"


async def _fetch_patiently(connection: Any, seconds: float, sql: str, *arguments: Any) -> list[asyncpg.Record]:
    async with connection.transaction():
        await connection.execute(_PATIENCE, f"{round(seconds * 1000)}")
        rows: list[asyncpg.Record] = await connection.fetch(sql, *arguments, timeout=seconds)
        return rows
