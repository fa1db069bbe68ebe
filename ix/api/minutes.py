"""The last minutes of a service or of a client, minute by minute. A minute that is over does not change, so that only
the last ones are read again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from time import monotonic
from typing import NamedTuple

from ix.api.recent import Recent
from ix.database import Database
from ix.database.keys import Caller
from ix.database.metrics import Minute, Queue
from ix.database.replica import Reads

MOST_MINUTES = 1440
"""A day."""
OPEN_MINUTES = 2
"""Minutes that may still change: the one that it is, and the one before, whose last ends may not be committed yet."""
SLICE = 60
"""Minutes that one statement reads."""
REREAD_SECONDS = 600.0
"""How long minutes of the last hour are told from memory: their jobs may be erased, or run again."""
MOST_CALLERS = 200
"""Callers, or rather what they may see, that are remembered at once."""


class Pulse(NamedTuple):
    """The last minutes, to the moment `as_of` where a replica told them, and what waits now."""

    minutes: Sequence[Minute]
    queue: Queue
    as_of: datetime | None = None


class _Scope(NamedTuple):
    client_id: str | None
    use_cases: frozenset[str] | None
    last: int


class Minutes:
    """Tells each caller its last minutes; one statement a second at most for all who see the same."""

    def __init__(self, reads: Reads, late: float = 0.0, clock: Callable[[], float] = monotonic) -> None:
        """`late`: seconds that what is read may be behind."""
        self._reads, self._late = reads, late
        self._clock = clock
        self._known: OrderedDict[_Scope, Recent[Pulse]] = OrderedDict()

    async def of(self, caller: Caller, last: int) -> Pulse:
        """So many minutes, up to a day, of the jobs that the caller sees. Raises what the database does."""
        scope = _Scope(caller.client_id, caller.use_cases, last)
        recent = self._known.pop(scope, None)
        if recent is None:
            recent = Recent(_Reading(self._reads, scope, self._late, self._clock).read, clock=self._clock)
        self._known[scope] = recent
        while len(self._known) > MOST_CALLERS:
            self._known.popitem(last=False)
        return await recent.get()


class _Reading:
    """What was read for one scope."""

    def __init__(self, reads: Reads, scope: _Scope, late: float, clock: Callable[[], float]) -> None:
        self._reads, self._scope, self._late, self._clock = reads, scope, late, clock
        self._minutes: dict[datetime, Minute] = {}
        self._began = self._read_at = float("-inf")

    async def read(self) -> Pulse:
        client_id, use_cases, last = self._scope
        now, steady = self._clock(), self._reads.steadily()
        for before in range(0, count := self._count(now), SLICE):
            read = await steady.ask(partial(_minutes, min(SLICE, count - before), before, client_id, use_cases))
            self._minutes.update((minute.at, minute) for minute in read)
        self._read_at = now
        known = sorted(self._minutes.values())[-last:]
        self._minutes = {minute.at: minute for minute in known}
        # few rows, and what waits is asked for because of this moment
        queue = await self._reads.primary.metrics.queue(client_id, use_cases)
        return Pulse(known, queue, steady.as_of)

    def _count(self, now: float) -> int:
        """How many minutes are to be read."""
        last = self._scope.last
        if not self._minutes:
            self._began = now
            return last
        if now - self._began > REREAD_SECONDS:
            self._began = now
            return min(last, SLICE)
        return min(last, OPEN_MINUTES + int((now - self._read_at + self._late) // 60) + 1)


async def _minutes(
    count: int, before: int, client_id: str | None, use_cases: frozenset[str] | None, there: Database
) -> Sequence[Minute]:
    return await there.metrics.minutes(count, before, client_id, use_cases)
