"""What a monitor is told of the whole service: read at most once a second, however many ask and in whatever form.

measures     each number once: name, unit, labels, and where it stands in what was read
prometheus   the same as Prometheus's text
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ix.api.measuring.measures import Snapshot
from ix.api.recent import Recent
from ix.config import Settings
from ix.database import Database
from ix.database.caps import Capped
from ix.database.connect import DATABASE_ERRORS
from ix.database.metrics import Waiting


class Monitor:
    """Reads what is measured. A database that does not say all of it within `acquire_timeout` does not answer: a
    monitor, which has a time limit of its own, is to hear of that."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._waiting = Recent(database.metrics.waiting)
        self._snapshot = Recent(self._read)

    async def waiting(self) -> Sequence[Waiting]:
        """What waits, by use case and client. Raises what the database does."""
        return await self._waiting.get()

    async def snapshot(self) -> Snapshot:
        """All that is measured; an empty one where the database does not answer."""
        return await self._snapshot.get()

    async def _today(self) -> Sequence[Capped]:
        """What clients had today, with the caps of the settings where they have none of their own."""
        jobs, pages = self._settings.day_jobs, self._settings.day_pages
        return [
            one._replace(jobs=jobs if one.jobs is None else one.jobs, pages=pages if one.pages is None else one.pages)
            for one in await self._database.caps.busiest()
        ]

    async def _read(self) -> Snapshot:
        metrics, tallies = self._database.metrics, self._database.tallies
        try:
            async with asyncio.timeout(self._settings.acquire_timeout):
                # one after the other: a monitor is to have one connection at a time, however slow the database
                now = await metrics.read(self._settings.liveness_limit)
                return Snapshot(now, await self.waiting(), await tallies.totals(), await self._today())
        except DATABASE_ERRORS:
            return Snapshot()
