"""Quarantine: a job that was running when an engine died runs alone the next time, in one engine that stands still for
it; the others go on."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from ix.database.jobs.claim import CLAIMED, claims_of
from ix.database.pool import acquire
from ix.database.repository import Repository
from ix.job import Claim

STRIKE = """
    ON CONFLICT (client_id) DO UPDATE SET
        strikes = CASE WHEN quarantine_strikes.next_at > clock_timestamp() - interval '1 hour'
            THEN quarantine_strikes.strikes + 1 ELSE 1 END,
        next_at = clock_timestamp() + CASE WHEN quarantine_strikes.next_at > clock_timestamp() - interval '1 hour'
            THEN make_interval(secs => least(60, 2 ^ least(quarantine_strikes.strikes + 1, 10) - 2))
            ELSE interval '0' END"""
"""What follows an insert of a client that is struck: nothing at first, then 2, 6, 14, 30 seconds and up to 60."""

# quarantined jobs whose turn it is: no other one runs, in whatever engine, its client has waited its time or nobody
# else's job waits, and its queue has a free slot
_DUE = """
    FROM jobs LEFT JOIN quarantine_strikes AS struck
        ON struck.client_id = jobs.client_id AND struck.next_at > clock_timestamp() - interval '1 hour'
    WHERE status = 'pending' AND quarantined
      AND NOT EXISTS (SELECT FROM jobs WHERE status = 'running' AND quarantined)
      AND (struck.next_at IS NULL OR struck.next_at <= clock_timestamp() OR NOT (
        EXISTS (SELECT FROM jobs AS others
            WHERE others.status || '' = 'pending' AND others.client_id < jobs.client_id)
        OR EXISTS (SELECT FROM jobs AS others
            WHERE others.status || '' = 'pending' AND others.client_id > jobs.client_id)))
      AND (queue = '' OR EXISTS (
        SELECT FROM queue_slots WHERE queue_slots.queue = jobs.queue AND queue_slots.ix_id IS NULL))"""


class QuarantineJobs(Repository):
    """Claims of jobs that must run alone, and the engine that stands still for one."""

    # 1. waiting: how many of each client wait.
    # 2. locked_job: the oldest one whose turn it is, those of clients with fewer strikes first, then of those of which
    #    fewer wait, as of one that only ran beside the harm; unless another claim holds it.
    # 3. free_slot: a slot of its queue, where it has one.
    # 4. slot_taken: the job gets the slot.
    # 5. The job becomes this engine's; not where another claim was quicker to get the slot.
    _CLAIM_QUARANTINED = f"""
        WITH waiting AS MATERIALIZED (
            SELECT client_id, count(*) AS jobs FROM jobs WHERE status = 'pending' AND quarantined GROUP BY client_id
        ), locked_job AS MATERIALIZED (
            SELECT ix_id, queue {_DUE}
            ORDER BY coalesce(strikes, 0), (SELECT waiting.jobs FROM waiting WHERE waiting.client_id = jobs.client_id),
                ix_id LIMIT 1 FOR UPDATE OF jobs SKIP LOCKED
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
        RETURNING {CLAIMED}"""

    async def claim_quarantined(self, engine_id: UUID) -> list[Claim]:
        """Claims the oldest job that must run alone and whose turn it is; only an engine that runs nothing else may
        call this. Nothing while such a job runs in another."""
        token = uuid4()
        rows = await self._fetch(self._CLAIM_QUARANTINED, engine_id, token)
        return await claims_of(token, map(tuple, rows))

    # a statement of its own and the first one: whoever waited for it sees what the one before it has written
    _IN_TURN = "SELECT pg_advisory_xact_lock(26937, 0)"
    _STAND_STILL = f"""
        UPDATE engines SET alone_until = clock_timestamp() + $2::interval
        WHERE engine_id = $1 AND EXISTS (SELECT {_DUE})
          AND NOT EXISTS (SELECT FROM engines AS others
            WHERE others.engine_id <> $1 AND others.alone_until > clock_timestamp())
        RETURNING engine_id"""

    async def stand_still(self, engine_id: UUID, seconds: float) -> bool:
        """Whether this engine shall claim nothing for up to `seconds`, until it holds nothing, since a quarantined job
        waits whose turn it is: one engine at a time does."""
        async with acquire(self._pool, self._acquire_timeout) as connection, connection.transaction():
            await connection.execute(self._IN_TURN)
            return bool(await connection.fetch(self._STAND_STILL, engine_id, timedelta(seconds=seconds)))

    _GO_ON = "UPDATE engines SET alone_until = NULL WHERE engine_id = $1"

    async def go_on(self, engine_id: UUID) -> None:
        """Tells the other engines that this one claims again."""
        await self._fetch(self._GO_ON, engine_id)

    _STRIKES = """
        SELECT strikes FROM quarantine_strikes
        WHERE client_id = $1 AND next_at > clock_timestamp() - interval '1 hour'"""

    async def strikes(self, client_id: str) -> int:
        """How often a client's jobs ended the engine in which they ran alone, or kept it for too long."""
        rows = await self._fetch(self._STRIKES, client_id)
        return int(rows[0]["strikes"]) if rows else 0

    # 1. back: the job waits again, no attempt spent, if the claim holds and another client's job waits meanwhile.
    # 2. struck: the client's next turn is further away.
    # 3. Engines hear that there is work.
    _SEND_BACK = f"""
        WITH back AS (
            UPDATE jobs SET status = 'pending', engine_id = NULL, claim_token = NULL, started_at = NULL
            WHERE ix_id = $1 AND claim_token = $2 AND status = 'running' AND (
                EXISTS (SELECT FROM jobs AS others
                    WHERE others.status || '' = 'pending' AND others.client_id < $3::text)
                OR EXISTS (SELECT FROM jobs AS others
                    WHERE others.status || '' = 'pending' AND others.client_id > $3::text))
            RETURNING client_id
        ), struck AS (
            INSERT INTO quarantine_strikes (client_id) SELECT client_id FROM back {STRIKE}
        )
        SELECT pg_notify('ix_jobs', '') FROM back"""

    async def send_back(self, claim: Claim) -> bool:
        """Lets a quarantined job that has kept an engine for long wait again, no attempt spent, where jobs of other
        clients wait; False where none do, or the claim is stale."""
        return bool(await self._fetch(self._SEND_BACK, claim.ix_id, claim.token, claim.client_id))
