"""What is read of many jobs, from a replica: it takes from the primary what reads the most and needs the least to be of
this moment. One job is never asked of a replica: what was answered with 201 is found."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Generic, NamedTuple, Self, TypeAlias, TypeVar

from ix.config import Settings
from ix.database import Database
from ix.database.address import ROLE, with_parameters
from ix.database.connect import DATABASE_ERRORS, Pool
from ix.database.jobs import Counts, Listing, Page
from ix.database.pool import close_pool, open_pool
from ix.database.repository import Repository
from ix.telemetry.log import Event, log

CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 2.0
"""How long a question waits for the replica before the primary is asked."""
LONG_SECONDS = 60.0
"""How long what many statements answer waits for it; each of them has its own limit."""
AWAY_SECONDS = 5.0
"""How long a replica that did not answer, or was too old, is not asked again."""

T = TypeVar("T")
Question: TypeAlias = Callable[[Database], Coroutine[Any, Any, T]]
"""What is to be read, of whichever database it is asked."""


class Replica(Repository):
    """A standby that answers questions."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool, CONNECT_SECONDS)
        self.pool = pool
        self.database = Database(pool, CONNECT_SECONDS)

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


class Answered(NamedTuple, Generic[T]):
    """What was found; of a replica `as_of`, the moment to which it has everything."""

    found: T
    as_of: datetime | None


class Reads:
    """Questions about many jobs, to the `primary`, or to the replica at `replica_url` where there is one that answers
    and is no older than `replica_age`."""

    def __init__(self, settings: Settings, primary: Database) -> None:
        self._settings = settings
        self.primary = primary
        self._replica: Replica | None = None
        self._asking: set[asyncio.Task[Any]] = set()
        self._away_until = float("-inf")

    async def ask(self, question: Question[T], seconds: float = ANSWER_SECONDS) -> Answered[T]:
        """The answer to a question. `seconds`: how long the replica may take to it before the primary is asked. Raises
        what the primary does."""
        if self._settings.replica_url and monotonic() >= self._away_until:
            try:
                # before the question, whose answer so is at least as new
                if as_of := await self._in_time(self._replica_as_of(), ANSWER_SECONDS):
                    return Answered(await self._in_time(self._of_replica(question), seconds), as_of)
                self._pass_over()
            except DATABASE_ERRORS as error:
                self._pass_over(error)
        return Answered(await question(self.primary), None)

    def steadily(self) -> Steady:
        """For questions that build on each other's answers."""
        return Steady(self)

    async def part_of_list(self, asked: Listing, use_cases: Collection[str] | None = None) -> Page:
        """As `Jobs.part_of_list` gives it; `as_of` says to which moment a replica's is complete."""
        page, as_of = await self.ask(lambda there: there.jobs.part_of_list(asked, use_cases))
        return page._replace(as_of=as_of)

    async def counts_of(self, asked: Listing, use_cases: Collection[str] | None = None) -> Counts:
        """As `Jobs.counts_of` gives them; `as_of` likewise."""
        counts, as_of = await self.ask(lambda there: there.jobs.counts_of(asked, use_cases))
        return counts.model_copy(update={"as_of": as_of})

    async def close(self) -> None:
        """Closes the connections to the replica."""
        if self._replica is not None:
            await close_pool(self._replica.pool)

    async def _replica_as_of(self) -> datetime | None:
        replica = self._replica = self._replica or await Replica.open(self._settings)
        return await replica.as_of(self._settings.replica_age)

    async def _of_replica(self, question: Question[T]) -> T:
        assert self._replica is not None
        return await question(self._replica.database)

    async def _in_time(self, asking: Coroutine[Any, Any, T], seconds: float) -> T:
        task = asyncio.create_task(asking)
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)
        try:
            # not awaited to its end: it waits for the server even when it is cancelled
            if not (await asyncio.wait([task], timeout=seconds))[0]:
                raise TimeoutError("no answer in time")
            return task.result()
        finally:
            task.cancel()

    def _pass_over(self, error: BaseException | None = None) -> None:
        self._away_until = monotonic() + AWAY_SECONDS
        log(Event.REPLICA_PASSED_OVER, error=error)


class Steady:
    """Questions that build on each other's answers, such as a page of jobs and then what they came to. Once the primary
    was asked it is asked to the end: of what it names a replica may know nothing yet, the other way round nothing is
    missing but what was erased meanwhile."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        self._primary_asked = False
        self.as_of: datetime | None = None
        """Of a replica: the moment to which the first answer was complete, and every later one."""

    async def ask(self, question: Question[T]) -> T:
        """The answer, however long it takes. Raises what the primary does."""
        if self._primary_asked:
            return await question(self._reads.primary)
        found, as_of = await self._reads.ask(question, LONG_SECONDS)
        self._primary_asked = as_of is None
        self.as_of = self.as_of or as_of
        return found
