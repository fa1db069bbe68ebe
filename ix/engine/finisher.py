"""The finisher: what jobs came to is stored whatever the database does meanwhile. Those that end together share a
commit."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context, copy_context
from typing import NamedTuple, TypeVar

import asyncpg

from ix.database.connect import DATABASE_ERRORS, TRANSIENT
from ix.database.jobs import Finish, Jobs
from ix.engine.runner import Answer
from ix.job import Claim, Problem
from ix.telemetry.log import Event, log

RETRY_SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0)
"""Pauses between tries to reach a database that blinks; the last one repeats."""
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
    """Stores results in the background, those that came while it waited for the disk with the next statement, and tells
    `stored` after each. `unstored` counts those on their way."""

    def __init__(self, repo: Jobs, retry_delay: float, stored: Callable[[], None]) -> None:
        self._repo = repo
        self._retry_delay = retry_delay
        self._stored = stored
        self._waiting: deque[Result] = deque()
        self._storing: Sequence[Result] = ()
        self._flushing: asyncio.Task[None] | None = None
        self._postponing: dict[asyncio.Task[None], Claim] = {}
        self.unstored = 0

    def finish(self, claim: Claim, answer: Answer, began: float) -> None:
        """Ends a job."""
        self._waiting.append(Result(claim, answer, began, copy_context()))
        self.unstored += 1
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush(), context=Context())

    def postpone(self, claim: Claim, problem: Problem, after: float = 0.0) -> None:
        """Lets the job's next attempt begin later, in `after` seconds at the earliest."""
        task = asyncio.create_task(self._postpone(claim, problem, after))
        self._postponing[task] = claim
        task.add_done_callback(self._postponed)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is on its way."""
        return not (self.unstored or self._postponing)

    @property
    def claims(self) -> list[Claim]:
        """Those whose results, or next attempts, are on their way."""
        return [*(result.claim for result in (*self._storing, *self._waiting)), *self._postponing.values()]

    async def settled(self) -> None:
        """Returns when nothing is on its way."""
        while under_way := [task for task in (self._flushing, *self._postponing) if task is not None]:
            await asyncio.wait(under_way)

    def stop(self) -> None:
        """Drops what is on its way: its jobs will be taken for orphans."""
        for task in (self._flushing, *self._postponing):
            if task is not None:
                task.cancel()

    async def _flush(self) -> None:
        try:
            while self._waiting:
                self._storing = batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), BATCH))]
                await self._store(batch)
                self.unstored -= len(batch)
                self._stored()
        finally:
            self._storing, self._flushing = (), None

    async def _store(self, batch: Sequence[Result]) -> None:
        """Stores them together, or one by one where PostgreSQL refuses; the one that it refuses ends in an error that
        says so."""
        try:
            self._tell(batch, await _persisted(batch[0].claim, lambda: self._finish(batch)))
        except asyncpg.PostgresError as error:
            if len(batch) == 1:
                await self._store_refused(batch[0], error)
            else:
                for result in batch:
                    await self._store([result])

    async def _store_refused(self, result: Result, error: asyncpg.PostgresError) -> None:
        log(Event.JOB_RAISED, ix_id=result.claim.ix_id, use_case=result.claim.use_case, error=error)
        answer = Answer.failed(Problem(code="response_unstorable", message="PostgreSQL refused to store the response"))
        refused = [result._replace(answer=answer)]
        self._tell(refused, await _persisted(result.claim, lambda: self._finish(refused), DATABASE_ERRORS))

    async def _finish(self, batch: Sequence[Result]) -> list[Finish]:
        return await self._repo.finish_many([(result.claim, result.answer.response) for result in batch])

    def _tell(self, batch: Sequence[Result], finishes: Sequence[Finish]) -> None:
        now = asyncio.get_running_loop().time()
        for result, finish in zip(batch, finishes, strict=True):
            result.context.run(_say_finished, result, finish, now - result.began)

    async def _postpone(self, claim: Claim, problem: Problem, after: float) -> None:
        seconds = backoff(claim.attempts + 1, self._retry_delay, after)
        cause = f"{problem.code}: {problem.message}"
        passing = DATABASE_ERRORS
        if await _persisted(claim, lambda: self._repo.postpone(claim, cause, seconds), passing):
            log(Event.JOB_POSTPONED, ix_id=claim.ix_id, use_case=claim.use_case, code=problem.code, seconds=seconds)
        else:
            log(Event.FINISH_REFUSED, ix_id=claim.ix_id)

    def _postponed(self, task: asyncio.Task[None]) -> None:
        del self._postponing[task]
        self._stored()


def _say_finished(result: Result, finish: Finish, seconds: float) -> None:
    if finish is Finish.STALE:
        log(Event.FINISH_REFUSED, ix_id=result.claim.ix_id)
    else:
        log(
            Event.JOB_FINISHED,
            ix_id=result.claim.ix_id,
            use_case=result.claim.use_case,
            code=result.answer.error,
            seconds=seconds,
        )


async def _persisted(
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
        await asyncio.sleep(RETRY_SECONDS[min(tries, len(RETRY_SECONDS) - 1)])
        tries += 1
