"""Pictures of pages: ordered by web, drawn by engines, kept while there is room."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from ix.database.repository import Repository

MOST_ORDERS = 40
"""Pictures that wait to be drawn for one client; a page in three sizes, with its neighbours, takes a dozen."""
MOST_ATTEMPTS = 3


class Drawn(NamedTuple):
    """A picture that somebody asked for, as WebP; or the problem that it cannot be drawn for; or neither, while it
    waits."""

    picture: bytes | None
    problem: str | None


class Order(NamedTuple):
    """A picture to be drawn: a page (1-based) of the document with this `sha256`, rotated clockwise by so many degrees,
    so many pixels wide and with no side longer than `longest`. `attempts` counts this one too and is the fence."""

    sha256: bytes
    page: int
    rotation: int
    width: int
    longest: int
    attempts: int


class Pictures(Repository):
    """The table of pictures: ordered, claimed, drawn, found, pruned."""

    _FIND = """
        SELECT picture, problem FROM pictures WHERE sha256 = $1 AND page = $2 AND rotation = $3 AND width = $4"""

    async def find(self, sha256: bytes, page: int, rotation: int, width: int) -> Drawn | None:
        """What there is of a picture; None where nobody has ordered it."""
        found = await self._fetch(self._FIND, sha256, page, rotation, width)
        return Drawn(*found[0]) if found else None

    # 1. waiting: what the client has ordered and not been given; its next order may be one too many.
    # 2. ordered: nothing, where the document is not kept, or where so many wait.
    # 3. Engines are told when this commits.
    _ORDER = f"""
        WITH waiting AS MATERIALIZED (
            SELECT count(*) AS orders FROM pictures
            WHERE ordered_by = $6 AND picture IS NULL AND problem IS NULL
        ), ordered AS (
            INSERT INTO pictures (sha256, page, rotation, width, longest, ordered_by)
            SELECT sha256, $2, $3, $4, $5, $6 FROM documents CROSS JOIN waiting
            WHERE sha256 = $1 AND orders < {MOST_ORDERS}
            ON CONFLICT DO NOTHING
            RETURNING sha256
        )
        SELECT (SELECT count(*) FROM documents WHERE sha256 = $1) AS kept, orders, (
            SELECT count(pg_notify('ix_pictures', '')) FROM ordered
        ) AS told FROM waiting"""

    async def order(
        self, sha256: bytes, page: int, rotation: int, width: int, longest: int, client_id: str
    ) -> tuple[bool, bool]:
        """Has a picture drawn. Whether its document is kept, and whether the client's order was taken: too many of its
        others may wait."""
        found = await self._fetch(self._ORDER, sha256, page, rotation, width, longest, client_id)
        return bool(found[0]["kept"]), found[0]["orders"] < MOST_ORDERS

    _SEEN = """
        UPDATE pictures SET seen_at = clock_timestamp()
        WHERE sha256 = $1 AND page = $2 AND rotation = $3 AND width = $4
          AND seen_at < clock_timestamp() - interval '1 hour'"""

    async def seen(self, sha256: bytes, page: int, rotation: int, width: int) -> None:
        """Notes that somebody looks at the picture, at most once an hour."""
        await self._fetch(self._SEEN, sha256, page, rotation, width)

    # 1. clients: those who wait, each found by one look into the index.
    # 2. head: the first due order of one of them, chosen at random, so that many orders of one delay no other.
    # 3. It is put off by the lease: an engine that dies is followed.
    _CLAIM = f"""
        WITH RECURSIVE clients AS (
            (SELECT ordered_by FROM pictures WHERE picture IS NULL AND problem IS NULL ORDER BY ordered_by LIMIT 1)
            UNION ALL
            SELECT (SELECT pictures.ordered_by FROM pictures
                WHERE picture IS NULL AND problem IS NULL AND pictures.ordered_by > clients.ordered_by
                ORDER BY pictures.ordered_by LIMIT 1)
            FROM clients WHERE clients.ordered_by IS NOT NULL
        ), heads AS MATERIALIZED (
            SELECT head.*, random() AS lot FROM clients CROSS JOIN LATERAL (
                SELECT sha256, page, rotation, width FROM pictures
                WHERE picture IS NULL AND problem IS NULL AND pictures.ordered_by = clients.ordered_by
                  AND due_at <= clock_timestamp()
                ORDER BY due_at LIMIT 1
            ) AS head WHERE clients.ordered_by IS NOT NULL
        ), chosen AS MATERIALIZED (
            SELECT pictures.ctid FROM pictures JOIN heads USING (sha256, page, rotation, width)
            WHERE picture IS NULL AND problem IS NULL AND due_at <= clock_timestamp()
            ORDER BY lot LIMIT 1 FOR UPDATE OF pictures SKIP LOCKED
        )
        UPDATE pictures SET attempts = attempts + 1, due_at = clock_timestamp() + $1::interval,
            problem = CASE WHEN attempts >= {MOST_ATTEMPTS} THEN 'engines ended over it' END
        WHERE ctid = ANY (ARRAY(SELECT ctid FROM chosen))
        RETURNING sha256, page, rotation, width, longest, attempts, problem"""

    async def claim(self, lease_seconds: float) -> Order | None:
        """The order that is to be drawn next, for so long; None where there is none."""
        while found := await self._fetch(self._CLAIM, timedelta(seconds=lease_seconds)):
            *order, problem = found[0]
            if problem is None:
                return Order(*order)
        return None

    _FINISH = """
        UPDATE pictures SET picture = $5, problem = $6, seen_at = clock_timestamp()
        WHERE sha256 = $1 AND page = $2 AND rotation = $3 AND width = $4 AND attempts = $7
          AND picture IS NULL AND problem IS NULL"""

    async def finish(self, order: Order, drawn: Drawn) -> None:
        """Stores what came of an order; nothing where another engine has taken it since."""
        key = order.sha256, order.page, order.rotation, order.width
        await self._fetch(self._FINISH, *key, drawn.picture, drawn.problem, order.attempts)

    _NEXT = """
        SELECT extract(epoch FROM min(due_at) - clock_timestamp())::float8 FROM pictures
        WHERE picture IS NULL AND problem IS NULL"""

    async def seconds_to_next(self) -> float | None:
        """Seconds until an order is due, negative for one that is; None where there is none."""
        seconds: float | None = (await self._fetch(self._NEXT))[0][0]
        return seconds

    # Those that were seen last are kept as long as they fit; a problem may be gone by another version a week later.
    _PRUNE = """
        WITH kept AS (
            SELECT ctid, sum(octet_length(picture)) OVER (ORDER BY seen_at DESC, ctid) AS bytes
            FROM pictures WHERE picture IS NOT NULL
        )
        DELETE FROM pictures WHERE ctid = ANY (ARRAY(SELECT ctid FROM kept WHERE bytes > $1))
           OR (problem IS NOT NULL AND seen_at < clock_timestamp() - interval '7 days')
        RETURNING 1"""

    async def prune(self, most_bytes: int) -> int:
        """Removes the pictures that were not seen for the longest time until the rest has so few bytes; how many."""
        return len(await self._fetch(self._PRUNE, most_bytes))
