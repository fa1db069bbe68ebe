"""An engine takes jobs."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from uuid import UUID, uuid4

import asyncpg
from pydantic import ValidationError

from ix.database.repository import Repository
from ix.job import Claim, Request


class ClaimJobs(Repository):
    """Claim: of the rest, among queues, alone."""

    # While a job that once took an engine down waits, nothing else is claimed, so that an engine comes to run nothing
    # and takes it (below). The status is a literal, or the partial index would be lost; the CTE is materialized, or
    # more rows than the limit could be claimed; its ids become an array, or a plan that does not know the limit would
    # read the whole table to join them; the commit does not wait for the disk, since a lost claim is only a job still
    # pending.
    _CLAIM = """
        WITH next AS MATERIALIZED (
            SELECT ix_id FROM jobs
            WHERE status = 'pending' AND NOT quarantined AND queue = '' AND NOT EXISTS (SELECT FROM jobs WHERE status = 'pending' AND quarantined)
            ORDER BY position, ix_id LIMIT $2 FOR UPDATE SKIP LOCKED
        ), relaxed AS MATERIALIZED (
            SELECT set_config('synchronous_commit', 'off', true)
        )
        UPDATE jobs SET status = 'running', engine_id = $1, claim_token = $3, started_at = clock_timestamp()
        FROM relaxed WHERE jobs.ix_id = ANY (ARRAY(SELECT ix_id FROM next))
        RETURNING jobs.ix_id, use_case, attempts, request::text, callback_url, max_attempts, position, quarantined, trace"""
    # With queues there are many queues, and positions in one say nothing of another: what each may give (its room) takes
    # turns, and lots are drawn between equal turns. A slot is locked only for a job that waits for it: one locked in
    # vain would look taken to another engine, which would go to sleep. Whoever took fewer than it asked for has room,
    # and is woken by the trigger that frees a slot.
    _CLAIM_AMONG_QUEUES = """
        WITH queues AS MATERIALIZED (
            SELECT '' AS queue, $2::bigint AS room
            UNION ALL
            SELECT queue, least(count(*), $2) FROM queue_slots WHERE ix_id IS NULL GROUP BY queue
        ), drawn AS MATERIALIZED (
            SELECT queue, count(*) AS room FROM (
                SELECT queue FROM queues CROSS JOIN LATERAL (
                    SELECT priority, row_number() OVER (PARTITION BY priority ORDER BY position, ix_id) AS turn FROM (
                        SELECT position, ix_id, priority FROM jobs WHERE status = 'pending' AND NOT quarantined AND jobs.queue = queues.queue
                        ORDER BY position, ix_id LIMIT room
                    ) AS first
                ) AS waiting
                WHERE NOT EXISTS (SELECT FROM jobs WHERE status = 'pending' AND quarantined)
                ORDER BY priority DESC, turn, random() LIMIT $2
            ) AS lots GROUP BY queue
        ), slots AS MATERIALIZED (
            SELECT drawn.queue, slot, row_number() OVER (PARTITION BY drawn.queue) AS n FROM drawn CROSS JOIN LATERAL (
                SELECT slot FROM queue_slots WHERE queue_slots.queue = drawn.queue AND queue_slots.ix_id IS NULL
                ORDER BY slot LIMIT room FOR UPDATE SKIP LOCKED
            ) AS free
        ), rooms AS MATERIALIZED (
            SELECT queue, room FROM drawn WHERE queue = '' UNION ALL SELECT queue, count(*) FROM slots GROUP BY queue
        ), next AS MATERIALIZED (
            SELECT queue, ix_id, row_number() OVER (PARTITION BY queue) AS n FROM rooms CROSS JOIN LATERAL (
                SELECT ix_id FROM jobs WHERE status = 'pending' AND NOT quarantined AND jobs.queue = rooms.queue
                ORDER BY position, ix_id LIMIT room FOR UPDATE SKIP LOCKED
            ) AS taken
        ), seated AS (
            UPDATE queue_slots SET ix_id = next.ix_id FROM next JOIN slots USING (queue, n)
            WHERE queue_slots.queue = slots.queue AND queue_slots.slot = slots.slot
        ), relaxed AS MATERIALIZED (
            SELECT set_config('synchronous_commit', 'off', true)
        )
        UPDATE jobs SET status = 'running', engine_id = $1, claim_token = $3, started_at = clock_timestamp()
        FROM relaxed WHERE jobs.ix_id = ANY (ARRAY(SELECT ix_id FROM next))
        RETURNING jobs.ix_id, use_case, attempts, request::text, callback_url, max_attempts, position, quarantined, trace"""

    async def claim(self, engine_id: UUID, limit: int, among_queues: bool = False) -> list[Claim]:
        """Claims up to `limit` pending jobs for an engine, in the order of their positions. Concurrent callers never get
        the same job.

        Jobs of use cases with a limit are only looked for `among_queues`."""
        token = uuid4()
        return _claims(
            token, await self._fetch(self._CLAIM_AMONG_QUEUES if among_queues else self._CLAIM, engine_id, limit, token)
        )

    async def claim_next_pending(self, engine_id: UUID) -> Claim | None:
        """Claims the oldest pending job, or None."""
        claims = await self.claim(engine_id, 1)
        return claims[0] if claims else None

    _CLAIM_QUARANTINED = """
        WITH next AS MATERIALIZED (
            SELECT ix_id, queue FROM jobs
            WHERE status = 'pending' AND quarantined
              AND (queue = '' OR EXISTS (SELECT FROM queue_slots WHERE queue_slots.queue = jobs.queue AND queue_slots.ix_id IS NULL))
            ORDER BY ix_id LIMIT 1 FOR UPDATE SKIP LOCKED
        ), slots AS MATERIALIZED (
            SELECT queue, slot FROM queue_slots WHERE queue = (SELECT queue FROM next) AND ix_id IS NULL
            ORDER BY slot LIMIT 1 FOR UPDATE SKIP LOCKED
        ), seated AS (
            UPDATE queue_slots SET ix_id = next.ix_id FROM next JOIN slots USING (queue)
            WHERE queue_slots.queue = slots.queue AND queue_slots.slot = slots.slot
        )
        UPDATE jobs SET status = 'running', engine_id = $1, claim_token = $2, started_at = clock_timestamp()
        FROM next WHERE jobs.ix_id = next.ix_id AND (next.queue = '' OR EXISTS (SELECT FROM slots))
        RETURNING jobs.ix_id, use_case, attempts, request::text, callback_url, max_attempts, position, quarantined, trace"""

    async def claim_quarantined(self, engine_id: UUID) -> list[Claim]:
        """Claims the oldest job that must run alone; only an engine that runs nothing else may call this."""
        token = uuid4()
        return _claims(token, await self._fetch(self._CLAIM_QUARANTINED, engine_id, token))


def _claims(token: UUID, rows: Sequence[asyncpg.Record]) -> list[Claim]:
    claims = [
        Claim(ix_id, token, use_case, attempts, _request(request), *rest)
        for ix_id, use_case, attempts, request, *rest in rows
    ]
    claims.sort(key=attrgetter("position", "ix_id"))
    return claims


def _request(text: str) -> Request | None:
    try:
        return Request.model_validate_json(text)
    except ValidationError:
        return None
