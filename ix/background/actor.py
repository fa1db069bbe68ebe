"""The one start/stop contract of everything that runs in the background: a loop, in a task of its own, that goes on
whatever it raises."""

from __future__ import annotations

import asyncio
import random
from abc import ABC, abstractmethod
from contextvars import Context

from ix.telemetry.log import Event, log

RESTART_SECONDS = 1.0
"""Pause after a loop failed in a way that nobody foresaw."""


class Actor(ABC):
    """A loop in a task of its own. `start` and `stop` may each be called twice, and `stop` during `start`; after `stop`
    nothing is left."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    @abstractmethod
    async def run(self) -> None:
        """The loop; ended by cancellation."""

    @property
    def is_started(self) -> bool:
        """Whether it was started, and not stopped since."""
        return self._task is not None

    async def start(self) -> None:
        """Starts the loop, unless it runs already."""
        if self._task is None:
            # a context of its own: the request that happens to start an actor is not what the actor works on
            self._task = asyncio.create_task(self._run_for_ever(), name=type(self).__name__, context=Context())

    async def stop(self) -> None:
        """Ends the loop and returns when it has ended; a `start` meanwhile starts nothing."""
        if (task := self._task) is not None:
            task.cancel()
            # `await task` would raise the task's CancelledError here, as if the caller were cancelled
            await asyncio.wait([task])
            self._task = None if self._task is task else self._task

    async def _run_for_ever(self) -> None:
        while True:
            try:
                await self.run()
            except Exception as error:
                log(Event.LOOP_FAILED, loop=type(self).__name__, error=error)
            # also after a run that returned: it may return at once, every time
            await asyncio.sleep(RESTART_SECONDS)


def jittered(seconds: float) -> float:
    """`seconds` times 0.8 to 1.2, so that engines started together do not act together."""
    return seconds * random.uniform(0.8, 1.2)
