"""The finisher: what jobs came to is stored whatever the database does meanwhile. Those that end together share a
commit."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context, copy_context
from typing import NamedTuple, TypeVar

import asyncpg

from ix.background.group_commit import GroupCommit
from ix.database.connect import DATABASE_ERRORS, TRANSIENT
from ix.database.jobs import Finish, Jobs
from ix.engine.answer import Answer
from ix.job import Claim, Problem
from ix.telemetry.log import Event, log

PAUSES = (0.05, 0.1, 0.2, 0.5, 1.0)
"""Seconds between tries to reach a database that does not answer; the last one repeats."""
LONGEST_BACKOFF = 300.0
"""Seconds beyond which the pause between two attempts does not grow, whoever asks for it."""
BATCH = 400
"""Most results of one statement: their ids fit into the one notification (8,000 bytes, 17 each)."""

T = TypeVar("T")


def backoff(attempts: int, first: float, least: float = 0.0) -> float:
    """Seconds between attempt `attempts` and the next: `first`, then four times as long each time, with jitter (times
    0.5 to 1.5); or `least` and up to half of it more, so that those who were told the same do not come at once, where
    that is longer."""
    pause = min(first * 4.0 ** (attempts - 1), LONGEST_BACKOFF) * random.uniform(0.5, 1.5)
    return max(pause, min(least, LONGEST_BACKOFF) * random.uniform(1.0, 1.5))


class Result(NamedTuple):
    """What a job came to. `began` is the loop's time, seconds; `context` is that of its run, for the log."""

    claim: Claim
    answer: Answer
    began: float
    context: Context


class Finisher:
    """Stores results in the background, those that came while it waited for the disk with the next statement, and calls
    `stored` after each."""

    def __init__(self, jobs: Jobs, retry_delay: float, stored: Callable[[], None]) -> None:
        self._jobs = jobs
        self._retry_delay = retry_delay
        self._stored = stored
        self._results: GroupCommit[Result] = GroupCommit(self._store, limit=BATCH, flushed=stored)
        self._postponing: dict[asyncio.Task[None], Claim] = {}

    def finish(self, claim: Claim, answer: Answer, began: float) -> None:
        """Stores the answer of a job that began at the loop's time `began`."""
        self._results.add(Result(claim, answer, began, copy_context()))

    def postpone(self, claim: Claim, problem: Problem, after: float = 0.0) -> None:
        """Lets the job's next attempt begin later, in `after` seconds at the earliest."""
        task = asyncio.create_task(self._postpone(claim, problem, after))
        self._postponing[task] = claim
        task.add_done_callback(self._postponed)

    @property
    def unstored(self) -> int:
        """Results that are on their way to the database, and count as not stored until it has answered."""
        return self._results.size

    @property
    def is_idle(self) -> bool:
        """Whether nothing is on its way."""
        return not (self._results.size or self._postponing)

    @property
    def claims(self) -> list[Claim]:
        """Those whose results, or next attempts, are on their way."""
        return [*(result.claim for result in self._results.items), *self._postponing.values()]

    async def wait_until_stored(self) -> None:
        """Returns when nothing is on its way."""
        while self._results.is_flushing or self._postponing:
            await self._results.drain()
            if self._postponing:
                await asyncio.wait(self._postponing)

    def stop(self) -> None:
        """Drops what is on its way: its jobs will be taken for orphans."""
        self._results.stop()
        for task in self._postponing:
            task.cancel()

    # Storing

    async def _store(self, batch: Sequence[Result]) -> None:
        """Stores them together, or one by one where PostgreSQL refuses; the one that it refuses ends in an error that
        says so."""
        try:
            _log_finished(batch, await _persist(batch[0].claim, lambda: self._finish(batch)))
        except asyncpg.PostgresError as error:
            # `_persist` has tried again what may pass: it is the data that PostgreSQL refuses
            if len(batch) == 1:
                await self._store_refused(batch[0], error)
            else:
                for result in batch:
                    await self._store([result])

    async def _store_refused(self, result: Result, error: asyncpg.PostgresError) -> None:
        log(Event.JOB_RAISED, ix_id=result.claim.ix_id, use_case=result.claim.use_case, error=error)
        answer = Answer.failed(Problem(code="response_unstorable", message="PostgreSQL refused to store the response"))
        # ix's own words now, so that no error can be the data's fault, and all of them may pass
        refused = [result._replace(answer=answer)]
        _log_finished(refused, await _persist(result.claim, lambda: self._finish(refused), DATABASE_ERRORS))

    async def _finish(self, batch: Sequence[Result]) -> list[Finish]:
        return await self._jobs.finish_many([(result.claim, result.answer.response) for result in batch])

    # Postponing

    async def _postpone(self, claim: Claim, problem: Problem, after: float) -> None:
        seconds = backoff(claim.attempts + 1, self._retry_delay, after)
        last_error = f"{problem.code}: {problem.message}"
        if await _persist(claim, lambda: self._jobs.postpone(claim, last_error, seconds), DATABASE_ERRORS):
            log(Event.JOB_POSTPONED, ix_id=claim.ix_id, use_case=claim.use_case, code=problem.code, seconds=seconds)
        else:
            log(Event.FINISH_REFUSED, ix_id=claim.ix_id)

    def _postponed(self, task: asyncio.Task[None]) -> None:
        del self._postponing[task]
        self._stored()


async def _persist(
    claim: Claim, write: Callable[[], Awaitable[T]], passing: tuple[type[BaseException], ...] = TRANSIENT
) -> T:
    """What `write` gives; it is tried again until the database answers. `claim` is named in the log, one of many where
    they share it."""
    tries = 0
    while True:
        try:
            return await write()
        except passing as error:
            log(Event.FINISH_DELAYED, ix_id=claim.ix_id, error=error)
        await asyncio.sleep(PAUSES[min(tries, len(PAUSES) - 1)])
        tries += 1


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
