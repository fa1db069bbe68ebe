"""The sweeper: rescues the jobs of engines that are gone, and looks from time to time for what a notification may have
missed."""

from __future__ import annotations

import asyncio

from ix.background.actor import Actor, jittered
from ix.config import Settings
from ix.database.connect import DATABASE_ERRORS
from ix.database.jobs import Jobs, Orphan
from ix.telemetry.log import Event, log


class Sweeper(Actor):
    """Sweeps every `sweep_interval`. Every engine sweeps; rows are locked with SKIP LOCKED, so they do not get in each
    other's way."""

    def __init__(self, settings: Settings, repo: Jobs) -> None:
        super().__init__()
        self._settings = settings
        self._repo = repo

    async def run(self) -> None:
        """Sweeps for ever; a database that blinks only delays it."""
        suspects = False
        while True:
            await asyncio.sleep(self._settings.missing_grace if suspects else jittered(self._settings.sweep_interval))
            try:
                suspects = await self.sweep()
            except DATABASE_ERRORS as error:
                log(Event.DATABASE_UNREACHABLE, who="sweeper", error=error)

    async def sweep(self) -> bool:
        """One look. True where an engine may be found gone as soon as its grace is over."""
        orphans, suspects = await self._repo.sweep(self._settings.liveness_limit, self._settings.missing_grace)
        for orphan in orphans:
            self._tell(orphan)
        return suspects

    def _tell(self, orphan: Orphan) -> None:
        event = Event.ORPHAN_ENDED if orphan.ended else Event.ORPHAN_RESCUED
        log(event, ix_id=orphan.ix_id, attempts=orphan.attempts, cause=orphan.last_error)
