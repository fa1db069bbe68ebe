"""What the service as a whole is doing: health of the engines, migrations applied, counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from ix.database.repository import Repository


class Metrics(Repository):
    """Reads over all tables, for probes and for `/metrics`."""

    _HEALTH = """
        SELECT health FROM engines WHERE heartbeat_at > clock_timestamp() - $1::interval AND missing_since IS NULL"""

    async def health(self, liveness_limit: float = 15.0) -> list[dict[str, Any]]:
        """What each engine says of its parts, such as `{"ocr": "ok"}`, that gave a sign of life within so many
        seconds."""
        return [row["health"] for row in await self._fetch(self._HEALTH, timedelta(seconds=liveness_limit))]

    _MISSING_MIGRATIONS = """
        SELECT version FROM unnest($1::text[]) AS expected (version)
        WHERE version NOT IN (SELECT version FROM schema_migrations)"""

    async def missing_migrations(self, expected: Sequence[str]) -> list[str]:
        """Those versions that were not applied. Raises where none ever was."""
        return [row["version"] for row in await self._fetch(self._MISSING_MIGRATIONS, list(expected))]

    # 1. ended: the jobs of the last day, read once; by BRIN, as jobs end nearly in the order of the table.
    # 2. averages: how long those that are done took, by use case; not those that waited for their parts.
    # 3. limits: of each queue its slots, and how many of them are taken.
    # 4. One row of counts, over partial indexes.
    _METRICS = """
        WITH ended AS MATERIALIZED (
            SELECT use_case, status, CASE WHEN parts IS NULL THEN finished_at - started_at END AS took FROM jobs
            WHERE finished_at > clock_timestamp() - interval '24 hours' AND status IN ('done', 'error')
        ), averages AS (
            SELECT use_case, round(extract(epoch FROM avg(took)), 3)::float8 AS seconds
            FROM ended WHERE status = 'done' GROUP BY use_case
        ), limits AS (
            SELECT queue, jsonb_build_object('limit', count(*), 'running', count(ix_id)) AS state
            FROM queue_slots GROUP BY queue
        )
        SELECT
            (SELECT count(*) FROM jobs WHERE status = 'pending') AS pending,
            (SELECT count(*) FROM jobs WHERE status = 'running') AS running,
            (SELECT count(*) FROM ended WHERE status = 'done') AS done_24h,
            (SELECT count(*) FROM ended WHERE status = 'error') AS error_24h,
            (SELECT coalesce(jsonb_object_agg(use_case, seconds), '{}') FROM averages) AS avg_seconds,
            (SELECT coalesce(jsonb_object_agg(queue, state), '{}') FROM limits) AS limits,
            (SELECT count(*) FROM engines WHERE heartbeat_at > clock_timestamp() - $1::interval) AS engines"""

    async def read(self, liveness_limit: float = 15.0) -> dict[str, Any]:
        """Counts, the average seconds from start to end of the last day's done jobs by use case, and how far each limit
        is used. Engines that gave no sign of life within `liveness_limit` seconds do not count."""
        return dict((await self._fetch(self._METRICS, timedelta(seconds=liveness_limit)))[0])
