"""A job's time: its limit counts what works for it, and stands still while the job only waits for places."""

from __future__ import annotations

import asyncio

from ix.extraction.processes.waiting import Owner

SHORTEST_LOOK = 0.05
"""Pause between two looks at a limit that is nearly reached and stands still, seconds."""


class WorkTime:
    """The time of one job of an `owner`, from now on; at most `limit` seconds of it may be work.

    It stands still while a part of the job waits and none works; all else counts, so that a job that does anything
    without end comes to its limit. Parts say what they do by `mark` (see `ix.extraction.processes.waiting`)."""

    # as members of the class, since most jobs end without a use for them
    _waiting = _working = 0
    _waited = 0.0
    _still_since: float | None = None
    _timer: asyncio.TimerHandle | None = None

    def __init__(self, limit: float, owner: Owner = ()) -> None:
        self.limit, self.owner = limit, owner
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()

    def resolve_when_over(self, over: asyncio.Future[None]) -> None:
        """Resolves the future at the limit, unless `stop` comes before."""
        self._timer = self._loop.call_later(self.limit, self._look, over)

    def stop(self) -> None:
        """Looks at the limit no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self, over: asyncio.Future[None]) -> None:
        if pause := self.next_look:
            self._timer = self._loop.call_later(pause, self._look, over)
        elif not over.done():
            over.set_result(None)

    def mark(self, *, waiting: int = 0, working: int = 0) -> None:
        """So many more (or fewer) of the job's parts wait now, or work."""
        self._waiting += waiting
        self._working += working
        stands_still = self._waiting > 0 and self._working == 0
        if stands_still and self._still_since is None:
            self._still_since = self._loop.time()
        elif not stands_still and self._still_since is not None:
            self._waited += self._loop.time() - self._still_since
            self._still_since = None

    @property
    def waited(self) -> float:
        """How long it stood still, seconds."""
        still = self._loop.time() - self._still_since if self._still_since is not None else 0.0
        return self._waited + still

    @property
    def left(self) -> float:
        """Seconds of work until the limit."""
        return self.limit - (self._loop.time() - self._began - self.waited)

    @property
    def next_look(self) -> float:
        """Seconds until it can be over at the earliest; 0 where it is."""
        left = self.left
        if left <= 0:
            return 0.0
        # one that stands still a moment before its limit would be looked at without a pause
        return max(left, SHORTEST_LOOK) if self._still_since is not None else left
