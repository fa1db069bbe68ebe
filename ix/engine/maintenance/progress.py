"""Progress: the engine tells event streams what its long jobs are doing. Short jobs, nearly all of them, cost
nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from ix.background.actor import Actor
from ix.database.connect import DATABASE_ERRORS
from ix.database.jobs import Jobs
from ix.job import Claim, Progress
from ix.telemetry.log import Event, log

LONG_SECONDS = 0.5
"""A job is told of once it has run for so long."""
TICK_SECONDS = 0.25
"""Time between two tellings of one engine: steps that change more often are told as they are then."""
REPEAT_SECONDS = 5.0
"""Time after which a step is told once more, for streams that were opened since."""
RETRY_SECONDS = 1.0
"""Pause after a telling that the database did not answer."""
LONGEST_STEP = 60
"""Characters of a step's name that are told."""


@dataclass(slots=True)
class Steps:
    """A running job's steps. `began` and `told_at` are the loop's time, seconds."""

    claim: Claim
    began: float
    now: tuple[str | None, int | None, int | None] = (None, None, None)
    told: object = None
    told_at: float = 0.0

    def step(self, name: str, done: int | None = None, of: int | None = None) -> None:
        """The step that begins, or how much of it is done."""
        self.now = name, done, of

    def progress(self) -> Progress:
        """What there is to tell."""
        name, done, of = self.now
        printable = name and "".join(letter if letter.isprintable() else " " for letter in name[:LONGEST_STEP])
        return Progress(ix_id=self.claim.ix_id, attempt=self.claim.attempts + 1, step=printable, done=done, of=of)

    def is_news(self, at: float) -> bool:
        """Whether there is something to tell."""
        return at - self.began >= LONG_SECONDS and (self.told != self.now or at - self.told_at >= REPEAT_SECONDS)


class ProgressReporter(Actor):
    """Looks at the running jobs a few times a second, while there are any, and tells what is new with one statement."""

    def __init__(self, feed: Jobs) -> None:
        super().__init__()
        self._feed = feed
        self._running: dict[str, Steps] = {}
        self._busy = asyncio.Event()

    def begin(self, claim: Claim) -> Steps:
        """The steps of a job that runs from now on."""
        self._running[claim.ix_id] = steps = Steps(claim, asyncio.get_running_loop().time())
        self._busy.set()
        return steps

    def end(self, steps: Steps) -> None:
        """The job runs no more."""
        if self._running.get(steps.claim.ix_id) is steps:
            del self._running[steps.claim.ix_id]

    async def run(self) -> None:
        """Tells for ever. A telling that fails is a hint lost, and comes again with the next one."""
        while True:
            await self._busy.wait()
            await asyncio.sleep(TICK_SECONDS)
            if not self._running:
                self._busy.clear()
            try:
                await self._tell()
            except DATABASE_ERRORS as error:
                log(Event.DATABASE_UNREACHABLE, who="teller", error=error)
                await asyncio.sleep(RETRY_SECONDS)

    async def _tell(self) -> None:
        at = asyncio.get_running_loop().time()
        news = [(steps, steps.now) for steps in self._running.values() if steps.is_news(at)]
        if news:
            await self._feed.tell_progress([(steps.claim, steps.progress()) for steps, _ in news])
        for steps, now in news:
            steps.told, steps.told_at = now, at
