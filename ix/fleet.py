"""FleetRepo: the engines that live, and what the service as a whole is doing. The same rules as `ix.repo`: one method, one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from ix.db import Connection, Seam


class FleetRepo(Seam):
    """Engines' rows, health and metrics."""

    _HEARTBEAT = """
        INSERT INTO engines (engine_id, lock_key, name, health) VALUES ($1, $2, $3, $4)
        ON CONFLICT (engine_id) DO UPDATE SET
            heartbeat_at = clock_timestamp(), missing_since = NULL, lock_key = excluded.lock_key, health = excluded.health
        RETURNING xmax = 0 AS is_new"""

    @classmethod
    async def heartbeat(cls, connection: Connection, engine_id: UUID, lock_key: int | None, name: str, health: dict[str, Any]) -> bool:
        """Says that an engine lives, on the listener's own connection, and which lock it holds, if it can hold one. True where it was
        unknown."""
        return bool(await connection.fetchval(cls._HEARTBEAT, engine_id, lock_key, name, health))

    _HOLD = "SELECT pg_try_advisory_lock(26936, $1)"

    @classmethod
    async def hold_lock(cls, connection: Connection, lock_key: int) -> bool:
        """Takes the session lock (see `ix.repo.LOCK_SPACE`) whose release tells the others that this engine's connection is gone.

        False while an earlier session still holds it."""
        return bool(await connection.fetchval(cls._HOLD, lock_key))

    _FORGET = """
        DELETE FROM engines WHERE heartbeat_at < clock_timestamp() - interval '1 minute'
          AND NOT EXISTS (SELECT FROM jobs WHERE jobs.status = 'running' AND jobs.engine_id = engines.engine_id)"""

    async def forget_gone(self) -> None:
        """Removes engines that gave no sign of life for a minute and run nothing."""
        await self._fetch(self._FORGET)

    _LEAVE = "DELETE FROM engines WHERE engine_id = $1 AND NOT EXISTS (SELECT FROM jobs WHERE status = 'running' AND engine_id = $1)"

    async def leave(self, engine_id: UUID) -> None:
        """Removes an engine that stops, unless it leaves running jobs behind."""
        await self._fetch(self._LEAVE, engine_id)

    _HEALTH = "SELECT health FROM engines WHERE heartbeat_at > clock_timestamp() - interval '15 seconds' AND missing_since IS NULL"

    async def health(self) -> list[dict[str, Any]]:
        """What each living engine says of its parts, such as `{"ocr": "ok"}`."""
        return [row["health"] for row in await self._fetch(self._HEALTH)]

    _MISSING_MIGRATIONS = """
        SELECT version FROM unnest($1::text[]) AS expected (version) WHERE version NOT IN (SELECT version FROM schema_migrations)"""

    async def missing_migrations(self, expected: Sequence[str]) -> list[str]:
        """Those versions that were not applied. Raises where none ever was."""
        return [row["version"] for row in await self._fetch(self._MISSING_MIGRATIONS, list(expected))]

    _METRICS = """
        WITH ended AS MATERIALIZED (
            SELECT use_case, status, finished_at - started_at AS took FROM jobs
            WHERE finished_at > clock_timestamp() - interval '24 hours' AND status IN ('done', 'error')
        ), averages AS (
            SELECT use_case, round(extract(epoch FROM avg(took)), 3)::float8 AS seconds FROM ended WHERE status = 'done' GROUP BY use_case
        ), limits AS (
            SELECT lane, jsonb_build_object('limit', count(*), 'running', count(ix_id)) AS state FROM lane_slots GROUP BY lane
        )
        SELECT
            (SELECT count(*) FROM jobs WHERE status = 'pending') AS pending,
            (SELECT count(*) FROM jobs WHERE status = 'running') AS running,
            (SELECT count(*) FROM ended WHERE status = 'done') AS done_24h,
            (SELECT count(*) FROM ended WHERE status = 'error') AS error_24h,
            (SELECT coalesce(jsonb_object_agg(use_case, seconds), '{}') FROM averages) AS avg_seconds,
            (SELECT coalesce(jsonb_object_agg(lane, state), '{}') FROM limits) AS limits,
            (SELECT count(*) FROM engines WHERE heartbeat_at > clock_timestamp() - interval '15 seconds') AS engines"""

    async def metrics(self) -> dict[str, Any]:
        """Counts, the average seconds from start to end of the last day's done jobs by use case, and how far each limit is used."""
        return dict((await self._fetch(self._METRICS))[0])
