"""The pace: how many jobs an engine may claim ahead of its slots, from how many it came to the end of lately."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

AHEAD_SECONDS = 0.05
"""What is claimed ahead is what these last so long for: no other engine misses it meanwhile."""
MOST_AHEAD = 500
WINDOW_SECONDS = 0.02
"""Time over which ends are counted."""


class PrefetchWindow:
    """Jobs a second; what was before the last window counts half, and less the longer the window was."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._since = clock()
        self._ended = 0
        self._per_second = 0.0

    def count(self) -> None:
        """One more has come to its end."""
        self._ended += 1

    def ahead(self) -> int:
        """Jobs that take `AHEAD_SECONDS` at this pace; none where they are longer than that."""
        now = self._clock()
        if (passed := now - self._since) >= WINDOW_SECONDS:
            weight = 0.5 ** (passed / WINDOW_SECONDS)
            self._per_second = self._per_second * weight + self._ended / passed * (1 - weight)
            self._since, self._ended = now, 0
        return min(int(self._per_second * AHEAD_SECONDS), MOST_AHEAD)

    def forget(self) -> None:
        """The jobs are not what they were."""
        self._per_second, self._since, self._ended = 0.0, self._clock(), 0
