"""Many callers, one commit: what each of them asks for on its own is done for all that came meanwhile at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from ix.background.group_commit import GroupCommit

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")

WEIGHT_LIMIT = 16 * 1024 * 1024
"""Most that the items of a batch weigh together; in bytes of documents, what one statement may well carry."""


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
        weight_limit: int = WEIGHT_LIMIT,
        transient: tuple[type[BaseException], ...] = (),
    ) -> None:
        self._run = run
        self._transient = transient
        self._calls: GroupCommit[tuple[Item, asyncio.Future[Outcome]]] = GroupCommit(
            self._settle, limit=limit, weigh=lambda call: weigh(call[0]), weight_limit=weight_limit
        )

    async def __call__(self, item: Item) -> Outcome:
        """The outcome of `item`, or the exception that its batch ended with."""
        # a future and no task: to cancel a caller must not cancel the commit that it shares
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._calls.add((item, future))
        return await future

    async def drain(self) -> None:
        """Returns when nothing is in flight."""
        await self._calls.drain()

    async def _settle(self, batch: Sequence[tuple[Item, asyncio.Future[Outcome]]]) -> None:
        try:
            outcomes = await self._run([item for item, _ in batch])
        except Exception as error:
            await self._settle_failed(batch, error)
        else:
            for (_, future), outcome in zip(batch, outcomes, strict=True):
                # done already where the caller was cancelled
                if not future.done():
                    future.set_result(outcome)

    async def _settle_failed(self, batch: Sequence[tuple[Item, asyncio.Future[Outcome]]], error: Exception) -> None:
        if len(batch) > 1 and not isinstance(error, self._transient):
            for call in batch:
                await self._settle([call])
            return
        for _, future in batch:
            if not future.done():
                future.set_exception(error)
