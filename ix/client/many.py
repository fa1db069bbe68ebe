"""What is done to many jobs at once, and to a use case as a whole: a part of `Client`, and of `AsyncClient`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from ix.client import operations
from ix.client.operations import Act, Action, Operation

T = TypeVar("T")


class ManyJobs(ABC):
    """Actions and pauses, for whoever can run an operation."""

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

    def pause(self, use_case: str) -> None:
        """No engine begins a job of the use case any more, until it goes on. Raises `NotFound`."""
        self._run(operations.pause(use_case))

    def resume(self, use_case: str) -> None:
        """Lets a paused use case go on. Raises `NotFound`."""
        self._run(operations.resume(use_case))


class AsyncManyJobs(ABC):
    """What `ManyJobs` has, for asyncio."""

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

    async def pause(self, use_case: str) -> None:
        await self._run(operations.pause(use_case))

    async def resume(self, use_case: str) -> None:
        await self._run(operations.resume(use_case))
