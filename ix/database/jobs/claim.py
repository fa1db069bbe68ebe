"""An engine claims jobs: those without a limit, those of every queue, or one that must run alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from operator import attrgetter
from uuid import UUID, uuid4

import asyncpg
from pydantic import ValidationError

from ix.config import MIB
from ix.database.repository import Repository
from ix.job import Claim, Request

# in the order of `Claim`'s members, the token left out; the request as text, which pydantic parses in one go
_CLAIMED = """jobs.ix_id, use_case, attempts, request::text, callback_url, max_attempts, position, quarantined, trace,
            client_id"""


LARGE = MIB // 4
"""Characters of a request from which it takes milliseconds to parse."""


class ClaimJobs(Repository):
    """Claims. Each claim's token is new, and is the fence of every later write."""

    # 1. locked_jobs: the first jobs of queue '', in the order of their positions, passing over those that another claim
    #    holds; none while a quarantined job waits, so that an engine comes to run nothing and takes it (see below).
    # 2. no_fsync: the commit does not wait for the disk, since a claim that a crash loses is a job still pending.
    #    Joined, or it would not run: a CTE that nothing reads is skipped.
    # 3. The jobs become this engine's.
    # The status is a literal, or no plan could use the partial index. The first CTE is materialized, or the limit could
    # be applied anew for each row and more claimed than asked for. Its ids become an array, or a plan that does not
    # know the limit would read the whole table to join them.
    _CLAIM = f"""
        WITH locked_jobs AS MATERIALIZED (
            SELECT ix_id FROM jobs
            WHERE status = 'pending' AND NOT quarantined AND queue = '' AND client_id <> ALL ($4::text[])
              AND NOT EXISTS (SELECT FROM jobs WHERE status = 'pending' AND quarantined)
            ORDER BY position, ix_id LIMIT $2 FOR UPDATE SKIP LOCKED
        ), no_fsync AS MATERIALIZED (
            SELECT set_config('synchronous_commit', 'off', true)
        )
        UPDATE jobs SET status = 'running', engine_id = $1, claim_token = $3, started_at = clock_timestamp()
        FROM no_fsync WHERE jobs.ix_id = ANY (ARRAY(SELECT ix_id FROM locked_jobs))
        RETURNING {_CLAIMED}"""

    # 1. open_queues: queue '', which has no limit, and each queue with free slots; and the most that each can give.
    # 2. head_of_each: that many jobs from the head of each, numbered from 1 within a priority, since positions in one
    #    queue say nothing of those in another. None while a quarantined job waits.
    # 3. picked: of these the first by priority, then number, equal ones at random; and how many of each queue they are.
    # 4. free_slots: as many slots of each queue are locked, passing over those that another claim holds. No slot is
    #    locked without a job for it: it would look taken to another engine, which would stop to look.
    # 5. room_left: what each queue can really give, which is how many slots were locked.
    # 6. locked_jobs: as many jobs are locked, in the order of their positions.
    # 7. slots_taken: the n-th job of a queue gets its n-th slot.
    # 8. no_fsync and the update, as in _CLAIM.
    # An engine that gets fewer jobs than it asked for is woken when a slot is freed (trigger jobs_after_status_change).
    _CLAIM_AMONG_QUEUES = f"""
        WITH open_queues AS MATERIALIZED (
            SELECT '' AS queue, $2::bigint AS most
            UNION ALL
            SELECT queue, least(count(*), $2) FROM queue_slots WHERE ix_id IS NULL GROUP BY queue
        ), picked AS MATERIALIZED (
            SELECT queue, count(*) AS number FROM (
                SELECT queue FROM open_queues CROSS JOIN LATERAL (
                    SELECT priority, row_number() OVER (PARTITION BY priority ORDER BY position, ix_id) AS nth FROM (
                        SELECT position, ix_id, priority FROM jobs
                        WHERE status = 'pending' AND NOT quarantined AND jobs.queue = open_queues.queue
                          AND client_id <> ALL ($4::text[])
                        ORDER BY position, ix_id LIMIT most
                    ) AS head
                ) AS head_of_each
                WHERE NOT EXISTS (SELECT FROM jobs WHERE status = 'pending' AND quarantined)
                ORDER BY priority DESC, nth, random() LIMIT $2
            ) AS first GROUP BY queue
        ), free_slots AS MATERIALIZED (
            SELECT picked.queue, slot, row_number() OVER (PARTITION BY picked.queue) AS n
            FROM picked CROSS JOIN LATERAL (
                SELECT slot FROM queue_slots WHERE queue_slots.queue = picked.queue AND queue_slots.ix_id IS NULL
                ORDER BY slot LIMIT number FOR UPDATE SKIP LOCKED
            ) AS free
        ), room_left AS MATERIALIZED (
            SELECT queue, number FROM picked WHERE queue = ''
            UNION ALL
            SELECT queue, count(*) FROM free_slots GROUP BY queue
        ), locked_jobs AS MATERIALIZED (
            SELECT queue, ix_id, row_number() OVER (PARTITION BY queue) AS n FROM room_left CROSS JOIN LATERAL (
                SELECT ix_id FROM jobs
                WHERE status = 'pending' AND NOT quarantined AND jobs.queue = room_left.queue
                  AND client_id <> ALL ($4::text[])
                ORDER BY position, ix_id LIMIT number FOR UPDATE SKIP LOCKED
            ) AS head
        ), slots_taken AS (
            UPDATE queue_slots SET ix_id = locked_jobs.ix_id FROM locked_jobs JOIN free_slots USING (queue, n)
            WHERE queue_slots.queue = free_slots.queue AND queue_slots.slot = free_slots.slot
        ), no_fsync AS MATERIALIZED (
            SELECT set_config('synchronous_commit', 'off', true)
        )
        UPDATE jobs SET status = 'running', engine_id = $1, claim_token = $3, started_at = clock_timestamp()
        FROM no_fsync WHERE jobs.ix_id = ANY (ARRAY(SELECT ix_id FROM locked_jobs))
        RETURNING {_CLAIMED}"""

    async def claim(
        self, engine_id: UUID, limit: int, among_queues: bool = False, passing_over: Sequence[str] = ()
    ) -> list[Claim]:
        """Claims up to `limit` pending jobs for an engine, in the order of their positions, `passing_over` the jobs of
        these clients. Concurrent callers never get the same job. Jobs of use cases with a limit are only looked for
        `among_queues`."""
        token = uuid4()
        sql = self._CLAIM_AMONG_QUEUES if among_queues else self._CLAIM
        return await _claims(token, await self._fetch(sql, engine_id, limit, token, passing_over))

    async def claim_next_pending(self, engine_id: UUID) -> Claim | None:
        """Claims the pending job that is first in its queue; None where there is none without a limit."""
        claims = await self.claim(engine_id, 1)
        return claims[0] if claims else None

    # 1. locked_job: the oldest quarantined job whose queue has a free slot, unless another claim holds it.
    # 2. free_slot: a slot of its queue, where it has one.
    # 3. slot_taken: the job gets the slot.
    # 4. The job becomes this engine's; not where another claim was quicker to get the slot.
    _CLAIM_QUARANTINED = f"""
        WITH locked_job AS MATERIALIZED (
            SELECT ix_id, queue FROM jobs
            WHERE status = 'pending' AND quarantined AND (queue = '' OR EXISTS (
                SELECT FROM queue_slots WHERE queue_slots.queue = jobs.queue AND queue_slots.ix_id IS NULL))
            ORDER BY ix_id LIMIT 1 FOR UPDATE SKIP LOCKED
        ), free_slot AS MATERIALIZED (
            SELECT queue, slot FROM queue_slots WHERE queue = (SELECT queue FROM locked_job) AND ix_id IS NULL
            ORDER BY slot LIMIT 1 FOR UPDATE SKIP LOCKED
        ), slot_taken AS (
            UPDATE queue_slots SET ix_id = locked_job.ix_id FROM locked_job JOIN free_slot USING (queue)
            WHERE queue_slots.queue = free_slot.queue AND queue_slots.slot = free_slot.slot
        )
        UPDATE jobs SET status = 'running', engine_id = $1, claim_token = $2, started_at = clock_timestamp()
        FROM locked_job
        WHERE jobs.ix_id = locked_job.ix_id AND (locked_job.queue = '' OR EXISTS (SELECT FROM free_slot))
        RETURNING {_CLAIMED}"""

    async def claim_quarantined(self, engine_id: UUID) -> list[Claim]:
        """Claims the oldest job that must run alone; only an engine that runs nothing else may call this."""
        token = uuid4()
        return await _claims(token, await self._fetch(self._CLAIM_QUARANTINED, engine_id, token))


async def _claims(token: UUID, rows: Sequence[asyncpg.Record]) -> list[Claim]:
    claims = [
        Claim(ix_id, token, use_case, attempts, await _request(request), *rest)
        for ix_id, use_case, attempts, request, *rest in rows
    ]
    # RETURNING keeps no order
    claims.sort(key=attrgetter("position", "ix_id"))
    return claims


async def _request(text: str) -> Request | None:
    # in a thread, so that the event loop gets its turn between two of them
    return await asyncio.to_thread(_parsed, text) if len(text) > LARGE else _parsed(text)


def _parsed(text: str) -> Request | None:
    try:
        return Request.model_validate_json(text)
    except ValidationError:
        return None
