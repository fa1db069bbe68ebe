"""What a stream has still to send. A subscription is conflating and bounded: it holds the latest state of each job, and
when there are too many, whatever its reader does, it forgets them all; the stream reads them from the table when its
reader is ready."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from contextlib import suppress
from typing import NamedTuple, TypeAlias

from ix.api.live.doing import is_current
from ix.job import JobHead, Progress

WAITING_LIMIT = 256
"""States that may wait for a reader."""
REMEMBERED = 512
"""Jobs of which a stream remembers what it sent last, so as not to send it twice."""


class Erased(NamedTuple):
    """A job that is no more."""

    ix_id: str


class Reviewed(NamedTuple):
    """The review of a job has changed. `points` are those still open, `version` the one of the review."""

    ix_id: str
    review: str | None
    points: int | None
    version: int | None


State: TypeAlias = "JobHead | Progress | Erased | Reviewed"


class Subscription:
    """`behind`: something may have been missed, and only the table knows what. `closed`: the stream is to end.
    `is_for`: whether jobs of a use case are there for the reader; others are passed over."""

    def __init__(self, is_for: Callable[[str], bool] = lambda _: True) -> None:
        self.is_for = is_for
        self.behind = False
        self.closed = False
        self._waiting: dict[str, State] = {}
        self._sent: OrderedDict[str, Hashable] = OrderedDict()
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, state: State) -> None:
        """Holds a state for the reader, in place of what is waiting of the same job."""
        key = _key(state)
        waiting = self._waiting.get(key)
        if (version_of(waiting) if waiting else self._sent.get(key)) == version_of(state):
            return
        self._forget(state)
        self._waiting[key] = state
        if len(self._waiting) > WAITING_LIMIT:
            self.fall_behind()
        self._changed.set()

    def knows(self, ix_id: str) -> bool:
        """Whether a state of the job was sent, or waits to be."""
        return ix_id in self._waiting or ix_id in self._sent

    def mark_sent(self, read: Iterable[JobHead]) -> list[JobHead]:
        """Those of these states, newer than anything that waits, which were not sent before; they count as sent."""
        fresh = []
        for head in (head for head in read if self.is_for(head.use_case)):
            self._forget(head)
            if self._sent.get(head.ix_id) != version_of(head):
                self._remember(head)
                fresh.append(head)
        return fresh

    def fall_behind(self) -> None:
        """Something may have been missed: the table is to be read."""
        self._waiting.clear()
        self.behind = True
        self._changed.set()

    def close(self) -> None:
        """Asks the stream to end, and wakes it for that."""
        self.closed = True
        self._changed.set()

    async def take(self, seconds: float) -> list[State]:
        """All that waits, once something does; nothing when the time is up, or the stream is behind or closed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        self._changed.clear()
        taken = list(self._waiting.values())
        self._waiting.clear()
        for state in taken:
            self._remember(state)
        return taken

    def _forget(self, state: State) -> None:
        """A new state of a job replaces the old one, and what the job was doing before it."""
        self._waiting.pop(_key(state), None)
        doing = self._waiting.get(_progress_key(state.ix_id))
        if not isinstance(doing, Progress) or isinstance(state, Progress | Reviewed):
            return
        if not isinstance(state, JobHead) or not is_current(doing, state):
            del self._waiting[_progress_key(state.ix_id)]

    def _remember(self, state: State) -> None:
        self._sent[_key(state)] = version_of(state)
        self._sent.move_to_end(_key(state))
        if len(self._sent) > REMEMBERED:
            # the one that was sent longest ago, which may then be sent once more
            self._sent.popitem(last=False)


def version_of(state: State) -> Hashable:
    """What makes two states of a job different ones."""
    if not isinstance(state, JobHead):
        return state
    moments = state.created_at, state.started_at, state.finished_at, state.run_at
    return state.status, state.attempts, *moments, state.review, state.points


def _key(state: State) -> str:
    if isinstance(state, Reviewed):
        return f"{state.ix_id} review"
    return _progress_key(state.ix_id) if isinstance(state, Progress) else state.ix_id


def _progress_key(ix_id: str) -> str:
    return f"{ix_id} progress"
