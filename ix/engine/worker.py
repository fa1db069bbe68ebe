"""The worker: runs jobs in slots and has their results stored; when it drains, nothing is lost and no attempt spent.

claimer ──claims──▶ slots ──attempt──▶ finisher
   ▲                  │ free             │ stored
   └──────────────────┴──────────────────┘
"""

from __future__ import annotations

import asyncio
from uuid import UUID

from ix.config import Settings
from ix.database.engines import Load
from ix.database.jobs import Jobs
from ix.engine.attempt import Attempts, Run
from ix.engine.claimer import Claimer
from ix.engine.finisher import Finisher
from ix.engine.slots import Slots

LAST_SECONDS = 1.5
"""Time that cancelled jobs get to end, and results on their way to be stored, once the drain's own time is up."""


class Worker:
    """Runs up to `engine_slots` jobs at once. `run` gives the answer of a claimed job; it may raise `TryAgain`.

    A result on its way takes no slot, so that work need not wait for the disk."""

    def __init__(self, settings: Settings, engine_id: UUID, jobs: Jobs, run: Run) -> None:
        self._jobs = jobs
        # a lambda, since the claimer is made with this finisher, and later
        self._finisher = Finisher(
            jobs, settings.retry_delay, lambda: self._claimer.look_if_it_pays(), settings.statement_timeout
        )
        self._slots = Slots(settings.engine_slots, Attempts(run, self._finisher).make)
        self._claimer = Claimer(jobs, engine_id, self._slots, self._finisher)

    @property
    def is_busy(self) -> bool:
        """Whether jobs run, or wait for a slot."""
        return bool(self._slots.busy or self._slots.prefetched)

    @property
    def load(self) -> Load:
        """How many jobs may run at once, and how many do."""
        return Load(self._slots.count, len(self._slots.busy))

    def wake(self) -> None:
        """Has work looked for at once; it may be called whenever there may be some."""
        self._claimer.wake()

    def claim_among_queues(self, among: bool) -> None:
        """Whether to claim jobs of use cases with a limit, too: some use case has one, or none has any more."""
        self._claimer.claim_among_queues(among)

    def interrupt(self, ix_id: str) -> None:
        """Ends the work on a job that was cancelled or erased: its result would be refused."""
        self._slots.interrupt(ix_id)

    async def drop_lost(self) -> None:
        """Ends the work on jobs that are not this engine's any more, in case nobody could tell it so. Raises what the
        database does."""
        if held := self._slots.claims:
            for ix_id in await self._jobs.lost(held):
                self.interrupt(ix_id)

    async def start(self) -> None:
        """Starts the slots and the claims, unless that was done before."""
        self._slots.start(self._claimer.job_ended)
        await self._claimer.start()

    async def stop(self) -> None:
        """Ends at once whatever runs; see `drain` for what may come to its end."""
        await asyncio.gather(self._claimer.stop(), self._slots.stop())
        self._finisher.stop()

    async def drain(self, seconds: float) -> None:
        """Claims nothing more, lets running jobs end for `seconds`, and gives the rest back with no attempt spent."""
        await self._claimer.stop_looking()
        # closed before the wait below: a slot that becomes free meanwhile would begin what is prefetched
        self._slots.close()
        unbegun = [*await self._claimer.last_claims(), *self._slots.take_prefetched()]
        await self._slots.wait_until_ended(seconds)
        late = self._slots.cancel()
        await asyncio.gather(self._slots.wait_until_ended(LAST_SECONDS), self._wait_until_stored(LAST_SECONDS))
        # late ones whose result was stored after all are among them: the fence refuses to give those back
        await self._claimer.give_back([*unbegun, *late])
        await self.stop()

    async def _wait_until_stored(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._finisher.wait_until_stored()
        except TimeoutError:
            self._finisher.stop()
