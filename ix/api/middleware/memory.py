"""What web remembers of a table that each request would have to ask for, such as the keys."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from ix.errors import Overloaded

T = TypeVar("T")
MAX_AGE_SECONDS = 5.0
"""How long something is remembered where no notification tells that it has changed."""
RECHECK_SECONDS = 0.5
"""How old it must be for somebody unknown to have it read again, so that a new key works at once and a wrong one costs
few statements."""


class Memory(Generic[T]):
    """What `read` gave, for a while, or until a notification says that it has changed; `empty` before that. `clock`
    gives seconds; `name` is what cannot be read, in the words of an error."""

    def __init__(self, name: str, read: Callable[[], Awaitable[T]], clock: Callable[[], float], empty: T) -> None:
        self.value = empty
        self._name = name
        self._read = read
        self._clock = clock
        self._read_at = self._changed_at = float("-inf")
        self._reading = asyncio.Lock()
        self._failures = 0

    @property
    def age(self) -> float:
        """Seconds since it was read."""
        return self._clock() - self._read_at

    def is_stale(self, max_age: float) -> bool:
        """Whether it was read more than so many seconds ago, or before a change."""
        # a read that began at the moment of the change may have missed it
        return self.age > max_age or self._read_at <= self._changed_at

    def changed(self) -> None:
        """Whoever asks from now on gets what is read from now on."""
        self._changed_at = self._clock()

    async def fresh(self, max_age: float) -> T:
        """What was read at most so many seconds ago, and after the last change that was heard of. Raises `Overloaded`,
        and what the read raises."""
        if self.is_stale(max_age):
            failures = self._failures
            async with self._reading:
                # the read that this one waited for failed: to read again, one after the other, would take each of them
                # as long
                if self._failures > failures:
                    raise Overloaded(f"{self._name} cannot be read now")
                if self.is_stale(max_age):
                    await self._refresh()
        return self.value

    async def _refresh(self) -> None:
        # the time before the read, so that a change during it makes what was read stale
        asked_at = self._clock()
        try:
            self.value = await self._read()
        except Exception:
            self._failures += 1
            raise
        self._read_at = asked_at
