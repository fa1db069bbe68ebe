"""The sweeper: rescues the jobs of engines that are gone.

An engine whose lock is free is a suspect, and gone when the lock stays free for the grace: then the sweeper comes back
for it sooner than usual. It is gone, too, when its heartbeat is older than the liveness limit."""

from __future__ import annotations

import asyncio

from ix.background.actor import jittered
from ix.background.periodic import PeriodicActor
from ix.config import Settings
from ix.database.connect import DATABASE_ERRORS
from ix.database.jobs import Jobs, Orphan
from ix.telemetry.log import Event, log


class Sweeper(PeriodicActor):
    """Sweeps every `sweep_interval`. Every engine sweeps; rows are locked with SKIP LOCKED, so they do not get in each
    other's way."""

    who = "sweeper"
    unreachable = DATABASE_ERRORS

    def __init__(self, settings: Settings, jobs: Jobs) -> None:
        super().__init__()
        self._settings = settings
        self._jobs = jobs
        self._has_suspects = False

    async def pause(self) -> None:
        """Waits the usual interval, or only the grace where there are suspects."""
        settings = self._settings
        await asyncio.sleep(settings.missing_grace if self._has_suspects else jittered(settings.sweep_interval))

    async def look(self) -> None:
        """Gives the jobs of engines that are gone back, or ends them where no attempt is left."""
        sweep = await self._jobs.sweep(self._settings.liveness_limit, self._settings.missing_grace)
        self._has_suspects = sweep.suspects
        for orphan in sweep.orphans:
            _log(orphan)


def _log(orphan: Orphan) -> None:
    event = Event.ORPHAN_ENDED if orphan.ended else Event.ORPHAN_RESCUED
    log(event, ix_id=orphan.ix_id, attempts=orphan.attempts, cause=orphan.last_error)
