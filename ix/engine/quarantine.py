"""Quarantine in one engine: when it stands still for a job that must run alone, and how long it does.

claim sees one ──stand still, up to the patience──▶ holds nothing ──▶ runs it alone, up to a limit ──▶ others' turn
                        └─ still holds something: claims again for as long, and is twice as patient the next time
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from uuid import UUID

from ix.background.periodic import RETRY_SECONDS
from ix.database.connect import DATABASE_ERRORS
from ix.database.jobs import Jobs
from ix.job import Claim
from ix.telemetry.log import Event, log

PATIENCE_SECONDS = 5.0
"""How long an engine claims nothing, waiting for its jobs to end; twice as long each time that it was not enough."""
MOST_PATIENCE_SECONDS = 320.0
"""No more than that: longer than a job may take by default."""
ASK_SECONDS = 0.5
"""Pause between two questions whether this engine is the one to stand still."""
ALONE_SECONDS = 30.0
"""How long a job may keep an engine to itself while others wait; twice as long for each strike of its client, so that
one that does no harm comes to its end."""


class Quarantine:
    """Decides for the claimer of one engine. `wake` has it look again, `interrupt` ends the work on a job."""

    def __init__(self, jobs: Jobs, engine_id: UUID, wake: Callable[[], None], interrupt: Callable[[str], None]) -> None:
        self._jobs = jobs
        self._engine_id = engine_id
        self._wake = wake
        self._interrupt = interrupt
        self._patience = PATIENCE_SECONDS
        self._stands_until = self._asks_at = float("-inf")
        self._timer: asyncio.TimerHandle | None = None
        self._watch: asyncio.Task[None] | None = None

    async def stop(self) -> None:
        """Ends the watch over the job that runs alone."""
        if self._timer is not None:
            self._timer.cancel()
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)

    @property
    def stands_still(self) -> bool:
        """Whether nothing is to be claimed but the job that must run alone."""
        now = asyncio.get_running_loop().time()
        if self._stands_until == float("-inf") or now < self._stands_until:
            return now < self._stands_until
        # it was not enough: others have their turn for as long
        self._stands_until, self._asks_at = float("-inf"), now + self._patience
        self._patience = min(2 * self._patience, MOST_PATIENCE_SECONDS)
        return False

    async def consider(self) -> None:
        """Stands still from now on, where a job waits for an engine of its own and this engine is the one."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._asks_at:
            return
        self._asks_at = loop.time() + ASK_SECONDS
        if await self._jobs.stand_still(self._engine_id, self._patience):
            self._stands_until = loop.time() + self._patience
            self._timer = loop.call_later(self._patience, self._wake)

    async def take(self) -> list[Claim]:
        """The job that runs alone in this engine, which holds nothing else. It is watched."""
        claims = await self._jobs.claim_quarantined(self._engine_id)
        if self._stands_until != float("-inf"):
            self._stands_until, self._patience = float("-inf"), PATIENCE_SECONDS
            await self._jobs.go_on(self._engine_id)
        for claim in claims:
            self._watch = asyncio.create_task(self._limit(claim))
        return claims

    def ended(self) -> None:
        """What ran alone runs no more."""
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    async def _limit(self, claim: Claim) -> None:
        while True:
            try:
                await asyncio.sleep(ALONE_SECONDS * 2 ** await self._jobs.strikes(claim.client_id))
                # before it is interrupted: its end must find the claim gone
                if await self._jobs.send_back(claim):
                    break
            except DATABASE_ERRORS:
                await asyncio.sleep(RETRY_SECONDS)
        log(Event.JOB_RELEASED, ix_id=claim.ix_id)
        self._watch = None
        self._interrupt(claim.ix_id)
