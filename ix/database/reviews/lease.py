"""Who looks at which job: leases, which end by themselves, and the next job of the queue."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pydantic import BaseModel, ConfigDict, Field

from ix.database.audit import entry_of
from ix.database.keys import Caller
from ix.database.repository import Repository
from ix.database.reviews.find import Lease
from ix.job import Key, Moment

LEASE_SECONDS = 300
"""How long a lease lasts that nobody renews."""
MOST_TRIES = 20
"""How many jobs that others take at the same moment are passed over, before whoever asks hears that there is none."""


class Where(BaseModel):
    """Which jobs a reviewer takes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    client_id: Key | None = Field(default=None, description="Jobs of this client; a key tells it")
    use_case: Key | None = Field(default=None, description="Jobs of this use case")
    created_after: Moment | None = Field(default=None, description="Created at this moment or later (RFC 3339)")
    created_before: Moment | None = Field(default=None, description="Created before this moment (RFC 3339)")


def holder_of(by: Caller) -> str:
    """What tells whoever holds a lease from others of the same name."""
    return by.identity or "anybody"


class LeaseReviews(Repository):
    """Leases: taken, kept and given back."""

    # 1. first: the oldest job that waits, which nobody looks at and no other statement is at. Two statements, since a
    #    plan is made once for all values, and one for any client could not use the client's index.
    # 2. leased: its lease. Where another took it between the look and the lock, it is left alone, and whoever asks
    #    looks once more.
    # 3. Who took it is noted, and streams are told.
    _FIRST = """
        WITH first AS MATERIALIZED (
            SELECT ix_id, client_id, use_case, points FROM jobs
            WHERE review = 'needed' AND """
    _LEASED = f""" AND ($2::text IS NULL OR use_case = $2)
              AND ($3::timestamptz IS NULL OR created_at >= $3) AND ($4::timestamptz IS NULL OR created_at < $4)
              AND ($5::text[] IS NULL OR use_case = ANY ($5)) AND ix_id <> ALL ($6::text[])
              AND NOT EXISTS (SELECT FROM reviews
                WHERE reviews.ix_id = jobs.ix_id AND leased_until > clock_timestamp())
            ORDER BY ix_id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
        ), leased AS (
            INSERT INTO reviews (ix_id, client_id, use_case, leased_by, lease_holder, leased_until)
            SELECT ix_id, client_id, use_case, $7, $8, clock_timestamp() + interval '{LEASE_SECONDS} seconds' FROM first
            ON CONFLICT (ix_id) DO UPDATE SET leased_by = excluded.leased_by, lease_holder = excluded.lease_holder,
                leased_until = excluded.leased_until
            WHERE coalesce(reviews.leased_until <= clock_timestamp(), true)
            RETURNING ix_id, version, leased_by, leased_until
        )
        SELECT first.ix_id, leased_by, leased_until,
            CASE WHEN leased_by IS NOT NULL THEN note_audit($9, first.ix_id)::text END,
            CASE WHEN $10 AND leased_by IS NOT NULL THEN
            pg_notify('ix_reviews', json_build_object('client_id', client_id, 'use_case', use_case,
                'ix_id', first.ix_id, 'review', 'leased', 'points', points, 'version', version)::text)::text END
        FROM first LEFT JOIN leased USING (ix_id)"""
    _NEXT_OF_CLIENT = _FIRST + "client_id = $1" + _LEASED
    _NEXT_OF_ANY = _FIRST + "$1::text IS NULL" + _LEASED

    async def next(
        self, where: Where, skip: Sequence[str], by: Caller, use_cases: Collection[str] | None = None
    ) -> tuple[str, Lease] | None:
        """The oldest job that waits for a person, with a lease of it; None where there is none. None of those in
        `skip`; of these use cases alone where any are given."""
        statement = self._NEXT_OF_ANY if where.client_id is None else self._NEXT_OF_CLIENT
        passed = list(skip)
        wanted = where.client_id, where.use_case, where.created_after, where.created_before
        only = None if use_cases is None else list(use_cases)
        entry = entry_of("review.lease", by)
        for _ in range(MOST_TRIES):
            rows = await self._fetch_telling(statement, *wanted, only, passed, by.who, holder_of(by), entry)
            if not rows:
                return None
            # without a lease: another has it, who was quicker by a moment
            if rows[0]["leased_until"]:
                return rows[0]["ix_id"], Lease(by=rows[0]["leased_by"], until=rows[0]["leased_until"])
            passed.append(rows[0]["ix_id"])
        return None

    _LEASE = f"""
        WITH job AS MATERIALIZED (
            SELECT ix_id, client_id, use_case, points FROM jobs
            WHERE ix_id = $1 AND status = 'done' AND results_erased IS NULL FOR NO KEY UPDATE
        ), leased AS (
            INSERT INTO reviews (ix_id, client_id, use_case, leased_by, lease_holder, leased_until)
            SELECT ix_id, client_id, use_case, $2, $3, clock_timestamp() + interval '{LEASE_SECONDS} seconds' FROM job
            ON CONFLICT (ix_id) DO UPDATE SET leased_by = excluded.leased_by, lease_holder = excluded.lease_holder,
                leased_until = excluded.leased_until
            WHERE coalesce(reviews.leased_until <= clock_timestamp(), true)
                OR reviews.lease_holder = excluded.lease_holder
            RETURNING ix_id, version, leased_by, leased_until
        )
        SELECT leased_by, leased_until, CASE WHEN $4 THEN
            pg_notify('ix_reviews', json_build_object('client_id', client_id, 'use_case', use_case,
                'ix_id', ix_id, 'review', 'leased', 'points', points, 'version', version)::text)::text END
        FROM leased JOIN job USING (ix_id)"""

    async def lease(self, ix_id: str, by: Caller) -> Lease | None:
        """Takes a job's lease, or keeps it for longer; None where another person has it, or there is no answer."""
        rows = await self._fetch_telling(self._LEASE, ix_id, by.who, holder_of(by))
        return Lease(by=rows[0]["leased_by"], until=rows[0]["leased_until"]) if rows else None

    _GIVE_BACK = """
        WITH given AS (
            UPDATE reviews SET leased_by = NULL, lease_holder = NULL, leased_until = NULL
            WHERE ix_id = $1 AND lease_holder = $2 RETURNING ix_id, version
        )
        SELECT CASE WHEN $3 THEN
            pg_notify('ix_reviews', json_build_object('client_id', client_id, 'use_case', use_case,
                'ix_id', ix_id, 'review', review, 'points', points, 'version', version)::text)::text END
        FROM given JOIN jobs USING (ix_id)"""

    async def give_back(self, ix_id: str, by: Caller) -> None:
        """Ends a lease; nothing where it is not the caller's."""
        await self._fetch_telling(self._GIVE_BACK, ix_id, holder_of(by))
