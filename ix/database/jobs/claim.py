"""An engine claims jobs: those without a limit, those of every queue, or those that are not simply next."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any
from uuid import UUID, uuid4

from pydantic import ValidationError

from ix.config import MIB
from ix.database.repository import Repository
from ix.job import Claim, Request

# in the order of `Claim`'s members, the token left out; the request as text, which pydantic parses in one go
CLAIMED = """
    jobs.ix_id, use_case, attempts, request::text, callback_url, max_attempts, jobs.position, quarantined, trace,
    jobs.client_id, jobs.parent, jobs.request_id"""
LARGE = MIB // 4
"""Characters of a request from which it takes milliseconds to parse."""
MOST_FLOWS = 200
"""Clients, counted once for each queue, among whose jobs one statement chooses; the next one begins behind them."""


class ClaimJobs(Repository):
    """Claims. Each claim's token is new, and is the fence of every later write."""

    any_apart = False
    """Whether the last claim saw that jobs wait which are not simply next."""
    _start_client = ""
    """Behind which client the next `_CLAIM_IN_TURNS` begins to look, where there are more than it looks at."""

    # 1. locked_jobs: the first jobs of queue '', in the order of their positions, passing over those that another claim
    #    holds; none while a job waits that is not simply next: quarantined, or ranked (see _CLAIM_IN_TURNS).
    # 2. no_fsync: the commit does not wait for the disk, since a claim that a crash loses is a job still pending.
    #    Joined, or it would not run: a CTE that nothing reads is skipped.
    # 3. The jobs become this engine's.
    # The status is a literal, or no plan could use the partial index. The first CTE is materialized, or the limit could
    # be applied anew for each row and more claimed than asked for. Its ids become an array, or a plan that does not
    # know the limit would read the whole table to join them.
    _CLAIM = f"""
        WITH locked_jobs AS MATERIALIZED (
            SELECT ix_id FROM jobs
            WHERE status = 'pending' AND NOT quarantined AND queue = ''
              AND NOT EXISTS (SELECT FROM jobs WHERE status = 'pending' AND (quarantined OR ranked))
            ORDER BY position, ix_id LIMIT $2 FOR UPDATE SKIP LOCKED
        ), no_fsync AS MATERIALIZED (
            SELECT set_config('synchronous_commit', 'off', true)
        )
        UPDATE jobs SET status = 'running', engine_id = $1, claim_token = $3, started_at = clock_timestamp()
        FROM no_fsync WHERE jobs.ix_id = ANY (ARRAY(SELECT ix_id FROM locked_jobs))
        RETURNING {CLAIMED}"""

    # 1. open_queues: queue '', which has no limit, and each queue with free slots; and the most that each can give.
    # 2. head_of_each: that many jobs from the head of each, numbered from 1 within a precedence, since positions in one
    #    queue say nothing of those in another. None while a job waits that is not simply next.
    # 3. picked: of these the first by precedence, then number, equal ones at random; and how many they are by queue.
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
                    SELECT position >> 40 AS precedence,
                        row_number() OVER (PARTITION BY position >> 40 ORDER BY position, ix_id) AS nth FROM (
                        SELECT position, ix_id FROM jobs
                        WHERE status = 'pending' AND NOT quarantined AND jobs.queue = open_queues.queue
                        ORDER BY position, ix_id LIMIT most
                    ) AS head
                ) AS head_of_each
                WHERE NOT EXISTS (SELECT FROM jobs WHERE status = 'pending' AND (quarantined OR ranked))
                ORDER BY precedence, nth, random() LIMIT $2
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
        RETURNING {CLAIMED}"""

    # 1. open_queues: as in _CLAIM_AMONG_QUEUES; only queue '' where $5 is false.
    # 2. flows: each client with pending jobs, once for each queue, behind $6. Each is found by one look into the index,
    #    so that 100,000 jobs of a client cost as much as one.
    # 3. heads: the first tickets of each, as many as the queue may give; none of a client that is to be passed over
    #    ($4), or of which a quarantined job waits that is not paused. The tickets of ranked jobs stand apart in the
    #    index. Of a client that has many, more than can be picked: other claims may hold the first.
    # 4. numbered: by turn, over all clients of a queue, and within a precedence, since positions in one queue say
    #    nothing of those in another.
    # 5. picked, free_slots, room_left: as in _CLAIM_AMONG_QUEUES.
    # 6. tickets: as many of each queue are locked, in the order of their positions, passing over those that another
    #    claim holds. `|| ''` hides a column from the planner, which might read a whole queue in its order instead.
    # 7. turns: how many tickets each client has drawn.
    # 8. ordinary, ranked: the jobs that a client may run with them, as many of each kind.
    # 9. served: of these as many as there are tickets, by precedence, priority and arrival.
    # 10. seats: the ticket that each of them takes.
    # 11. moved: jobs whose ticket another one took get the ticket of that one, and are ranked from now on, since their
    #     ticket does not tell any more when they came.
    # 12. locked_jobs, slots_taken, no_fsync and the update, as in _CLAIM_AMONG_QUEUES.
    _CLAIM_IN_TURNS = f"""
        WITH RECURSIVE open_queues AS MATERIALIZED (
            SELECT '' COLLATE "C" AS queue, $2::bigint AS most
            UNION ALL
            SELECT queue, least(count(*), $2) FROM queue_slots WHERE ix_id IS NULL AND $5 GROUP BY queue
        ), flows AS (
            (SELECT 1 AS n, client_id::text, queue FROM jobs
             WHERE status || '' = 'pending' AND client_id > $6::text ORDER BY client_id, queue LIMIT 1)
            UNION ALL
            SELECT n + 1, next.client_id, next.queue FROM flows CROSS JOIN LATERAL (
                SELECT client_id::text, queue FROM jobs
                WHERE status || '' = 'pending' AND (jobs.client_id, jobs.queue) > (flows.client_id, flows.queue)
                ORDER BY jobs.client_id, jobs.queue LIMIT 1
            ) AS next
            WHERE n < {MOST_FLOWS}
        ), heads AS (
            SELECT client_id, queue, most, ix_id, position FROM flows JOIN open_queues USING (queue)
            CROSS JOIN LATERAL (
                SELECT ix_id, position FROM (
                    (SELECT ix_id, position FROM jobs
                     WHERE status || '' = 'pending' AND jobs.client_id = flows.client_id AND jobs.queue = flows.queue
                       AND NOT ranked ORDER BY position LIMIT most + 16)
                    UNION ALL
                    (SELECT ix_id, position FROM jobs
                     WHERE status || '' = 'pending' AND jobs.client_id = flows.client_id AND jobs.queue = flows.queue
                       AND ranked ORDER BY position LIMIT most + 16)
                ) AS both_kinds ORDER BY position, ix_id LIMIT most + 16
            ) AS head
            WHERE client_id <> ALL ($4::text[]) AND NOT EXISTS (
                SELECT FROM jobs WHERE status = 'pending' AND quarantined AND jobs.client_id = flows.client_id
                  AND jobs.queue NOT LIKE 'paused:%')
        ), numbered AS MATERIALIZED (
            SELECT queue, most, ix_id, position >> 40 AS precedence,
                row_number() OVER (PARTITION BY queue ORDER BY position, ix_id) AS nth_of_queue,
                row_number() OVER (PARTITION BY queue, position >> 40 ORDER BY position, ix_id) AS nth
            FROM heads
        ), picked AS MATERIALIZED (
            SELECT queue, count(*) AS number FROM (
                SELECT queue FROM numbered WHERE nth_of_queue <= most ORDER BY precedence, nth, random() LIMIT $2
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
        ), tickets AS MATERIALIZED (
            SELECT ix_id, client_id, queue, position,
                row_number() OVER (PARTITION BY client_id, queue ORDER BY position, ix_id) AS n
            FROM room_left CROSS JOIN LATERAL (
                SELECT ix_id, client_id, position FROM jobs
                WHERE ix_id = ANY (ARRAY(
                    SELECT ix_id FROM numbered WHERE numbered.queue = room_left.queue
                    ORDER BY nth_of_queue LIMIT 4 * $2 + 64))
                  AND jobs.status || '' = 'pending' AND jobs.queue || '' = room_left.queue AND NOT quarantined
                ORDER BY position, ix_id LIMIT number FOR UPDATE SKIP LOCKED
            ) AS ticket
        ), turns AS MATERIALIZED (
            SELECT client_id, queue, count(*) AS turns FROM tickets GROUP BY client_id, queue
        ), ordinary AS MATERIALIZED (
            SELECT turns.*, job.* FROM turns CROSS JOIN LATERAL (
                SELECT ix_id, position, priority, position AS arrival FROM jobs
                WHERE status || '' = 'pending' AND jobs.client_id = turns.client_id AND jobs.queue = turns.queue
                  AND NOT ranked AND NOT quarantined
                ORDER BY position LIMIT turns FOR UPDATE SKIP LOCKED
            ) AS job
        ), ranked AS MATERIALIZED (
            SELECT turns.*, job.* FROM turns CROSS JOIN LATERAL (
                SELECT ix_id, position, priority, arrival FROM jobs
                WHERE status = 'pending' AND jobs.client_id = turns.client_id AND jobs.queue = turns.queue
                  AND ranked AND NOT quarantined
                ORDER BY priority DESC, arrival LIMIT turns FOR UPDATE SKIP LOCKED
            ) AS job
        ), served AS MATERIALIZED (
            SELECT * FROM (
                SELECT client_id, queue, turns, ix_id, position, row_number() OVER (
                    PARTITION BY client_id, queue ORDER BY position >> 40, priority DESC, arrival, ix_id) AS n
                FROM (SELECT * FROM ordinary UNION ALL SELECT * FROM ranked) AS candidates
            ) AS by_rank WHERE n <= turns
        ), seats AS MATERIALIZED (
            SELECT served.ix_id, served.queue, tickets.position AS seat
            FROM served JOIN tickets USING (client_id, queue, n)
        ), moved AS (
            UPDATE jobs SET position = given.position, ranked = true, arrival = coalesce(arrival, jobs.position)
            FROM (
                SELECT ix_id, client_id, queue, row_number() OVER (PARTITION BY client_id, queue ORDER BY position) AS n
                FROM tickets WHERE ix_id NOT IN (SELECT ix_id FROM served)
            ) AS passed JOIN (
                SELECT client_id, queue, position,
                    row_number() OVER (PARTITION BY client_id, queue ORDER BY position) AS n
                FROM served WHERE ix_id NOT IN (SELECT ix_id FROM tickets)
            ) AS given USING (client_id, queue, n)
            WHERE jobs.ix_id = ANY (ARRAY(SELECT ix_id FROM tickets)) AND jobs.ix_id = passed.ix_id
        ), locked_jobs AS MATERIALIZED (
            SELECT queue, ix_id, row_number() OVER (PARTITION BY queue) AS n FROM seats
        ), slots_taken AS (
            UPDATE queue_slots SET ix_id = locked_jobs.ix_id FROM locked_jobs JOIN free_slots USING (queue, n)
            WHERE queue_slots.queue = free_slots.queue AND queue_slots.slot = free_slots.slot
        ), no_fsync AS MATERIALIZED (
            SELECT set_config('synchronous_commit', 'off', true)
        )
        UPDATE jobs SET status = 'running', engine_id = $1, claim_token = $3, started_at = clock_timestamp(),
            position = seat, ranked = ranked OR jobs.position <> seat,
            arrival = CASE WHEN ranked OR jobs.position <> seat THEN coalesce(arrival, jobs.position) END
        FROM no_fsync CROSS JOIN seats
        WHERE jobs.ix_id = ANY (ARRAY(SELECT ix_id FROM seats)) AND jobs.ix_id = seats.ix_id
        RETURNING {CLAIMED}, (SELECT client_id FROM flows WHERE n = {MOST_FLOWS}) AS last_client"""

    _ANY_APART = "SELECT EXISTS (SELECT FROM jobs WHERE status = 'pending' AND (quarantined OR ranked)) AS apart"

    async def claim(
        self, engine_id: UUID, limit: int, among_queues: bool = False, passing_over: Sequence[str] = ()
    ) -> list[Claim]:
        """Claims up to `limit` pending jobs for an engine, in the order of their positions, those of one client by
        their priority; none of the clients `passing_over`, nor of one of which a quarantined job waits. Concurrent
        callers never get the same job. Jobs of use cases with a limit are only looked for `among_queues`."""
        token = uuid4()
        self.any_apart = False
        if not passing_over:
            sql = self._CLAIM_AMONG_QUEUES if among_queues else self._CLAIM
            if found := await claims_of(token, await self._fetch(sql, engine_id, limit, token)):
                return found
        self.any_apart = (await self._fetch(self._ANY_APART))[0]["apart"]
        if not self.any_apart and not passing_over:
            return []
        return await self._claim_in_turns(engine_id, limit, token, among_queues, passing_over)

    async def _claim_in_turns(
        self, engine_id: UUID, limit: int, token: UUID, among_queues: bool, passing_over: Sequence[str]
    ) -> list[Claim]:
        claims: list[Claim] = []
        while len(claims) < limit:
            began = self._start_client
            rows = await self._fetch(
                self._CLAIM_IN_TURNS, engine_id, limit - len(claims), token, passing_over, among_queues, began
            )
            self._start_client = (rows[0]["last_client"] or "") if rows else ""
            claims += await claims_of(token, [row[:-1] for row in map(tuple, rows)])
            if not began and not self._start_client:
                # all clients were looked at
                break
        return claims

    async def claim_next_pending(self, engine_id: UUID) -> Claim | None:
        """Claims the pending job that is first in its queue; None where there is none without a limit."""
        claims = await self.claim(engine_id, 1)
        return claims[0] if claims else None


async def claims_of(token: UUID, rows: Iterable[Sequence[Any]]) -> list[Claim]:
    """The claims in rows of `CLAIMED`, in the order of their positions."""
    claims = [
        # in a thread where it is large, so that the event loop gets its turn between two of them
        Claim(
            ix_id,
            token,
            use_case,
            attempts,
            _request(text) if len(text) <= LARGE else await asyncio.to_thread(_request, text),
            *rest,
        )
        for ix_id, use_case, attempts, text, *rest in rows
    ]
    # RETURNING keeps no order
    claims.sort(key=attrgetter("position", "ix_id"))
    return claims


def _request(text: str) -> Request | None:
    try:
        return Request.model_validate_json(text)
    except ValidationError:
        return None
