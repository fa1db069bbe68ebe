"""What the tests of event streams share: what is live in a web process, without its HTTP, and a reader of its
streams."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from ix.api.live import streams
from ix.api.live.broadcast import Broadcast
from ix.api.live.notifications import Notifications
from ix.api.live.streams import ClientStream, Count
from ix.config import Settings
from ix.database.connect import Pool
from ix.database.jobs import EVERYBODY, Jobs
from ix.job import Claim, Job, JobHead
from tests.factories import answer, submission


class CountedJobs(Jobs):
    """The real ones, which count how often they are read for a broadcast."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool)
        self.reads = 0
        self.was_read = asyncio.Event()

    async def heads(self, ix_ids: Sequence[str], of_clients: Sequence[str], or_of: Sequence[str]) -> list[JobHead]:
        self.reads += 1
        found = await super().heads(ix_ids, of_clients, or_of)
        self.was_read.set()
        return found


@dataclass
class Received:
    """One event as a reader parses it."""

    name: str = ""
    id: str = ""
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def what(self) -> str:
        return str(self.data.get("status") or self.data.get("step") or self.name)


class Reader:
    """Reads a stream, one event at a time."""

    def __init__(self, chunks: AsyncGenerator[bytes, None]) -> None:
        self._chunks = chunks
        self.last_id = ""
        self.keep_alives = 0

    async def next(self) -> Received:
        """The next event. Raises `StopAsyncIteration` at the end."""
        async with asyncio.timeout(10):
            while True:
                chunk = (await anext(self._chunks)).decode()
                self.keep_alives += chunk.startswith(":")
                fields = dict(line.split(": ", 1) for line in chunk.strip().split("\n") if not line.startswith(":"))
                self.last_id = fields.get("id", self.last_id)
                if "event" in fields:
                    return Received(fields["event"], fields.get("id", ""), json.loads(fields["data"]))

    async def whats(self, number: int) -> list[str]:
        return [(await self.next()).what for _ in range(number)]

    async def until(self, what: str) -> Received:
        """The next event that says so."""
        while (received := await self.next()).what != what:
            pass
        return received

    async def until_at_rest(self) -> None:
        """Returns with the stream's position, once it has sent what there was at its opening."""
        async with asyncio.timeout(10):
            while not self.last_id:
                chunk = (await anext(self._chunks)).decode()
                self.last_id = chunk.strip().removeprefix("id: ") if chunk.startswith("id:") else ""


@dataclass
class Live:
    """Notifications, broadcast and jobs of a web process, without its HTTP."""

    settings: Settings
    notifications: Notifications
    broadcast: Broadcast
    jobs: CountedJobs

    def job(self, job: Job) -> Reader:
        return Reader(streams.of_job(self.broadcast, job, self.settings))

    def client(self, client_id: str = "acme", last_id: str | None = None) -> Reader:
        return Reader(ClientStream(self.broadcast, client_id, last_id, self.settings).chunks())

    def everybody(self, last_id: str | None = None, counts: Count | None = None) -> Reader:
        stream = ClientStream(self.broadcast, EVERYBODY, last_id, self.settings, counts=counts)
        return Reader(stream.chunks())


@asynccontextmanager
async def built(settings: Settings, pool: Pool) -> AsyncIterator[Live]:
    notifications, jobs = Notifications(settings), CountedJobs(pool)
    broadcast = Broadcast(notifications, jobs)
    await broadcast.start()
    await notifications.connected.wait()
    yield Live(settings, notifications, broadcast, jobs)
    await broadcast.stop()
    await notifications.stop()


async def inserted(jobs: Jobs, **fields: Any) -> Job:
    return (await jobs.insert_pending(submission(**fields))).job


async def claimed(jobs: Jobs) -> Claim:
    claim = await jobs.claim_next_pending(uuid4())
    assert claim is not None
    return claim


async def end(jobs: Jobs, number: int, **fields: Any) -> list[str]:
    """New jobs that have ended."""
    await jobs.insert_many([submission(**fields) for _ in range(number)])
    claims = await jobs.claim(uuid4(), number)
    await jobs.finish_many([(claim, answer()) for claim in claims])
    return sorted(claim.ix_id for claim in claims)
