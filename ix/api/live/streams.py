"""Event streams: what one reader is sent, of one job, of all jobs of a client, or of everybody's.

A client's stream goes on where it was cut off, without a log of events. Its position, the id of its events, is a moment
up to which every end was sent; a stream that comes back, or that has missed something, reads the ends since then, page
by page, as fast as its reader takes them. It begins `overlap` before its position, since a commit may be seen that much
later than the `finished_at` in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from pydantic_core import to_json

from ix.api.live import sse
from ix.api.live.broadcast import Broadcast, head_of
from ix.api.live.subscription import Erased, Reviewed, State, Subscription
from ix.api.live.waiters import ENDED
from ix.background.periodic import RETRY_SECONDS
from ix.config import Settings
from ix.database.connect import DATABASE_ERRORS
from ix.database.jobs import EVERYBODY, Counts
from ix.errors import InvalidInput
from ix.job import JobHead, Progress
from ix.telemetry.log import Event, log

PAGE = 100
"""Ended jobs that one statement reads."""
COMMIT_SECONDS = 5.0
"""How much later than the time limit of its statement a commit may be seen."""
COUNT_SECONDS = 2.0
"""Time between two counts."""
PACE_SECONDS = 0.1
"""Least time between two pages of ends of all clients that one stream reads."""
Count: TypeAlias = "Callable[[], Awaitable[Counts]]"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


async def of_job(broadcast: Broadcast, job: JobHead, settings: Settings) -> AsyncGenerator[bytes, None]:
    """A job's state, and each further one until it has ended or is erased."""
    subscription = Subscription()
    subscription.put(head_of(job))
    yield sse.opening()
    await broadcast.start()
    with broadcast.following_job(job.ix_id, subscription):
        while True:
            states = await subscription.take(settings.stream_heartbeat)
            for state in states:
                yield _encoded(state, state_id(state) if isinstance(state, JobHead) else None)
                if is_last(state):
                    return
            if subscription.closed:
                return
            if not states:
                yield sse.KEEP_ALIVE


def state_id(job: JobHead) -> str:
    """The id of a job's state, which changes exactly when the state does."""
    moment = job.finished_at or job.started_at or job.run_at or job.created_at
    return f"{job.status}-{job.attempts}-{_microseconds(moment)}"


def is_last(state: State) -> bool:
    """Whether a job's stream ends with it."""
    return isinstance(state, Erased) or (isinstance(state, JobHead) and state.status in ENDED)


