"""The sweeper: rescues the jobs of engines that are gone.

An engine whose lock is free is a suspect, and gone when the lock stays free for the grace: then the sweeper comes back
for it sooner than usual. It is gone, too, when its heartbeat is older than the liveness limit.

While the database does not answer, nobody's heartbeat arrives, and nobody's lock stays. So nobody is judged until it
has answered again for as long as the living need to connect."""

from __future__ import annotations

import asyncio

from ix.background.actor import jittered
from ix.background.periodic import PeriodicActor
from ix.config import LONGEST, Settings
from ix.database.connect import DATABASE_ERRORS
from ix.database.jobs import Jobs, Orphan
from ix.telemetry.log import Event, log

SETTLING_SECONDS = 3.0
"""Time after which every listener has connected again, and said that its engine lives (`RECONNECT_SECONDS`)."""


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
        self._lost_at = float("-inf")

    async def pause(self) -> None:
        """Waits the usual interval, or only the grace where there are suspects."""
        settings = self._settings
        await asyncio.sleep(settings.missing_grace if self._has_suspects else jittered(settings.sweep_interval))

    async def look(self) -> None:
        """Gives the jobs of engines that are gone back, or ends them where no attempt is left."""
        sweep = await self._jobs.sweep(*self._limits())
        self._has_suspects = sweep.suspects
        for orphan in sweep.orphans:
            _log(orphan)

    async def recover(self) -> None:
        """The database does not answer, or takes no writes."""
        self._lost_at = asyncio.get_running_loop().time()

    def _limits(self) -> tuple[float, float]:
        """The liveness limit and the grace; nobody exceeds either of them while the database is back only just now."""
        if asyncio.get_running_loop().time() - self._lost_at < SETTLING_SECONDS:
            return LONGEST, LONGEST
        return self._settings.liveness_limit, self._settings.missing_grace


def _log(orphan: Orphan) -> None:
    event = Event.ORPHAN_ENDED if orphan.ended else Event.ORPHAN_RESCUED
    log(event, ix_id=orphan.ix_id, attempts=orphan.attempts, cause=orphan.last_error)
