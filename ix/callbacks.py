"""Callbacks: when a job ends, its envelope is posted to the address that its submission gave.

Delivery is at least once and never changes the job's status. The tries live in the engine that finished the job; should it die, another
engine finds the callback still pending and delivers it.
"""

from __future__ import annotations

import asyncio
import random

from ix.config import Settings
from ix.events import Event, say
from ix.job import CallbackStatus, Job
from ix.outbound import Outbound, Refused
from ix.repo import JobsRepo

FIRST_DELAY = 0.5
"""Seconds before the second try; each further one waits twice as long, times 0.5 to 1.5."""


class Callbacks:
    """Delivers callbacks in the background, each with `callback_retries` further tries."""

    def __init__(self, settings: Settings, repo: JobsRepo, outbound: Outbound) -> None:
        self._settings = settings
        self._repo = repo
        self._outbound = outbound
        self._tasks: dict[str, asyncio.Task[None]] = {}

    @property
    def overdue_after(self) -> float:
        """Seconds after which every try of a living engine is over, whatever the receiver did."""
        tries = self._settings.callback_retries + 1
        return tries * self._settings.callback_timeout + FIRST_DELAY * 1.5 * float(2**tries)

    def deliver(self, ix_id: str) -> None:
        """Starts the delivery of an ended job's envelope, unless it is under way here."""
        if ix_id not in self._tasks:
            task = asyncio.create_task(self._deliver(ix_id), name=f"callback {ix_id}")
            self._tasks[ix_id] = task
            task.add_done_callback(lambda _: self._tasks.pop(ix_id, None))

    async def stop(self, grace: float) -> None:
        """Lets deliveries end for `grace` seconds; what is left stays pending and is found later."""
        if tasks := list(self._tasks.values()):
            _, late = await asyncio.wait(tasks, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _deliver(self, ix_id: str) -> None:
        try:
            job = await self._repo.get(ix_id)
            if job is not None and job.callback_url is not None:
                status, number = await self._try(job, job.callback_url)
                await self._repo.update_callback_status(ix_id, status)
                delivered = status is CallbackStatus.DELIVERED
                say(Event.CALLBACK_DELIVERED if delivered else Event.CALLBACK_FAILED, ix_id=ix_id, number=number)
        except Exception as error:
            say(Event.LOOP_FAILED, loop="callbacks", ix_id=ix_id, error=error)

    async def _try(self, job: Job, url: str) -> tuple[CallbackStatus, int]:
        """How it went, and with which try."""
        body = job.model_copy(update={"callback_status": None}).model_dump_json().encode()
        tries = self._settings.callback_retries + 1
        for number in range(1, tries + 1):
            if number > 1:
                await asyncio.sleep(FIRST_DELAY * 2 ** (number - 2) * random.uniform(0.5, 1.5))
            try:
                await self._outbound.post(url, body)
            except Refused as refused:
                say(Event.CALLBACK_RETRY, ix_id=job.ix_id, number=number, why=refused)
            else:
                return CallbackStatus.DELIVERED, number
        return CallbackStatus.FAILED, tries
