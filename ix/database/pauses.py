"""Pauses: use cases whose jobs no engine claims, until somebody lets them go on.

What makes it so stands in the table `queues`: a paused use case has a queue without slots. Jobs that waited before are
brought there, and back again, in small statements by whoever looks: web once it has paused, engines else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from ix.database.repository import Repository

MOST_LOOKED_AT = 5000
"""Jobs that one statement looks at."""
MOST_MOVED = 1000
"""Jobs that one statement brings back: more costs per job, since each draws a ticket."""


class Pause(NamedTuple):
    """A paused use case: since when, and the key that did it, empty where no key was asked for. `settled`: no job of it
    is left that an engine could claim."""

    use_case: str
    since: datetime
    key_id: str
    settled: bool


class Pauses(Repository):
    """The table of pauses, and the queues of jobs that follow from it."""

    _PAUSE = "SELECT pause_use_case($1, $2)"

    async def pause(self, use_case: str, key_id: str) -> None:
        """Pauses a use case, unless it is. Its next jobs wait; see `settle` for those that wait already."""
        await self._fetch(self._PAUSE, use_case, key_id)

    _RESUME = "SELECT resume_use_case($1)"

    async def resume(self, use_case: str) -> None:
        """Lets a use case go on, if it is paused."""
        await self._fetch(self._RESUME, use_case)

    _LIST = "SELECT use_case, since, key_id, settled FROM pauses WHERE lasts ORDER BY use_case"

    async def list(self) -> Sequence[Pause]:
        """Every pause that lasts, by use case."""
        return [Pause(*row) for row in await self._fetch(self._LIST)]

    # `queues` stands in both statements so that each waits at its start for a change of the queues that is under way.
    # 1. one: a pause that has not been settled yet, unless another statement is at it.
    # 2. seen: the next jobs of the queue that it had, of whatever use case.
    # 3. locked: its own among them, in the order in which claims and others lock them; one that a claim has is waited
    #    for, since the claim may be undone.
    # 4. moved: they wait in the queue without slots from now on.
    # 5. The pause is settled when there was nothing left to look at.
    _PAUSE_WAITING = f"""
        WITH one AS MATERIALIZED (
            SELECT pauses.use_case, pauses.queue, coalesce(seen_position, -9223372036854775808) AS seen_position,
                coalesce(seen_ix_id, '') AS seen_ix_id
            FROM pauses JOIN queues USING (use_case)
            WHERE lasts AND NOT settled ORDER BY use_case LIMIT 1 FOR UPDATE OF pauses SKIP LOCKED
        ), seen AS MATERIALIZED (
            SELECT ix_id, position, found.use_case = one.use_case AS of_it FROM one CROSS JOIN LATERAL (
                SELECT ix_id, position, use_case FROM jobs
                WHERE status = 'pending' AND jobs.queue = one.queue
                  AND (position, ix_id) > (one.seen_position, one.seen_ix_id)
                ORDER BY position, ix_id LIMIT {MOST_LOOKED_AT}
            ) AS found
        ), locked AS MATERIALIZED (
            SELECT ix_id FROM jobs WHERE ix_id = ANY (ARRAY(SELECT ix_id FROM seen WHERE of_it))
              AND status || '' = 'pending'
            ORDER BY position, ix_id FOR UPDATE
        ), moved AS (
            UPDATE jobs SET queue = paused_queue(use_case) WHERE ix_id = ANY (ARRAY(SELECT ix_id FROM locked))
            RETURNING ix_id
        ), last AS (
            SELECT position, ix_id FROM seen ORDER BY position DESC, ix_id DESC LIMIT 1
        )
        UPDATE pauses SET settled = NOT EXISTS (SELECT FROM seen),
            seen_position = (SELECT position FROM last), seen_ix_id = (SELECT ix_id FROM last)
        FROM one WHERE pauses.use_case = one.use_case
        RETURNING (SELECT count(*) FROM moved) AS moved"""

    # 1. one: a use case that goes on, unless another statement is at it.
    # 2. waiting: the first of its jobs that were paused.
    # 3. queued: `behind` counts those before it of the same client and precedence, by when they came.
    # 4. tickets: where in the use case's own queue the next job of each of these clients stands.
    # 5. moved: they wait there from now on.
    # 6. told: engines hear that there is work.
    # 7. Where none is left, nothing is left of the pause either.
    _BRING_BACK = f"""
        WITH one AS MATERIALIZED (
            SELECT pauses.use_case, coalesce(queues.queue, '') COLLATE "C" AS queue
            FROM pauses LEFT JOIN queues USING (use_case)
            WHERE NOT lasts ORDER BY use_case LIMIT 1 FOR UPDATE OF pauses SKIP LOCKED
        ), waiting AS MATERIALIZED (
            SELECT found.*, one.queue FROM one CROSS JOIN LATERAL (
                SELECT ix_id, client_id, precedence, coalesce(arrival, position) AS came FROM jobs
                WHERE status = 'pending' AND jobs.queue = paused_queue(one.use_case)
                ORDER BY position, ix_id LIMIT {MOST_MOVED} FOR UPDATE
            ) AS found
        ), queued AS (
            SELECT ix_id, client_id, precedence, queue,
                row_number() OVER (PARTITION BY client_id, precedence ORDER BY came, ix_id) - 1 AS behind
            FROM waiting
        ), tickets AS MATERIALIZED (
            SELECT client_id, precedence, next_ticket(client_id, precedence, queue) AS first
            FROM (SELECT DISTINCT client_id, precedence, queue FROM waiting) AS clients
        ), moved AS (
            UPDATE jobs SET queue = queued.queue, position = first + behind, ranked = priority <> jobs.precedence,
                arrival = CASE WHEN priority <> jobs.precedence THEN first + behind END
            FROM queued JOIN tickets USING (client_id, precedence)
            WHERE jobs.ix_id = queued.ix_id RETURNING jobs.ix_id
        ), told AS (
            SELECT pg_notify('ix_jobs', '') FROM moved LIMIT 1
        ), forgotten AS (
            DELETE FROM pauses USING one
            WHERE pauses.use_case = one.use_case AND NOT EXISTS (SELECT FROM waiting)
        )
        SELECT (SELECT count(*) FROM moved) AS moved, (SELECT count(*) FROM told) FROM one"""

    async def settle(self) -> bool:
        """Looks after some of the jobs that wait for one pause, and tells whether there may be more to do."""
        return bool(await self._fetch(self._PAUSE_WAITING))

    async def bring_back(self) -> bool:
        """Brings some of the jobs back whose use case goes on, and tells whether there may be more to do."""
        return bool(await self._fetch(self._BRING_BACK))
