"""What the service as a whole is doing: health of the engines, migrations applied, counts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from ix.database.repository import Repository
from ix.database.tallies import JOB

MOST_WAITING = 10_000
"""More jobs that wait are not counted."""
MOST_LINES = 50
"""Lines in which jobs wait that are looked at: one for each queue and precedence."""
FIRST_OF_LINE = 100
"""Jobs at the head of each line among which the oldest is looked for."""
MOST_LOOKED_AT = 100_000
"""Jobs that wait, and callbacks, whose ages are looked at."""
MOST_GROUPS = 1_000
"""Pairs of a use case and a client that are told apart: a monitor reads them in web's event loop."""
MOST_CODES = 100
"""Codes of errors that are told, those of most jobs."""
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


class Waiting(NamedTuple):
    """Jobs of a client and a use case that wait for an engine, and the seconds for which the oldest of them has; of
    many of both, without names."""

    use_case: str | None
    client_id: str | None
    jobs: int
    oldest_seconds: float


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

    # 1. ended: the last day, as tallies have it, and job by job what ended after what they have counted.
    # 2. averages: how long those that are done took, by use case; not those that waited for their parts.
    # 3. limits: of each queue its slots, and how many of them are taken.
    # 4. living: engines that gave a sign of life; waits: what waits in them for OCR and for the model.
    # 5. owed: callbacks that are still to be delivered, as many as are looked at.
    # 6. One row of counts, over partial indexes.
    _METRICS = f"""
        WITH ended AS MATERIALIZED (
            SELECT use_case, status, error_code, jobs, attempts, CASE WHEN bucket >= 0 THEN jobs ELSE 0 END AS timed,
                seconds
            FROM tallies WHERE minute >= clock_timestamp() - interval '24 hours'
            UNION ALL
            SELECT use_case, status, error_code, count(*), sum(attempts), count(took), coalesce(sum(took), 0)
            FROM (
                SELECT {JOB} FROM jobs
                WHERE finished_at >= (SELECT greatest(until, now() - interval '24 hours') FROM tallied)
                  AND status IN ('done', 'error') AND jobs.attempts >= 0
            ) AS lately GROUP BY 1, 2, 3
        ), averages AS (
            SELECT use_case, round((sum(seconds) / sum(timed))::numeric, 3)::float8 AS seconds
            FROM ended GROUP BY use_case HAVING sum(timed) > 0
        ), errors AS (
            SELECT coalesce(nullif(error_code, ''), 'unknown') AS code, sum(jobs) AS jobs
            FROM ended WHERE status = 'error' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MOST_CODES}
        ), limits AS (
            SELECT queue, jsonb_build_object('limit', count(*), 'running', count(ix_id)) AS state
            FROM queue_slots GROUP BY queue
        ), living AS (
            SELECT slots, running, waits FROM engines WHERE heartbeat_at > clock_timestamp() - $1::interval
        ), waits AS (
            SELECT what, jsonb_build_object('waiting', sum((state -> 'waiting')::int),
                'oldest_seconds', max((state -> 'oldest_seconds')::float8)) AS state
            FROM living, jsonb_each(waits) AS each (what, state) GROUP BY what
        ), owed AS MATERIALIZED (
            SELECT attempts, created_at FROM deliveries WHERE status = 'pending' LIMIT {MOST_LOOKED_AT}
        )
        SELECT
            (SELECT count(*) FROM jobs WHERE status = 'pending') AS pending,
            (SELECT count(*) FROM jobs WHERE status = 'running') AS running,
            (SELECT count(*) FROM jobs WHERE status = 'scheduled') AS scheduled,
            (SELECT coalesce(sum(jobs), 0) FROM ended WHERE status = 'done')::bigint AS done_24h,
            (SELECT coalesce(sum(jobs), 0) FROM ended WHERE status = 'error')::bigint AS error_24h,
            (SELECT coalesce(jsonb_object_agg(code, jobs), '{{}}') FROM errors) AS errors_24h,
            (SELECT coalesce(sum(attempts), 0) FROM ended)::bigint AS attempts_24h,
            (SELECT coalesce(jsonb_object_agg(use_case, seconds), '{{}}') FROM averages) AS avg_seconds,
            (SELECT coalesce(jsonb_object_agg(queue, state), '{{}}') FROM limits) AS limits,
            (SELECT coalesce(jsonb_object_agg(use_case, (
                SELECT count(*) FROM jobs WHERE status = 'pending' AND queue = paused_queue(pauses.use_case)
            )), '{{}}') FROM pauses WHERE lasts) AS paused,
            (SELECT count(*) FROM living) AS engines,
            (SELECT coalesce(sum(slots), 0) FROM living)::bigint AS slots,
            (SELECT coalesce(jsonb_object_agg(what, state), '{{}}') FROM waits) AS waits,
            (SELECT jsonb_build_object('owed', count(*), 'retrying', count(*) FILTER (WHERE attempts > 0),
                'oldest_seconds', extract(epoch FROM clock_timestamp() - min(created_at))::float8) FROM owed)
                AS callbacks,
            pg_notification_queue_usage() AS notification_queue,
            pg_database_size(current_database()) AS database_bytes"""

    async def read(self, liveness_limit: float = 15.0) -> dict[str, Any]:
        """Counts, the average seconds from start to end of the last day's done jobs by use case, its errors by code,
        how far each limit is used, how many jobs of each paused use case wait, callbacks that are owed, what waits in
        engines, and how full the queue of notifications is, 0 to 1. Engines that gave no sign of life within
        `liveness_limit` seconds do not count."""
        return dict((await self._fetch(self._METRICS, timedelta(seconds=liveness_limit)))[0])

    # Both sides of what is paused, each along the index of what waits: as many jobs as are looked at from its head.
    # Since when: not a job's submission, where it was to begin later.
    _WAITING = f"""
        WITH waiting AS MATERIALIZED (
            (SELECT use_case, client_id, greatest(created_at, run_at) AS since FROM jobs
             WHERE status = 'pending' AND queue < 'paused:' ORDER BY queue, position LIMIT {MOST_LOOKED_AT})
            UNION ALL
            (SELECT use_case, client_id, greatest(created_at, run_at) FROM jobs
             WHERE status = 'pending' AND queue >= 'paused;' ORDER BY queue, position LIMIT {MOST_LOOKED_AT})
        )
        SELECT CASE WHEN nth <= {MOST_GROUPS} THEN use_case END, CASE WHEN nth <= {MOST_GROUPS} THEN client_id END,
            sum(jobs)::bigint, max(oldest_seconds) AS oldest_seconds
        FROM (
            SELECT use_case, client_id, count(*) AS jobs,
                greatest(extract(epoch FROM clock_timestamp() - min(since)), 0)::float8 AS oldest_seconds,
                row_number() OVER (ORDER BY min(since), use_case, client_id) AS nth
            FROM waiting GROUP BY use_case, client_id
        ) AS groups
        GROUP BY 1, 2 ORDER BY oldest_seconds DESC, 1, 2"""

    async def waiting(self) -> Sequence[Waiting]:
        """What waits for an engine, by use case and client, that which waits for longest first; of each side of the
        queue at most the first `MOST_LOOKED_AT` jobs. More than `MOST_GROUPS` are summed up in one without names."""
        return [Waiting(*row) for row in await self._fetch(self._WAITING)]

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
