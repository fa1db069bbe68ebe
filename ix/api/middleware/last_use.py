"""When a key was last used, for people who wonder whether they may revoke it: to about a minute, written beside the
requests. A database that refuses it loses a note and no request."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic

from ix.background.periodic import PeriodicActor
from ix.database.connect import DATABASE_ERRORS

NOTE_SECONDS = 60.0
"""Least time between two notes of one key."""
GATHER_SECONDS = 0.5
"""How long notes are gathered, so that many keys are one statement."""

MarkUsed = Callable[[Sequence[str], float], Awaitable[None]]


class LastUse(PeriodicActor):
    """Writes through `mark_used` which keys have been used, each at most once in `NOTE_SECONDS`."""

    who = "last use of keys"
    unreachable = DATABASE_ERRORS

    def __init__(self, mark_used: MarkUsed, clock: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self._mark_used = mark_used
        self._clock = clock
        self._noted_at: dict[str, float] = {}
        self._waiting: set[str] = set()
        self._awake = asyncio.Event()

    async def note(self, key_id: str) -> None:
        """A request came with the key; returns at once. Keys that are noted are known ones: there are not many."""
        if not self.is_started:
            await self.start()
        now = self._clock()
        if now - self._noted_at.get(key_id, float("-inf")) >= NOTE_SECONDS:
            self._noted_at[key_id] = now
            self._waiting.add(key_id)
            self._awake.set()

    async def pause(self) -> None:
        """Waits for a note, and for those that come with it."""
        await self._awake.wait()
        self._awake.clear()
        await asyncio.sleep(GATHER_SECONDS)

    async def look(self) -> None:
        """Writes all the notes that wait, in one statement."""
        waiting, self._waiting = self._waiting, set()
        if waiting:
            await self._mark_used(sorted(waiting), NOTE_SECONDS)
