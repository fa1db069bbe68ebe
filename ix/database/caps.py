"""Caps: how many jobs and pages a client may have in a day, and how many it had.

    submission of a client with a cap ──its own transaction──▶ jobs  ┐ a row of day_counts for each connection,
    run that ends, of any client ──────its own transaction──▶ pages ┘ added up by whoever asks

A day is one of UTC, by the clock of PostgreSQL. What is counted stays counted: whether the job is cancelled, erased or
tried again. Rows of days that are over are added up to one, and forgotten after `KEPT_DAYS`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from ix.database.audit import entry_of
from ix.database.keys import Caller
from ix.database.repository import Repository

KEPT_DAYS = 92
"""Days of which it is known what a client had: three months."""
MOST_CAPS = 10_000
"""Clients that may have caps of their own: web processes hold them in memory."""


MOST_LOOKED_AT = 100_000
"""Rows of a day that a monitor is told of: clients times connections."""

# Parts of the statements that insert and finish, so that what is counted is what they did. Each connection has a row of
# its own; `inserted` and `finished` are theirs, and `of` says which of the inserted ones are counted.
COUNT_JOBS = """, counted AS (
            INSERT INTO day_counts AS known (day, client_id, shard, jobs)
            SELECT day_of_counts(), client_id, pg_backend_pid(), count(*) FROM inserted {of} GROUP BY client_id
            ORDER BY client_id
            ON CONFLICT (day, client_id, shard) DO UPDATE SET jobs = known.jobs + excluded.jobs
        )"""
COUNT_PAGES = """, counted AS (
            INSERT INTO day_counts AS known (day, client_id, shard, pages)
            SELECT day_of_counts(), client_id, pg_backend_pid(), sum(page_count) FROM finished
            WHERE page_count > 0 GROUP BY client_id ORDER BY client_id
            ON CONFLICT (day, client_id, shard) DO UPDATE SET pages = known.pages + excluded.pages
        )"""


class Cap(NamedTuple):
    """Most of a day: 0 is no cap, None the one that the settings give everybody."""

    jobs: int | None = None
    pages: int | None = None


class Used(NamedTuple):
    """What a client had since the day began, and when the next one begins."""

    jobs: int
    pages: int
    turns_at: datetime
    seconds_left: float


class Capped(NamedTuple):
    """A client, the caps of its own, and what it had today."""

    client_id: str
    jobs: int | None
    pages: int | None
    used_jobs: int
    used_pages: int


class Caps(Repository):
    """The tables of caps and of what was counted."""

    _ALL = f"SELECT client_id, jobs, pages FROM caps LIMIT {MOST_CAPS}"

    async def all(self) -> dict[str, Cap]:
        """Every cap that was set, by client."""
        return {row["client_id"]: Cap(row["jobs"], row["pages"]) for row in await self._fetch(self._ALL)}

    _USED = """
        SELECT coalesce(sum(jobs), 0)::bigint, coalesce(sum(pages), 0)::bigint,
            (day_of_counts() + 1)::timestamp AT TIME ZONE 'UTC' AS turns_at,
            extract(epoch FROM (day_of_counts() + 1)::timestamp AT TIME ZONE 'UTC' - clock_timestamp())::float8
        FROM day_counts WHERE day = day_of_counts() AND client_id = $1"""

    async def used(self, client_id: str) -> Used:
        """What a client had today."""
        [row] = await self._fetch(self._USED, client_id)
        return Used(*row)

    _LIST = """
        SELECT client_id, capped.jobs, capped.pages, used.jobs, used.pages
        FROM (SELECT * FROM caps WHERE $1::text IS NULL OR client_id > $1 ORDER BY client_id LIMIT $2) AS capped
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(counted.jobs), 0)::bigint AS jobs, coalesce(sum(counted.pages), 0)::bigint AS pages
            FROM day_counts AS counted WHERE day = day_of_counts() AND counted.client_id = capped.client_id
        ) AS used ORDER BY client_id"""

    async def list(self, after: str | None = None, limit: int = 200) -> Sequence[Capped]:
        """Clients with caps of their own, by name, behind one where it is given."""
        return [Capped(*row) for row in await self._fetch(self._LIST, after, limit)]

    _BUSIEST = f"""
        SELECT client_id, caps.jobs, caps.pages, used.jobs, used.pages FROM (
            SELECT client_id, sum(jobs)::bigint AS jobs, sum(pages)::bigint AS pages
            FROM (SELECT * FROM day_counts WHERE day = day_of_counts() LIMIT {MOST_LOOKED_AT}) AS today
            GROUP BY client_id
        ) AS used LEFT JOIN caps USING (client_id) ORDER BY used.pages DESC, used.jobs DESC, client_id LIMIT $1"""

    async def busiest(self, limit: int = 100) -> Sequence[Capped]:
        """The clients of which most pages were read today, as far as `MOST_LOOKED_AT` rows tell."""
        return [Capped(*row) for row in await self._fetch(self._BUSIEST, limit)]

    _SET = """
        WITH made AS (
            INSERT INTO caps (client_id, jobs, pages)
            SELECT $1::text, $2::bigint, $3::bigint
            WHERE (SELECT count(*) FROM caps) < $4 OR EXISTS (SELECT FROM caps WHERE client_id = $1::text)
            ON CONFLICT (client_id) DO UPDATE SET jobs = excluded.jobs, pages = excluded.pages,
                set_at = clock_timestamp()
            RETURNING client_id
        )
        SELECT note_audit($5, NULL) FROM made"""

    async def set(self, client_id: str, cap: Cap, by: Caller | None = None) -> bool:
        """Gives a client caps of its own; False where `MOST_CAPS` have some. Web processes hear of it within seconds.
        `by`: whose doing it is, for the audit log."""
        entry = entry_of("cap.set", by, {"of": client_id, "jobs": cap.jobs, "pages": cap.pages})
        return bool(await self._fetch(self._SET, client_id, cap.jobs, cap.pages, MOST_CAPS, entry))

    _DROP = """
        WITH gone AS (DELETE FROM caps WHERE client_id = $1::text RETURNING client_id)
        SELECT note_audit($2, NULL) FROM gone"""

    async def drop(self, client_id: str, by: Caller | None = None) -> bool:
        """Lets a client have the caps of the settings again; False where it had no others."""
        return bool(await self._fetch(self._DROP, client_id, entry_of("cap.drop", by, {"of": client_id})))

    # 1. over: rows of days that are over; one that another engine adds up in this moment is left to it.
    # 2. One row of each client and day is left. A run that ends at midnight may still count in a day that is over:
    #    that row is added the next time.
    # 3. Days are forgotten in the end.
    _ADD_UP = f"""
        WITH over AS MATERIALIZED (
            SELECT day, client_id, shard FROM day_counts WHERE day < day_of_counts() AND shard <> 0
            LIMIT 1000 FOR UPDATE SKIP LOCKED
        ), gone AS (
            DELETE FROM day_counts USING over
            WHERE (day_counts.day, day_counts.client_id, day_counts.shard) = (over.day, over.client_id, over.shard)
            RETURNING day_counts.*
        ), added AS (
            INSERT INTO day_counts AS known (day, client_id, shard, jobs, pages)
            SELECT day, client_id, 0, sum(jobs), sum(pages) FROM gone WHERE day >= day_of_counts() - {KEPT_DAYS}
            GROUP BY day, client_id ORDER BY day, client_id
            ON CONFLICT (day, client_id, shard) DO UPDATE SET jobs = known.jobs + excluded.jobs,
                pages = known.pages + excluded.pages
        ), forgotten AS (
            DELETE FROM day_counts WHERE day < day_of_counts() - {KEPT_DAYS}
        )
        SELECT count(*) FROM gone"""

    async def add_up(self) -> bool:
        """Adds up some rows of days that are over, and forgets old days; whether there may be more."""
        return bool((await self._fetch(self._ADD_UP))[0][0])