class ClientStream:
    """All jobs of a client, or of `EVERYBODY`, endless. Without a position it begins now, with the jobs that run. With
    `counts`, it is for a person who looks on: counts come along every `COUNT_SECONDS`, and what is too much to be sent
    as it happens is passed over, which the next counts say."""

    def __init__(
        self,
        broadcast: Broadcast,
        client_id: str,
        last_id: str | None,
        settings: Settings,
        knows: Callable[[str], bool] = lambda _: True,
        counts: Count | None = None,
    ) -> None:
        """`knows`: whether jobs of a use case are there for the reader. Raises `InvalidInput` for a `last_id` that no
        such stream gave."""
        self._count = counts
        self._counted: tuple[Counts | None, bool] = None, False
        self._count_at = 0.0
        self._passed_over = False
        self._broadcast = broadcast
        self._client_id = client_id
        self._position = _moment(last_id) if last_id else None
        self._overlap = timedelta(seconds=settings.statement_timeout + COMMIT_SECONDS)
        self._pause = settings.stream_heartbeat
        self._subscription = Subscription(knows)

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The stream, piece by piece, until the subscription is closed."""
        yield sse.opening()
        await self._broadcast.start()
        with self._broadcast.following_client(self._client_id, self._subscription):
            while not self._subscription.closed:
                if self._subscription.behind:
                    async for chunk in self._catch_up():
                        yield chunk
                    continue
                async for chunk in self._counts():
                    yield chunk
                pause = self._pause if self._count is None else min(self._pause, COUNT_SECONDS)
                states = await self._subscription.take(pause)
                for state in states:
                    yield self._advance(state)
                if not states and not self._subscription.behind:
                    yield sse.KEEP_ALIVE

    async def _counts(self) -> AsyncIterator[bytes]:
        """The counts, where they are due and others than those that were sent."""
        now = asyncio.get_running_loop().time()
        if self._count is None or now < self._count_at:
            return
        self._count_at = now + COUNT_SECONDS
        try:
            found = await self._count(), self._passed_over
        except DATABASE_ERRORS as error:
            log(Event.DATABASE_UNREACHABLE, who="stream", error=error)
            return
        self._passed_over = False
        if found != self._counted:
            self._counted = found
            yield sse.event("counts", to_json({**found[0].model_dump(), "missed": found[1]}).decode())

    async def _catch_up(self) -> AsyncIterator[bytes]:
        """What happened since the position. Should the subscription run over meanwhile, the stream is behind once
        more."""
        # before the reads: what is missed during them sets it again
        self._subscription.behind = False
        try:
            until = await self._broadcast.jobs.now()
            if self._count is not None:
                # nothing but the first time: whoever looks on reads what is to be seen anew
                self._passed_over = self._position is not None
            elif self._position is not None:
                async for chunk in self._read_ended(self._position - self._overlap, until):
                    yield chunk
            # `until` is the database's clock; an end that was sent already may be later
            self._position = max(self._position or until, until)
            yield sse.position(_position_id(self._position))
            for head in await self._read_running():
                yield self._advance(head)
        except DATABASE_ERRORS as error:
            log(Event.DATABASE_UNREACHABLE, who="stream", error=error)
            self._subscription.behind = True
            await asyncio.sleep(RETRY_SECONDS)

    async def _read_ended(self, since: datetime, until: datetime) -> AsyncIterator[bytes]:
        after, more = (since, ""), True
        while more and not self._subscription.closed:
            async with self._broadcast.reading:
                page = await self._broadcast.jobs.ended_of_client(self._client_id, after, until, PAGE)
                # while no other read is under way: a later one may put newer states in, which this would take out again
                fresh = self._subscription.mark_sent(page)
            for head in fresh:
                yield self._advance(head)
            more = len(page) == PAGE
            if more and self._client_id == EVERYBODY:
                # as much as one reader of all may cost, however many jobs end
                await asyncio.sleep(PACE_SECONDS)
            # a keyset: several jobs may have ended in the same microsecond
            after = (page[-1].finished_at or until, page[-1].ix_id) if page else after

    async def _read_running(self) -> Sequence[JobHead]:
        async with self._broadcast.reading:
            return self._subscription.mark_sent(await self._broadcast.jobs.running_of_client(self._client_id))

    def _advance(self, state: State) -> bytes:
        """The event of a state; an end moves the position."""
        if not isinstance(state, JobHead) or state.finished_at is None:
            return _encoded(state, None)
        # never back: ends become visible in the order of their commits, not of `finished_at`
        self._position = max(self._position or state.finished_at, state.finished_at)
        return _encoded(state, _position_id(self._position))


def _encoded(state: State, last_id: str | None) -> bytes:
    if isinstance(state, JobHead):
        return sse.event("status", state.model_dump_json(), last_id)
    if isinstance(state, Progress):
        return sse.event("progress", state.model_dump_json(exclude_none=True))
    if isinstance(state, Reviewed):
        return sse.event("review", to_json(state._asdict()).decode())
    return sse.event("erased", f'{{"ix_id":"{state.ix_id}"}}')


def _position_id(moment: datetime) -> str:
    return str(_microseconds(moment))


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _moment(last_id: str) -> datetime:
    # 17 digits of microseconds reach to the year 5138, and datetime to 9999
    if not (last_id.isascii() and last_id.isdigit() and len(last_id) <= 17):
        raise InvalidInput("Last-Event-ID", "is not an id that this stream gave")
    return _EPOCH + int(last_id) * _MICROSECOND
