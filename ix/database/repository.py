"""TODO."""

from __future__ import annotations

from typing import Any

import asyncpg

from ix.database.connect import Pool
from ix.database.pool import acquire


class Repository:
    """What every repository is: a pool, and statements each in its own transaction. Raises `Overloaded` when no
    connection is free in time, and asyncpg's errors as they are."""

    def __init__(self, pool: Pool, acquire_timeout: float = 5.0) -> None:
        self._pool = pool
        self._acquire_timeout = acquire_timeout

    async def _fetch(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        async with acquire(self._pool, self._acquire_timeout) as connection:
            rows: list[asyncpg.Record] = await connection.fetch(sql, *arguments)
            return rows
