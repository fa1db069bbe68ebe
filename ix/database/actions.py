"""Actions on many jobs: to retry, cancel or erase those of a list, or all that match a filter.

Asked for by web, carried out by engines, a batch at a time. What is done to the jobs of a batch, and how far the action
has come, is one transaction: whoever dies, nothing is done twice and nothing is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import asyncpg
from pydantic_core import to_json

from ix.database.jobs.manage import FORGET
from ix.database.pool import acquire
from ix.database.repository import QueueFull, Repository, raise_if_full

BATCH = 200
"""Jobs of one transaction; their ids fit into one notification of 8000 bytes."""
MOST_OPEN = 20
"""Actions that one client may have under way, and all admins together."""
KEPT_DAYS = 7.0
"""How long it can be asked what became of an action."""
FIRST = "0" * 16
"""No job has an id below it."""


class Kind(StrEnum):
    """What is done to each job."""

    RETRY = "retry"
    CANCEL = "cancel"
    ERASE = "erase"


class Wanted(NamedTuple):
    """What is asked for: the jobs of `ix_ids`, or those that match `filters`, which are the members of a `Listing`; of
    one client alone where `client_id` says so, and of some use cases. None of them has an id of `before_id` or above.
    `total` is how many there seem to be, `max_pending` how many a client may have waiting, 0 for no limit."""

    action: Kind
    total: int
    before_id: str
    ix_ids: Sequence[str] | None = None
    filters: Mapping[str, Any] | None = None
    client_id: str | None = None
    use_cases: Sequence[str] | None = None
    key_id: str = ""
    discard_review: bool = False
    max_pending: int = 0


class Action(NamedTuple):
    """How far an action is. `done` jobs were done, `failed` ones left as they were, for `reasons`, of at least
    `total`."""

    id: str
    action: str
    client_id: str | None
    total: int
    done: int
    failed: int
    reasons: dict[str, int]
    state: str
    created_at: datetime
    moved_at: datetime


TOLD = ", ".join(Action._fields)
"""The columns of an `Action`."""


class Order(NamedTuple):
    """An action that an engine has taken, for a time; `token` is the fence. See `Wanted` for the rest."""

    id: str
    token: UUID
    action: Kind
    ix_ids: Sequence[str] | None
    filters: Mapping[str, Any] | None
    client_id: str | None
    use_cases: Sequence[str] | None
    before_id: str


# 1. mine: the action, if it is still this engine's.
# 2. there: which of the ids ($3) are jobs that the action may touch.
# 3. locked: of these the ones that nobody else holds. No wait: two that lock many rows could wait for each other.
# 4. given: the ids above the first one that somebody holds: the next batch begins there.
_TAKEN = """
    WITH mine AS MATERIALIZED (
        SELECT id, client_id, use_cases, discard_review, max_pending FROM actions
        WHERE id = $1 AND token = $2 AND state = 'running' FOR UPDATE
    ), there AS MATERIALIZED (
        SELECT ix_id FROM jobs CROSS JOIN mine
        WHERE ix_id = ANY ($3::text[]) AND (mine.client_id IS NULL OR jobs.client_id = mine.client_id)
          AND (mine.use_cases IS NULL OR jobs.use_case = ANY (mine.use_cases))
    ), locked AS MATERIALIZED (
        SELECT jobs.ix_id, status, jobs.client_id, precedence, use_case, has_passwords, parent, documents_erased
        FROM jobs WHERE ix_id = ANY (ARRAY(SELECT ix_id FROM there))
        ORDER BY ix_id DESC FOR UPDATE SKIP LOCKED
    ), given AS MATERIALIZED (
        SELECT ix_id FROM unnest($3::text[]) AS ids (ix_id) CROSS JOIN mine
        WHERE ix_id > coalesce(
            (SELECT max(ix_id) FROM there WHERE ix_id NOT IN (SELECT ix_id FROM locked)), '')
    ), """
# The end of each statement: what became of each id (`outcomes`, null for done) is counted, and the action moves on.
_MOVED_ON = """
    , reasons AS (
        SELECT coalesce(jsonb_object_agg(reason, number), '{}') AS counted
        FROM (SELECT reason, count(*) AS number FROM outcomes WHERE reason IS NOT NULL GROUP BY reason) AS each
    )
    UPDATE actions SET
        done = done + (SELECT count(*) FROM outcomes WHERE reason IS NULL),
        failed = failed + (SELECT count(*) FROM outcomes WHERE reason IS NOT NULL),
        reasons = coalesce((SELECT jsonb_object_agg(key, number) FROM (
            SELECT key, sum(value::int) AS number FROM (
                SELECT * FROM jsonb_each_text(actions.reasons) UNION ALL SELECT * FROM jsonb_each_text(counted)
            ) AS both_of_them GROUP BY key) AS summed), '{}'),
        before_id = coalesce((SELECT min(ix_id) FROM given), before_id),
        looks = 0, due_at = clock_timestamp(), moved_at = clock_timestamp()
    FROM mine CROSS JOIN reasons WHERE actions.id = mine.id
    RETURNING (SELECT count(*) FROM given) AS seen, (SELECT count(*) FROM told) AS told"""

REVIEWED = """EXISTS (SELECT FROM reviews WHERE reviews.ix_id = locked.ix_id
                AND (state IN ('approved', 'rejected') OR state = 'open' AND (leased_until > clock_timestamp()
                    OR EXISTS (SELECT FROM corrections WHERE corrections.ix_id = reviews.ix_id))))"""
"""Whether a person has worked on the answer of a job in `locked`, as `ManageJobs._RETRY` has it; retried, it would be
forgotten."""

# 1. tried: why a job cannot be run again. One that came with passwords needs them again. A part goes with the answer
#    of its parent, where that runs again too.
# 2. room: how many more jobs each client may have waiting.
# 3. chosen: those that fit, the oldest first. `behind` counts those before it of the same client, precedence and queue.
# 4. tickets: where in the queue the next job of each of these clients stands.
# 5. again: as in `ManageJobs._RETRY`, with the same triggers.
_RETRY = f"""{_TAKEN} tried AS MATERIALIZED (
        SELECT ix_id, locked.client_id, precedence, queue_of(use_case) COLLATE "C" AS queue, CASE
            WHEN status NOT IN ('done', 'error', 'cancelled') THEN 'not_ended'
            WHEN documents_erased IS NOT NULL THEN 'documents_erased'
            WHEN has_passwords THEN 'passwords'
            WHEN {REVIEWED} AND NOT discard_review THEN 'reviewed'
            WHEN parent = ANY (ARRAY(SELECT ix_id FROM locked JOIN given USING (ix_id))) THEN 'parent'
        END AS reason
        FROM locked JOIN given USING (ix_id) CROSS JOIN mine
    ), room AS MATERIALIZED (
        SELECT clients.client_id, CASE WHEN max_pending > 0 THEN max_pending - (
            SELECT count(*) FROM (
                SELECT FROM jobs WHERE jobs.client_id = clients.client_id AND status || '' = 'pending' LIMIT max_pending
            ) AS pending) - (
            SELECT count(*) FROM (
                SELECT FROM jobs WHERE jobs.client_id = clients.client_id AND status = 'scheduled' LIMIT max_pending
            ) AS scheduled) END AS number
        FROM (SELECT DISTINCT client_id FROM tried WHERE reason IS NULL) AS clients CROSS JOIN mine
    ), chosen AS MATERIALIZED (
        SELECT ix_id, client_id, precedence, queue,
            row_number() OVER (PARTITION BY client_id, precedence, queue ORDER BY ix_id) - 1 AS behind
        FROM (
            SELECT tried.*, row_number() OVER (PARTITION BY client_id ORDER BY ix_id) AS nth
            FROM tried WHERE reason IS NULL
        ) AS possible JOIN room USING (client_id)
        WHERE number IS NULL OR nth <= number
    ), tickets AS MATERIALIZED (
        SELECT client_id, precedence, queue, next_ticket(client_id, precedence, queue) AS first
        FROM (SELECT DISTINCT client_id, precedence, queue FROM chosen) AS drawing
    ), again AS (
        UPDATE jobs SET status = 'pending', finished_at = NULL, callback_status = NULL, run_at = NULL,
            position = first + behind
        FROM chosen JOIN tickets USING (client_id, precedence, queue)
        WHERE jobs.ix_id = chosen.ix_id RETURNING jobs.ix_id
    ), told AS (
        SELECT pg_notify('ix_jobs', '') FROM again WHERE $4 LIMIT 1
    ), outcomes AS MATERIALIZED (
        SELECT CASE WHEN again.ix_id IS NULL THEN
            CASE WHEN tried.ix_id IS NULL THEN 'unknown' ELSE coalesce(reason, 'pending_limit') END END AS reason
        FROM given LEFT JOIN tried USING (ix_id) LEFT JOIN again USING (ix_id)
    ){_MOVED_ON}"""

# As in `ManageJobs._CANCEL`; only what runs has an engine to be told.
_CANCEL = f"""{_TAKEN} ended AS (
        UPDATE jobs SET status = 'cancelled', finished_at = clock_timestamp(), engine_id = NULL,
            callback_status = CASE WHEN callback_url IS NOT NULL THEN 'pending' END
        WHERE ix_id = ANY (ARRAY(SELECT ix_id FROM locked JOIN given USING (ix_id)))
          AND status IN ('scheduled', 'pending', 'running', 'split')
        RETURNING ix_id
    ), told AS (
        SELECT pg_notify('ix_ended', string_agg(ix_id, ' ')) FROM ended HAVING $4 AND count(*) > 0
        UNION ALL
        SELECT pg_notify('ix_cancelled', ix_id) FROM ended JOIN locked USING (ix_id) WHERE $4 AND status = 'running'
    ), outcomes AS MATERIALIZED (
        SELECT CASE WHEN ended.ix_id IS NULL THEN
            CASE WHEN locked.ix_id IS NULL THEN 'unknown' ELSE 'ended' END END AS reason
        FROM given LEFT JOIN locked USING (ix_id) LEFT JOIN ended USING (ix_id)
    ){_MOVED_ON}"""

# As in `ManageJobs._ERASE`; a document counts once for each job that named it.
_ERASE = f"""{_TAKEN} gone AS (
        DELETE FROM jobs WHERE ix_id = ANY (ARRAY(SELECT ix_id FROM locked JOIN given USING (ix_id)))
        RETURNING ix_id, request
    ), freed AS (
        SELECT decode(named #>> '{{}}', 'hex') AS sha256, count(DISTINCT ix_id)::int AS jobs
        FROM gone, jsonb_path_query(request, '$.documents[*].sha256 ? (@ like_regex "^[0-9a-f]{{64}}$")') AS named
        GROUP BY 1
    ), told AS (
        SELECT pg_notify('ix_ended', string_agg(ix_id, ' ')) FROM gone HAVING $4 AND count(*) > 0
        UNION ALL
        SELECT pg_notify('ix_cancelled', ix_id) FROM gone JOIN locked USING (ix_id) WHERE $4 AND status = 'running'
    ), locked_documents AS MATERIALIZED (
        SELECT sha256 FROM documents WHERE sha256 = ANY (ARRAY(SELECT sha256 FROM freed))
        ORDER BY sha256 FOR UPDATE
    ), lowered AS (
        UPDATE documents SET uses = uses - freed.jobs FROM locked_documents JOIN freed USING (sha256)
        WHERE documents.sha256 = locked_documents.sha256
    ), outcomes AS MATERIALIZED (
        SELECT CASE WHEN gone.ix_id IS NULL THEN 'unknown' END AS reason FROM given LEFT JOIN gone USING (ix_id)
    ){_MOVED_ON}"""
_ACTS = {Kind.RETRY: _RETRY, Kind.CANCEL: _CANCEL, Kind.ERASE: _ERASE}


class Actions(Repository):
    """The table of actions: asked for, looked at; and claimed, carried out, ended by engines."""

    # nothing, where the client has as many under way as it may
    _ASK = f"""
        WITH asked AS (
            INSERT INTO actions (action, total, before_id, ix_ids, filters, client_id, use_cases, key_id,
                discard_review, max_pending)
            SELECT $1, $2, $3, $4::text[], $5::jsonb, $6, $7::text[], $8, $9, $10
            WHERE {MOST_OPEN} > (
                SELECT count(*) FROM actions WHERE state <> 'done' AND client_id IS NOT DISTINCT FROM $6)
            RETURNING *
        )
        SELECT {TOLD}, pg_notify('ix_operations', '') FROM asked"""

    async def ask(self, wanted: Wanted) -> Action | None:
        """Has something done to many jobs; None where too many actions of the client are under way."""
        filters = None if wanted.filters is None else to_json(wanted.filters)
        rows = await self._fetch(
            self._ASK, wanted.action.value, wanted.total, wanted.before_id, wanted.ix_ids, filters, *wanted[5:]
        )
        return Action(*tuple(rows[0])[:-1]) if rows else None

    _FIND = f"SELECT {TOLD} FROM actions WHERE id = $1"

    async def find(self, action_id: str) -> Action | None:
        """How far an action is; None where there is none of this id, or it ended long ago."""
        rows = await self._fetch(self._FIND, action_id)
        return Action(*rows[0]) if rows else None

    # The one that has waited for longest: they take turns. A filter that little matches may take longer than the lease;
    # then the next has twice as long, or engines would take it from each other for ever.
    _CLAIM = """
        WITH next AS MATERIALIZED (
            SELECT id FROM actions WHERE state <> 'done' AND due_at <= clock_timestamp()
            ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
        )
        UPDATE actions SET state = 'running', token = $1, looks = looks + 1,
            due_at = clock_timestamp() + $2::interval * 2 ^ least(looks, 6)
        FROM next WHERE actions.id = next.id
        RETURNING actions.id, token, action, ix_ids, filters, client_id, use_cases, before_id"""

    async def claim(self, lease_seconds: float) -> Order | None:
        """The action whose turn it is, for so long, or longer where that was not enough; None where nothing is to be
        done."""
        rows = await self._fetch(self._CLAIM, uuid4(), timedelta(seconds=lease_seconds))
        if not rows:
            return None
        action_id, token, action, *rest = rows[0]
        return Order(action_id, token, Kind(action), *rest)

    async def act(self, order: Order, ix_ids: Sequence[str]) -> bool:
        """Does it to the next jobs of an action, which are given in falling order, or to the first of them, up to one
        that somebody holds; False where the action is another engine's by now."""
        moved = await self._act(order, ix_ids, _ACTS[order.action])
        if moved and not moved[0]["seen"]:
            # one row alone may be waited for
            moved = await self._act(order, ix_ids[:1], _ACTS[order.action].replace("SKIP LOCKED", "", 1))
        return bool(moved)

    async def _act(self, order: Order, ix_ids: Sequence[str], sql: str) -> list[asyncpg.Record]:
        try:
            return await self._in_one(order, sql, ix_ids, True)
        except (QueueFull, asyncpg.ProgramLimitExceededError):
            # the notification queue is full: what is done counts, the hint does not
            return await self._in_one(order, sql, ix_ids, False)

    async def _in_one(self, order: Order, sql: str, ix_ids: Sequence[str], telling: bool) -> list[asyncpg.Record]:
        async with acquire(self._pool, self._acquire_timeout) as connection:
            try:
                async with connection.transaction():
                    rows: list[asyncpg.Record] = await connection.fetch(sql, order.id, order.token, ix_ids, telling)
                    if order.action is Kind.ERASE:
                        await connection.execute(FORGET)
                    return rows
            except asyncpg.ProgramLimitExceededError:
                await raise_if_full(connection)
                raise

    _END = """
        UPDATE actions SET state = 'done', total = done + failed, moved_at = clock_timestamp(), token = NULL
        WHERE id = $1 AND token = $2"""

    async def end(self, order: Order) -> None:
        """Notes that no job is left for an action."""
        await self._fetch(self._END, order.id, order.token)

    _NEXT = "SELECT extract(epoch FROM min(due_at) - clock_timestamp())::float8 FROM actions WHERE state <> 'done'"

    async def seconds_to_next(self) -> float | None:
        """Seconds until an action is due, negative for one that is; None where there is none."""
        seconds: float | None = (await self._fetch(self._NEXT))[0][0]
        return seconds

    _PRUNE = "DELETE FROM actions WHERE state = 'done' AND moved_at < clock_timestamp() - $1::interval"

    async def prune(self, days: float = KEPT_DAYS) -> None:
        """Forgets actions that ended so long ago."""
        await self._fetch(self._PRUNE, timedelta(days=days))
