"""The gatherer: ends jobs that were split when the last of their parts has ended, and their callbacks go.

Each end of a part is told to every engine. Whoever looks after the last of these ends was committed finds the parent,
and one of those who look gets it; a notification that is lost is made up for by the look that comes unasked."""

from __future__ import annotations

from ix.database.jobs import Jobs
from ix.engine.maintenance.timed import TimedActor
from ix.telemetry.log import Event, log


class Gatherer(TimedActor):
    """Woken because a part has ended."""

    who = "gatherer"
    shortest_sleep = 0.01

    def __init__(self, jobs: Jobs) -> None:
        super().__init__()
        self._jobs = jobs

    async def do_what_is_due(self) -> float | None:
        """Ends the parents whose parts have all ended; when the next one will is not known."""
        # again and again: one statement ends 100 at most
        while ended := await self._jobs.gather():
            for ix_id in ended:
                log(Event.PARENT_ENDED, ix_id=ix_id)
        return None
