"""Use cases of the tests' own."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import BaseModel

from ix.engine.answer import Answer
from ix.job import Claim, Request, Response
from ix.use_cases import Context

Body = Callable[[Request, Context], Awaitable[Any]]


class Case:
    """A use case that does what a function does."""

    description = "for tests"
    request: type[BaseModel] = BaseModel
    result: type[BaseModel] | None = None
    max_attempts: int | None = None

    def __init__(self, body: Body, *, name: str = "test", timeout: float | None = None) -> None:
        self.name, self.timeout, self._body = name, timeout, body

    async def run(self, request: Request, context: Context) -> Response:
        response: Response = await self._body(request, context)
        return response


def answered(run: Callable[[Claim], Awaitable[Response]]) -> Callable[[Claim], Awaitable[Answer]]:
    """What a worker runs, of what gives a response."""

    async def give(claim: Claim) -> Answer:
        response = await run(claim)
        return Answer.of(response)

    return give


class Gate:
    """Jobs come in, are counted, and wait until they are let go."""

    def __init__(self) -> None:
        self.inside: set[str] = set()
        self.most = 0
        self.order: list[str] = []
        self._open = False
        self._entered: asyncio.Queue[str] = asyncio.Queue()
        self._passes: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    async def enter(self, ix_id: str) -> Response:
        self.inside.add(ix_id)
        self.order.append(ix_id)
        self.most = max(self.most, len(self.inside))
        self._entered.put_nowait(ix_id)
        try:
            if not self._open:
                await self._passes[ix_id].wait()
        finally:
            self.inside.discard(ix_id)
        return Response(result={"answer": 42})

    async def case(self, request: Request, context: Context) -> Response:
        return await self.enter(context.ix_id)

    async def entered(self, number: int = 1) -> list[str]:
        """The next jobs that come in."""
        async with asyncio.timeout(10):
            return [await self._entered.get() for _ in range(number)]

    def let_go(self, *ix_ids: str) -> None:
        for ix_id in ix_ids:
            self._passes[ix_id].set()

    def open(self) -> None:
        self._open = True
        self.let_go(*self.inside)
