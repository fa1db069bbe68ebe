"""JobsRepo: one method, one statement, one transaction, the SQL just above it.

The jobs' whole life is here: insert → claim → finish, release or rescue. Every write after a claim names the job *and* its token, so that a
stale worker's write changes nothing, and may be repeated after an ambiguous commit without doing harm.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from ix.db import Pool, acquire
from ix.job import CallbackStatus, Claim, Job, Problem, Request, Response, Status, Submission

JOBS_CHANNEL = "ix_jobs"
"""Named in the SQL below. Tells engines that there may be work. A hint, never the truth."""
SCHEDULED_CHANNEL = "ix_scheduled"
"""Named in the SQL below. Tells engines that a job waits for its time."""
ENDED_CHANNEL = "ix_ended"
"""Named in the SQL below. Tells waiters which jobs have ended: ix_ids separated by spaces."""
LOCK_SPACE = 26936
"""Named in the SQL below. First key of every advisory lock of ix: the letters "ix" as a 16-bit number."""


class Outcome(StrEnum):
    """What an insert found."""

    INSERTED = "inserted"
    SAME = "same"
    CLASH = "clash"


class Inserted(NamedTuple):
    """The job that now carries the key, and whether it was this submission that made it."""

    outcome: Outcome
    job: Job


class Finish(StrEnum):
    """What a finish did: stored; found its own result stored already; or was refused, because the claim is not the job's any more."""

    STORED = "stored"
    REPEATED = "repeated"
    STALE = "stale"


class Orphan(NamedTuple):
    """A running job whose engine is gone: back to pending, or `ended` in error after its last attempt."""

    ix_id: str
    attempts: int
    cause: str
    ended: bool
    callback_url: str | None


