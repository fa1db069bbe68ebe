"""What the service as a whole is doing: health of the engines, migrations applied, counts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from ix.database.repository import Repository

MOST_WAITING = 10_000
"""More jobs that wait are not counted."""
MOST_LINES = 50
"""Lines in which jobs wait that are looked at: one for each queue and precedence."""
FIRST_OF_LINE = 100
"""Jobs at the head of each line among which the oldest is looked for."""
_OF_LINE = """
    SELECT created_at, use_case FROM jobs
    WHERE status = 'pending' AND jobs.queue = lines.queue
      AND position >= lines.precedence << 40 AND position < (lines.precedence + 1) << 40
    ORDER BY position LIMIT {most}"""


class Minute(NamedTuple):
    """The jobs that ended in the minute that began at `at`; half of those that are done took at most `p50` seconds from
    start to end, 95 % of them at most `p95`; None where none are done."""

    at: datetime
    done: int
    error: int
    p50: float | None
    p95: float | None


class Queue(NamedTuple):
    """Jobs that wait for an engine, at most `MOST_WAITING`; the seconds since the oldest of them was submitted; and
    those that wait for their use case to go on."""

    waiting: int
    oldest_seconds: float | None
    paused: int


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
            WHERE finished_at > now() - interval '24 hours' AND status IN ('done', 'error') AND attempts >= 0
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
            (SELECT coalesce(jsonb_object_agg(use_case, (
                SELECT count(*) FROM jobs WHERE status = 'pending' AND queue = paused_queue(pauses.use_case)
            )), '{}') FROM pauses WHERE lasts) AS paused,
            (SELECT count(*) FROM engines WHERE heartbeat_at > clock_timestamp() - $1::interval) AS engines"""

    async def read(self, liveness_limit: float = 15.0) -> dict[str, Any]:
        """Counts, the average seconds from start to end of the last day's done jobs by use case, how far each limit is
        used, and how many jobs of each paused use case wait. Engines that gave no sign of life within `liveness_limit`
        seconds do not count."""
        return dict((await self._fetch(self._METRICS, timedelta(seconds=liveness_limit)))[0])

    # A row for each of $1 minutes, the oldest first, the last one being the minute that it is, or $2 minutes before it.
    # Two statements, as for a list of jobs: those of one client stand together in an index of their own.
    _MINUTES = """
        WITH asked AS MATERIALIZED (
            SELECT date_trunc('minute', now(), 'UTC') - make_interval(mins => $1::int + $2::int - 1) AS first,
                date_trunc('minute', now(), 'UTC') - make_interval(mins => $2) AS last
        ), ended AS (
            SELECT date_trunc('minute', finished_at, 'UTC') AS at, count(*) FILTER (WHERE status = 'done') AS done,
                count(*) FILTER (WHERE status = 'error') AS error,
                percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (
                    ORDER BY extract(epoch FROM finished_at - started_at)::float8
                ) FILTER (WHERE status = 'done' AND parts IS NULL) AS took
            FROM jobs
            WHERE finished_at >= (SELECT first FROM asked) AND finished_at < (SELECT last FROM asked) + interval '1 min'
              AND status IN ('done', 'error') AND attempts >= 0
              AND ($3::text[] IS NULL OR use_case = ANY ($3)) /* whose */
            GROUP BY 1
        )
        SELECT at, coalesce(done, 0), coalesce(error, 0), took[1], took[2]
        FROM asked CROSS JOIN LATERAL generate_series(first, last, interval '1 minute') AS at LEFT JOIN ended USING (at)
        ORDER BY at"""
    _MINUTES_OF_CLIENT = _MINUTES.replace("/* whose */", "AND client_id = $4")

    async def minutes(
        self, count: int, before: int = 0, client_id: str | None = None, use_cases: Collection[str] | None = None
    ) -> Sequence[Minute]:
        """So many minutes, the oldest first, the last one not over yet; or those `before` so many further ones. Of one
        client, and of some use cases, where they are given."""
        only = None if use_cases is None else list(use_cases)
        if client_id is None:
            rows = await self._fetch(self._MINUTES, count, before, only)
        else:
            rows = await self._fetch(self._MINUTES_OF_CLIENT, count, before, only, client_id)
        return [Minute(*row) for row in rows]

    # 1. lines: each queue and precedence in which jobs wait, found by one look into the index each.
    # 2. first: the first jobs of each. The oldest is nearly always among them: who came later stands further back, but
    #    for clients that take turns with one that has many waiting.
    # 3. Both kinds are counted as far as is told.
    _QUEUE = f"""
        WITH RECURSIVE lines AS (
            (SELECT 1 AS n, queue, position >> 40 AS precedence FROM jobs
             WHERE status = 'pending' ORDER BY queue, position LIMIT 1)
            UNION ALL
            SELECT n + 1, next.queue, next.precedence FROM lines CROSS JOIN LATERAL (
                SELECT queue, position >> 40 AS precedence FROM jobs
                WHERE status = 'pending' AND (queue, position) >= (lines.queue, (lines.precedence + 1) << 40)
                ORDER BY queue, position LIMIT 1
            ) AS next
            WHERE n < {MOST_LINES}
        ), first AS (
            SELECT created_at FROM lines CROSS JOIN LATERAL ({_OF_LINE.format(most=FIRST_OF_LINE)}) AS first
            WHERE queue NOT LIKE 'paused:%' AND ($1::text[] IS NULL OR use_case = ANY ($1))
        ), waiting AS (
            SELECT FROM lines CROSS JOIN LATERAL ({_OF_LINE.format(most=MOST_WAITING)}) AS waiting
            WHERE queue NOT LIKE 'paused:%' AND ($1::text[] IS NULL OR use_case = ANY ($1)) LIMIT {MOST_WAITING}
        ), paused AS (
            SELECT FROM lines CROSS JOIN LATERAL ({_OF_LINE.format(most=MOST_WAITING)}) AS paused
            WHERE queue LIKE 'paused:%' AND ($1::text[] IS NULL OR use_case = ANY ($1)) LIMIT {MOST_WAITING}
        )
        SELECT (SELECT count(*) FROM waiting),
            (SELECT extract(epoch FROM clock_timestamp() - min(created_at))::float8 FROM first),
            (SELECT count(*) FROM paused)"""

    _QUEUE_OF_CLIENT = f"""
        WITH first AS MATERIALIZED (
            SELECT queue LIKE 'paused:%' AS is_paused, created_at, use_case FROM jobs
            WHERE status || '' = 'pending' AND client_id = $2 ORDER BY client_id, queue, ranked, position
            LIMIT {MOST_WAITING}
        )
        SELECT count(*) FILTER (WHERE NOT is_paused),
            extract(epoch FROM clock_timestamp() - min(created_at) FILTER (WHERE NOT is_paused))::float8,
            count(*) FILTER (WHERE is_paused)
        FROM first WHERE $1::text[] IS NULL OR use_case = ANY ($1)"""

    async def queue(self, client_id: str | None = None, use_cases: Collection[str] | None = None) -> Queue:
        """What waits, of one client, and of some use cases, where they are given."""
        only = None if use_cases is None else list(use_cases)
        if client_id is None:
            rows = await self._fetch(self._QUEUE, only)
        else:
            rows = await self._fetch(self._QUEUE_OF_CLIENT, only, client_id)
        return Queue(*rows[0])
