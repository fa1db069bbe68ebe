"""What is done to many jobs at once, to a batch, and to a whole use case: a part of `Client`, and of `AsyncClient`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from ix.client import operations
from ix.client.operations import Act, Action, Operation
from ix.job import Batch

T = TypeVar("T")


class ManyJobs(ABC):
    """Actions, batches and pauses, for whoever can run an operation."""

    _client_id: str | None

    @abstractmethod
    def _run(self, operation: Operation[T]) -> T:
        """Makes the calls of an operation."""

    def act(
        self,
        action: Act,
        ids: Sequence[str] | None = None,
        *,
        where: Mapping[str, Any] | None = None,
        expect: int | None = None,
        discard_review: bool = False,
    ) -> Action:
        """Retries, cancels or erases many jobs: up to 1,000 by `ids`, or all that match `where`, which names what
        `jobs` may be asked for; `expect` is how many they should be, to a tenth. Engines do it: see `action`. Raises
        `Conflict` where more or fewer match."""
        return self._run(operations.act(action, ids, where, expect, discard_review))

    def action(self, action_id: str) -> Action:
        """How far an action is. Raises `NotFound`."""
        return self._run(operations.action(action_id))

    def declare_batch(self, batch_id: str, callback_url: str | None = None) -> Batch:
        """A batch of this name of the client's: submit its jobs with `batch_id`, close it, and the address is told once
        when all have ended. One that was declared before is found. Raises `ClientError`."""
        return self._run(operations.declare_batch(self._client_id, batch_id, callback_url))

    def batch(self, batch_id: str) -> Batch:
        """The batch, and how many jobs it has by state. Raises `NotFound`."""
        return self._run(operations.batch(self._client_id, batch_id))

    def close_batch(self, batch_id: str) -> Batch:
        """No more jobs come to the batch. Raises `NotFound`."""
        return self._run(operations.close_batch(self._client_id, batch_id))

    def cancel_batch(self, batch_id: str) -> Action:
        """Closes the batch and cancels its jobs that have not ended. Engines do it: see `action`. Raises `NotFound`."""
        return self._run(operations.cancel_batch(self._client_id, batch_id))

    def pause(self, use_case: str) -> None:
        """No engine begins a job of the use case any more, until it goes on. Raises `NotFound`."""
        self._run(operations.pause(use_case))

    def resume(self, use_case: str) -> None:
        """Lets a paused use case go on. Raises `NotFound`."""
        self._run(operations.resume(use_case))


class AsyncManyJobs(ABC):
    """What `ManyJobs` has, for asyncio."""

    _client_id: str | None

    @abstractmethod
    async def _run(self, operation: Operation[T]) -> T:
        """Makes the calls of an operation."""

    async def act(
        self,
        action: Act,
        ids: Sequence[str] | None = None,
        *,
        where: Mapping[str, Any] | None = None,
        expect: int | None = None,
        discard_review: bool = False,
    ) -> Action:
        return await self._run(operations.act(action, ids, where, expect, discard_review))

    async def action(self, action_id: str) -> Action:
        return await self._run(operations.action(action_id))

    async def declare_batch(self, batch_id: str, callback_url: str | None = None) -> Batch:
        return await self._run(operations.declare_batch(self._client_id, batch_id, callback_url))

    async def batch(self, batch_id: str) -> Batch:
        return await self._run(operations.batch(self._client_id, batch_id))

    async def close_batch(self, batch_id: str) -> Batch:
        return await self._run(operations.close_batch(self._client_id, batch_id))

    async def cancel_batch(self, batch_id: str) -> Action:
        return await self._run(operations.cancel_batch(self._client_id, batch_id))

    async def pause(self, use_case: str) -> None:
        await self._run(operations.pause(use_case))

    async def resume(self, use_case: str) -> None:
        await self._run(operations.resume(use_case))
