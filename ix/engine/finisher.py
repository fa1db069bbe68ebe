"""The finisher: what jobs came to is stored whatever the database does meanwhile.

finish ──light──▶ together: those that end during a commit share the next one ──▶ stored
   │                 │ one that PostgreSQL minds, or that takes too long
   └────heavy────────┴──▶ alone: a statement of its own, with more time at each try ──▶ stored
split, postpone ──▶ alone, tried until the database takes it

Nothing but the data's own fault (`ix.database.faults`) ends a job in an error instead."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextvars import Context, copy_context
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

from ix import untrusted
from ix.background.group_commit import GroupCommit
from ix.database.connect import DATABASE_ERRORS
from ix.database.faults import concerns_all, kind_of, minds_data
from ix.database.jobs import EndedRun, Finish, Jobs, Split
from ix.engine.answer import Answer
from ix.engine.stacks import Stack
from ix.job import Claim, Problem
from ix.telemetry.log import Event, log

PAUSES = (0.05, 0.1, 0.2, 0.5, 1.0)
"""Seconds between tries to reach a database that does not answer; the last one repeats."""
LONGEST_BACKOFF = 300.0
"""Seconds beyond which the pause between two attempts does not grow, whoever asks for it."""
BATCH = 400
"""Most results of one statement: their ids fit into the one notification (8,000 bytes, 17 each)."""
BATCH_BYTES = 16 * 1024 * 1024
"""Most bytes of the results of one statement."""
HEAVY = 256 * 1024
"""Bytes from which on a result has a statement of its own, so that no other waits for it."""
ALONE_AT_ONCE = 2
"""Statements of single results under way at once; further ones take turns."""
LONGEST_STATEMENT = 600.0
"""Seconds beyond which the time limit of a single result's statement does not grow."""

T = TypeVar("T")


def backoff(attempts: int, first: float, least: float = 0.0) -> float:
    """Seconds between attempt `attempts` and the next: `first`, then four times as long each time, with jitter (times
    0.5 to 1.5); or `least` and up to half of it more, so that those who were told the same do not come at once, where
    that is longer."""
    pause = min(first * 4.0 ** (attempts - 1), LONGEST_BACKOFF) * random.uniform(0.5, 1.5)
    return max(pause, min(least, LONGEST_BACKOFF) * random.uniform(1.0, 1.5))


class Result(NamedTuple):
    """What a job came to. `began` is the loop's time, seconds; `context` is that of its run, for the log; `weight` the
    size of its response, bytes."""

    claim: Claim
    answer: Answer
    began: float
    context: Context
    weight: int


