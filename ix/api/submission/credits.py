"""Credit: what clients may submit uncounted.

To count at each submission would cost more than its insert. So a client is counted once and given credit: it may submit
a part of what is left to it uncounted, less the closer it comes to the limit. Each web process counts for itself and
cannot see the credit that others have given: one of them alone keeps the limit exactly, each further one may overshoot
it by a twentieth and by what it is inserting just then."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TypeVar

SHARES = 20
"""Credit is one of so many parts of what is left: by so little may each further web process overshoot."""
LEAST_CREDITS = 1000
"""But at least the limit over this, so that a count, which may read as many index entries as the limit, is shared by
that many jobs."""
CREDIT_SECONDS = 10.0
"""How long credit holds, since jobs come in through other processes too."""
REFUSAL_SECONDS = 1.0
"""How long a client that has reached its limit is refused uncounted."""
MAX_CLIENTS = 10_000
"""Clients remembered at once. To forget them costs a count each."""

T = TypeVar("T")


class Credit:
    """What one client may submit before it is counted again; `open` are submissions whose insert has not ended."""

    __slots__ = ("counting", "holds_until", "left", "open", "refused_until", "settled")

    def __init__(self) -> None:
        self.left = self.open = 0
        self.holds_until = self.refused_until = float("-inf")
        self.counting = asyncio.Lock()
        self.settled = asyncio.Event()

    async def during(self, insert: Awaitable[T]) -> T:
        """What `insert` gives, which is open meanwhile."""
        if not self.open:
            self.settled.clear()
        self.open += 1
        try:
            return await insert
        finally:
            self.open -= 1
            if not self.open:
                self.settled.set()


class Credits:
    """The credit of every client. `left` counts what is left to one, of a limit that it is given, in the database;
    `seconds` is how long credit holds."""

    def __init__(
        self,
        left: Callable[[str, int], Awaitable[int]],
        seconds: float = CREDIT_SECONDS,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._left = left
        self._seconds = seconds
        self._clock = clock
        self._credits: dict[str, Credit] = {}

    async def spend(self, client_id: str, limit: int) -> Credit | None:
        """The client's credit, less the one that this call has spent, for `during`; None where it has reached its
        limit."""
        credit = self._credit(client_id)
        return credit if self._spend(credit) or await self._earn(credit, client_id, limit) else None

    def _credit(self, client_id: str) -> Credit:
        credit = self._credits.get(client_id)
        if credit is None:
            if len(self._credits) >= MAX_CLIENTS:
                self._credits.clear()
            credit = self._credits[client_id] = Credit()
        return credit

    def _spend(self, credit: Credit) -> bool:
        if credit.left == 0 or self._clock() >= credit.holds_until:
            return False
        credit.left -= 1
        return True

    async def _earn(self, credit: Credit, client_id: str, limit: int) -> bool:
        async with credit.counting:
            # whoever counted before may have earned credit, or a refusal
            if self._spend(credit):
                return True
            if self._clock() < credit.refused_until:
                return False
            await self._count(credit, client_id, limit)
            return self._spend(credit)

    async def _count(self, credit: Credit, client_id: str, limit: int) -> None:
        # read before the count: an insert that ends while it is under way may not be in it
        open_before = credit.open
        left = await self._left(client_id, limit) - open_before
        if left <= 0 and open_before:
            # those may have been counted twice; no more of them come before this count has ended
            await credit.settled.wait()
            left = await self._left(client_id, limit)
        credit.left = max(0, min(left, max(left // SHARES, limit // LEAST_CREDITS, 1)))
        credit.holds_until = self._clock() + self._seconds
        if credit.left == 0:
            credit.refused_until = self._clock() + REFUSAL_SECONDS
