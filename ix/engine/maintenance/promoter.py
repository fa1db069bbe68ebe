"""The promoter: makes scheduled jobs pending when their time comes, to the moment and not at the next look."""

from __future__ import annotations

from ix.database.jobs import Jobs
from ix.engine.maintenance.timed import TimedActor


class Promoter(TimedActor):
    """Woken because a job was scheduled. Every engine promotes; one of them finds the job."""

    who = "promoter"
    shortest_sleep = 0.01

    def __init__(self, jobs: Jobs) -> None:
        super().__init__()
        self._jobs = jobs

    async def do_what_is_due(self) -> float | None:
        """Promotes what is due; seconds until the next job is."""
        seconds = await self._jobs.seconds_to_next_due()
        # again and again: one statement promotes 500 at most
        while seconds is not None and seconds <= 0:
            await self._jobs.promote()
            seconds = await self._jobs.seconds_to_next_due()
        return seconds
