"""Actors that sleep until something is due, or until they are woken because something new is."""

from __future__ import annotations

import asyncio
from abc import abstractmethod

from ix.background.actor import Actor, jittered
from ix.database.connect import DATABASE_ERRORS
from ix.telemetry.log import Event, log

LONGEST_SLEEP = 30.0
"""Seconds after which an actor looks although nobody said anything, jittered."""
RETRY_SECONDS = 1.0
"""Pause after a look that the database did not answer."""


class TimedActor(Actor):
    """Looks, sleeps until the next thing is due, and looks again. `who` is its name in the log, `shortest_sleep`
    seconds."""

    who: str
    shortest_sleep: float

    def __init__(self) -> None:
        super().__init__()
        self._awake = asyncio.Event()

    @abstractmethod
    async def look(self) -> float | None:
        """Does what is due; seconds until the next thing is, None where nothing is known to be."""

    def wake(self) -> None:
        """There may be something new."""
        self._awake.set()

    async def run(self) -> None:
        """Looks for ever; a database that blinks only delays it."""
        while True:
            self._awake.clear()
            try:
                seconds = await self.look()
            except DATABASE_ERRORS as error:
                log(Event.DATABASE_UNREACHABLE, who=self.who, error=error)
                seconds = RETRY_SECONDS
            await self._rest(
                LONGEST_SLEEP if seconds is None else min(max(seconds, self.shortest_sleep), LONGEST_SLEEP)
            )

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds if seconds < LONGEST_SLEEP else jittered(seconds)):
                await self._awake.wait()
        except TimeoutError:
            return
