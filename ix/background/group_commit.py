"""Group commit: arrivals during a flush in flight share the next one, and nothing waits when nothing is in flight.

add ──▶ waiting ──as many as a batch may hold──▶ flushing ──▶ done, and the next batch
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from itertools import islice
from typing import Generic, TypeVar

Item = TypeVar("Item")


class GroupCommit(Generic[Item]):
    """Hands items to `flush` in the order of their arrival, one batch at a time, and calls `flushed` after each.
    `flush` must not raise. `size` counts the items that have come and are not flushed.

    A batch holds at most `limit` items; where `weigh` is given their weights add up to `weight_limit` at most, unless
    one item alone is heavier."""

    def __init__(
        self,
        flush: Callable[[Sequence[Item]], Awaitable[None]],
        *,
        limit: int,
        weigh: Callable[[Item], int] | None = None,
        weight_limit: int = 0,
        flushed: Callable[[], None] = lambda: None,
    ) -> None:
        self._flush = flush
        self._flushed = flushed
        self._limit = limit
        self._weigh = weigh
        self._weight_limit = weight_limit
        self._waiting: deque[Item] = deque()
        self._flushing: Sequence[Item] = ()
        self._task: asyncio.Task[None] | None = None
        self.size = 0

    def add(self, item: Item) -> None:
        """Puts the item into the next batch."""
        self._waiting.append(item)
        self.size += 1
        if self._task is None:
            # a context of its own: a flush works for many callers, and must not log under the name of the first
            self._task = asyncio.create_task(self._flush_all(), context=Context())

    @property
    def items(self) -> list[Item]:
        """Those that have come and are not flushed, in order."""
        return [*self._flushing, *self._waiting]

    @property
    def is_flushing(self) -> bool:
        """Whether anything is in flight."""
        return self._task is not None

    async def drain(self) -> None:
        """Returns when nothing is in flight."""
        while self._task is not None:
            await asyncio.wait([self._task])

    def stop(self) -> None:
        """Cancels the flush in flight; what it was about, and what waits, may or may not have come to its end."""
        if self._task is not None:
            self._task.cancel()

    async def _flush_all(self) -> None:
        try:
            # nothing is awaited from this look to the end of the task, so that `add` cannot leave an item in between
            while self._waiting:
                self._flushing = self._next_batch()
                await self._flush(self._flushing)
                self.size -= len(self._flushing)
                self._flushing = ()
                self._flushed()
        finally:
            self._flushing, self._task = (), None

    def _next_batch(self) -> list[Item]:
        count = min(len(self._waiting), self._limit)
        if self._weigh is not None:
            count = self._light_enough(count, self._weigh)
        return [self._waiting.popleft() for _ in range(count)]

    def _light_enough(self, count: int, weigh: Callable[[Item], int]) -> int:
        """As many of the first `count` items as are not too heavy together, but at least one."""
        weight = 0
        for number, item in enumerate(islice(self._waiting, count)):
            weight += weigh(item)
            if number > 0 and weight > self._weight_limit:
                return number
        return count
