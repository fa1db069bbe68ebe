"""Prefetching: how many jobs an engine may claim beyond its free slots, from how many it came to the end of lately."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

PREFETCH_SECONDS = 0.05
"""What is prefetched is what these last so long for: no other engine misses it meanwhile."""
MOST_PREFETCHED = 500
"""Claims of one statement beyond which sharing it brings nothing more."""
RATE_SECONDS = 0.02
"""Time over which ends are counted before they change the rate."""


class PrefetchWindow:
    """The rate at which jobs end, and the number of jobs that may be prefetched at this rate.

    The rate is a moving average: what was before the last `RATE_SECONDS` counts half, and less the longer they were."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._since = clock()
        self._ended = 0
        self._per_second = 0.0

    def count(self) -> None:
        """One more job has come to its end."""
        self._ended += 1

    def size(self) -> int:
        """Jobs that take `PREFETCH_SECONDS` at the present rate; 0 where each takes longer than that."""
        now = self._clock()
        if (passed := now - self._since) >= RATE_SECONDS:
            weight = 0.5 ** (passed / RATE_SECONDS)
            self._per_second = self._per_second * weight + self._ended / passed * (1 - weight)
            self._since, self._ended = now, 0
        return min(int(self._per_second * PREFETCH_SECONDS), MOST_PREFETCHED)

    def reset(self) -> None:
        """The jobs to come are not like those that ended: the rate is measured anew."""
        self._per_second, self._since, self._ended = 0.0, self._clock(), 0
