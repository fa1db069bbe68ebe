"""How many jobs and pages one client may have in a day. A new job beyond that is refused until the day turns; one that
is known already never is, and what was accepted is run.

Jobs are counted where they are inserted, pages where they were read, both by the database (`ix.database.caps`). A web
process asks for the sums as `ix.api.submission.credits` has it, once in `CREDIT_SECONDS` at least: so long may a client
submit that has read its last page meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from time import monotonic
from typing import Literal

from ix.api.problems import CapReached, Problem
from ix.api.recent import Recent
from ix.api.submission.credits import Credits
from ix.api.submission.quota import Insert
from ix.database import Database
from ix.database.caps import Cap, Used
from ix.database.jobs import Inserted
from ix.job import Submission

CAPS_SECONDS = 5.0
"""How long caps are remembered that another process may change meanwhile."""
CREDIT_SECONDS = 1.0
"""How long credit holds, while which pages are read."""
UNCOUNTED = 2**62
"""More jobs than anybody has: what a client without a cap on them may submit."""


class DayCaps:
    """Lets submissions through to their insert. `default` are the caps of clients that have none of their own, 0 where
    these have none either."""

    def __init__(self, database: Database, default: Cap, clock: Callable[[], float] = monotonic) -> None:
        self._jobs, self._caps = database.jobs, database.caps
        self.default = default
        self._known = Recent(database.caps.all, CAPS_SECONDS, clock)
        self._credits = Credits(self._left, CREDIT_SECONDS, clock)

    def forget(self) -> None:
        """Lets the next submission look up the caps, since one was changed."""
        self._known.forget()

    async def of(self, client_id: str) -> Cap:
        """The caps of a client; 0 where it has none."""
        own = (await self._known.get()).get(client_id)
        if own is None:
            return self.default
        jobs = self.default.jobs if own.jobs is None else own.jobs
        pages = self.default.pages if own.pages is None else own.pages
        return Cap(jobs or 0, pages or 0)

    async def submit(self, submission: Submission, insert: Insert) -> Inserted:
        """What `insert` gives. Raises `Problem` 429 for a new job of a client that has used up its day."""
        # most clients, at each of their submissions: told without waiting
        if self._has_none(submission.client_id) or (cap := await self.of(submission.client_id)) == (0, 0):
            return await insert(submission)
        counted = submission._replace(counted=bool(cap.jobs))
        if credit := await self._credits.spend(submission.client_id, cap.jobs or UNCOUNTED):
            return await credit.during(insert(counted))
        # read, never inserted, for the reason that `Quota.submit` gives
        if known := await self._jobs.known(submission):
            return known
        used = await self._caps.used(submission.client_id)
        raise _refusal(cap, used)

    def _has_none(self, client_id: str) -> bool:
        """Whether it is known that the client has no cap."""
        known = self._known.known() if self.default == (0, 0) else None
        return known is not None and client_id not in known

    async def ensure_reading(self, client_id: str) -> None:
        """Raises `Problem` 429 where the client has used up the pages of its day."""
        cap = await self.of(client_id)
        if cap.pages and (used := await self._caps.used(client_id)).pages >= cap.pages:
            raise _refused("pages", cap.pages, used.pages, used)

    async def _left(self, client_id: str, limit: int) -> int:
        cap, used = await self.of(client_id), await self._caps.used(client_id)
        if cap.pages and used.pages >= cap.pages:
            return 0
        return limit - used.jobs if cap.jobs else UNCOUNTED


def _refusal(cap: Cap, used: Used) -> Problem:
    """Of pages where those are used up, and else of jobs."""
    if cap.pages and used.pages >= cap.pages:
        return _refused("pages", cap.pages, used.pages, used)
    return _refused("jobs", cap.jobs or 0, used.jobs, used)


def _refused(what: Literal["jobs", "pages"], cap: int, number: int, used: Used) -> Problem:
    verb = "submitted" if what == "jobs" else "read"
    message = (
        f"has had {number} {what} {verb} today, and may have {cap} in a day; the next day begins at "
        f"{used.turns_at:%Y-%m-%dT%H:%M:%SZ}"
    )
    return Problem(
        429,
        f"client_id: {message}",
        [{"field": "client_id", "message": message}],
        {"retry-after": str(max(1, ceil(used.seconds_left)))},
        code=f"day_{what}_used",
        cap=CapReached(of=what, cap=cap, used=number, turns_at=used.turns_at),
    )
