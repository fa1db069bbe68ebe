"""What is done to many jobs at once, and to a use case as a whole: a part of `Client`, and of `AsyncClient`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from ix.client.errors import strange
from ix.client.operations import Call, Operation

T = TypeVar("T")
Act = Literal["retry", "cancel", "erase"]


class Action(BaseModel):
    """How far an action on many jobs is: `done` and `failed` of `of`, and for which `reasons` jobs were left as they
    were. `state` is `pending`, `running` or `done`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    action: Act
    of: int
    done: int
    failed: int
    reasons: Mapping[str, int]
    state: str
    created_at: datetime
    moved_at: datetime


def act(
    action: Act,
    ids: Sequence[str] | None,
    where: Mapping[str, Any] | None,
    expect: int | None,
    discard_review: bool,
) -> Operation[Action]:
    """Has something done to many jobs."""
    which = {"ids": ids if ids is None else list(ids), "where": where if where is None else dict(where)}
    asked = {"action": action, **which, "expect": expect, "discard_review": discard_review}
    body = {name: value for name, value in asked.items() if value is not None}
    return _action((yield Call("POST", "/jobs/actions", json=body)))


def action(action_id: str) -> Operation[Action]:
    """Reads how far an action is."""
    return _action((yield Call("GET", f"/actions/{quote(action_id, safe='')}")))


def pause(use_case: str) -> Operation[None]:
    """Pauses a use case."""
    yield Call("PUT", f"/use-cases/{quote(use_case, safe='')}/pause")


def resume(use_case: str) -> Operation[None]:
    """Lets a use case go on."""
    yield Call("DELETE", f"/use-cases/{quote(use_case, safe='')}/pause")


def _action(answer: httpx.Response) -> Action:
    try:
        return Action.model_validate_json(answer.content)
    except ValidationError:
        raise strange(answer) from None


class ManyJobs(ABC):
    """Actions and pauses, for whoever can run an operation."""

    @abstractmethod
    def _run(self, operation: Operation[T]) -> T:
        """Makes the operation's calls."""

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
        return self._run(act(action, ids, where, expect, discard_review))

    def action(self, action_id: str) -> Action:
        """How far an action is. Raises `NotFound`."""
        return self._run(action(action_id))

    def pause(self, use_case: str) -> None:
        """No engine begins a job of the use case any more, until it goes on. Raises `NotFound`."""
        self._run(pause(use_case))

    def resume(self, use_case: str) -> None:
        """Lets a paused use case go on. Raises `NotFound`."""
        self._run(resume(use_case))


class AsyncManyJobs(ABC):
    """`ManyJobs` for asyncio."""

    @abstractmethod
    async def _run(self, operation: Operation[T]) -> T:
        """Makes the operation's calls."""

    async def act(
        self,
        action: Act,
        ids: Sequence[str] | None = None,
        *,
        where: Mapping[str, Any] | None = None,
        expect: int | None = None,
        discard_review: bool = False,
    ) -> Action:
        return await self._run(act(action, ids, where, expect, discard_review))

    async def action(self, action_id: str) -> Action:
        return await self._run(action(action_id))

    async def pause(self, use_case: str) -> None:
        await self._run(pause(use_case))

    async def resume(self, use_case: str) -> None:
        await self._run(resume(use_case))
