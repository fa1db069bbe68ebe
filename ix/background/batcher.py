"""Many callers, one commit: what each of them asks for on its own is done for all that came meanwhile at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

from ix.background.group_commit import GroupCommit

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")

WEIGHT_LIMIT = 16 * 1024 * 1024
"""Most that the items of a batch weigh together; in bytes of documents, what one statement may well carry."""
HEAVY = 256 * 1024
"""Weight from which on an item shares batches with heavy ones only, which the light ones do not wait for."""


class Call(NamedTuple, Generic[Item, Outcome]):
    """What a caller asks for, and where it awaits what comes of it."""

    item: Item
    weight: int
    future: asyncio.Future[Outcome]


class Batcher(Generic[Item, Outcome]):
    """Turns `run(items) -> outcomes` (same order) into a call for one item.

    `limit` bounds the items of one batch and `weight_limit` the sum of their `weigh`, so that large documents do not
    pile up in one statement; heavy items and light ones never share one. A batch that fails is tried again item by
    item, so that one bad item cannot fail its neighbours; not after an error of which `concerns_all` says that they
    would meet it, too. A caller that is cancelled leaves its item in the batch: what was asked for may still happen."""

    def __init__(
        self,
        run: Callable[[Sequence[Item]], Awaitable[Sequence[Outcome]]],
        *,
        limit: int = 256,
        weigh: Callable[[Item], int] = lambda _: 0,
        weight_limit: int = WEIGHT_LIMIT,
        concerns_all: Callable[[Exception], bool] = lambda _: False,
    ) -> None:
        self._run = run
        self._weigh = weigh
        self._concerns_all = concerns_all
        self._light, self._heavy = (
            GroupCommit[Call[Item, Outcome]](
                self._settle, limit=limit, weigh=lambda call: call.weight, weight_limit=weight_limit
            )
            for _ in range(2)
        )

    async def __call__(self, item: Item) -> Outcome:
        """The outcome of `item`, or the exception that its batch ended with."""
        # a future and no task: to cancel a caller must not cancel the commit that it shares
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        call = Call(item, self._weigh(item), future)
        (self._light if call.weight < HEAVY else self._heavy).add(call)
        return await future

    async def drain(self) -> None:
        """Returns when nothing is in flight."""
        while self._light.is_flushing or self._heavy.is_flushing:
            await asyncio.gather(self._light.drain(), self._heavy.drain())

    async def _settle(self, batch: Sequence[Call[Item, Outcome]]) -> None:
        try:
            outcomes = await self._run([call.item for call in batch])
        except Exception as error:
            await self._settle_failed(batch, error)
        else:
            for call, outcome in zip(batch, outcomes, strict=True):
                # done already where the caller was cancelled
                if not call.future.done():
                    call.future.set_result(outcome)

    async def _settle_failed(self, batch: Sequence[Call[Item, Outcome]], error: Exception) -> None:
        if len(batch) > 1 and not self._concerns_all(error):
            for call in batch:
                await self._settle([call])
            return
        for call in batch:
            if not call.future.done():
                call.future.set_exception(error)
