"""The worker: claims as many jobs as it has free slots, and more where they are short, runs them, and has their results
stored.

The wake flag is cleared *before* the look for work, so that a notification between the look and the wait is not lost.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias
from uuid import UUID

from ix.background.actor import Actor
from ix.config import Settings
from ix.database.connect import DATABASE_ERRORS
from ix.database.jobs import Jobs
from ix.engine.finisher import Finisher
from ix.engine.prefetch import PrefetchWindow
from ix.engine.runner import Answer, TryAgain
from ix.job import Claim, Problem
from ix.telemetry import tracing
from ix.telemetry.log import Event, bind, log
from ix.telemetry.traceparent import stored
from ix.telemetry.tracing import Span

RETRY_SECONDS = 1.0
"""Pause after a claim that the database did not answer."""
LAST_SECONDS = 1.5
"""Time that cancelled jobs get to end, and results on their way to be stored, once the drain's own time is up."""
PATIENCE_SECONDS = 0.25
"""How long a claim may wait for a slot before it is given back, since the jobs before it are not as short as they
were."""
MOST_UNSTORED = 2000
"""Results on their way beyond which nothing more is claimed: the database is slower than the work."""

Run = Callable[[Claim], Awaitable[Answer]]
Slot: TypeAlias = "asyncio.Task[None]"


