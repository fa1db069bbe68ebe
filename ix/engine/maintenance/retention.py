"""Retention: jobs that ended long ago are erased, and engines that are gone and owe nothing are forgotten."""

from __future__ import annotations

import asyncio

from ix.background.actor import jittered
from ix.background.periodic import PeriodicActor
from ix.config import Settings
from ix.database.connect import DATABASE_ERRORS
from ix.database.engines import Engines
from ix.database.jobs import Jobs
from ix.telemetry.log import Event, log

INTERVAL_SECONDS = 60.0
"""Time between looks for engines to forget and jobs to erase, jittered."""


class Retention(PeriodicActor):
    """Once a minute, in every engine: whoever comes first finds what there is."""

    who = "retention"
    unreachable = DATABASE_ERRORS
    looks_at_once = True

    def __init__(self, settings: Settings, jobs: Jobs, engines: Engines) -> None:
        super().__init__()
        self._retention_days = settings.retention_days
        self._liveness_limit = settings.liveness_limit
        self._jobs = jobs
        self._engines = engines

    async def pause(self) -> None:
        await asyncio.sleep(jittered(INTERVAL_SECONDS))

    async def look(self) -> None:
        """Forgets engines, and erases jobs where the settings limit how long they are kept."""
        await self._engines.forget_gone(self._liveness_limit)
        if self._retention_days:
            await self._prune()

    async def _prune(self) -> None:
        """In small batches, so that no lock is held for long."""
        erased = 0
        while found := await self._jobs.prune(self._retention_days):
            erased += found
        if erased:
            log(Event.JOBS_PRUNED, count=erased)
