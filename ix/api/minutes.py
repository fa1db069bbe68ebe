"""The last minutes of a service or of a client, minute by minute. A minute that is over does not change, so that only
the last ones are read again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime
from time import monotonic
from typing import NamedTuple

from ix.api.recent import Recent
from ix.database.keys import Caller
from ix.database.metrics import Metrics, Minute, Queue

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
    """The last minutes, and what waits."""

    minutes: Sequence[Minute]
    queue: Queue


class _Scope(NamedTuple):
    client_id: str | None
    use_cases: frozenset[str] | None
    last: int


class Minutes:
    """Tells each caller its last minutes; one statement a second at most for all who see the same."""

    def __init__(self, metrics: Metrics, clock: Callable[[], float] = monotonic) -> None:
        self._metrics = metrics
        self._clock = clock
        self._known: OrderedDict[_Scope, Recent[Pulse]] = OrderedDict()

    async def of(self, caller: Caller, last: int) -> Pulse:
        """So many minutes, up to a day, of the jobs that the caller sees. Raises what the database does."""
        scope = _Scope(caller.client_id, caller.use_cases, last)
        recent = self._known.pop(scope, None)
        if recent is None:
            recent = Recent(_Reading(self._metrics, scope, self._clock).read, clock=self._clock)
        self._known[scope] = recent
        while len(self._known) > MOST_CALLERS:
            self._known.popitem(last=False)
        return await recent.get()


class _Reading:
    """What was read for one scope."""

    def __init__(self, metrics: Metrics, scope: _Scope, clock: Callable[[], float]) -> None:
        self._metrics, self._scope, self._clock = metrics, scope, clock
        self._minutes: dict[datetime, Minute] = {}
        self._began = self._read_at = float("-inf")

    async def read(self) -> Pulse:
        client_id, use_cases, last = self._scope
        now = self._clock()
        for before in range(0, count := self._count(now), SLICE):
            read = await self._metrics.minutes(min(SLICE, count - before), before, client_id, use_cases)
            self._minutes.update((minute.at, minute) for minute in read)
        self._read_at = now
        known = sorted(self._minutes.values())[-last:]
        self._minutes = {minute.at: minute for minute in known}
        return Pulse(known, await self._metrics.queue(client_id, use_cases))

    def _count(self, now: float) -> int:
        """How many minutes are to be read."""
        last = self._scope.last
        if not self._minutes:
            self._began = now
            return last
        if now - self._began > REREAD_SECONDS:
            self._began = now
            return min(last, SLICE)
        return min(last, OPEN_MINUTES + int((now - self._read_at) // 60) + 1)
