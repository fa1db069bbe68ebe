"""Lists of jobs from a replica, which takes from the primary what reads the most and needs the least to be of this
moment. One job is never asked of a replica: what was answered with 201 is found."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Coroutine
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Self, TypeVar

from ix.config import Settings
from ix.database.address import ROLE, with_parameters
from ix.database.connect import DATABASE_ERRORS, Pool
from ix.database.jobs import Jobs, Listing, Page
from ix.database.pool import close_pool, open_pool
from ix.database.repository import Repository
from ix.telemetry.log import Event, log

CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 2.0
"""How long a list waits for the replica before the primary is asked."""
AWAY_SECONDS = 5.0
"""How long a replica that did not answer, or was too old, is not asked again."""

T = TypeVar("T")


class Replica(Repository):
    """A standby that answers questions."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool, CONNECT_SECONDS)
        self.pool = pool
        self.jobs = Jobs(pool, CONNECT_SECONDS)

    @classmethod
    async def open(cls, settings: Settings) -> Self:
        """The replica at `settings.replica_url`; one that is down is found down later."""
        # it takes no writes, and of several any will do
        url = with_parameters(settings.replica_url, {ROLE: "any"})
        there = {"postgres_url": url, "acquire_timeout": CONNECT_SECONDS}
        return cls(await open_pool(settings.model_copy(update=there)))

    # The moment of the last commit that it has applied. Engines' heartbeats commit every few seconds, so that this is
    # old only where the replica is. One that was promoted knows none.
    _AS_OF = """
        SELECT at FROM pg_last_xact_replay_timestamp() AS replayed (at)
        WHERE pg_is_in_recovery() AND at > clock_timestamp() - $1::interval"""

    async def as_of(self, most_seconds: float) -> datetime | None:
        """The moment to which it has everything; None where that is longer ago than so many seconds."""
        rows = await self._fetch(self._AS_OF, timedelta(seconds=most_seconds))
        return rows[0]["at"] if rows else None


class Lists:
    """Lists of the `primary`, or of the replica at `replica_url` where there is one that answers and is no older than
    `replica_age`."""

    def __init__(self, settings: Settings, primary: Jobs) -> None:
        self._settings = settings
        self._primary = primary
        self._replica: Replica | None = None
        self._asking: set[asyncio.Task[Any]] = set()
        self._away_until = float("-inf")

    async def part_of_list(self, asked: Listing, use_cases: Collection[str] | None = None) -> Page:
        """As `Jobs.part_of_list` gives it; `as_of` says to which moment a replica's is complete."""
        if self._settings.replica_url and monotonic() >= self._away_until:
            try:
                if page := await self._in_time(self._of_replica(asked, use_cases)):
                    return page
                self._pass_over()
            except DATABASE_ERRORS as error:
                self._pass_over(error)
        return await self._primary.part_of_list(asked, use_cases)

    async def close(self) -> None:
        """Closes the connections to the replica."""
        if self._replica is not None:
            await close_pool(self._replica.pool)

    async def _of_replica(self, asked: Listing, use_cases: Collection[str] | None) -> Page | None:
        replica = self._replica = self._replica or await Replica.open(self._settings)
        # before the list is read, which so is at least as new
        if (as_of := await replica.as_of(self._settings.replica_age)) is None:
            return None
        return (await replica.jobs.part_of_list(asked, use_cases))._replace(as_of=as_of)

    async def _in_time(self, asking: Coroutine[Any, Any, T]) -> T:
        task = asyncio.create_task(asking)
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)
        try:
            # not awaited to its end: it waits for the server even when it is cancelled
            if not (await asyncio.wait([task], timeout=ANSWER_SECONDS))[0]:
                raise TimeoutError("no answer in time")
            return task.result()
        finally:
            task.cancel()

    def _pass_over(self, error: BaseException | None = None) -> None:
        self._away_until = monotonic() + AWAY_SECONDS
        log(Event.REPLICA_PASSED_OVER, error=error)
