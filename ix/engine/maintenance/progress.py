"""Progress: the engine tells event streams what its long jobs are doing. Short jobs, nearly all of them, cost
nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from ix.background.periodic import RETRY_SECONDS, PeriodicActor
from ix.database.connect import DATABASE_ERRORS
from ix.database.jobs import Jobs
from ix.job import Claim, Progress

LONG_SECONDS = 0.5
"""A job is reported once it has run for so long."""
REPORT_SECONDS = 0.25
"""Time between two reports of one engine: steps that change more often are reported as they are then."""
REPEAT_SECONDS = 5.0
"""Time after which a step is reported once more, for streams that were opened since."""
LONGEST_STEP = 60
"""Characters of a step's name that are reported."""

Step = tuple[str | None, int | None, int | None]
"""The name of a step, how much of it is done, and of how much; None for what is not known."""


@dataclass(slots=True)
class Steps:
    """A running job's steps, the present one and the one that was reported last. `began` and `reported_at` are times of
    the loop, seconds."""

    claim: Claim
    began: float
    present: Step = (None, None, None)
    reported: Step | None = None
    reported_at: float = 0.0

    def step(self, name: str, done: int | None = None, of: int | None = None) -> None:
        """A step begins, or `done` of `of` parts of it are done."""
        self.present = name, done, of

    def progress(self) -> Progress:
        """The present step as it is reported: its name printable, and not too long."""
        name, done, of = self.present
        printable = name and "".join(letter if letter.isprintable() else " " for letter in name[:LONGEST_STEP])
        return Progress(ix_id=self.claim.ix_id, attempt=self.claim.attempts + 1, step=printable, done=done, of=of)

    def is_due(self, at: float) -> bool:
        """Whether there is something to report at the loop's time `at`: the job is a long one, and its step is new or
        was reported long ago."""
        is_new = self.reported != self.present or at - self.reported_at >= REPEAT_SECONDS
        return is_new and at - self.began >= LONG_SECONDS


class ProgressReporter(PeriodicActor):
    """Looks at the running jobs a few times a second, while there are any, and reports what is new with one statement.
    A report that fails is a hint lost, and comes again with the next one."""

    who = "progress"
    unreachable = DATABASE_ERRORS

    def __init__(self, jobs: Jobs) -> None:
        super().__init__()
        self._jobs = jobs
        self._running: dict[str, Steps] = {}
        self._any_run = asyncio.Event()

    def begin(self, claim: Claim) -> Steps:
        """The steps of a job that runs from now on."""
        self._running[claim.ix_id] = steps = Steps(claim, asyncio.get_running_loop().time())
        self._any_run.set()
        return steps

    def end(self, steps: Steps) -> None:
        """The job runs no more."""
        # the same job may have been claimed again while a use case that does not notice its end still runs
        if self._running.get(steps.claim.ix_id) is steps:
            del self._running[steps.claim.ix_id]

    async def pause(self) -> None:
        """Waits until a job runs, and a moment longer."""
        await self._any_run.wait()
        await asyncio.sleep(REPORT_SECONDS)
        if not self._running:
            self._any_run.clear()

    async def look(self) -> None:
        """Reports the steps that are new, and those that were reported long ago."""
        at = asyncio.get_running_loop().time()
        due = [(steps, steps.present) for steps in self._running.values() if steps.is_due(at)]
        if due:
            await self._jobs.tell_progress([(steps.claim, steps.progress()) for steps, _ in due])
        for steps, present in due:
            # what was reported, not what is present now: it may have changed meanwhile
            steps.reported, steps.reported_at = present, at

    async def recover(self) -> None:
        await asyncio.sleep(RETRY_SECONDS)
