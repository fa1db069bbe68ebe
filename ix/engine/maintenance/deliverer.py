"""The deliverer: tells clients that their jobs have ended. Every engine delivers; a delivery that is due belongs to
whoever claims it.

wake, or the next one is due ──claim──▶ deliver, some at once ──▶ end, or postpone
"""

from __future__ import annotations

import asyncio
import time
from urllib.parse import urlsplit

from ix import callbacks
from ix.config import Settings
from ix.database.connect import DATABASE_ERRORS
from ix.database.deliveries import Deliveries, Due
from ix.engine.maintenance.timed import TimedActor
from ix.outbound import Outbound, Refused
from ix.telemetry import tracing
from ix.telemetry.log import Event, bound, log
from ix.telemetry.traceparent import stored
from ix.telemetry.tracing import Attributes, Span

MOST_AT_ONCE = 16
"""Deliveries that one engine tries at the same time."""
LEASE_MARGIN = 15.0
"""Seconds that a try may take beyond its own time limit before another engine makes it again."""


class Deliverer(TimedActor):
    """Delivers what is due; woken because a job that somebody wants to hear of has ended."""

    who = "deliverer"
    shortest_sleep = 0.05

    def __init__(self, settings: Settings, deliveries: Deliveries, outbound: Outbound) -> None:
        super().__init__()
        self._settings = settings
        self._deliveries = deliveries
        self._outbound = outbound
        self._tries: set[asyncio.Task[None]] = set()

    async def stop(self) -> None:
        """Ends the loop and the tries under way; another engine makes them again once their lease is over."""
        await super().stop()
        for task in self._tries:
            task.cancel()
        await asyncio.gather(*self._tries, return_exceptions=True)

    async def do_what_is_due(self) -> float | None:
        """Begins as many tries as may be made at once; seconds until there may be more to do."""
        free = MOST_AT_ONCE - len(self._tries)
        due = await self._deliveries.claim(free, self._settings.callback_timeout + LEASE_MARGIN) if free else []
        for delivery in due:
            self._begin(delivery)
        if len(due) == free:
            return None  # the end of a try wakes it
        return await self._deliveries.seconds_to_next()

    def _begin(self, due: Due) -> None:
        task = asyncio.create_task(self._deliver(due), name=f"deliver {due.delivery_id}")
        # asyncio holds its tasks weakly: one that nobody else holds may be collected on its way
        self._tries.add(task)
        task.add_done_callback(self._finish_try)

    def _finish_try(self, task: asyncio.Task[None]) -> None:
        self._tries.discard(task)
        self.wake()

    async def _deliver(self, due: Due) -> None:
        try:
            with (
                bound(ix_id=due.job.ix_id),
                tracing.start_span("POST", "client", stored(due.trace), _about(due)) as span,
            ):
                await self._conclude(due, *await self._post(due, span))
        except DATABASE_ERRORS as error:
            # the lease runs out, and the delivery is tried again: at least once
            log(Event.DATABASE_UNREACHABLE, who=self.who, error=error)

    async def _post(self, due: Due, span: Span) -> tuple[callbacks.Verdict, str]:
        """What a try comes to, and in words."""
        payload = callbacks.body(due.job, self._settings.public_url)
        headers = callbacks.headers(due.delivery_id, payload, due.secrets, time.time()) | tracing.headers()
        try:
            status, answered = await self._outbound.post(due.url, payload, headers)
        except Refused as refused:
            span.fail("refused")
            return callbacks.judge(None, {}, due.attempts), str(refused)
        span.set(http__response__status_code=status)
        if status >= 400:
            span.fail(str(status))
        return callbacks.judge(status, answered, due.attempts), f"answered {status}"

    async def _conclude(self, due: Due, verdict: callbacks.Verdict, outcome: str) -> None:
        log(Event.CALLBACK_TRIED, ix_id=due.job.ix_id, delivery=due.delivery_id, number=due.attempts, outcome=outcome)
        if verdict.status is None:
            await self._deliveries.postpone(due, verdict.seconds, outcome)
        else:
            await self._deliveries.end(due, verdict.status, outcome)


def _about(due: Due) -> Attributes:
    """Attributes of a try's span. The address is left out but for its host: its path and query may hold secrets."""
    host = urlsplit(due.url).hostname or ""
    return {
        "http.request.method": "POST",
        "server.address": host,
        "ix.delivery_id": due.delivery_id,
        "ix.attempt": due.attempts,
    }
