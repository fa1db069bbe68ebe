"""Loops that sleep until something is due, or until they are woken because something new is."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from typing import ClassVar

from ix.background.actor import jittered
from ix.background.periodic import RETRY_SECONDS, PeriodicActor
from ix.database.connect import DATABASE_ERRORS

LONGEST_SLEEP = 30.0
"""Seconds after which an actor looks although nobody said anything, jittered."""


class TimedActor(PeriodicActor):
    """Does what is due, sleeps until the next thing is, at least `shortest_sleep` seconds, and does that."""

    unreachable = DATABASE_ERRORS
    looks_at_once = True
    shortest_sleep: ClassVar[float]

    def __init__(self) -> None:
        super().__init__()
        self._awake = asyncio.Event()
        self._sleep: float | None = None

    @abstractmethod
    async def do_what_is_due(self) -> float | None:
        """Does it; seconds until the next thing is due, None where nothing is known to be."""

    def wake(self) -> None:
        """There may be something new."""
        self._awake.set()

    async def look(self) -> None:
        """Does what is due, and notes how long it may sleep."""
        # before the look: what happens during it wakes the sleep after it
        self._awake.clear()
        self._sleep = await self.do_what_is_due()

    async def recover(self) -> None:
        self._sleep = RETRY_SECONDS

    async def pause(self) -> None:
        # at least the shortest: what another engine has locked just now is overdue, and passed over by each look
        seconds = LONGEST_SLEEP if self._sleep is None else max(self._sleep, self.shortest_sleep)
        try:
            async with asyncio.timeout(seconds if seconds < LONGEST_SLEEP else jittered(LONGEST_SLEEP)):
                await self._awake.wait()
        except TimeoutError:
            return
