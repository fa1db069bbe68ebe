"""The worker: claims as many jobs as it has free slots, runs them, and stores what they answer.

The wake flag is cleared *before* the look for work, so that a notification between the look and the wait is not lost.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

import asyncpg

from ix import tracing
from ix.actor import Actor
from ix.coalesce import Coalescer
from ix.config import Settings
from ix.db import TRANSIENT
from ix.engine.runner import Answer, TryAgain
from ix.events import Event, context_carrying, say
from ix.job import Claim, Problem
from ix.repo import Finish, JobsRepo
from ix.traceparent import stored
from ix.tracing import Span

RETRY_SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0)
"""Pauses between tries to reach a database that blinks; the last one repeats."""

LAST_SECONDS = 1.5
"""Time that cancelled jobs get to end, and results on their way to be stored, once the drain's own time is up."""

MOST_UNSTORED = 4
"""Results on their way for each slot, beyond which nothing more is claimed: the database is slower than the work."""

LONGEST_BACKOFF = 300.0
"""Seconds beyond which the pause between two attempts does not grow."""

Run = Callable[[Claim], Awaitable[Answer]]
T = TypeVar("T")


def backoff(attempts: int, first: float) -> float:
    """Seconds between attempt `attempts` and the next: `first`, then four times as long each time, with jitter (times 0.5 to 1.5)."""
    return min(first * 4.0 ** (attempts - 1), LONGEST_BACKOFF) * random.uniform(0.5, 1.5)


