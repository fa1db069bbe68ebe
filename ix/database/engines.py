"""Engines: one row for each engine process, kept alive by its heartbeat, beside a session lock that ends with its
connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from ix.database.connect import Connection
from ix.database.repository import Repository

MOST_LISTED = 1000
"""Engines in one list."""


class Load(NamedTuple):
    """How many jobs an engine may run at once, and how many it runs, and what waits in it: `{"ocr": {"waiting": 3,
    "oldest_seconds": 0.8}}`; None where it does not say."""

    slots: int | None = None
    running: int | None = None
    waits: Mapping[str, Any] | None = None


UNTOLD = Load()
"""The load of an engine that says nothing of it."""


class EngineHead(NamedTuple):
    """What is known of an engine. It `lives` if it gave a sign of life lately."""

    name: str
    slots: int | None
    running: int | None
    started_at: datetime
    heartbeat_at: datetime
    lives: bool
    health: dict[str, Any]


class Engines(Repository):
    """The table of engines. What is told on the listener's own connection is a class method that takes it."""

    # xmax, a row version's deleting or locking transaction, is 0 in one that was inserted, not in one that was updated
    _HEARTBEAT = """
        INSERT INTO engines (engine_id, lock_key, name, health, slots, running, waits)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (engine_id) DO UPDATE SET
            heartbeat_at = clock_timestamp(), missing_since = NULL,
            lock_key = excluded.lock_key, health = excluded.health,
            slots = excluded.slots, running = excluded.running, waits = excluded.waits
        RETURNING xmax = 0 AS is_new"""

    @classmethod
    async def heartbeat(
        cls,
        connection: Connection,
        engine_id: UUID,
        lock_key: int | None,
        name: str,
        health: dict[str, Any],
        load: Load = UNTOLD,
    ) -> bool:
        """Says that an engine lives, on the listener's own connection, which lock it holds, if it can hold one, and how
        busy it is. True where it was unknown."""
        return bool(await connection.fetchval(cls._HEARTBEAT, engine_id, lock_key, name, health, *load))

    _LIST = f"""
        SELECT name, slots, running, started_at, heartbeat_at,
            heartbeat_at > clock_timestamp() - $1::interval AND missing_since IS NULL AS lives, health
        FROM engines ORDER BY started_at, engine_id LIMIT {MOST_LISTED}"""

    async def list(self, liveness_limit: float) -> Sequence[EngineHead]:
        """The engines, the oldest first. One lives that gave a sign of life within so many seconds."""
        return [EngineHead(*row) for row in await self._fetch(self._LIST, timedelta(seconds=liveness_limit))]

    # 1. Its lock, where no session holds it any more, is not told of: what counts then is the heartbeat alone, since an
    #    engine that stands still cannot connect again.
    # 2. Whoever beats for itself (`heartbeat`) tells of its lock again.
    _STAND_IN = """
        UPDATE engines SET heartbeat_at = clock_timestamp(), missing_since = NULL,
            lock_key = (SELECT objid::bigint FROM pg_locks
                WHERE locktype = 'advisory' AND classid = 26936 AND objid::bigint = lock_key AND objsubid = 2
                  AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
        WHERE engine_id = $1"""

    @classmethod
    async def stand_in(cls, connection: Connection, engine_id: UUID) -> None:
        """Says in its place that an engine lives which has no time to."""
        await connection.execute(cls._STAND_IN, engine_id)

    _HOLD = "SELECT pg_try_advisory_lock(26936, $1)"

    @classmethod
    async def hold_lock(cls, connection: Connection, lock_key: int) -> bool:
        """Takes the session lock (see `ix.database.channels.LOCK_SPACE`) whose release tells the others that this
        engine's connection is gone. False while an earlier session still holds it."""
        return bool(await connection.fetchval(cls._HOLD, lock_key))

    _FORGET = """
        DELETE FROM engines WHERE heartbeat_at < clock_timestamp() - greatest(interval '1 minute', 2 * $1::interval)
          AND NOT EXISTS (SELECT FROM jobs WHERE jobs.status = 'running' AND jobs.engine_id = engines.engine_id)"""

    async def forget_gone(self, liveness_limit: float) -> None:
        """Removes engines that gave no sign of life for a minute, and for twice the limit, and run nothing. The jobs of
        one that lives must not meet an engine that nobody knows."""
        await self._fetch(self._FORGET, timedelta(seconds=liveness_limit))

    _LEAVE = """
        DELETE FROM engines
        WHERE engine_id = $1 AND NOT EXISTS (SELECT FROM jobs WHERE status = 'running' AND engine_id = $1)"""

    async def leave(self, engine_id: UUID) -> None:
        """Removes an engine that stops, unless it leaves running jobs behind."""
        await self._fetch(self._LEAVE, engine_id)
