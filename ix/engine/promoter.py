"""The promoter: makes scheduled jobs pending when their time comes, to the moment and not at the next look."""

from __future__ import annotations

import asyncio

import asyncpg

from ix.actor import Actor, jittered
from ix.db import TRANSIENT
from ix.events import Event, say
from ix.repo import JobsRepo

SHORTEST_SLEEP, LONGEST_SLEEP = 0.01, 30.0
"""Seconds between looks: for a job that is due in a moment, and where nobody said anything."""


class Promoter(Actor):
    """Sleeps until the next job is due, or until it is woken because one was scheduled. Every engine promotes; one finds the job."""

    def __init__(self, repo: JobsRepo) -> None:
        super().__init__()
        self._repo = repo
        self._awake = asyncio.Event()

    def wake(self) -> None:
        """A job waits for its time."""
        self._awake.set()

    async def run(self) -> None:
        """Promotes for ever; a database that blinks only delays it."""
        while True:
            self._awake.clear()
            try:
                pause = await self._look()
            except (*TRANSIENT, asyncpg.PostgresError) as error:
                say(Event.DATABASE_UNREACHABLE, who="promoter", error=error)
                pause = 1.0
            await self._rest(pause)

    async def _look(self) -> float:
        """Promotes what is due; seconds until the next may be."""
        seconds = await self._repo.seconds_to_next_due()
        while seconds is not None and seconds <= 0:
            await self._repo.promote()
            seconds = await self._repo.seconds_to_next_due()
        return LONGEST_SLEEP if seconds is None else min(max(seconds, SHORTEST_SLEEP), LONGEST_SLEEP)

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds if seconds < LONGEST_SLEEP else jittered(seconds)):
                await self._awake.wait()
        except TimeoutError:
            return
