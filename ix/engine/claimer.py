"""The claimer: how many jobs to claim and when, and what becomes of claims that no slot can take.

    wake ──▶ look: claim as many as there are free slots, and more where jobs are short ──▶ slots
               ├─ all slots are taken by long jobs: claim one of a client that holds none ──▶ a spare slot
               └─ the answer is lost: what may have been claimed is given back before the next claim

The wake flag is cleared *before* the look for work, so that a notification between the look and the wait is not lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

from ix.background.periodic import RETRY_SECONDS, PeriodicActor
from ix.config import MIB
from ix.database.connect import DATABASE_ERRORS
from ix.database.jobs import Jobs
from ix.engine.finisher import Finisher
from ix.engine.prefetch import PrefetchWindow
from ix.engine.quarantine import Quarantine
from ix.engine.slots import Slots
from ix.job import Claim
from ix.telemetry.log import Event, log

PREFETCH_TIMEOUT = 0.25
"""Seconds that a prefetched claim may wait for a slot before it is given back, since the jobs before it are not as
short as they were."""
ANSWER_SECONDS = 1.5
"""How long an engine that stops waits for the answer to a claim, and claims that are given back for theirs."""
NEWCOMERS_SECONDS = 0.1
"""Least time between two looks for clients that hold no slot, while all slots are taken."""
MOST_UNSTORED = 2000
"""Results on their way beyond which nothing more is claimed: the database is slower than the work."""
MOST_UNSTORED_BYTES = 128 * MIB
"""Their bytes, likewise."""


class Claimer(PeriodicActor):
    """Claims for `slots`, whenever it is woken and whenever a slot that became free may find more work."""

    who = "worker"
    unreachable = DATABASE_ERRORS
    looks_at_once = True

    def __init__(self, jobs: Jobs, engine_id: UUID, slots: Slots, finisher: Finisher) -> None:
        super().__init__()
        self._jobs = jobs
        self._engine_id = engine_id
        self._slots = slots
        self._finisher = finisher
        self._quarantine = Quarantine(jobs, engine_id, self.wake, slots.interrupt)
        self._window = PrefetchWindow()
        self._awake = asyncio.Event()
        self._among_queues = False
        """Whether some use case has a limit, so that jobs wait in more queues than one."""
        self._stale_read = True
        """Whether the last look does not tell that nothing waits: then the next slot that becomes free looks again."""
        self._looks_again = False
        """Whether another look may find more at once, without being woken."""
        self._claiming: asyncio.Task[list[Claim]] | None = None
        """The claim on its way to the database. It outlives the loop, so that its answer is not lost at a stop."""
        self._unknown_outcome = False
        """Whether the answer of a claim was lost, which may have been committed all the same."""
        self._next_newcomers = 0.0
        """The loop's time before which clients that hold no slot are not looked for again."""
        self._newcomers_timer: asyncio.TimerHandle | None = None
        self._prefetch_timeout: asyncio.TimerHandle | None = None
        self._giving_back: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """There may be work: it is looked for at once."""
        self._stale_read = True
        self._awake.set()

    def claim_among_queues(self, among: bool) -> None:
        """Whether to look into the queues of use cases with a limit, too."""
        if self._among_queues != among:
            self._among_queues = among
            self.wake()

    def job_ended(self) -> None:
        """A job has come to its end, and its slot is free."""
        self._window.count()
        self._quarantine.ended()
        self.look_if_it_pays()

    def look_if_it_pays(self) -> None:
        """What kept it from claiming, no slot or too many results on their way, may be over."""
        if self._stale_read and (self._wanted() or self._may_lend):
            self._awake.set()

    async def stop(self) -> None:
        """Ends at once whatever is under way; see `stop_looking` for a claim that may come to its end."""
        await self.stop_looking()
        await self._quarantine.stop()
        for timer in (self._prefetch_timeout, self._newcomers_timer):
            if timer is not None:
                timer.cancel()
        under_way = [task for task in (*self._giving_back, self._claiming) if task is not None]
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        self._claiming = self._prefetch_timeout = self._newcomers_timer = None

    async def stop_looking(self) -> None:
        """Claims nothing more. A claim on its way goes on: see `last_claims`."""
        await super().stop()

    async def last_claims(self) -> list[Claim]:
        """What the claim brought that was on its way when the looking was stopped."""
        if self._claiming is None:
            return []
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self._claiming
        # what it may have claimed all the same is rescued, like all orphans, once this engine has left
        except DATABASE_ERRORS:
            return []

    async def give_back(self, claims: Sequence[Claim]) -> bool:
        """Makes the jobs pending again, no attempt spent. False where the database does not answer."""
        return await self.reaches(lambda: self._give_back(claims))

    async def pause(self) -> None:
        """Waits until it is woken, unless another look may find more at once."""
        if not self._looks_again:
            await self._awake.wait()

    async def look(self) -> None:
        """Claims once, and hands out what that brought."""
        self._awake.clear()  # first, see above
        wanted = self._wanted()
        self._looks_again = False
        if wanted == 0:
            await self._look_for_newcomers()
            return
        claims = await self._claimed(wanted)
        self._looks_again = len(claims) == wanted
        # before they are handed out: what counts is what was held during the look
        self._stale_read = self._looks_again or self._may_hide_more(claims)
        self._hand_out(claims)

    async def _look_for_newcomers(self) -> None:
        """Claims a job of a client that holds no slot, where all are taken by jobs that take their time."""
        if not self._may_lend:
            return
        loop = asyncio.get_running_loop()
        # where jobs are short a slot is free in a moment, for whoever is next
        pause = NEWCOMERS_SECONDS if self._window.size() else self._next_newcomers - loop.time()
        if pause > 0:
            if self._newcomers_timer is None:
                self._newcomers_timer = loop.call_later(pause, self._newcomers_due)
            return
        # one at a time: two of one claim might be of one client
        claims = await self._claimed(1, passing_over=sorted({claim.client_id for claim in self._slots.claims}))
        self._looks_again = bool(claims)
        if not claims:
            self._next_newcomers = loop.time() + NEWCOMERS_SECONDS
        self._slots.lend(claims)
        self._limit_prefetch()

    def _newcomers_due(self) -> None:
        self._newcomers_timer = None
        self._awake.set()

    async def _claimed(self, wanted: int, passing_over: Sequence[str] = ()) -> list[Claim]:
        self._claiming = asyncio.create_task(self._claim(wanted, passing_over))
        # shielded: whoever stops the loop in this moment still gets the answer, see `last_claims`
        claims = await asyncio.shield(self._claiming)
        # only now: where the loop is stopped during the wait, `last_claims` finds the task here
        self._claiming = None
        return claims

    async def recover(self) -> None:
        """The claim may have been committed."""
        self._unknown_outcome = True
        await asyncio.sleep(RETRY_SECONDS)
        self._looks_again = True

    # How many

    def _wanted(self) -> int:
        """One for every free slot, and as many as the window allows beside; 0 where that is less than half
        the window, and not worth a statement."""
        slots = self._slots
        if slots.runs_alone or self._is_held_up:
            return 0
        window = self._window.size()
        wanted = slots.count + window - len(slots.busy) - len(slots.prefetched)
        return wanted if wanted > window // 2 else 0

    @property
    def _may_lend(self) -> bool:
        """Whether all slots are taken, and nothing waits for one of them here."""
        # the first of these rules it out while many short jobs run
        return not self._slots.prefetched and self._slots.is_full and not self._is_held_up

    @property
    def _is_held_up(self) -> bool:
        finisher = self._finisher
        return finisher.unstored >= MOST_UNSTORED or finisher.unstored_bytes >= MOST_UNSTORED_BYTES

    def _may_hide_more(self, claims: Sequence[Claim]) -> bool:
        """Whether a quarantined job hides its client's others, or waits itself until this engine holds nothing."""
        hides = self._jobs.any_apart or any(claim.quarantined for claim in claims)
        return hides or (not claims and self._holds_any())

    def _holds_any(self) -> bool:
        return bool(self._slots.busy or self._slots.prefetched) or not self._finisher.is_idle

    # Claim

    async def _claim(self, wanted: int, passing_over: Sequence[str]) -> list[Claim]:
        if self._unknown_outcome:
            await self._release_unheld()
        # a quarantined job may take the engine down, and with it whatever has not been stored
        if self._quarantine.stands_still:
            if self._holds_any():
                return []
            if alone := await self._quarantine.take():
                return alone
        claims = await self._jobs.claim(self._engine_id, wanted, self._among_queues, passing_over)
        if self._jobs.any_apart and not claims and not self._holds_any():
            return await self._quarantine.take()
        if self._jobs.any_apart:
            await self._quarantine.consider()
        return claims

    async def _release_unheld(self) -> None:
        """Gives back what a claim with an unknown outcome took: nobody would run its jobs, and nobody rescue them from
        a living engine."""
        held = [*self._slots.claims, *self._finisher.claims]
        for ix_id in await self._jobs.release_unheld(self._engine_id, held):
            log(Event.JOB_RELEASED, ix_id=ix_id)
        # last: a release that fails is tried again before the next claim
        self._unknown_outcome = False

    # Hand out

    def _hand_out(self, claims: Sequence[Claim]) -> None:
        self._slots.put(claims)
        self._limit_prefetch()

    def _limit_prefetch(self) -> None:
        if self._slots.prefetched and self._prefetch_timeout is None:
            self._prefetch_timeout = asyncio.get_running_loop().call_later(
                PREFETCH_TIMEOUT, self._prefetch_timed_out, self._slots.prefetched[0]
            )

    def _prefetch_timed_out(self, first: Claim) -> None:
        self._prefetch_timeout = None
        # the first waits longest: where it has begun, the others get their own time
        if first in self._slots.prefetched:
            self._window.reset()
            task = asyncio.create_task(self._give_prefetched_back())
            self._giving_back.add(task)
            task.add_done_callback(self._giving_back.discard)
        else:
            self._limit_prefetch()

    # Give back

    async def _give_prefetched_back(self) -> None:
        claims = self._slots.take_prefetched()
        if await self.give_back(claims):
            # nothing waits for a slot here any more: one may be lent
            self.wake()
        else:
            # they are this engine's still, and nobody else would run them
            self._slots.prefetched.extend(claims)
            self._limit_prefetch()

    async def _give_back(self, claims: Sequence[Claim]) -> None:
        async with asyncio.timeout(ANSWER_SECONDS):
            released = await self._jobs.release(claims) if claims else []
        for ix_id in released:
            log(Event.JOB_RELEASED, ix_id=ix_id)
