"""The slots: as many tasks as jobs may run at once, each of which takes the next claim when it has come to the end of
one.

    put ──▶ an idle slot, or prefetched ──▶ a slot that becomes free ──▶ attempt ──▶ ended
    lend ─▶ a spare slot ───────────────────────────────────────────────────▲

There are as many spare slots as slots. They are for clients that hold none while all slots are taken, so that no client
can take an engine from the others, however many jobs it has and however long they run. A spare slot is no slot of its
own kind: there are twice as many tasks, and what `put` brings begins only while fewer run than there are slots."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeAlias

from ix.job import Claim
from ix.telemetry.log import Event, log

Slot: TypeAlias = "asyncio.Task[None]"


class Slots:
    """Runs `attempt` for each claim that is put in, `count` of them at once, and of as many more that are lent a slot.

    `busy` says which slot runs which claim, `prefetched` holds the claims that no slot has taken yet."""

    def __init__(self, count: int, attempt: Callable[[Claim], Awaitable[None]]) -> None:
        self.count = count
        self.busy: dict[Slot, Claim] = {}
        self.prefetched: deque[Claim] = deque()
        self.runs_alone = False
        """Whether a quarantined job runs, beside which no other may."""
        self._attempt = attempt
        self._tasks: list[Slot] = []
        self._idle: deque[tuple[Slot, asyncio.Future[Claim]]] = deque()
        self._interrupted: set[Slot] = set()
        """Slots that were cancelled for the sake of their job, and go on with the next one."""
        self._is_closed = False

    @property
    def claims(self) -> list[Claim]:
        """What runs, and what is prefetched."""
        return [*self.busy.values(), *self.prefetched]

    def start(self, ended: Callable[[], None]) -> None:
        """Starts the tasks, unless they run already; each calls `ended` after a job."""
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(self._work(ended), name=f"slot {number}") for number in range(2 * self.count)
            ]

    async def stop(self) -> None:
        """Cancels whatever runs, and returns when it has ended."""
        for slot in self._tasks:
            slot.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._idle.clear()
        self._tasks.clear()

    @property
    def is_full(self) -> bool:
        """Whether every slot is taken, a spare one is free, and another job may run beside those that do."""
        return self.count <= len(self.busy) < 2 * self.count and not self.runs_alone

    def put(self, claims: Iterable[Claim]) -> None:
        """Hands each claim to a slot that is idle; those for which there is none are prefetched."""
        for claim in claims:
            self.runs_alone = claim.quarantined
            self.prefetched.append(claim)
        while self.prefetched and self._idle and len(self.busy) < self.count:
            self._begin(self.prefetched.popleft())

    def lend(self, claims: Iterable[Claim]) -> None:
        """Hands each claim to a spare slot, where there is one."""
        for claim in claims:
            if self._idle:
                self._begin(claim)
            else:
                self.prefetched.append(claim)

    def _begin(self, claim: Claim) -> None:
        slot, next_claim = self._idle.popleft()
        # noted here, not when the slot wakes: a claim that nobody holds would be given back (`release_unheld`)
        self.busy[slot] = claim
        next_claim.set_result(claim)

    def take_prefetched(self) -> list[Claim]:
        """The claims that no slot has taken; none will."""
        prefetched, self.prefetched = list(self.prefetched), deque()
        return prefetched

    def interrupt(self, ix_id: str) -> None:
        """Ends the work on a job; its slot goes on with the next one."""
        for slot, claim in self.busy.items():
            if claim.ix_id == ix_id:
                log(Event.JOB_INTERRUPTED, ix_id=ix_id)
                self._interrupted.add(slot)
                slot.cancel()
        self.prefetched = deque(claim for claim in self.prefetched if claim.ix_id != ix_id)

    def close(self) -> None:
        """Lets every slot end after the job that it runs."""
        self._is_closed = True
        for _, next_claim in self._idle:
            # to the slot it is as if it were cancelled itself, and not for the sake of a job: it ends
            next_claim.cancel()

    async def wait_until_ended(self, seconds: float) -> None:
        """Returns when all slots have ended, at the latest when the time is up."""
        # asyncio.wait refuses to wait for nothing
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)

    def cancel(self) -> list[Claim]:
        """Cancels the jobs that run, and their slots with them; their claims."""
        late = dict(self.busy)
        for slot in late:
            slot.cancel()
        return list(late.values())

    async def _work(self, ended: Callable[[], None]) -> None:
        slot = asyncio.current_task()
        assert slot is not None
        while not self._is_closed:
            try:
                await self._attempt(await self._next(slot))
            except asyncio.CancelledError:
                if slot not in self._interrupted:
                    raise
                # or `asyncio.timeout` in the next job would take this cancellation for its own
                slot.uncancel()
            finally:
                self._interrupted.discard(slot)
                self.busy.pop(slot, None)
                self.runs_alone = False
            ended()
            # a use case that waits for nothing would keep the loop from everything else, claims and results among it
            await asyncio.sleep(0)

    async def _next(self, slot: Slot) -> Claim:
        if self.prefetched and len(self.busy) < self.count:
            self.busy[slot] = claim = self.prefetched.popleft()
            return claim
        next_claim: asyncio.Future[Claim] = asyncio.get_running_loop().create_future()
        self._idle.append((slot, next_claim))
        return await next_claim
