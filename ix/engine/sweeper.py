"""The sweeper: rescues the jobs of engines that are gone, and looks from time to time for what a notification may have missed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg

from ix.actor import Actor, jittered
from ix.config import Settings
from ix.control import ControlRepo
from ix.db import TRANSIENT
from ix.events import Event, say
from ix.fleet import FleetRepo
from ix.repo import JobsRepo, Orphan

UPKEEP_SECONDS = 60.0
"""Time between looks for engines to forget and jobs to erase."""


class Sweeper(Actor):
    """Sweeps every `sweep_interval`. Every engine sweeps; rows are locked with SKIP LOCKED, so they do not get in each other's way."""

    def __init__(self, settings: Settings, repo: JobsRepo) -> None:
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
            except (*TRANSIENT, asyncpg.PostgresError) as error:
                say(Event.DATABASE_UNREACHABLE, who="sweeper", error=error)

    async def sweep(self) -> bool:
        """One look. True where an engine may be found gone as soon as its grace is over."""
        orphans, suspects = await self._repo.sweep(self._settings.liveness_limit, self._settings.missing_grace)
        for orphan in orphans:
            self._tell(orphan)
        return suspects

    def _tell(self, orphan: Orphan) -> None:
        event = Event.ORPHAN_ENDED if orphan.ended else Event.ORPHAN_RESCUED
        say(event, ix_id=orphan.ix_id, attempts=orphan.attempts, cause=orphan.cause)


class Lookout(Actor):
    """Does every `poll_interval`, jittered, what notifications tell the worker to do: they are hints and may be lost."""

    def __init__(self, settings: Settings, wake: Callable[[], None], drop_lost: Callable[[], Awaitable[None]]) -> None:
        super().__init__()
        self._settings = settings
        self._wake = wake
        self._drop_lost = drop_lost

    async def run(self) -> None:
        """Looks for ever."""
        while True:
            await asyncio.sleep(jittered(self._settings.poll_interval))
            self._wake()
            try:
                await self._drop_lost()
            except (*TRANSIENT, asyncpg.PostgresError) as error:
                say(Event.DATABASE_UNREACHABLE, who="lookout", error=error)


class Upkeep(Actor):
    """Once a minute: engines to forget, and jobs past their retention."""

    def __init__(self, settings: Settings, control: ControlRepo, fleet: FleetRepo) -> None:
        super().__init__()
        self._retention_days = settings.retention_days
        self._control = control
        self._fleet = fleet

    async def run(self) -> None:
        """Looks after things for ever."""
        while True:
            try:
                await self.look()
            except (*TRANSIENT, asyncpg.PostgresError) as error:
                say(Event.DATABASE_UNREACHABLE, who="upkeep", error=error)
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
            say(Event.JOBS_PRUNED, count=erased)
