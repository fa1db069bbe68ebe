"""A pool whose connections break at a chosen round trip, before what was asked for is done or after: an ambiguous
commit."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Literal, cast

import asyncpg

from ix.database.connect import Connection, Pool

When = Literal["before", "after"]


class FaultyPool:
    """Passes all on to a pool, until the round trip that `break_at` chose. What is left of `countdown` says whether it
    came. While `outage` names a piece of SQL, every statement with it breaks before it is done."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.countdown = 0
        self.when: When = "before"
        self.needle = ""
        self.with_rows = False
        self.outage = ""

    def break_at(self, trip: int, when: When, needle: str = "", with_rows: bool = False) -> None:
        """Breaks at the `trip`th round trip from now, of those whose SQL has the needle in it; `with_rows` passes over
        one that brings none, as a look for work that finds nothing."""
        self.countdown, self.when, self.needle, self.with_rows = trip, when, needle, with_rows

    async def acquire(self, *, timeout: float | None = None) -> FaultyConnection:
        return FaultyConnection(self, await self._pool.acquire(timeout=timeout))

    async def release(self, connection: FaultyConnection) -> None:
        await self._pool.release(connection.real)

    async def expire_connections(self) -> None:
        """Keeps them: they break when they are told to."""

    def get_max_size(self) -> int:
        return int(self._pool.get_max_size())

    def get_idle_size(self) -> int:
        return int(self._pool.get_idle_size())

    @property
    def as_pool(self) -> Pool:
        return cast(Pool, self)

    def verdict(self, sql: str) -> When | None:
        """When a round trip breaks, if it does."""
        if self.outage and self.outage in sql:
            return "before"
        if self.countdown == 0 or self.needle not in sql:
            return None
        self.countdown -= 1
        return self.when if self.countdown == 0 else None


class FaultyConnection:
    """A connection of a faulty pool; `terminate`d where it breaks, as when the server or the wire is gone."""

    def __init__(self, pool: FaultyPool, real: Connection) -> None:
        self._pool, self.real = pool, real

    def is_closed(self) -> bool:
        """Never: what breaks is one call."""
        return False

    async def fetch(self, sql: str, *arguments: Any, timeout: float | None = None) -> Any:
        return await self._trip("fetch", sql, *arguments)

    async def fetchval(self, sql: str, *arguments: Any) -> Any:
        return await self._trip("fetchval", sql, *arguments)

    async def fetchrow(self, sql: str, *arguments: Any) -> Any:
        return await self._trip("fetchrow", sql, *arguments)

    async def execute(self, sql: str, *arguments: Any) -> Any:
        return await self._trip("execute", sql, *arguments)

    def transaction(self) -> FaultyTransaction:
        return FaultyTransaction(self)

    async def _trip(self, method: str, sql: str, *arguments: Any) -> Any:
        when = self._pool.verdict(sql)
        if when is None:
            return await getattr(self.real, method)(sql, *arguments)
        if when == "after" and not await getattr(self.real, method)(sql, *arguments) and self._pool.with_rows:
            self._pool.countdown += 1
            return []
        self.real.terminate()
        raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")


class FaultyTransaction:
    """A transaction whose commit is a round trip like any other."""

    def __init__(self, connection: FaultyConnection) -> None:
        self._connection = connection

    async def __aenter__(self) -> None:
        await self._connection.execute("BEGIN")

    async def __aexit__(self, kind: object, *_: object) -> None:
        if kind is None:
            await self._connection.execute("COMMIT")
        else:
            with suppress(asyncpg.InterfaceError, asyncpg.PostgresConnectionError):
                await self._connection.execute("ROLLBACK")
