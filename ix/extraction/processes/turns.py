"""Turns: a number of places that many want, shared out between clients first and between a client's jobs second.

    take ──▶ a place is free ─────────────────────────────────────────────▶ held ──▶ given back
       └──▶ the client's line ──▶ its job's line ──▶ the client's turn ──▶   ▲         │ the next in turn
                                                                             └─────────┘

Within a job it is first come, first served. A client that gives a place back lets another go before it, whether or not
that came later: who comes while a page of the only other client is read is next, however many pages that has waiting.
A place that is free costs no turn of the event loop."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

from ix.extraction.processes import waiting
from ix.extraction.processes.waiting import Owner
from ix.telemetry.health import Queue

Line: TypeAlias = "deque[asyncio.Future[None]]"
NOBODY = ("", "")


class Turns:
    """Shares out `places`. Beyond them there are `spare` ones for clients that hold none."""

    def __init__(self, places: int, spare: int = 0) -> None:
        self._places, self._most = places, places + spare
        self._held: dict[str, int] = {}
        """How many places each client holds; those that hold none are left out."""
        self._taken = 0
        self._lines: dict[str, dict[str, Line]] = {}
        """Who waits, by client and job, each in the order of their turns."""
        self._since: dict[asyncio.Future[None], float] = {}
        """Since when each waits, in the order in which they came."""

    @property
    def places(self) -> int:
        """How many there are, the spare ones left out."""
        return self._places

    @property
    def queue(self) -> Queue:
        """Those that wait for a place now."""
        first = next(iter(self._since.values()), None)
        return Queue() if first is None else Queue(len(self._since), round(time.monotonic() - first, 3))

    def resize(self, places: int) -> None:
        """So many places from now on; those that are held beyond them stay held until they are given back."""
        self._places, self._most = places, self._most - self._places + places

    @asynccontextmanager
    async def place(self, owner: Owner = ()) -> AsyncIterator[None]:
        """Holds a place during the block, once it is the turn of its owner: by default the job that runs."""
        client, job = owner or waiting.owner() or NOBODY
        # nobody overtakes those of the own client who came before
        if self._has_place(client) and client not in self._lines:
            self._take(client)
        else:
            await self._wait(client, job)
        try:
            yield
        finally:
            self._give_back(client)

    def _has_place(self, client: str) -> bool:
        return self._taken < self._places or (self._taken < self._most and client not in self._held)

    def _take(self, client: str) -> None:
        self._taken += 1
        self._held[client] = self._held.get(client, 0) + 1

    async def _wait(self, client: str, job: str) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lines.setdefault(client, {}).setdefault(job, deque()).append(turn)
        self._since[turn] = time.monotonic()
        try:
            with waiting.waiting():
                await turn
        except BaseException:
            # the place may have come in the same moment as the cancellation
            if turn.done() and not turn.cancelled():
                self._give_back(client)
            else:
                self._leave(client, job, turn)
            raise
        finally:
            del self._since[turn]

    def _leave(self, client: str, job: str, turn: asyncio.Future[None]) -> None:
        jobs = self._lines[client]
        jobs[job].remove(turn)
        if not jobs[job]:
            del jobs[job]
        if not jobs:
            del self._lines[client]

    def _give_back(self, client: str) -> None:
        self._taken -= 1
        self._held[client] -= 1
        if not self._held[client]:
            del self._held[client]
        # more than one place may be free, where `resize` has added some
        while (following := self._next_client(client)) is not None:
            self._take(following)
            self._next_turn(following).set_result(None)

    def _next_client(self, last: str) -> str | None:
        """Whose turn it is, if there is a place for one that waits; `last` only where it is the only one."""
        able = (client for client in self._lines if self._has_place(client))
        first = next(able, None)
        return next(able, first) if first == last else first

    def _next_turn(self, client: str) -> asyncio.Future[None]:
        """Who of the client is next; both it and its job go to the end of their lines."""
        jobs = self._lines.pop(client)
        job, line = next(iter(jobs.items()))
        del jobs[job]
        turn = line.popleft()
        if line:
            jobs[job] = line
        if jobs:
            self._lines[client] = jobs
        return turn