class Finisher:
    """Stores results in the background, and calls `stored` after each. `statement_timeout`: seconds that the first try
    to store a result may take."""

    def __init__(
        self, jobs: Jobs, retry_delay: float, stored: Callable[[], None], statement_timeout: float = 10.0
    ) -> None:
        self._jobs = jobs
        self._retry_delay = retry_delay
        self._stored = stored
        self._statement_timeout = statement_timeout
        self._together: GroupCommit[Result] = GroupCommit(
            self._store, limit=BATCH, weigh=attrgetter("weight"), weight_limit=BATCH_BYTES, flushed=stored
        )
        self._turns = asyncio.Semaphore(ALONE_AT_ONCE)
        self._alone: dict[asyncio.Task[None], Result] = {}
        self._persisting: dict[asyncio.Task[None], Claim] = {}
        self.unstored_bytes = 0

    def finish(self, claim: Claim, answer: Answer, began: float) -> None:
        """Stores the answer of a job that began at the loop's time `began`."""
        weight = len(answer.response)
        result = Result(claim, answer, began, copy_context(), weight)
        self.unstored_bytes += weight
        if weight < HEAVY:
            self._together.add(result)
        else:
            self._store_alone(result)

    def postpone(self, claim: Claim, problem: Problem, after: float = 0.0, spent: bool = True) -> None:
        """Lets the job's next attempt begin later, in `after` seconds at the earliest. `spent`: this one counts."""
        self._persistently(claim, self._postpone(claim, problem, after, spent))

    def split(self, claim: Claim, stack: Stack) -> None:
        """Makes the parts of a stack jobs, and lets the job wait for them."""
        self._persistently(claim, self._split(claim, stack))

    @property
    def unstored(self) -> int:
        """Results that are on their way to the database, and count as not stored until it has answered."""
        return self._together.size + len(self._alone)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is on its way."""
        return not (self.unstored or self._persisting)

    @property
    def claims(self) -> list[Claim]:
        """Those whose results, next attempts or parts are on their way."""
        results = (*self._together.items, *self._alone.values())
        return [*(result.claim for result in results), *self._persisting.values()]

    async def wait_until_stored(self) -> None:
        """Returns when nothing is on its way."""
        while self._together.is_flushing or self._alone or self._persisting:
            await self._together.drain()
            if tasks := (*self._alone, *self._persisting):
                await asyncio.wait(tasks)

    def stop(self) -> None:
        """Drops what is on its way: its jobs will be taken for orphans."""
        self._together.stop()
        for task in (*self._alone, *self._persisting):
            task.cancel()

    # Storing together

    async def _store(self, batch: Sequence[Result]) -> None:
        """Stores them with one statement, for as long as what keeps it from succeeding would keep any; else with two of
        half as many each, and at last alone, so that one result holds up no other."""
        tries = 0
        while True:
            try:
                finishes = await self._jobs.finish_many(_ended(batch))
            # whatever it is: a result that is dropped here would be lost, and its job run for ever
            except Exception as error:
                if not (isinstance(error, DATABASE_ERRORS) and concerns_all(error)):
                    break
                log(Event.FINISH_DELAYED, ix_id=batch[0].claim.ix_id, kind=kind_of(error), error=error)
            else:
                self._note_stored(batch)
                _log_finished(batch, finishes)
                return
            await _pause(tries)
            tries += 1
        if len(batch) == 1:
            self._store_alone(batch[0])
        else:
            middle = len(batch) // 2
            await self._store(batch[:middle])
            await self._store(batch[middle:])

    # Storing alone

    def _store_alone(self, result: Result) -> None:
        # in a context of its own, as the flush of those that are stored together
        task = asyncio.create_task(self._insist(result), context=Context())
        self._alone[task] = result
        task.add_done_callback(self._stored_alone)

    def _stored_alone(self, task: asyncio.Task[None]) -> None:
        del self._alone[task]
        self._stored()

    async def _insist(self, result: Result) -> None:
        """Stores one result. Where PostgreSQL minds it, an error that says so is stored in its place."""
        seconds, tries, given = self._statement_timeout, 0, result
        while True:
            async with self._turns:
                try:
                    finishes = await self._jobs.finish_patiently(_ended([given]), seconds)
                except Exception as error:
                    given = self._mended(result, given, error)
                    if kind_of(error) == "slow":
                        seconds = min(2 * seconds, max(LONGEST_STATEMENT, self._statement_timeout))
                else:
                    self._note_stored([result])
                    _log_finished([given], finishes)
                    return
            await _pause(tries)
            tries += 1

    def _mended(self, result: Result, given: Result, error: Exception) -> Result:
        """What is to be stored after an error: the same, unless the data is at fault."""
        # ix's own words cannot be: whatever is said of them may pass
        if given is result and (minds_data(error) or not isinstance(error, DATABASE_ERRORS)):
            log(Event.JOB_RAISED, ix_id=result.claim.ix_id, use_case=result.claim.use_case, error=error)
            problem = Problem(code="response_unstorable", message="PostgreSQL refused to store the response")
            return result._replace(answer=Answer.failed(problem))
        log(Event.FINISH_DELAYED, ix_id=result.claim.ix_id, kind=kind_of(error), error=error)
        return given

    def _note_stored(self, batch: Sequence[Result]) -> None:
        self.unstored_bytes -= sum(result.weight for result in batch)

    # Postponing and splitting

    def _persistently(self, claim: Claim, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._persisting[task] = claim
        task.add_done_callback(self._persisted)

    async def _split(self, claim: Claim, stack: Stack) -> None:
        outcome = await _persist(claim, lambda: self._jobs.split(claim, stack.parts, stack.blobs))
        if outcome is Split.STALE:
            log(Event.FINISH_REFUSED, ix_id=claim.ix_id)
        else:
            log(Event.JOB_SPLIT, ix_id=claim.ix_id, use_case=claim.use_case, count=len(stack.parts))

    async def _postpone(self, claim: Claim, problem: Problem, after: float, spent: bool) -> None:
        seconds = backoff(claim.attempts + 1, self._retry_delay, after)
        last_error = untrusted.clean(f"{problem.code}: {problem.message}")
        if await _persist(claim, lambda: self._jobs.postpone(claim, last_error, seconds, spent)):
            log(Event.JOB_POSTPONED, ix_id=claim.ix_id, use_case=claim.use_case, code=problem.code, seconds=seconds)
        else:
            log(Event.FINISH_REFUSED, ix_id=claim.ix_id)

    def _persisted(self, task: asyncio.Task[None]) -> None:
        del self._persisting[task]
        self._stored()


def _ended(batch: Sequence[Result]) -> list[EndedRun]:
    return [(result.claim, result.answer.response, result.answer.summary) for result in batch]


async def _persist(claim: Claim, write: Callable[[], Awaitable[T]]) -> T:
    """What `write` gives; it is tried again until the database takes it."""
    tries = 0
    while True:
        try:
            return await write()
        except DATABASE_ERRORS as error:
            log(Event.FINISH_DELAYED, ix_id=claim.ix_id, kind=kind_of(error), error=error)
        await _pause(tries)
        tries += 1


async def _pause(tries: int) -> None:
    await asyncio.sleep(PAUSES[min(tries, len(PAUSES) - 1)])


def _log_finished(batch: Sequence[Result], finishes: Sequence[Finish]) -> None:
    now = asyncio.get_running_loop().time()
    for result, finish in zip(batch, finishes, strict=True):
        # in the context of its run, whose fields (trace_id) the line carries
        result.context.run(_log_one, result, finish, now - result.began)


def _log_one(result: Result, finish: Finish, seconds: float) -> None:
    claim = result.claim
    if finish is Finish.STALE:
        log(Event.FINISH_REFUSED, ix_id=claim.ix_id)
    else:
        log(
            Event.JOB_FINISHED,
            ix_id=claim.ix_id,
            use_case=claim.use_case,
            code=result.answer.error,
            seconds=seconds,
            waited=result.answer.waited or None,
        )
