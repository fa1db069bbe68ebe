"""What time does to jobs: scheduled ones that are due become pending, those of dead engines are rescued."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from ix.database.jobs.quarantine import STRIKE
from ix.database.repository import Repository
from ix.job import CallbackStatus


class Orphan(NamedTuple):
    """A running job whose engine is gone: back to pending, or `ended` in error after its last attempt."""

    ix_id: str
    attempts: int
    last_error: str
    ended: bool
    callback_url: str | None


class Sweep(NamedTuple):
    """What a sweep found: orphans that it rescued, and whether an engine is missing that the next sweep may find
    gone."""

    orphans: list[Orphan]
    suspects: bool


class SweepJobs(Repository):
    """Promotion, the sweep, and the state of a callback."""

    # 1. due: up to 500 scheduled jobs whose moment has come, passing over those that another promoter holds, and the
    #    queue that the use case of each has now.
    # 2. queued: `behind` counts those before it of the same client, precedence and queue.
    # 3. positions: where in the queue the next job of each of these clients stands.
    # 4. promoted: they wait from now on, in the order in which they were due.
    # 5. Engines hear of it once.
    _PROMOTE = """
        WITH due AS MATERIALIZED (
            SELECT ix_id, client_id, precedence, coalesce(queues.queue, '') COLLATE "C" AS queue, run_at
            FROM jobs LEFT JOIN queues USING (use_case)
            WHERE status = 'scheduled' AND run_at <= clock_timestamp()
            ORDER BY run_at LIMIT 500 FOR UPDATE OF jobs SKIP LOCKED
        ), queued AS (
            SELECT ix_id, client_id, precedence, queue,
                row_number() OVER (PARTITION BY client_id, precedence, queue ORDER BY run_at, ix_id) - 1 AS behind
            FROM due
        ), positions AS MATERIALIZED (
            SELECT client_id, precedence, queue, next_ticket(client_id, precedence, queue) AS first
            FROM (SELECT DISTINCT client_id, precedence, queue FROM due) AS clients
        ), promoted AS (
            UPDATE jobs SET status = 'pending', queue = queued.queue, position = first + behind,
                ranked = priority <> jobs.precedence,
                arrival = CASE WHEN priority <> jobs.precedence THEN first + behind END
            FROM queued JOIN positions USING (client_id, precedence, queue)
            WHERE jobs.ix_id = queued.ix_id RETURNING jobs.ix_id
        )
        SELECT count(*) AS promoted, (SELECT pg_notify('ix_jobs', '') FROM promoted LIMIT 1) FROM promoted"""

    async def promote(self) -> int:
        """Makes up to 500 scheduled jobs that are due pending; how many they were."""
        return int((await self._fetch(self._PROMOTE))[0]["promoted"])

    _NEXT_DUE = """
        SELECT extract(epoch FROM min(run_at) - clock_timestamp())::float8 AS seconds
        FROM jobs WHERE status = 'scheduled'"""

    async def seconds_to_next_due(self) -> float | None:
        """Seconds until a scheduled job is due, negative if one is overdue; None where there is none."""
        seconds: float | None = (await self._fetch(self._NEXT_DUE))[0]["seconds"]
        return seconds

    # Only the database's clock is compared.
    # 1. held: the locks of engines' sessions in this database (26936 is `LOCK_SPACE`; objsubid 2 means a lock of two
    #    numbers).
    # 2. missing: engines whose lock is free are marked with the moment. Not in a server's first 5 seconds, in which the
    #    engines connect again and take their locks.
    # 3. gone: engines whose lock has been free for the grace ($2), or whose heartbeat is older than the liveness limit
    #    ($1): frozen or cut off.
    # 4. orphans: running jobs of engines that are gone or have no row any more, up to $3.
    # 5. rescued: an attempt is spent and the job is quarantined. It waits again, or ends in error after its last one.
    # 6. struck: a client whose job has ended the engine in which it ran alone, in its third attempt or its last: an
    #    engine may come to its end by itself while a harmless job happens to run alone, but not twice with the same.
    #    The next of such jobs may run later, by two seconds after the second time, up to a minute. An hour without
    #    forgets it.
    # 7. told: engines hear that there is work, waiters of ends.
    # 8. A row for each rescued job and at least one; `suspects` says that an engine is marked whose grace is not over.
    # To read pg_notification_queue_usage() is what moves the tail of a full notification queue on.
    _SWEEP = f"""
        WITH held AS MATERIALIZED (
            SELECT objid::bigint AS lock_key FROM pg_locks
            WHERE locktype = 'advisory' AND classid = 26936 AND objsubid = 2 AND granted
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        ), missing AS (
            UPDATE engines SET missing_since = clock_timestamp()
            WHERE missing_since IS NULL AND lock_key IS NOT NULL AND lock_key NOT IN (SELECT lock_key FROM held)
              AND pg_postmaster_start_time() < clock_timestamp() - interval '5 seconds'
            RETURNING engine_id
        ), gone AS MATERIALIZED (
            SELECT engine_id, CASE WHEN lock_key IS NULL OR lock_key IN (SELECT lock_key FROM held)
                THEN 'the engine gave no sign of life' ELSE 'the engine died' END AS cause
            FROM engines
            WHERE heartbeat_at < clock_timestamp() - $1::interval
               OR (missing_since < clock_timestamp() - $2::interval AND lock_key NOT IN (SELECT lock_key FROM held))
        ), orphans AS MATERIALIZED (
            SELECT jobs.ix_id, coalesce(gone.cause, 'the engine is unknown') AS cause, client_id,
                quarantined AND attempts + 1 >= least(3, max_attempts) AS ends_engines
            FROM jobs LEFT JOIN gone USING (engine_id)
            WHERE jobs.status = 'running'
              AND (gone.engine_id IS NOT NULL
                OR NOT EXISTS (SELECT FROM engines WHERE engines.engine_id = jobs.engine_id))
            ORDER BY jobs.ix_id LIMIT $3 FOR UPDATE OF jobs SKIP LOCKED
        ), rescued AS (
            UPDATE jobs SET
                attempts = attempts + 1, last_error = orphans.cause, quarantined = true,
                engine_id = NULL, claim_token = NULL,
                lost_attempts = CASE WHEN attempts + 1 < max_attempts THEN
                    with_lost_attempt(jobs, 'lost', orphans.cause) ELSE lost_attempts END,
                error_code = CASE WHEN attempts + 1 >= max_attempts THEN 'engine_lost' END,
                status = CASE WHEN attempts + 1 < max_attempts THEN 'pending' ELSE 'error' END,
                started_at = CASE WHEN attempts + 1 >= max_attempts THEN started_at END,
                finished_at = CASE WHEN attempts + 1 >= max_attempts THEN clock_timestamp() END,
                callback_status = CASE
                    WHEN attempts + 1 >= max_attempts AND callback_url IS NOT NULL THEN 'pending' END,
                response = CASE WHEN attempts + 1 >= max_attempts THEN jsonb_build_object(
                    'result', NULL, 'evidence', NULL, 'warnings', '[]'::jsonb,
                    'timings', '{{}}'::jsonb, 'usage', '{{}}'::jsonb,
                    'error', jsonb_build_object('code', 'engine_lost',
                        'message', orphans.cause || ' in each of ' || max_attempts || ' attempts')
                ) END
            FROM orphans WHERE jobs.ix_id = orphans.ix_id
            RETURNING jobs.ix_id, attempts, jobs.last_error, status = 'error' AS ended, callback_url
        ), struck AS (
            INSERT INTO quarantine_strikes (client_id) SELECT DISTINCT client_id FROM orphans WHERE ends_engines
            {STRIKE}
        ), told AS (
            SELECT pg_notify('ix_jobs', '') WHERE EXISTS (SELECT FROM rescued WHERE NOT ended)
            UNION ALL
            SELECT pg_notify('ix_ended', string_agg(ix_id, ' ')) FROM rescued WHERE ended HAVING count(*) > 0
        )
        SELECT rescued.*, (SELECT count(*) FROM told), pg_notification_queue_usage(), EXISTS (SELECT FROM missing)
            OR EXISTS (SELECT FROM engines WHERE missing_since > clock_timestamp() - 2 * $2::interval) AS suspects
        FROM (SELECT) AS always LEFT JOIN rescued ON true"""

    async def sweep(self, liveness_limit: float, missing_grace: float, limit: int = 200) -> Sweep:
        """Rescues running jobs whose engine is gone: attempts + 1, the cause stored, in error after the last attempt.
        Limits in seconds."""
        limits = timedelta(seconds=liveness_limit), timedelta(seconds=missing_grace), limit
        rows = await self._fetch(self._SWEEP, *limits)
        orphans = [
            Orphan(r["ix_id"], r["attempts"], r["last_error"], r["ended"], r["callback_url"])
            for r in rows
            if r["ix_id"]
        ]
        return Sweep(orphans, rows[0]["suspects"])

    async def sweep_orphans(self, liveness_limit: float, missing_grace: float, limit: int = 200) -> list[Orphan]:
        """Rescues as `sweep` does, and returns only the rescued jobs."""
        return (await self.sweep(liveness_limit, missing_grace, limit)).orphans

    _SET_CALLBACK = """
        UPDATE jobs SET callback_status = $2
        WHERE ix_id = $1 AND callback_url IS NOT NULL AND finished_at IS NOT NULL"""

    async def update_callback_status(self, ix_id: str, status: CallbackStatus) -> None:
        """Records how a callback went; the job's own status stays as it is."""
        await self._fetch(self._SET_CALLBACK, ix_id, status.value)
