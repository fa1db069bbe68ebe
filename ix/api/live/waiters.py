"""Requests that hold their answer until a job has ended. No query while they wait; where notifications do not arrive,
one query a second for all of them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import suppress

from ix.api.live.notifications import Notifications
from ix.database.channels import ENDED_CHANNEL
from ix.database.connect import DATABASE_ERRORS
from ix.database.jobs import Jobs
from ix.job import Job, Status
from ix.telemetry.log import Event, log

ENDED = frozenset({Status.DONE, Status.ERROR, Status.CANCELLED})


class Waiters:
    """A waiter registers, reads its job, waits to be woken, reads again. After the notifications' connection was lost
    all of them read again. `readers`: how many may read at once."""

    def __init__(self, notifications: Notifications, jobs: Jobs, readers: int) -> None:
        self._notifications = notifications
        self._jobs = jobs
        # thousands may be woken at once: they share this, and leave the pool's line to requests
        self._reading = asyncio.Semaphore(readers)
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._answering_all = False
        notifications.subscribers.append(self)

    async def wait(self, job: Job, seconds: float) -> Job:
        """The job once it has ended, or as it is after `seconds`."""
        if job.status in ENDED or seconds <= 0 or self._answering_all:
            return job
        await self._notifications.start()
        woken = asyncio.Event()
        self._waiting[job.ix_id].add(woken)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    return await self._until_ended(job, woken)
        finally:
            self._forget(job.ix_id, woken)
        # the time is up: the answer is how the job is now, not how it was at the beginning
        return await self._read(job)

    def heard(self, channel: str, payload: str) -> None:
        """Some jobs have ended: wakes who waits for them."""
        if channel == ENDED_CHANNEL:
            for ix_id in payload.split():
                self._wake(ix_id)

    def missed(self) -> None:
        """Any job may have ended: wakes all."""
        for ix_id in list(self._waiting):
            self._wake(ix_id)

    async def poll(self) -> None:
        """Asks which of the jobs have ended, in one query."""
        try:
            for ix_id in await self._jobs.ended(list(self._waiting)) if self._waiting else ():
                self._wake(ix_id)
        except DATABASE_ERRORS as error:
            log(Event.DATABASE_UNREACHABLE, who="web", error=error)

    def answer_all(self) -> None:
        """Lets no request wait any more, each is answered with its job as it is: the process is about to end."""
        self._answering_all = True
        self.missed()

    async def _until_ended(self, job: Job, woken: asyncio.Event) -> Job:
        # what ended before the connection listens is found by this read, what ends after it is heard
        await self._notifications.connected.wait()
        while True:
            # before the read: an end that is told of during it wakes the wait below
            woken.clear()
            job = await self._read(job)
            if job.status in ENDED or self._answering_all:
                return job
            await woken.wait()

    async def _read(self, job: Job) -> Job:
        async with self._reading:
            # erased meanwhile: its waiters get what was known of it, when their time is up
            return await self._jobs.get(job.ix_id) or job

    def _wake(self, ix_id: str) -> None:
        for woken in self._waiting.get(ix_id, ()):
            woken.set()

    def _forget(self, ix_id: str, woken: asyncio.Event) -> None:
        self._waiting[ix_id].discard(woken)
        if not self._waiting[ix_id]:
            del self._waiting[ix_id]
