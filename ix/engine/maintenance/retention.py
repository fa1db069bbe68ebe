"""TODO."""

from __future__ import annotations

import asyncio

from ix.background.actor import Actor, jittered
from ix.config import Settings
from ix.database.connect import DATABASE_ERRORS
from ix.database.engines import Engines
from ix.database.jobs import Jobs
from ix.telemetry.log import Event, log

UPKEEP_SECONDS = 60.0
"""Time between looks for engines to forget and jobs to erase."""


class Retention(Actor):
    """Once a minute: engines to forget, and jobs past their retention."""

    def __init__(self, settings: Settings, control: Jobs, fleet: Engines) -> None:
        super().__init__()
        self._retention_days = settings.retention_days
        self._control = control
        self._fleet = fleet

    async def run(self) -> None:
        """Looks after things for ever."""
        while True:
            try:
                await self.look()
            except DATABASE_ERRORS as error:
                log(Event.DATABASE_UNREACHABLE, who="upkeep", error=error)
            await asyncio.sleep(jittered(UPKEEP_SECONDS))

    async def look(self) -> None:
        """One look."""
        await self._fleet.forget_gone()
        if self._retention_days:
            await self._prune()

    async def _prune(self) -> None:
        """In small batches, so that no lock is held for long."""
        erased = 0
        while found := await self._control.prune(self._retention_days):
            erased += found
        if erased:
            log(Event.JOBS_PRUNED, count=erased)