class Worker(Actor):
    """Runs up to `engine_slots` jobs at once."""

    def __init__(self, settings: Settings, engine_id: UUID, repo: JobsRepo, run: Run) -> None:
        super().__init__()
        self._settings = settings
        self._engine_id = engine_id
        self._repo = repo
        self._run = run
        self._among_lanes = False
        self._awake = asyncio.Event()
        self._unsettled = True
        self._jobs: dict[asyncio.Task[None], Claim] = {}
        self._storing: set[asyncio.Task[None]] = set()
        self._claiming: asyncio.Task[list[Claim]] | None = None
        self._finish = Coalescer(repo.finish_many, transient=TRANSIENT)

    def wake(self) -> None:
        """There may be work."""
        self._unsettled = True
        self._awake.set()

    def look_among_lanes(self, among: bool) -> None:
        """Some use case has a limit, or none has any more."""
        if self._among_lanes != among:
            self._among_lanes = among
            self.wake()

    def interrupt(self, ix_id: str) -> None:
        """Ends the work on a job that was cancelled or erased: its result would be refused."""
        for task, claim in self._jobs.items():
            if claim.ix_id == ix_id and task not in self._storing:
                say(Event.JOB_INTERRUPTED, ix_id=ix_id)
                task.cancel()

    async def drop_lost(self) -> None:
        """Ends the work on jobs that are not this engine's any more, in case nobody could tell it so."""
        if self._jobs:
            for ix_id in await self._repo.lost(list(self._jobs.values())):
                self.interrupt(ix_id)

    async def run(self) -> None:
        """Claims and launches for ever."""
        while True:
            self._awake.clear()
            if not await self._claim_and_launch():
                await self._awake.wait()

    async def drain(self, seconds: float) -> None:
        """Claims nothing more, lets running jobs end for `seconds`, and gives the rest back with no attempt spent."""
        await self.stop()
        unlaunched = await self._unlaunched()
        await self._ends(seconds)
        late = {task: claim for task, claim in self._jobs.items() if task not in self._storing}
        for task in late:
            task.cancel()
        await self._ends(LAST_SECONDS)
        for task in self._jobs:
            task.cancel()
        await self._give_back([*unlaunched, *late.values()])

    async def _unlaunched(self) -> list[Claim]:
        """What a claim brought that was on its way when the loop was stopped."""
        if self._claiming is None:
            return []
        try:
            async with asyncio.timeout(LAST_SECONDS):
                return await self._claiming
        except (*TRANSIENT, asyncpg.PostgresError):
            return []

    async def _ends(self, seconds: float) -> None:
        if self._jobs:
            await asyncio.wait(list(self._jobs), timeout=seconds)

    async def _claim_and_launch(self) -> bool:
        """One look for work. True where another look may find more."""
        free = self._free_slots()
        if free == 0:
            return False
        self._claiming = asyncio.create_task(self._claim(free))
        try:
            claims = await asyncio.shield(self._claiming)
        except (*TRANSIENT, asyncpg.PostgresError) as error:
            say(Event.DATABASE_UNREACHABLE, who="worker", error=error)
            await asyncio.sleep(RETRY_SECONDS[-1])
            return True
        self._claiming = None
        self._unsettled = len(claims) == free or any(c.solo for c in claims) or (not claims and bool(self._jobs))
        for claim in claims:
            self._launch(claim)
        return len(claims) == free

    async def _claim(self, free: int) -> list[Claim]:
        claims = await self._repo.claim(self._engine_id, free, self._among_lanes)
        return claims if claims or self._jobs else await self._repo.claim_solo(self._engine_id)

    def _free_slots(self) -> int:
        if len(self._storing) >= MOST_UNSTORED * self._settings.engine_slots or any(claim.solo for claim in self._jobs.values()):
            return 0
        return self._settings.engine_slots - len(self._jobs) + len(self._storing)

    def _launch(self, claim: Claim) -> None:
        task = asyncio.create_task(self._work(claim), context=context_carrying(ix_id=claim.ix_id))
        self._jobs[task] = claim
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._jobs[task]
        self._storing.discard(task)
        if self._unsettled:
            self._awake.set()

    async def _work(self, claim: Claim) -> None:
        caller = stored(claim.trace) if claim.trace else None
        if not tracing.concerns(caller):
            await self._attempt(claim, Span())
            return
        about = {"messaging.system": "postgresql", "messaging.operation.type": "process", "messaging.message.id": claim.ix_id}
        with tracing.begun(f"process {claim.use_case}", "consumer", caller, about) as span:
            await self._attempt(claim, span)

    async def _attempt(self, claim: Claim, span: Span) -> None:
        loop = asyncio.get_running_loop()
        say(Event.JOB_STARTED, ix_id=claim.ix_id, use_case=claim.use_case, attempt=claim.attempts + 1)
        span.set(ix__use_case=claim.use_case, ix__attempt=claim.attempts + 1)
        began = loop.time()
        try:
            answer = await self._run(claim)
        except TryAgain as again:
            span.fail(again.problem.code)
            await self._postpone(claim, again.problem)
            return
        self._mark_storing()
        if answer.error:
            span.fail(answer.error)
        finish = await self._store(claim, answer)
        if finish is Finish.STALE:
            say(Event.FINISH_REFUSED, ix_id=claim.ix_id)
            return
        say(Event.JOB_FINISHED, ix_id=claim.ix_id, use_case=claim.use_case, code=answer.error, seconds=loop.time() - began)

    def _mark_storing(self) -> None:
        """From here on the job is not given back, since its result is on the way, and takes no slot: the next claim need not wait for the
        disk."""
        task = asyncio.current_task()
        assert task is not None
        self._storing.add(task)
        if self._unsettled:
            self._awake.set()

    async def _store(self, claim: Claim, answer: Answer) -> Finish:
        """Stores a result; one that PostgreSQL refuses becomes an error that says so."""
        try:
            return await self._persist(claim, lambda: self._finish((claim, answer.response)))
        except asyncpg.PostgresError as error:
            say(Event.JOB_RAISED, ix_id=claim.ix_id, use_case=claim.use_case, error=error)
            refused = Answer.failed(Problem(code="response_unstorable", message="PostgreSQL refused to store the response"))
            return await self._persist(claim, lambda: self._finish((claim, refused.response)), passing=(*TRANSIENT, asyncpg.PostgresError))

    async def _postpone(self, claim: Claim, problem: Problem) -> None:
        """Lets the next attempt begin later."""
        self._mark_storing()
        seconds = backoff(claim.attempts + 1, self._settings.retry_delay)
        cause = f"{problem.code}: {problem.message}"
        held = await self._persist(claim, lambda: self._repo.postpone(claim, cause, seconds), passing=(*TRANSIENT, asyncpg.PostgresError))
        if held:
            say(Event.JOB_POSTPONED, ix_id=claim.ix_id, use_case=claim.use_case, code=problem.code, seconds=seconds)
        else:
            say(Event.FINISH_REFUSED, ix_id=claim.ix_id)

    async def _persist(self, claim: Claim, write: Callable[[], Awaitable[T]], passing: tuple[type[BaseException], ...] = TRANSIENT) -> T:
        """What `write` gives; it is tried again until the database answers."""
        tries = 0
        while True:
            try:
                return await write()
            except passing as error:
                say(Event.FINISH_DELAYED, ix_id=claim.ix_id, error=error)
            await asyncio.sleep(RETRY_SECONDS[min(tries, len(RETRY_SECONDS) - 1)])
            tries += 1

    async def _give_back(self, claims: list[Claim]) -> None:
        if not claims:
            return
        try:
            async with asyncio.timeout(LAST_SECONDS):
                released = await self._repo.release(claims)
            for ix_id in released:
                say(Event.JOB_RELEASED, ix_id=ix_id)
        except (*TRANSIENT, asyncpg.PostgresError) as error:
            say(Event.DATABASE_UNREACHABLE, who="drain", error=error)
