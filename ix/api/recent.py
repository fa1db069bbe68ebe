"""What many ask for at once is read once, and told to all of them for a moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    """What `read` gave in the last `seconds`, which is never None. Whoever asks while it is being read waits for the
    same answer, or for the same error."""

    def __init__(
        self, read: Callable[[], Awaitable[T]], seconds: float = 1.0, clock: Callable[[], float] = monotonic
    ) -> None:
        self._read = read
        self._seconds = seconds
        self._clock = clock
        self._began = float("-inf")
        self._task: asyncio.Task[T] | None = None

    async def get(self) -> T:
        """The answer. Raises what `read` does."""
        if (known := self.known()) is not None:
            return known
        task = self._task
        if task is None or task.done():
            self._began = self._clock()
            task = self._task = asyncio.create_task(self._of_read())
        # shielded: who goes away does not take the answer from the others
        return await asyncio.shield(task)

    def known(self) -> T | None:
        """The answer, where it need not be waited for; None where it must."""
        task = self._task
        if task is None or not task.done() or self._clock() - self._began >= self._seconds or _failed(task):
            return None
        return task.result()

    def forget(self) -> None:
        """What was read holds no more."""
        self._task = None

    async def _of_read(self) -> T:
        return await self._read()


def _failed(task: asyncio.Task[T]) -> bool:
    return task.cancelled() or task.exception() is not None
