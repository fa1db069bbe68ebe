"""Deliveries: callbacks that are owed, tried and done with; and the secrets that sign them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import asyncpg
from pydantic import BaseModel, ConfigDict

from ix.database.batches import batch_of
from ix.database.envelopes import job_of
from ix.database.pool import acquire
from ix.database.repository import Repository
from ix.job import Batch, CallbackStatus, Job


class Delivery(BaseModel):
    """A callback as its client sees it. `outcome` says what the last try came to, `due_at` when the next one may
    begin."""

    model_config = ConfigDict(frozen=True)

    delivery_id: str
    ix_id: str
    url: str
    status: CallbackStatus
    attempts: int
    outcome: str | None
    created_at: datetime
    due_at: datetime
    ended_at: datetime | None


_COLUMNS = ", ".join(Delivery.model_fields)


class Due(NamedTuple):
    """A delivery that this caller may try now: the job as it stands, or the batch, and the valid secrets, newest first.
    `attempts` counts this try too and is the fence: whoever finishes a try names it. `trace` is the job's, `host` the
    address's, `at` the database's time of the claim, unix seconds. `approval` is what is told of one, None where the
    end of the job is told."""

    delivery_id: str
    url: str
    attempts: int
    secrets: Sequence[bytes]
    about: Job | Batch
    trace: str | None = None
    host: str = ""
    at: float = 0.0
    approval: Mapping[str, Any] | None = None

    @property
    def job(self) -> Job:
        """The job, of a delivery that tells of one."""
        assert isinstance(self.about, Job)
        return self.about


class Share(NamedTuple):
    """How many deliveries a sender may have under way at once: of one client, to one host, and of one client to one
    host."""

    client: int
    host: int
    both: int


class UnderWay(NamedTuple):
    """How many deliveries of a client to a host a sender tries at this moment, and how many it wants to at most."""

    client_id: str
    host: str
    tries: int
    most: int


NO_LIMIT = Share(1000, 1000, 1000)
MOST_FLOWS = 200
"""Clients, and hosts of each, among which one statement chooses; the next one begins behind them."""
_START = "0123456789abcdefghijklmnopqrstuvwxyz"
"""Where among a client's hosts a look begins, one at random: none of many is passed over for ever."""


