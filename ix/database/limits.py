"""Limits: how many jobs of a use case may run at once, over all engines.

The limits stand in the database, so that every engine keeps them, whatever its own settings say: see the tables
`queues` and `queue_slots` in `db/migrations`."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from ix.config import Limit
from ix.database.connect import Connection
from ix.database.pool import acquire
from ix.database.repository import Repository


class Limits(Repository):
    """The tables of queues and of their slots."""

    _EXIST = "SELECT EXISTS (SELECT FROM queue_slots)"

    async def exist(self) -> bool:
        """Whether any use case has a limit."""
        return bool((await self._fetch(self._EXIST))[0]["exists"])

    # of a use case that is paused the queue that it has when it is not
    _READ = """
        SELECT queue, array_agg(use_case ORDER BY use_case) AS use_cases,
            (SELECT count(*) FROM queue_slots WHERE queue_slots.queue = named.queue) AS count
        FROM (
            SELECT use_case, coalesce((
                SELECT pauses.queue FROM pauses WHERE pauses.use_case = queues.use_case AND lasts), queue) AS queue
            FROM queues
        ) AS named WHERE queue <> '' GROUP BY queue"""
    # A change is one transaction:
    # 1. It waits for insertions on their way, 2 s at most, and holds up those that come, so that none chooses a queue
    #    that is going.
    # 2. The queues are named anew; a trigger keeps those of paused use cases.
    # 3. Slots beyond a limit go, also those that are taken: that ends no run, and the limit counts from the next claim.
    # 4. Slots that are missing come.
    # 5. Jobs that wait move into the queue that their use case has now.
    _LOCK_TIMEOUT = "SET LOCAL lock_timeout = '2s'"
    _LOCK = "LOCK TABLE queues IN ACCESS EXCLUSIVE MODE"
    _CLEAR = "DELETE FROM queues"
    _NAME = "INSERT INTO queues (use_case, queue) SELECT * FROM unnest($1::text[], $2::text[])"
    _SHRINK = """
        DELETE FROM queue_slots
        WHERE NOT EXISTS (SELECT FROM unnest($1::text[], $2::int[]) AS given (queue, count)
            WHERE given.queue = queue_slots.queue AND slot <= given.count)"""
    _GROW = """
        INSERT INTO queue_slots (queue, slot)
        SELECT queue, slot FROM unnest($1::text[], $2::int[]) AS given (queue, count), generate_series(1, count) AS slot
        ON CONFLICT DO NOTHING"""
    _MOVE = """
        UPDATE jobs SET queue = queue_of(use_case)
        WHERE status IN ('pending', 'scheduled') AND queue <> queue_of(use_case)"""

    async def set(self, limits: Sequence[Limit]) -> None:
        """Makes these the limits that hold from now on, and moves waiting jobs into their queues; costs one read where
        they hold already."""
        async with acquire(self._pool, self._acquire_timeout) as connection:
            if {limit.queue: (sorted(limit.use_cases), limit.most) for limit in limits} != await self._read(connection):
                async with connection.transaction():
                    await self._change(connection, limits)

    async def _read(self, connection: Connection) -> dict[str, tuple[list[str], int]]:
        rows: list[asyncpg.Record] = await connection.fetch(self._READ)
        return {row["queue"]: (row["use_cases"], row["count"]) for row in rows}

    async def _change(self, connection: Connection, limits: Sequence[Limit]) -> None:
        named = [(use_case, limit.queue) for limit in limits for use_case in limit.use_cases]
        counts = [limit.queue for limit in limits], [limit.most for limit in limits]
        for sql in (self._LOCK_TIMEOUT, self._LOCK, self._CLEAR):
            await connection.execute(sql)
        await connection.execute(self._NAME, [use_case for use_case, _ in named], [queue for _, queue in named])
        await connection.execute(self._SHRINK, *counts)
        await connection.execute(self._GROW, *counts)
        await connection.execute(self._MOVE)
