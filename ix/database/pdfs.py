"""PDFs of jobs' pages: ordered by web, made by engines, kept for a while."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal, NamedTuple

from ix.database.repository import Repository

Kind = Literal["annotated", "searchable"]
MOST_ORDERS = 4
"""Files that wait to be made for one client: each takes as long as a job."""
MOST_ATTEMPTS = 3
KEPT_DAYS = 1.0
"""How long a file is kept that nobody asks for: whoever ordered it may be slow to come."""
STORING_SECONDS = 60.0
"""Time limit of storing a file; tens of MiB take longer than other statements may."""


class Made(NamedTuple):
    """A file that somebody asked for: its `size`, bytes; or the `problem` that it cannot be made for; or neither, while
    it waits."""

    size: int | None
    problem: str | None


class Order(NamedTuple):
    """A file to be made of a job's pages, with this `answer` (JSON) marked on them where there is one. `attempts`
    counts this one too and is the fence."""

    ix_id: str
    kind: Kind
    version: str
    attempts: int
    answer: bytes | None = None


class Pdfs(Repository):
    """The table of PDFs: ordered, claimed, made, found, read in slices, pruned."""

    _FIND = """
        UPDATE pdfs SET seen_at = CASE WHEN seen_at < clock_timestamp() - interval '10 minutes'
            THEN clock_timestamp() ELSE seen_at END
        WHERE ix_id = $1 AND kind = $2 AND version = $3 RETURNING octet_length(file), problem"""

    async def find(self, ix_id: str, kind: Kind, version: str) -> Made | None:
        """What there is of a file, which somebody has seen now; None where nobody has ordered it."""
        found = await self._fetch(self._FIND, ix_id, kind, version)
        return Made(*found[0]) if found else None

    # 1. waiting: what the client has ordered and not been given.
    # 2. ordered: nothing, where so many wait.
    # 3. Engines are told when this commits.
    _ORDER = f"""
        WITH waiting AS MATERIALIZED (
            SELECT count(*) AS orders FROM pdfs WHERE ordered_by = $4 AND file IS NULL AND problem IS NULL
        ), ordered AS (
            INSERT INTO pdfs (ix_id, kind, version, ordered_by, answer)
            SELECT jobs.ix_id, $2, $3, $4, $5 FROM jobs CROSS JOIN waiting
            WHERE jobs.ix_id = $1 AND orders < {MOST_ORDERS}
            ON CONFLICT DO NOTHING
            RETURNING ix_id
        )
        SELECT orders, (SELECT count(pg_notify('ix_pictures', '')) FROM ordered) AS told FROM waiting"""

    async def order(self, ix_id: str, kind: Kind, version: str, client_id: str, answer: bytes | None = None) -> bool:
        """Has a file made, of the kind `annotated` with this answer (JSON); whether the client's order was taken: too
        many of its others may wait."""
        found = await self._fetch(self._ORDER, ix_id, kind, version, client_id, answer)
        return int(found[0]["orders"]) < MOST_ORDERS

    _SLICE = """
        SELECT substring(file FROM $4 + 1 FOR $5) AS slice FROM pdfs
        WHERE ix_id = $1 AND kind = $2 AND version = $3 AND file IS NOT NULL"""

    async def slice(self, ix_id: str, kind: Kind, version: str, start: int, size: int) -> bytes | None:
        """So many bytes of a file from `start` on; None where it is gone."""
        found = await self._fetch(self._SLICE, ix_id, kind, version, start, size)
        return found[0]["slice"] if found else None

    # As pictures are claimed: the first due order of a client that is chosen at random, put off by the lease.
    _CLAIM = f"""
        WITH RECURSIVE clients AS (
            (SELECT ordered_by FROM pdfs WHERE file IS NULL AND problem IS NULL ORDER BY ordered_by LIMIT 1)
            UNION ALL
            SELECT (SELECT pdfs.ordered_by FROM pdfs
                WHERE file IS NULL AND problem IS NULL AND pdfs.ordered_by > clients.ordered_by
                ORDER BY pdfs.ordered_by LIMIT 1)
            FROM clients WHERE clients.ordered_by IS NOT NULL
        ), heads AS MATERIALIZED (
            SELECT head.*, random() AS lot FROM clients CROSS JOIN LATERAL (
                SELECT ix_id, kind, version FROM pdfs
                WHERE file IS NULL AND problem IS NULL AND pdfs.ordered_by = clients.ordered_by
                  AND due_at <= clock_timestamp()
                ORDER BY due_at LIMIT 1
            ) AS head WHERE clients.ordered_by IS NOT NULL
        ), chosen AS MATERIALIZED (
            SELECT pdfs.ctid FROM pdfs JOIN heads USING (ix_id, kind, version)
            WHERE file IS NULL AND problem IS NULL AND due_at <= clock_timestamp()
            ORDER BY lot LIMIT 1 FOR UPDATE OF pdfs SKIP LOCKED
        )
        UPDATE pdfs SET attempts = attempts + 1, due_at = clock_timestamp() + $1::interval,
            problem = CASE WHEN attempts >= {MOST_ATTEMPTS} THEN 'engines ended over it' END
        WHERE ctid = ANY (ARRAY(SELECT ctid FROM chosen))
        RETURNING ix_id, kind, version, attempts, answer, problem"""

    async def claim(self, lease_seconds: float) -> Order | None:
        """The order that is to be met next, for so long; None where there is none."""
        while found := await self._fetch(self._CLAIM, timedelta(seconds=lease_seconds)):
            *order, problem = found[0]
            if problem is None:
                return Order(*order)
        return None

    _RENEW = """
        UPDATE pdfs SET due_at = clock_timestamp() + $5::interval
        WHERE ix_id = $1 AND kind = $2 AND version = $3 AND attempts = $4 AND file IS NULL AND problem IS NULL
        RETURNING 1"""

    async def renew(self, order: Order, lease_seconds: float) -> bool:
        """Takes so long more; whether anybody still wants it."""
        return bool(await self._fetch(self._RENEW, *order[:4], timedelta(seconds=lease_seconds)))

    _FINISH = """
        UPDATE pdfs SET file = $5, problem = $6, answer = NULL, seen_at = clock_timestamp()
        WHERE ix_id = $1 AND kind = $2 AND version = $3 AND attempts = $4 AND file IS NULL AND problem IS NULL"""

    async def finish(self, order: Order, file: bytes | None, problem: str | None) -> None:
        """Stores what came of an order; nothing where another engine has taken it since."""
        await self._fetch(self._FINISH, *order[:4], file, problem, seconds=STORING_SECONDS)

    _NEXT = """
        SELECT extract(epoch FROM min(due_at) - clock_timestamp())::float8 FROM pdfs
        WHERE file IS NULL AND problem IS NULL"""

    async def seconds_to_next(self) -> float | None:
        """Seconds until an order is due, negative for one that is; None where there is none."""
        seconds: float | None = (await self._fetch(self._NEXT))[0][0]
        return seconds

    # Orders too: whoever has not asked again for a day wants none.
    _PRUNE = """
        WITH kept AS (
            SELECT ctid, sum(octet_length(file)) OVER (ORDER BY seen_at DESC, ctid) AS bytes
            FROM pdfs WHERE file IS NOT NULL
        )
        DELETE FROM pdfs WHERE ctid = ANY (ARRAY(SELECT ctid FROM kept WHERE bytes > $1))
           OR seen_at < clock_timestamp() - $2::interval
        RETURNING 1"""

    async def prune(self, most_bytes: int, days: float = KEPT_DAYS) -> int:
        """Removes files that nobody has asked for in so many days, and of the others those that were not asked for the
        longest until the rest has so few bytes; how many."""
        return len(await self._fetch(self._PRUNE, most_bytes, timedelta(days=days)))