class Deliveries(Repository):
    """The tables of deliveries and of callback secrets."""

    # 1. busy: what this sender tries at this moment, by client and host.
    # 2. clients: those with pending deliveries, behind $9. Each is found by one look into the index.
    # 3. flows: hosts of each of them, found likewise, the first ones and those behind $10.
    # 4. heads: the first due ones of each client to each host, as many as there is room for.
    # 5. in_turn: as many as there is room for by client and by host; clients take turns, and a client's hosts do.
    # 6. due: of these up to $1 are locked, passing over those that another sender holds.
    # 7. tried: the try is counted, and the next one put off by the lease ($2), so that a sender that dies is followed.
    # 8. Each with its job and the secrets of its client that are valid, newest first.
    _CLAIM = f"""
        WITH RECURSIVE busy AS MATERIALIZED (
            SELECT * FROM unnest($3::text[], $4::text[], $5::int[], $6::int[]) AS busy (client_id, host, tries, most)
        ), clients AS (
            (SELECT 1 AS n, client_id FROM deliveries
             WHERE status = 'pending' AND client_id > $9::text ORDER BY client_id LIMIT 1)
            UNION ALL
            SELECT n + 1, (SELECT deliveries.client_id FROM deliveries
                WHERE status = 'pending' AND deliveries.client_id > clients.client_id
                ORDER BY deliveries.client_id LIMIT 1)
            FROM clients WHERE clients.client_id IS NOT NULL AND n < {MOST_FLOWS}
        ), flows AS (
            SELECT clients.client_id, 1 AS n, (SELECT host FROM deliveries
                WHERE status = 'pending' AND deliveries.client_id = clients.client_id AND host >= start
                ORDER BY host LIMIT 1) AS host, start
            FROM clients CROSS JOIN unnest(ARRAY['', $10::text]) AS start WHERE clients.client_id IS NOT NULL
            UNION ALL
            SELECT client_id, n + 1, (SELECT deliveries.host FROM deliveries
                WHERE status = 'pending' AND deliveries.client_id = flows.client_id AND deliveries.host > flows.host
                ORDER BY deliveries.host LIMIT 1), start
            FROM flows WHERE flows.host IS NOT NULL AND n < 20
        ), heads AS (
            SELECT flow.client_id, flow.host, delivery_id, due_at,
                row_number() OVER (PARTITION BY flow.client_id, flow.host ORDER BY due_at, delivery_id) AS nth
            FROM (SELECT DISTINCT client_id, host FROM flows WHERE host IS NOT NULL) AS flow
            LEFT JOIN busy USING (client_id, host) CROSS JOIN LATERAL (
                SELECT delivery_id, due_at FROM deliveries
                WHERE status = 'pending' AND deliveries.client_id = flow.client_id AND deliveries.host = flow.host
                  AND due_at <= clock_timestamp()
                ORDER BY due_at LIMIT greatest(least(most, $8) - coalesce(tries, 0), 0)
            ) AS head
        ), in_turn AS MATERIALIZED (
            SELECT delivery_id, of_client, due_at FROM (
                SELECT *,
                    row_number() OVER (PARTITION BY client_id ORDER BY nth, due_at, delivery_id)
                      + coalesce((SELECT sum(tries) FROM busy WHERE busy.client_id = heads.client_id), 0) AS of_client,
                    row_number() OVER (PARTITION BY host ORDER BY nth, due_at, delivery_id)
                      + coalesce((SELECT sum(tries) FROM busy WHERE busy.host = heads.host), 0) AS of_host
                FROM heads
            ) AS numbered
            WHERE of_client <= $7 AND of_host <= $11
            ORDER BY of_client, due_at LIMIT 2 * $1 + 16
        ), due AS MATERIALIZED (
            SELECT delivery_id FROM deliveries
            WHERE delivery_id = ANY (ARRAY(SELECT delivery_id FROM in_turn ORDER BY of_client, due_at))
              AND status || '' = 'pending' AND due_at <= clock_timestamp()
            ORDER BY array_position(ARRAY(SELECT delivery_id FROM in_turn ORDER BY of_client, due_at), delivery_id)
            LIMIT $1 FOR UPDATE SKIP LOCKED
        ), tried AS (
            UPDATE deliveries SET attempts = attempts + 1, due_at = clock_timestamp() + $2::interval, again = false
            WHERE delivery_id = ANY (ARRAY(SELECT delivery_id FROM due))
            RETURNING deliveries.delivery_id, url, deliveries.attempts AS tries, deliveries.ix_id, host, approval,
                deliveries.client_id, deliveries.batch_id
        )
        SELECT delivery_id, url, tries, host, approval, extract(epoch FROM clock_timestamp())::float8 AS at, jobs.*, (
            SELECT coalesce(array_agg(secret ORDER BY created_at DESC), '{{}}') FROM callback_secrets
            WHERE callback_secrets.client_id = coalesce(jobs.client_id, batches.client_id)
              AND (expires_at IS NULL OR expires_at > clock_timestamp())
        ) AS secrets, (SELECT client_id FROM clients WHERE n = {MOST_FLOWS}) AS last_client, to_jsonb(batches) AS batch
        FROM tried LEFT JOIN jobs USING (ix_id)
            LEFT JOIN batches ON batches.client_id = tried.client_id AND batches.batch_id = tried.batch_id
        WHERE num_nonnulls(jobs.ix_id, batches.batch_id) > 0"""

    _start_client = ""
    """Behind which client the next claim begins to look, where there are more than it looks at."""

    async def claim(
        self, limit: int, lease: float, share: Share = NO_LIMIT, under_way: Sequence[UnderWay] = ()
    ) -> list[Due]:
        """Up to `limit` deliveries that are due: clients take turns, and a client's hosts do. With what is `under_way`
        there are no more than the `share` allows. Another sender may try them again after `lease` seconds."""
        columns = [list(column) for column in zip(*under_way, strict=True)] or [[], [], [], []]
        limits = share.client, share.both, self._start_client, secrets.choice(_START), share.host
        rows = await self._fetch(self._CLAIM, limit, timedelta(seconds=lease), *columns, *limits)
        began, self._start_client = self._start_client, (rows[0]["last_client"] or "") if rows else ""
        if not rows and began:
            # from the first client again
            return await self.claim(limit, lease, share, under_way)
        return [_due(row) for row in rows]

    _NEXT = """
        SELECT extract(epoch FROM min(due_at) - clock_timestamp())::float8 AS seconds
        FROM deliveries WHERE status = 'pending' AND ($1 OR due_at > clock_timestamp())"""

    async def seconds_to_next(self, overdue: bool = True) -> float | None:
        """Seconds until a delivery is due, negative if one is `overdue`; None where nothing is owed."""
        seconds: float | None = (await self._fetch(self._NEXT, overdue))[0]["seconds"]
        return seconds

    # 1. job: its row is locked before the delivery's, as by whoever retries or erases it: in the other order the two
    #    could wait for each other.
    # 2. ended: the delivery is closed, unless it is already or another try has begun ($2 is the fence).
    # 3. The job's envelope shows the outcome, unless the job waits again or has a newer delivery.
    _END = """
        WITH job AS MATERIALIZED (
            SELECT ix_id FROM jobs WHERE ix_id = $5 FOR NO KEY UPDATE
        ), ended AS (
            UPDATE deliveries SET status = $3, outcome = $4, ended_at = clock_timestamp() FROM job
            WHERE delivery_id = $1 AND attempts = $2 AND status = 'pending' AND deliveries.ix_id = job.ix_id
            RETURNING deliveries.ix_id, created_at, again
        )
        UPDATE jobs SET callback_status = $3 FROM ended
        WHERE jobs.ix_id = ended.ix_id AND jobs.finished_at IS NOT NULL
          AND NOT EXISTS (SELECT FROM deliveries
            WHERE deliveries.ix_id = ended.ix_id AND deliveries.created_at > ended.created_at)
        RETURNING again"""

    # As much for a batch, whose callback is owed once.
    _END_OF_BATCH = """
        WITH ended AS (
            UPDATE deliveries SET status = $3, outcome = $4, ended_at = clock_timestamp()
            WHERE delivery_id = $1 AND attempts = $2 AND status = 'pending' RETURNING client_id, batch_id
        )
        UPDATE batches SET callback_status = $3 FROM ended
        WHERE batches.client_id = ended.client_id AND batches.batch_id = ended.batch_id"""

    async def end(self, due: Due, status: CallbackStatus, outcome: str) -> None:
        """Closes a delivery, and tells the job's envelope unless a newer one is under way; nothing if another try has
        begun since. One that was ordered again during its last try is followed by another."""
        arguments = due.delivery_id, due.attempts, status.value, outcome
        if isinstance(due.about, Batch):
            await self._fetch(self._END_OF_BATCH, *arguments)
            return
        rows = await self._fetch(self._END, *arguments, due.job.ix_id)
        if rows and rows[0]["again"]:
            await self.resend(due.job.ix_id)

    _POSTPONE = """
        UPDATE deliveries SET due_at = clock_timestamp() + $3::interval, outcome = $4
        WHERE delivery_id = $1 AND attempts = $2 AND status = 'pending'"""

    async def postpone(self, due: Due, seconds: float, outcome: str) -> None:
        """Lets the next try begin after `seconds`; nothing if another try has begun since."""
        await self._fetch(self._POSTPONE, due.delivery_id, due.attempts, timedelta(seconds=seconds), outcome)

    _OF_JOB = f"SELECT {_COLUMNS} FROM deliveries WHERE ix_id = $1 ORDER BY created_at"

    async def of_job(self, ix_id: str) -> list[Delivery]:
        """A job's deliveries, oldest first."""
        return [Delivery.model_validate(dict(row)) for row in await self._fetch(self._OF_JOB, ix_id)]

    # 1. job: its row is locked first, as by all who change its deliveries: two at once come one after the other.
    # 2. owed: the delivery that is pending already, if there is one.
    # 3. noted: during a try it has another one follow, since the receiver may have heard of that one already.
    # 4. again: else a new one, where the job has ended and has an address to call; it tells of the
    #    approval, where the last one did and it holds.
    # 5. shown: the job's envelope says that it is pending.
    # 6. Engines hear of it.
    _LOCK_JOB = "SELECT FROM jobs WHERE ix_id = $1 FOR NO KEY UPDATE"
    _RESEND = f"""
        WITH owed AS MATERIALIZED (
            SELECT {_COLUMNS} FROM deliveries WHERE ix_id = $1 AND status = 'pending'
        ), noted AS (
            UPDATE deliveries SET again = true FROM owed
            WHERE deliveries.delivery_id = owed.delivery_id AND deliveries.attempts > 0
        ), again AS (
            INSERT INTO deliveries (ix_id, url, approval)
            SELECT ix_id, callback_url, (
                SELECT approval FROM deliveries AS last JOIN reviews USING (ix_id)
                WHERE last.ix_id = $1 AND state = 'approved' ORDER BY created_at DESC LIMIT 1)
            FROM jobs
            WHERE ix_id = $1 AND callback_url IS NOT NULL AND finished_at IS NOT NULL AND NOT EXISTS (SELECT FROM owed)
            RETURNING {_COLUMNS}
        ), shown AS (
            UPDATE jobs SET callback_status = 'pending' FROM again WHERE jobs.ix_id = again.ix_id
        )
        SELECT *, NULL AS told FROM owed
        UNION ALL
        SELECT again.*, pg_notify('ix_deliveries', '')::text FROM again"""

    async def resend(self, ix_id: str) -> Delivery | None:
        """A new delivery of a job that has ended, or the one that is pending already; None where the job has not ended,
        or nobody asked to be called."""
        async with acquire(self._pool, self._acquire_timeout) as connection, connection.transaction():
            # a statement of its own: the next one sees what the one that held the lock has written
            await connection.execute(self._LOCK_JOB, ix_id)
            rows = await connection.fetch(self._RESEND, ix_id)
        return Delivery.model_validate({name: rows[0][name] for name in Delivery.model_fields}) if rows else None

    # The older secrets are seen as they were before the statement: the new one is not among them.
    _ADD = """
        WITH older AS (
            UPDATE callback_secrets SET expires_at = least(expires_at, clock_timestamp() + $3::interval)
            WHERE client_id = $1
        )
        INSERT INTO callback_secrets (client_id, secret) VALUES ($1, $2)"""

    async def add_secret(self, client_id: str, secret: bytes, overlap: float) -> None:
        """Signs the client's callbacks with a new secret; older ones stay valid for `overlap` seconds."""
        await self._fetch(self._ADD, client_id, secret, timedelta(seconds=overlap))


def _due(row: asyncpg.Record) -> Due:
    delivery = row["delivery_id"], row["url"], row["tries"], row["secrets"]
    about = batch_of(row["batch"]) if row["batch"] else job_of(row)
    return Due(*delivery, about, row["trace"], row["host"], row["at"], row["approval"])
