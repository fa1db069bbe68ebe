"""The deliverer: tells clients that their jobs have ended. Every engine delivers; a delivery that is due belongs to
whoever claims it.

wake, or the next one is due ──claim──▶ deliver, some at once ──▶ end, or postpone

Clients and their hosts take turns, and none has more tries under way than its share. Where a try has failed or hung,
the client's next one to this host waits, longer each time, while others go; then one goes alone, until one succeeds.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias
from urllib.parse import urlsplit

from ix import callbacks
from ix.config import Settings
from ix.database.connect import DATABASE_ERRORS
from ix.database.deliveries import Deliveries, Due, Share, UnderWay
from ix.engine.maintenance.timed import TimedActor
from ix.job import Batch
from ix.outbound import Outbound, Refused
from ix.telemetry import tracing
from ix.telemetry.log import Event, bound, log
from ix.telemetry.traceparent import stored
from ix.telemetry.tracing import Attributes, Span

MOST_AT_ONCE = 32
"""Deliveries that one engine tries at the same time."""
SHARE = Share(client=8, host=8, both=4)
"""Of these, those of one client, to one host, and of one client to one host."""
FIRST_PAUSE_SECONDS = 1.0
"""How long a client's tries to a host wait after one has failed; twice as long after each further one in a row."""
LONGEST_PAUSE_SECONDS = 60.0
MOST_FAILING = 1000
"""Failing hosts that are remembered; to forget one costs a try."""
LEASE_MARGIN = 15.0
"""Seconds that a try may take beyond its own time limit before another engine makes it again."""


Flow: TypeAlias = tuple[str, str]
"""A client and a host that it wants to be called at."""


class Failing(NamedTuple):
    """Failed tries in a row, and the loop's time before which there is no other."""

    tries: int
    until: float


class Deliverer(TimedActor):
    """Delivers what is due; woken because a job that somebody wants to hear of has ended."""

    who = "deliverer"
    shortest_sleep = 0.05

    def __init__(self, settings: Settings, deliveries: Deliveries, outbound: Outbound) -> None:
        super().__init__()
        self._settings = settings
        self._deliveries = deliveries
        self._outbound = outbound
        self._tries: dict[asyncio.Task[None], Flow] = {}
        self._failing: dict[Flow, Failing] = {}

    async def stop(self) -> None:
        """Ends the loop and the tries under way; another engine makes them again once their lease is over."""
        await super().stop()
        for task in self._tries:
            task.cancel()
        await asyncio.gather(*self._tries, return_exceptions=True)

    async def do_what_is_due(self) -> float | None:
        """Begins as many tries as may be made at once; seconds until there may be more to do."""
        while free := MOST_AT_ONCE - len(self._tries):
            lease = self._settings.callback_timeout + LEASE_MARGIN
            due = await self._deliveries.claim(free, lease, SHARE, self._under_way())
            for delivery in due:
                self._begin(delivery)
            if not due:
                # what is overdue all the same has no share left: the end of a try wakes it, or that of a pause
                return self._first(await self._deliveries.seconds_to_next(overdue=False))
        return None

    def _under_way(self) -> Sequence[UnderWay]:
        now = asyncio.get_running_loop().time()
        tries = Counter(self._tries.values())
        most = {flow: int(failing.until <= now) for flow, failing in self._failing.items()}
        return [UnderWay(*flow, tries[flow], most.get(flow, SHARE.both)) for flow in {*tries, *most}]

    def _first(self, seconds: float | None) -> float | None:
        now = asyncio.get_running_loop().time()
        pauses = [failing.until - now for failing in self._failing.values() if failing.until > now]
        return min([*pauses, *([] if seconds is None else [seconds])], default=None)

    def _begin(self, due: Due) -> None:
        task = asyncio.create_task(self._deliver(due), name=f"deliver {due.delivery_id}")
        # asyncio holds its tasks weakly: one that nobody else holds may be collected on its way
        self._tries[task] = due.about.client_id, due.host
        task.add_done_callback(self._finish_try)

    def _finish_try(self, task: asyncio.Task[None]) -> None:
        del self._tries[task]
        self.wake()

    def _note(self, due: Due, has_answered: bool) -> None:
        flow = due.about.client_id, due.host
        failed = self._failing.pop(flow, Failing(0, 0.0)).tries
        if has_answered:
            return
        if len(self._failing) >= MOST_FAILING:
            self._failing.pop(next(iter(self._failing)))
        pause = min(FIRST_PAUSE_SECONDS * 2.0 ** min(failed, 10), LONGEST_PAUSE_SECONDS)
        self._failing[flow] = Failing(failed + 1, asyncio.get_running_loop().time() + pause)

    async def _deliver(self, due: Due) -> None:
        try:
            with (
                bound(**_named(due)),
                tracing.start_span("POST", "client", stored(due.trace), _about(due)) as span,
            ):
                await self._conclude(due, *await self._post(due, span))
        except DATABASE_ERRORS as error:
            # the lease runs out, and the delivery is tried again: at least once
            log(Event.DATABASE_UNREACHABLE, who=self.who, error=error)

    async def _post(self, due: Due, span: Span) -> tuple[callbacks.Verdict, str]:
        """What a try comes to, and in words."""
        payload = callbacks.body(due.about, self._settings.public_url, due.approval)
        headers = callbacks.headers(due.delivery_id, payload, due.secrets, due.at) | tracing.headers()
        try:
            status, answered = await self._outbound.post(due.url, payload, headers)
        except Refused as refused:
            span.fail("refused")
            self._note(due, has_answered=False)
            return callbacks.judge(None, {}, due.attempts), str(refused)
        span.set(http__response__status_code=status)
        self._note(due, has_answered=status < 500)
        if status >= 400:
            span.fail(str(status))
        return callbacks.judge(status, answered, due.attempts), f"answered {status}"

    async def _conclude(self, due: Due, verdict: callbacks.Verdict, outcome: str) -> None:
        log(Event.CALLBACK_TRIED, delivery=due.delivery_id, number=due.attempts, outcome=outcome)
        if verdict.status is None:
            await self._deliveries.postpone(due, verdict.seconds, outcome)
        else:
            await self._deliveries.end(due, verdict.status, outcome)


def _named(due: Due) -> dict[str, str]:
    """What it tells of, as log lines name it."""
    if isinstance(due.about, Batch):
        return {"client": due.about.client_id, "batch": due.about.batch_id}
    return {"ix_id": due.about.ix_id}


def _about(due: Due) -> Attributes:
    """Attributes of a try's span. The address is left out but for its host: its path and query may hold secrets."""
    host = urlsplit(due.url).hostname or ""
    return {
        "http.request.method": "POST",
        "server.address": host,
        "ix.delivery_id": due.delivery_id,
        "ix.attempt": due.attempts,
    }