class JobsRepo:
    """The one seam to the jobs table. Raises `Overloaded` when no connection is free in time, and asyncpg's errors as they are."""

    def __init__(self, pool: Pool, acquire_timeout: float = 5.0) -> None:
        self._pool = pool
        self._acquire_timeout = acquire_timeout

    # READ COMMITTED: a key that another transaction just committed conflicts here and is read by the statement after.
    _INSERT = """
        WITH given AS MATERIALIZED (
            SELECT *, row_number() OVER (PARTITION BY client_id, priority, lane ORDER BY n) - 1 AS behind
            FROM (
                SELECT given.*, coalesce(lanes.lane, '') AS lane
                FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::smallint[], $6::text[], $7::jsonb[], $11::smallint[],
                    $12::timestamptz[], $13::text[]) WITH ORDINALITY
                    AS given (client_id, request_id, use_case, fingerprint, max_attempts, callback_url, request, priority, run_at, trace, n)
                    LEFT JOIN lanes USING (use_case)
            ) AS laned
        ), places AS MATERIALIZED (
            SELECT client_id, priority, lane, next_place(client_id, priority, lane) AS first
            FROM (SELECT DISTINCT client_id, priority, lane FROM given) AS clients
        ), inserted AS (
            INSERT INTO jobs (client_id, request_id, use_case, fingerprint, max_attempts, callback_url, request, priority, run_at, lane,
                trace, status, place)
            SELECT client_id, request_id, use_case, fingerprint, max_attempts, callback_url, request, priority, run_at, lane, trace,
                CASE WHEN run_at > clock_timestamp() THEN 'scheduled' ELSE 'pending' END, first + behind
            FROM given JOIN places USING (client_id, priority, lane) ORDER BY n
            ON CONFLICT (client_id, request_id) DO NOTHING
            RETURNING ix_id, client_id, request_id, status, created_at, request
        ), used AS (
            SELECT decode(sha256, 'hex') AS sha256, count(DISTINCT ix_id)::int AS uses FROM inserted,
                jsonb_array_elements(request -> 'documents') AS document, jsonb_to_record(document) AS (sha256 text)
            WHERE sha256 IS NOT NULL GROUP BY 1
        ), stored AS (
            INSERT INTO documents (sha256, bytes, uses)
            SELECT sha256, bytes, uses FROM unnest($8::bytea[], $9::bytea[]) AS given (sha256, bytes) JOIN used USING (sha256)
            ORDER BY sha256
            ON CONFLICT (sha256) DO UPDATE SET uses = documents.uses + excluded.uses
        ), notified AS (
            SELECT pg_notify(channel, '')
            FROM (SELECT DISTINCT CASE status WHEN 'pending' THEN 'ix_jobs' ELSE 'ix_scheduled' END AS channel FROM inserted) AS told
            WHERE $10
        )
        SELECT ix_id, client_id, request_id, status, created_at, (SELECT count(*) FROM notified) FROM inserted"""

    async def insert_pending(self, submission: Submission) -> Inserted:
        """Inserts a job and notifies the engines, or finds the job that has its key."""
        return (await self.insert_many([submission]))[0]

    async def insert_many(self, submissions: Sequence[Submission]) -> list[Inserted]:
        """Inserts many jobs and their documents with one commit and one notification; the outcomes are in the order given."""
        # one order for everyone, so that two batches with keys in common cannot deadlock
        ordered = sorted(submissions, key=lambda s: (s.client_id, s.request_id))
        arguments = _columns(ordered)
        try:
            rows = await self._fetch(self._INSERT, *arguments[:9], True, *arguments[9:])
        except asyncpg.ProgramLimitExceededError:
            # the notification queue is full: the job counts, the hint does not
            rows = await self._fetch(self._INSERT, *arguments[:9], False, *arguments[9:])
        made = {(row["client_id"], row["request_id"]): row for row in rows}
        return [await self._settle(submission, made) for submission in submissions]

    async def _settle(self, submission: Submission, made: dict[tuple[str, str], asyncpg.Record]) -> Inserted:
        row = made.pop((submission.client_id, submission.request_id), None)
        if row is not None:
            return Inserted(Outcome.INSERTED, _fresh(submission, row))
        found = await self._fetch(self._SELECT_BY_KEY, submission.client_id, submission.request_id)
        same = found[0]["fingerprint"] == submission.fingerprint()
        return Inserted(Outcome.SAME if same else Outcome.CLASH, _job(found[0]))

    _SELECT = """
        SELECT ix_id, client_id, request_id, use_case, status, attempts, created_at, started_at, finished_at, callback_url, callback_status,
            priority, run_at, request, response
        FROM jobs WHERE ix_id = $1 AND ($2::text IS NULL OR client_id = $2)"""

    async def get(self, ix_id: str, client_id: str | None = None) -> Job | None:
        """The job, or None; with a `client_id`, None where it is another client's."""
        rows = await self._fetch(self._SELECT, ix_id, client_id)
        return _job(rows[0]) if rows else None

    _SELECT_BY_KEY = """
        SELECT ix_id, client_id, request_id, use_case, status, attempts, created_at, started_at, finished_at, callback_url, callback_status,
            priority, run_at, request, response, fingerprint
        FROM jobs WHERE client_id = $1 AND request_id = $2"""

    async def get_by_correlation(self, client_id: str, request_id: str) -> Job | None:
        """The job that a client submitted under its own request id, or None."""
        rows = await self._fetch(self._SELECT_BY_KEY, client_id, request_id)
        return _job(rows[0]) if rows else None

    _ENDED = "SELECT ix_id FROM jobs WHERE ix_id = ANY($1::text[]) AND finished_at IS NOT NULL"

    async def ended(self, ix_ids: Sequence[str]) -> list[str]:
        """Those of the jobs that have ended."""
        return [row["ix_id"] for row in await self._fetch(self._ENDED, ix_ids)]

    _SELECT_BYTES = "SELECT sha256, bytes FROM documents WHERE sha256 = ANY($1::bytea[])"

    async def document_bytes(self, hashes: Sequence[str]) -> dict[str, bytes]:
        """Stored bytes by their SHA-256 in hex."""
        rows = await self._fetch(self._SELECT_BYTES, [bytes.fromhex(h) for h in hashes])
        return {row["sha256"].hex(): row["bytes"] for row in rows}

    # While a job that once took an engine down waits, nothing else is claimed, so that an engine comes to run nothing and takes it (below).
    # The status is a literal, or the partial index would be lost; the CTE is materialized, or more rows than the limit could be claimed;
    # its ids become an array, or a plan that does not know the limit would read the whole table to join them;
    # the commit does not wait for the disk, since a lost claim is only a job still pending.
    _CLAIM = """
        WITH next AS MATERIALIZED (
            SELECT ix_id FROM jobs
            WHERE status = 'pending' AND NOT solo AND lane = '' AND NOT EXISTS (SELECT FROM jobs WHERE status = 'pending' AND solo)
            ORDER BY place, ix_id LIMIT $2 FOR UPDATE SKIP LOCKED
        ), relaxed AS MATERIALIZED (
            SELECT set_config('synchronous_commit', 'off', true)
        )
        UPDATE jobs SET status = 'running', engine_id = $1, token = gen_random_uuid(), started_at = clock_timestamp()
        FROM relaxed WHERE jobs.ix_id = ANY (ARRAY(SELECT ix_id FROM next))
        RETURNING jobs.ix_id, token, use_case, attempts, request, callback_url, max_attempts, place, solo, trace"""
    # With lanes there are many queues, and places in one say nothing of another: what each may give (its room) takes turns, and lots are
    # drawn between equal turns. A slot is locked only for a job that waits for it: one locked in vain would look taken to another engine,
    # which would go to sleep. Whoever took fewer than it asked for has room, and is woken by the trigger that frees a slot.
    _CLAIM_AMONG_LANES = """
        WITH queues AS MATERIALIZED (
            SELECT '' AS lane, $2::bigint AS room
            UNION ALL
            SELECT lane, least(count(*), $2) FROM lane_slots WHERE ix_id IS NULL GROUP BY lane
        ), drawn AS MATERIALIZED (
            SELECT lane, count(*) AS room FROM (
                SELECT lane FROM queues CROSS JOIN LATERAL (
                    SELECT priority, row_number() OVER (PARTITION BY priority ORDER BY place, ix_id) AS turn FROM (
                        SELECT place, ix_id, priority FROM jobs WHERE status = 'pending' AND NOT solo AND jobs.lane = queues.lane
                        ORDER BY place, ix_id LIMIT room
                    ) AS first
                ) AS waiting
                WHERE NOT EXISTS (SELECT FROM jobs WHERE status = 'pending' AND solo)
                ORDER BY priority DESC, turn, random() LIMIT $2
            ) AS lots GROUP BY lane
        ), slots AS MATERIALIZED (
            SELECT drawn.lane, slot, row_number() OVER (PARTITION BY drawn.lane) AS n FROM drawn CROSS JOIN LATERAL (
                SELECT slot FROM lane_slots WHERE lane_slots.lane = drawn.lane AND lane_slots.ix_id IS NULL
                ORDER BY slot LIMIT room FOR UPDATE SKIP LOCKED
            ) AS free
        ), rooms AS MATERIALIZED (
            SELECT lane, room FROM drawn WHERE lane = '' UNION ALL SELECT lane, count(*) FROM slots GROUP BY lane
        ), next AS MATERIALIZED (
            SELECT lane, ix_id, row_number() OVER (PARTITION BY lane) AS n FROM rooms CROSS JOIN LATERAL (
                SELECT ix_id FROM jobs WHERE status = 'pending' AND NOT solo AND jobs.lane = rooms.lane
                ORDER BY place, ix_id LIMIT room FOR UPDATE SKIP LOCKED
            ) AS taken
        ), seated AS (
            UPDATE lane_slots SET ix_id = next.ix_id FROM next JOIN slots USING (lane, n)
            WHERE lane_slots.lane = slots.lane AND lane_slots.slot = slots.slot
        ), relaxed AS MATERIALIZED (
            SELECT set_config('synchronous_commit', 'off', true)
        )
        UPDATE jobs SET status = 'running', engine_id = $1, token = gen_random_uuid(), started_at = clock_timestamp()
        FROM relaxed WHERE jobs.ix_id = ANY (ARRAY(SELECT ix_id FROM next))
        RETURNING jobs.ix_id, token, use_case, attempts, request, callback_url, max_attempts, place, solo, trace"""

    async def claim(self, engine_id: UUID, limit: int, among_lanes: bool = False) -> list[Claim]:
        """Claims up to `limit` pending jobs for an engine, in the order of their places. Concurrent callers never get the same job.

        Jobs of use cases with a limit are only looked for `among_lanes`."""
        return _claims(await self._fetch(self._CLAIM_AMONG_LANES if among_lanes else self._CLAIM, engine_id, limit))

    async def claim_next_pending(self, engine_id: UUID) -> Claim | None:
        """Claims the oldest pending job, or None."""
        claims = await self.claim(engine_id, 1)
        return claims[0] if claims else None

    _CLAIM_SOLO = """
        WITH next AS MATERIALIZED (
            SELECT ix_id, lane FROM jobs
            WHERE status = 'pending' AND solo
              AND (lane = '' OR EXISTS (SELECT FROM lane_slots WHERE lane_slots.lane = jobs.lane AND lane_slots.ix_id IS NULL))
            ORDER BY ix_id LIMIT 1 FOR UPDATE SKIP LOCKED
        ), slots AS MATERIALIZED (
            SELECT lane, slot FROM lane_slots WHERE lane = (SELECT lane FROM next) AND ix_id IS NULL
            ORDER BY slot LIMIT 1 FOR UPDATE SKIP LOCKED
        ), seated AS (
            UPDATE lane_slots SET ix_id = next.ix_id FROM next JOIN slots USING (lane)
            WHERE lane_slots.lane = slots.lane AND lane_slots.slot = slots.slot
        )
        UPDATE jobs SET status = 'running', engine_id = $1, token = gen_random_uuid(), started_at = clock_timestamp()
        FROM next WHERE jobs.ix_id = next.ix_id AND (next.lane = '' OR EXISTS (SELECT FROM slots))
        RETURNING jobs.ix_id, token, use_case, attempts, request, callback_url, max_attempts, place, solo, trace"""

    async def claim_solo(self, engine_id: UUID) -> list[Claim]:
        """Claims the oldest job that must run alone; only an engine that runs nothing else may call this."""
        return _claims(await self._fetch(self._CLAIM_SOLO, engine_id))

    _FINISH = """
        WITH given AS MATERIALIZED (
            SELECT * FROM unnest($1::text[], $2::uuid[], $3::jsonb[]) AS given (ix_id, token, response)
        ), finished AS (
            UPDATE jobs SET
                status = CASE WHEN given.response -> 'error' = 'null' THEN 'done' ELSE 'error' END,
                response = given.response, finished_at = clock_timestamp(), attempts = attempts + 1, engine_id = NULL,
                callback_status = CASE WHEN callback_url IS NOT NULL THEN 'pending' END
            FROM given WHERE jobs.ix_id = given.ix_id AND jobs.token = given.token AND jobs.status = 'running'
            RETURNING jobs.ix_id
        ), told AS (
            SELECT pg_notify('ix_ended', string_agg(ix_id, ' ')) FROM finished HAVING $4 AND count(*) > 0
        )
        SELECT given.ix_id, (SELECT count(*) FROM told),
            CASE WHEN finished.ix_id IS NOT NULL THEN 'stored'
                 WHEN jobs.token = given.token AND jobs.status IN ('done', 'error') THEN 'repeated'
                 ELSE 'stale' END AS finish
        FROM given LEFT JOIN finished USING (ix_id) LEFT JOIN jobs USING (ix_id)"""

    async def finish_many(self, ended: Sequence[tuple[Claim, Response]]) -> list[Finish]:
        """Stores many results with one commit; the outcomes are in the order given."""
        arguments = [
            [claim.ix_id for claim, _ in ended],
            [claim.token for claim, _ in ended],
            [response.model_dump_json().encode() for _, response in ended],
        ]
        try:
            rows = await self._fetch(self._FINISH, *arguments, True)
        except asyncpg.ProgramLimitExceededError:
            rows = await self._fetch(self._FINISH, *arguments, False)
        finishes = {row["ix_id"]: Finish(row["finish"]) for row in rows}
        return [finishes[claim.ix_id] for claim, _ in ended]

    async def mark_done(self, claim: Claim, response: Response) -> Finish:
        """Ends a job: `done` exactly when `response.error` is None, else `error`."""
        return (await self.finish_many([(claim, response)]))[0]

    async def mark_error(self, claim: Claim, code: str, message: str) -> Finish:
        """Ends a job in error."""
        return await self.mark_done(claim, Response(error=Problem(code=code, message=message)))

    _RELEASE = """
        WITH given AS MATERIALIZED (
            SELECT * FROM unnest($1::text[], $2::uuid[]) AS given (ix_id, token)
        ), released AS (
            UPDATE jobs SET status = 'pending', engine_id = NULL, token = NULL, started_at = NULL
            FROM given WHERE jobs.ix_id = given.ix_id AND jobs.token = given.token AND jobs.status = 'running'
            RETURNING jobs.ix_id
        ), notified AS (
            SELECT pg_notify('ix_jobs', '') WHERE EXISTS (SELECT FROM released)
        )
        SELECT ix_id, (SELECT count(*) FROM notified) FROM released"""

    async def release(self, claims: Sequence[Claim]) -> list[str]:
        """Gives running jobs back to pending with no attempt spent; returns the ids of those that still were this claim's."""
        rows = await self._fetch(self._RELEASE, [c.ix_id for c in claims], [c.token for c in claims])
        return [row["ix_id"] for row in rows]

    _LOST = """
        SELECT ix_id FROM unnest($1::text[], $2::uuid[]) AS given (ix_id, token)
        WHERE NOT EXISTS (SELECT FROM jobs WHERE jobs.ix_id = given.ix_id AND jobs.token = given.token AND jobs.status = 'running')"""

    async def lost(self, claims: Sequence[Claim]) -> list[str]:
        """The ids of those claims that hold no more: cancelled, erased, or rescued from an engine that seemed dead."""
        rows = await self._fetch(self._LOST, [c.ix_id for c in claims], [c.token for c in claims])
        return [row["ix_id"] for row in rows]

    _POSTPONE = """
        WITH postponed AS (
            UPDATE jobs SET status = 'scheduled', attempts = attempts + 1, cause = $3, run_at = clock_timestamp() + $4::interval,
                engine_id = NULL, token = NULL, started_at = NULL
            WHERE ix_id = $1 AND token = $2 AND status = 'running' RETURNING ix_id
        )
        SELECT ix_id, pg_notify('ix_scheduled', '') FROM postponed"""

    async def postpone(self, claim: Claim, cause: str, seconds: float) -> bool:
        """Ends an attempt and lets the next one begin after `seconds`. False where the claim is stale."""
        return bool(await self._fetch(self._POSTPONE, claim.ix_id, claim.token, cause, _interval(seconds)))

    _PROMOTE = """
        WITH due AS MATERIALIZED (
            SELECT ix_id, client_id, priority, lane, run_at FROM jobs WHERE status = 'scheduled' AND run_at <= clock_timestamp()
            ORDER BY run_at LIMIT 500 FOR UPDATE SKIP LOCKED
        ), queued AS (
            SELECT ix_id, client_id, priority, lane,
                row_number() OVER (PARTITION BY client_id, priority, lane ORDER BY run_at, ix_id) - 1 AS behind
            FROM due
        ), places AS MATERIALIZED (
            SELECT client_id, priority, lane, next_place(client_id, priority, lane) AS first
            FROM (SELECT DISTINCT client_id, priority, lane FROM due) AS clients
        ), promoted AS (
            UPDATE jobs SET status = 'pending', place = first + behind FROM queued JOIN places USING (client_id, priority, lane)
            WHERE jobs.ix_id = queued.ix_id RETURNING jobs.ix_id
        )
        SELECT count(*) AS promoted, (SELECT pg_notify('ix_jobs', '') FROM promoted LIMIT 1) FROM promoted"""

    async def promote(self) -> int:
        """Makes up to 500 scheduled jobs that are due pending; how many they were."""
        return int((await self._fetch(self._PROMOTE))[0]["promoted"])

    _NEXT_DUE = "SELECT extract(epoch FROM min(run_at) - clock_timestamp())::float8 AS seconds FROM jobs WHERE status = 'scheduled'"

    async def seconds_to_next_due(self) -> float | None:
        """Seconds until a scheduled job is due, negative if one is overdue; None where there is none."""
        seconds: float | None = (await self._fetch(self._NEXT_DUE))[0]["seconds"]
        return seconds

    # An engine is gone when its session lock, if it can hold one, has been free for the grace, when its heartbeat is stale (it is frozen or
    # cut off), or when its row is no more. Only the database's clock is compared. pg_notification_queue_usage() is what heals a full queue.
    _SWEEP = """
        WITH held AS MATERIALIZED (
            SELECT objid::bigint AS lock_key FROM pg_locks
            WHERE locktype = 'advisory' AND classid = 26936 AND objsubid = 2 AND granted
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        ), missing AS (
            UPDATE engines SET missing_since = clock_timestamp()
            WHERE missing_since IS NULL AND lock_key IS NOT NULL AND lock_key NOT IN (SELECT lock_key FROM held)
        ), gone AS MATERIALIZED (
            SELECT engine_id, CASE WHEN lock_key IS NULL OR lock_key IN (SELECT lock_key FROM held)
                THEN 'the engine gave no sign of life' ELSE 'the engine died' END AS cause
            FROM engines
            WHERE heartbeat_at < clock_timestamp() - $1::interval
               OR (missing_since < clock_timestamp() - $2::interval AND lock_key NOT IN (SELECT lock_key FROM held))
        ), orphans AS MATERIALIZED (
            SELECT jobs.ix_id, coalesce(gone.cause, 'the engine is unknown') AS cause
            FROM jobs LEFT JOIN gone USING (engine_id)
            WHERE jobs.status = 'running'
              AND (gone.engine_id IS NOT NULL OR NOT EXISTS (SELECT FROM engines WHERE engines.engine_id = jobs.engine_id))
            ORDER BY jobs.ix_id LIMIT $3 FOR UPDATE OF jobs SKIP LOCKED
        ), rescued AS (
            UPDATE jobs SET
                attempts = attempts + 1, cause = orphans.cause, solo = true, engine_id = NULL, token = NULL,
                status = CASE WHEN attempts + 1 < max_attempts THEN 'pending' ELSE 'error' END,
                started_at = CASE WHEN attempts + 1 >= max_attempts THEN started_at END,
                finished_at = CASE WHEN attempts + 1 >= max_attempts THEN clock_timestamp() END,
                callback_status = CASE WHEN attempts + 1 >= max_attempts AND callback_url IS NOT NULL THEN 'pending' END,
                response = CASE WHEN attempts + 1 >= max_attempts THEN jsonb_build_object(
                    'result', NULL, 'evidence', NULL, 'warnings', '[]'::jsonb, 'timings', '{}'::jsonb, 'usage', '{}'::jsonb, 'error',
                    jsonb_build_object('code', 'engine_lost', 'message', orphans.cause || ' in each of ' || max_attempts || ' attempts')
                ) END
            FROM orphans WHERE jobs.ix_id = orphans.ix_id
            RETURNING jobs.ix_id, attempts, jobs.cause, status = 'error' AS ended, callback_url
        ), told AS (
            SELECT pg_notify('ix_jobs', '') WHERE EXISTS (SELECT FROM rescued WHERE NOT ended)
            UNION ALL
            SELECT pg_notify('ix_ended', string_agg(ix_id, ' ')) FROM rescued WHERE ended HAVING count(*) > 0
        )
        SELECT rescued.*, (SELECT count(*) FROM told), pg_notification_queue_usage() FROM rescued"""

    async def sweep_orphans(self, liveness_limit: float, missing_grace: float, limit: int = 200) -> list[Orphan]:
        """Rescues running jobs whose engine is gone: attempts + 1, the cause stored, in error after the last attempt. Limits in seconds."""
        rows = await self._fetch(self._SWEEP, _interval(liveness_limit), _interval(missing_grace), limit)
        return [Orphan(r["ix_id"], r["attempts"], r["cause"], r["ended"], r["callback_url"]) for r in rows]

    _SET_CALLBACK = "UPDATE jobs SET callback_status = $2 WHERE ix_id = $1 AND callback_url IS NOT NULL AND finished_at IS NOT NULL"

    async def update_callback_status(self, ix_id: str, status: CallbackStatus) -> None:
        """Records how a callback went; the job's own status stays as it is."""
        await self._fetch(self._SET_CALLBACK, ix_id, status.value)

    async def _fetch(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        async with acquire(self._pool, self._acquire_timeout) as connection:
            rows: list[asyncpg.Record] = await connection.fetch(sql, *arguments)
            return rows


def _columns(submissions: Sequence[Submission]) -> list[list[Any]]:
    blobs = {bytes.fromhex(sha): data for s in submissions for sha, data in s.blobs.items()}
    return [
        [s.client_id for s in submissions],
        [s.request_id for s in submissions],
        [s.use_case for s in submissions],
        [s.fingerprint() for s in submissions],
        [s.max_attempts for s in submissions],
        [s.callback_url for s in submissions],
        [s.request.model_dump_json().encode() for s in submissions],
        list(blobs.keys()),
        list(blobs.values()),
        [s.priority for s in submissions],
        [s.run_at for s in submissions],
        [s.trace for s in submissions],
    ]


def _fresh(submission: Submission, row: asyncpg.Record) -> Job:
    return Job(
        ix_id=row["ix_id"],
        client_id=submission.client_id,
        request_id=submission.request_id,
        use_case=submission.use_case,
        status=Status(row["status"]),
        attempts=0,
        created_at=row["created_at"],
        started_at=None,
        finished_at=None,
        callback_url=submission.callback_url,
        callback_status=None,
        priority=submission.priority,
        run_at=submission.run_at,
        request=submission.request,
        response=None,
    )


def _job(row: asyncpg.Record) -> Job:
    return Job.model_validate({name: row[name] for name in Job.model_fields})


def _claims(rows: Sequence[asyncpg.Record]) -> list[Claim]:
    claims = [Claim(**{**row, "request": Request.model_validate(row["request"])}) for row in rows]
    return sorted(claims, key=lambda claim: (claim.place, claim.ix_id))


def _interval(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)
