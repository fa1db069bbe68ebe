"""Deliveries: callbacks that are owed, tried and done with; and the secrets that sign them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import asyncpg
from pydantic import BaseModel, ConfigDict

from ix.database.repository import Repository
from ix.job import CallbackStatus, Job, job_of


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
    """A delivery that this caller may try now: the job as it stands, and the valid secrets, newest first. `attempts`
    counts this try too and is the fence: whoever finishes a try names it. `trace` is the job's."""

    delivery_id: str
    url: str
    attempts: int
    secrets: Sequence[bytes]
    job: Job
    trace: str | None = None


class Deliveries(Repository):
    """The tables of deliveries and of callback secrets."""

    # 1. due: pending deliveries whose moment has come, up to $1, passing over those that another sender holds.
    # 2. tried: the try is counted, and the next one put off by the lease ($2), so that a sender that dies is followed.
    # 3. Each with its job and the secrets of its client that are valid, newest first.
    _CLAIM = """
        WITH due AS MATERIALIZED (
            SELECT delivery_id FROM deliveries WHERE status = 'pending' AND due_at <= clock_timestamp()
            ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED
        ), tried AS (
            UPDATE deliveries SET attempts = attempts + 1, due_at = clock_timestamp() + $2::interval
            WHERE delivery_id = ANY (ARRAY(SELECT delivery_id FROM due))
            RETURNING deliveries.delivery_id, url, deliveries.attempts AS tries, deliveries.ix_id
        )
        SELECT delivery_id, url, tries, jobs.*, (
            SELECT coalesce(array_agg(secret ORDER BY created_at DESC), '{}') FROM callback_secrets
            WHERE callback_secrets.client_id = jobs.client_id AND (expires_at IS NULL OR expires_at > clock_timestamp())
        ) AS secrets
        FROM tried JOIN jobs USING (ix_id)"""

    async def claim(self, limit: int, lease: float) -> list[Due]:
        """Up to `limit` deliveries that are due, oldest first. Another sender may try them again after `lease`
        seconds."""
        rows = await self._fetch(self._CLAIM, limit, timedelta(seconds=lease))
        return [_due(row) for row in rows]

    _NEXT = """
        SELECT extract(epoch FROM min(due_at) - clock_timestamp())::float8 AS seconds
        FROM deliveries WHERE status = 'pending'"""

    async def seconds_to_next(self) -> float | None:
        """Seconds until a delivery is due, negative if one is overdue; None where nothing is owed."""
        seconds: float | None = (await self._fetch(self._NEXT))[0]["seconds"]
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
            RETURNING deliveries.ix_id, created_at
        )
        UPDATE jobs SET callback_status = $3 FROM ended
        WHERE jobs.ix_id = ended.ix_id AND jobs.finished_at IS NOT NULL
          AND NOT EXISTS (SELECT FROM deliveries
            WHERE deliveries.ix_id = ended.ix_id AND deliveries.created_at > ended.created_at)"""

    async def end(self, due: Due, status: CallbackStatus, outcome: str) -> None:
        """Closes a delivery, and tells the job's envelope unless a newer one is under way; nothing if another try has
        begun since."""
        await self._fetch(self._END, due.delivery_id, due.attempts, status.value, outcome, due.job.ix_id)

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

    # 1. again: a further delivery, where the job has ended and has an address to call.
    # 2. shown: the job's envelope says that it is pending.
    # 3. Engines hear of it.
    _RESEND = f"""
        WITH again AS (
            INSERT INTO deliveries (ix_id, url) SELECT ix_id, callback_url FROM jobs
            WHERE ix_id = $1 AND callback_url IS NOT NULL AND finished_at IS NOT NULL
            RETURNING {_COLUMNS}
        ), shown AS (
            UPDATE jobs SET callback_status = 'pending' FROM again WHERE jobs.ix_id = again.ix_id
        )
        SELECT again.*, pg_notify('ix_deliveries', '') FROM again"""

    async def resend(self, ix_id: str) -> Delivery | None:
        """A new delivery of a job that has ended; None where it has not, or nobody asked to be called."""
        rows = await self._fetch(self._RESEND, ix_id)
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
    return Due(row["delivery_id"], row["url"], row["tries"], row["secrets"], job_of(row), row["trace"])
