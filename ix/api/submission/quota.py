"""How many jobs one client may have waiting. A new one beyond that is refused, and so is one that shall wait again; one
that is known already never is.

To count at each submission would cost more than its insert. So a client is counted once and given credit: it may submit
a part of what is left to it uncounted, less the closer it comes to the limit. Each web process counts for itself and
cannot see the credit that others have given: one of them alone keeps the limit exactly, each further one may overshoot
it by a twentieth and by what it is inserting just then."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TypeVar

from ix.api.problems import RETRY_AFTER_SECONDS, Problem
from ix.database.jobs import Inserted, Jobs
from ix.job import Submission

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

Insert = Callable[[Submission], Awaitable[Inserted]]
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


class Quota:
    """Lets submissions through to their insert. `limit` is the most that a client may have pending and scheduled; 0 is
    no limit."""

    def __init__(self, jobs: Jobs, limit: int, clock: Callable[[], float] = monotonic) -> None:
        self._jobs = jobs
        self._limit = limit
        self._clock = clock
        self._credits: dict[str, Credit] = {}

    async def submit(self, submission: Submission, insert: Insert) -> Inserted:
        """What `insert` gives. Raises `Problem` 429 for a new job of a client that has reached its limit."""
        if not self._limit:
            return await insert(submission)
        credit = self._credit(submission.client_id)
        if await self._admits(credit, submission.client_id):
            # nothing is awaited between the two: whatever has spent credit is open at once, and no count misses it
            return await credit.during(insert(submission))
        # read, never inserted: the job that is known may be erased in this moment, and its place be taken by a new one
        if known := await self._jobs.known(submission):
            return known
        raise self._refusal()

    async def again(self, client_id: str, retry: Callable[[], Awaitable[T]]) -> T:
        """What `retry` gives, which has one more job of the client wait. Raises `Problem` 429 as `submit` does."""
        if not self._limit:
            return await retry()
        credit = self._credit(client_id)
        if await self._admits(credit, client_id):
            return await credit.during(retry())
        raise self._refusal()

    async def _admits(self, credit: Credit, client_id: str) -> bool:
        return self._spend(credit) or await self._earn(credit, client_id)

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

    async def _earn(self, credit: Credit, client_id: str) -> bool:
        async with credit.counting:
            # whoever counted before may have earned credit, or a refusal
            if self._spend(credit):
                return True
            if self._clock() < credit.refused_until:
                return False
            await self._count(credit, client_id)
            return self._spend(credit)

    async def _count(self, credit: Credit, client_id: str) -> None:
        # read before the count: an insert that ends while it is under way may not be in it
        open_before = credit.open
        left = self._limit - open_before - await self._jobs.waiting(client_id, self._limit)
        if left <= 0 and open_before:
            # those may have been counted twice; no more of them come before this count has ended
            await credit.settled.wait()
            left = self._limit - await self._jobs.waiting(client_id, self._limit)
        credit.left = max(0, min(left, max(left // SHARES, self._limit // LEAST_CREDITS, 1)))
        credit.holds_until = self._clock() + CREDIT_SECONDS
        if credit.left == 0:
            credit.refused_until = self._clock() + REFUSAL_SECONDS

    def _refusal(self) -> Problem:
        message = f"has {self._limit} jobs waiting already (IX_MAX_PENDING); try again when some have run"
        errors = [{"field": "client_id", "message": message}]
        return Problem(429, f"client_id: {message}", errors, {"retry-after": RETRY_AFTER_SECONDS})