class Worker(Actor):
    """Runs up to `engine_slots` jobs at once, in as many slots: tasks that take the next claim when they have come to
    the end of one.

    A result on its way takes no slot, so that work need not wait for the disk."""

    def __init__(self, settings: Settings, engine_id: UUID, repo: Jobs, run: Run) -> None:
        super().__init__()
        self._count = settings.engine_slots
        self._engine_id = engine_id
        self._repo = repo
        self._run = run
        self._finisher = Finisher(repo, settings.retry_delay, self._look_for_more)
        self._pace = PrefetchWindow()
        self._among_lanes = False
        self._awake = asyncio.Event()
        self._unsettled = True
        self._draining = False
        self._claiming: asyncio.Task[list[Claim]] | None = None
        self._in_doubt = False
        self._ahead: deque[Claim] = deque()
        self._patience: asyncio.TimerHandle | None = None
        self._idle: deque[tuple[Slot, asyncio.Future[Claim]]] = deque()
        self._busy: dict[Slot, Claim] = {}
        self._alone = False
        self._interrupted: set[Slot] = set()
        self._slots: list[Slot] = []
        self._giving_back: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """There may be work."""
        self._unsettled = True
        self._awake.set()

    def claim_among_queues(self, among: bool) -> None:
        """Some use case has a limit, or none has any more."""
        if self._among_lanes != among:
            self._among_lanes = among
            self.wake()

    def interrupt(self, ix_id: str) -> None:
        """Ends the work on a job that was cancelled or erased: its result would be refused."""
        for slot, claim in self._busy.items():
            if claim.ix_id == ix_id:
                log(Event.JOB_INTERRUPTED, ix_id=ix_id)
                self._interrupted.add(slot)
                slot.cancel()
        self._ahead = deque(claim for claim in self._ahead if claim.ix_id != ix_id)

    async def drop_lost(self) -> None:
        """Ends the work on jobs that are not this engine's any more, in case nobody could tell it so."""
        if held := [*self._busy.values(), *self._ahead]:
            for ix_id in await self._repo.lost(held):
                self.interrupt(ix_id)

    async def start(self) -> None:
        """Starts the slots and the claims."""
        if not self._slots:
            self._slots = [asyncio.create_task(self._work(), name=f"slot {number}") for number in range(self._count)]
        await super().start()

    async def stop(self) -> None:
        """Ends at once whatever runs; see `drain` for what may come to its end."""
        await super().stop()
        if self._patience is not None:
            self._patience.cancel()
        under_way = [task for task in (*self._slots, *self._giving_back, self._claiming) if task is not None]
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        self._finisher.stop()
        self._idle.clear()
        self._slots.clear()
        self._claiming = self._patience = None

    async def run(self) -> None:
        """Claims for ever."""
        while True:
            self._awake.clear()
            if not await self._claim_some():
                await self._awake.wait()

    async def drain(self, seconds: float) -> None:
        """Claims nothing more, lets running jobs end for `seconds`, and gives the rest back with no attempt spent."""
        await super().stop()
        self._draining = True
        unbegun = [*await self._on_their_way(), *self._ahead]
        self._ahead.clear()
        for _, waiting in self._idle:
            waiting.cancel()
        await self._slots_end(seconds)
        late = dict(self._busy)
        for slot in late:
            slot.cancel()
        await asyncio.gather(self._slots_end(LAST_SECONDS), self._results_are_stored(LAST_SECONDS))
        await self._give_back([*unbegun, *late.values()])
        await self.stop()

    async def _on_their_way(self) -> list[Claim]:
        """What a claim brought that was under way when the loop was stopped."""
        if self._claiming is None:
            return []
        try:
            async with asyncio.timeout(LAST_SECONDS):
                return await self._claiming
        except DATABASE_ERRORS:
            return []

    async def _slots_end(self, seconds: float) -> None:
        if self._slots:
            await asyncio.wait(self._slots, timeout=seconds)

    async def _results_are_stored(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._finisher.settled()
        except TimeoutError:
            self._finisher.stop()

    async def _claim_some(self) -> bool:
        """One look for work. True where another look may find more."""
        wanted = self._wanted()
        if wanted == 0:
            return False
        self._claiming = asyncio.create_task(self._claim(wanted))
        try:
            claims = await asyncio.shield(self._claiming)
        except DATABASE_ERRORS as error:
            log(Event.DATABASE_UNREACHABLE, who="worker", error=error)
            self._in_doubt = True
            await asyncio.sleep(RETRY_SECONDS)
            return True
        self._claiming = None
        self._unsettled = (
            len(claims) == wanted or any(c.quarantined for c in claims) or (not claims and self._holds_any())
        )
        self._hand_out(claims)
        return len(claims) == wanted

    async def _claim(self, wanted: int) -> list[Claim]:
        if self._in_doubt:
            await self._settle_doubt()
        claims = await self._repo.claim(self._engine_id, wanted, self._among_lanes)
        # a job that must run alone may take the engine down, and with it whatever has not been stored
        return claims if claims or self._holds_any() else await self._repo.claim_quarantined(self._engine_id)

    async def _settle_doubt(self) -> None:
        """A claim whose answer was lost may have been committed: nobody would run its jobs, and nobody rescue them from
        a living engine."""
        held = [*self._busy.values(), *self._ahead, *self._finisher.claims]
        for ix_id in await self._repo.release_unheld(self._engine_id, held):
            log(Event.JOB_RELEASED, ix_id=ix_id)
        self._in_doubt = False

    def _holds_any(self) -> bool:
        return bool(self._busy or self._ahead) or not self._finisher.is_idle

    def _wanted(self) -> int:
        """How many jobs to claim: for every free slot one, and what the pace allows beside; 0 where that is not worth a
        statement."""
        if self._alone or self._finisher.unstored >= MOST_UNSTORED:
            return 0
        ahead = self._pace.ahead()
        wanted = self._count + ahead - len(self._busy) - len(self._ahead)
        return wanted if wanted > ahead // 2 else 0

    def _hand_out(self, claims: Sequence[Claim]) -> None:
        for claim in claims:
            self._alone = claim.quarantined
            if self._idle:
                slot, waiting = self._idle.popleft()
                self._busy[slot] = claim
                waiting.set_result(claim)
            else:
                self._ahead.append(claim)
        if self._ahead and self._patience is None:
            self._patience = asyncio.get_running_loop().call_later(
                PATIENCE_SECONDS, self._lose_patience, self._ahead[0]
            )

    def _lose_patience(self, first: Claim) -> None:
        """Gives back what is still not begun: it was claimed ahead for short jobs, and those that run are not short."""
        self._patience = None
        if first in self._ahead:
            self._pace.forget()
            task = asyncio.create_task(self._give_ahead_back())
            self._giving_back.add(task)
            task.add_done_callback(self._giving_back.discard)
        else:
            self._hand_out(())

    async def _give_ahead_back(self) -> None:
        given_back, self._ahead = list(self._ahead), deque()
        if not await self._give_back(given_back):
            self._ahead.extend(given_back)
            self._hand_out(())

    async def _work(self) -> None:
        """A slot: one job after the other."""
        slot = asyncio.current_task()
        assert slot is not None
        while not self._draining:
            try:
                await self._attempt_traced(await self._next(slot))
            except asyncio.CancelledError:
                if slot not in self._interrupted:
                    raise
                slot.uncancel()
            finally:
                self._interrupted.discard(slot)
                self._busy.pop(slot, None)
                self._alone = False
            self._pace.count()
            self._look_for_more()
            # a use case that waits for nothing would keep the loop from everything else, claims and results among it
            await asyncio.sleep(0)

    def _look_for_more(self) -> None:
        """What kept the worker from claiming, no slot or too many results on their way, may be over."""
        if self._unsettled and self._wanted():
            self._awake.set()

    async def _next(self, slot: Slot) -> Claim:
        if self._ahead:
            self._busy[slot] = claim = self._ahead.popleft()
            return claim
        waiting: asyncio.Future[Claim] = asyncio.get_running_loop().create_future()
        self._idle.append((slot, waiting))
        return await waiting

    async def _attempt_traced(self, claim: Claim) -> None:
        bind(ix_id=claim.ix_id)
        caller = stored(claim.trace) if claim.trace else None
        if not tracing.concerns(caller):
            await self._attempt(claim, Span())
            return
        about = {
            "messaging.system": "postgresql",
            "messaging.operation.type": "process",
            "messaging.message.id": claim.ix_id,
        }
        with tracing.start_span(f"process {claim.use_case}", "consumer", caller, about) as span:
            await self._attempt(claim, span)

    async def _attempt(self, claim: Claim, span: Span) -> None:
        log(Event.JOB_STARTED, ix_id=claim.ix_id, use_case=claim.use_case, attempt=claim.attempts + 1)
        span.set(ix__use_case=claim.use_case, ix__attempt=claim.attempts + 1)
        began = asyncio.get_running_loop().time()
        try:
            answer = await self._run(claim)
        except TryAgain as again:
            span.fail(again.problem.code)
            self._finisher.postpone(claim, again.problem, again.after)
            return
        except Exception as error:
            log(Event.JOB_RAISED, ix_id=claim.ix_id, use_case=claim.use_case, error=error)
            answer = Answer.failed(
                Problem(code="engine_failed", message="an error inside the engine; its log names it")
            )
        if answer.error:
            span.fail(answer.error)
        self._finisher.finish(claim, answer, began)

    async def _give_back(self, claims: list[Claim]) -> bool:
        """False where the database does not answer."""
        try:
            async with asyncio.timeout(LAST_SECONDS):
                released = await self._repo.release(claims) if claims else []
            for ix_id in released:
                log(Event.JOB_RELEASED, ix_id=ix_id)
        except DATABASE_ERRORS as error:
            log(Event.DATABASE_UNREACHABLE, who="worker", error=error)
            return False
        return True
