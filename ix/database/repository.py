"""What every table's class shares: a pool, and statements that are transactions of their own."""

from __future__ import annotations

from typing import Any

import asyncpg

from ix.database.connect import Pool
from ix.database.pool import acquire


class Repository:
    """One or more tables, read and written over a pool. `acquire_timeout`: seconds that a statement may wait for a free
    connection. Every method raises `Overloaded` when none is free in time, and asyncpg's errors as they are."""

    def __init__(self, pool: Pool, acquire_timeout: float = 5.0) -> None:
        self._pool = pool
        self._acquire_timeout = acquire_timeout

    async def _fetch(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        """The rows of one statement, which is a transaction of its own."""
        async with acquire(self._pool, self._acquire_timeout) as connection:
            rows: list[asyncpg.Record] = await connection.fetch(sql, *arguments)
            return rows
