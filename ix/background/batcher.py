"""Many callers, one commit: arrivals during a commit in flight share the next one, and nothing waits when nothing is in
flight."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


class Batcher(Generic[Item, Outcome]):
    """Turns `run(items) -> outcomes` (same order) into a call for one item.

    `limit` bounds the items of one batch and `weight_limit` the sum of their `weigh`, so that large documents do not
    pile up in one statement. A batch that fails is tried again item by item, so that one bad item cannot fail its
    neighbours; not after a `transient` error, which all of them would meet. A caller that is cancelled leaves its item
    in the batch: what was asked for may still happen."""

    def __init__(
        self,
        run: Callable[[Sequence[Item]], Awaitable[Sequence[Outcome]]],
        *,
        limit: int = 256,
        weigh: Callable[[Item], int] = lambda _: 0,
        weight_limit: int = 16 * 1024 * 1024,
        transient: tuple[type[BaseException], ...] = (),
    ) -> None:
        self._run = run
        self._limit = limit
        self._weigh = weigh
        self._weight_limit = weight_limit
        self._transient = transient
        self._waiting: deque[tuple[Item, asyncio.Future[Outcome]]] = deque()
        self._flushing: asyncio.Task[None] | None = None

    async def __call__(self, item: Item) -> Outcome:
        """The outcome of `item`, or the exception that its batch ended with."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._flushing is None:
            # a context of its own: it flies for many callers
            self._flushing = asyncio.create_task(self._flush(), context=Context())
        return await future

    async def drain(self) -> None:
        """Returns when nothing is in flight."""
        while self._flushing is not None:
            await asyncio.wait([self._flushing])

    async def _flush(self) -> None:
        try:
            while self._waiting:
                batch = self._next_batch()
                await self._settle(batch)
        finally:
            self._flushing = None

    def _next_batch(self) -> list[tuple[Item, asyncio.Future[Outcome]]]:
        batch = [self._waiting.popleft()]
        weight = self._weigh(batch[0][0])
        while self._waiting and len(batch) < self._limit:
            weight += self._weigh(self._waiting[0][0])
            if weight > self._weight_limit:
                break
            batch.append(self._waiting.popleft())
        return batch

    async def _settle(self, batch: list[tuple[Item, asyncio.Future[Outcome]]]) -> None:
        try:
            outcomes = await self._run([item for item, _ in batch])
        except Exception as error:
            await self._settle_failed(batch, error)
        else:
            for (_, future), outcome in zip(batch, outcomes, strict=True):
                if not future.done():
                    future.set_result(outcome)

    async def _settle_failed(self, batch: list[tuple[Item, asyncio.Future[Outcome]]], error: Exception) -> None:
        if len(batch) > 1 and not isinstance(error, self._transient):
            for pair in batch:
                await self._settle([pair])
            return
        for _, future in batch:
            if not future.done():
                future.set_exception(error)
