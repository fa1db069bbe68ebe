"""How many jobs one client may have waiting. A new one beyond that is refused, and so is one that shall wait again; one
that is known already never is. How exactly the limit is kept says `ix.api.submission.credits`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TypeVar

from ix.api.problems import RETRY_AFTER_SECONDS, Problem
from ix.api.submission.credits import Credits
from ix.database.jobs import Inserted, Jobs
from ix.job import Submission

Insert = Callable[[Submission], Awaitable[Inserted]]
T = TypeVar("T")


class Quota:
    """Lets submissions through to their insert. `limit` is the most that a client may have pending and scheduled; 0 is
    no limit."""

    def __init__(self, jobs: Jobs, limit: int, clock: Callable[[], float] = monotonic) -> None:
        self._jobs = jobs
        self._limit = limit
        self._credits = Credits(self._left, clock=clock)

    async def submit(self, submission: Submission, insert: Insert) -> Inserted:
        """What `insert` gives. Raises `Problem` 429 for a new job of a client that has reached its limit."""
        if not self._limit:
            return await insert(submission)
        if credit := await self._credits.spend(submission.client_id, self._limit):
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
        if credit := await self._credits.spend(client_id, self._limit):
            return await credit.during(retry())
        raise self._refusal()

    async def _left(self, client_id: str, limit: int) -> int:
        return limit - await self._jobs.waiting(client_id, limit)

    def _refusal(self) -> Problem:
        message = f"has {self._limit} jobs waiting already (IX_MAX_PENDING); try again when some have run"
        errors = [{"field": "client_id", "message": message}]
        return Problem(429, f"client_id: {message}", errors, {"retry-after": RETRY_AFTER_SECONDS})
