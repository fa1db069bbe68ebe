"""Expiries: jobs that are to be erased at a moment, whatever their state."""

from __future__ import annotations

from datetime import datetime

from ix.database.repository import Repository


class Expiries(Repository):
    """The table of expiries: set and lifted by clients, looked at by engines."""

    # a job that was erased meanwhile has no row to refer to: nothing is inserted then
    _SET = """
        INSERT INTO expiries (ix_id, erase_at)
        SELECT ix_id, clock_timestamp() + make_interval(secs => $2) FROM jobs WHERE ix_id = $1
        ON CONFLICT (ix_id) DO UPDATE SET erase_at = excluded.erase_at
        RETURNING erase_at"""

    async def set(self, ix_id: str, seconds: float) -> datetime | None:
        """Lets the job be erased in so many seconds; when that is, or None where there is no such job."""
        rows = await self._fetch(self._SET, ix_id, seconds)
        return rows[0]["erase_at"] if rows else None

    _LIFT = "DELETE FROM expiries WHERE ix_id = $1"

    async def lift(self, ix_id: str) -> None:
        """Lets the job stay, as if nobody had said when it goes."""
        await self._fetch(self._LIFT, ix_id)

    _OF = "SELECT erase_at FROM expiries WHERE ix_id = $1"

    async def of(self, ix_id: str) -> datetime | None:
        """When the job will be erased; None where nobody said so."""
        rows = await self._fetch(self._OF, ix_id)
        return rows[0]["erase_at"] if rows else None

    _DUE = "SELECT ix_id FROM expiries WHERE erase_at <= clock_timestamp() ORDER BY erase_at LIMIT $1"

    async def due(self, limit: int = 100) -> list[str]:
        """Up to `limit` jobs whose moment has come, the first ones first."""
        return [row["ix_id"] for row in await self._fetch(self._DUE, limit)]
