"""The broadcast: from notifications to the subscriptions of event streams.

A notification only says which jobs to look at. One look reads them all, for all streams, and nothing is read while
nothing happens; what is heard during a look is in the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError

from ix.api.live.notifications import Notifications
from ix.api.live.subscription import Erased, Subscription
from ix.background.actor import Actor
from ix.database.channels import PROGRESS_CHANNEL
from ix.database.connect import DATABASE_ERRORS
from ix.database.jobs import Jobs, ProgressNews
from ix.job import Job, JobHead, Progress
from ix.telemetry.log import Event, log

NOTED_LIMIT = 5000
"""Jobs that may be noted for one look; beyond it the streams of clients read for themselves what there was."""
RETRY_SECONDS = 1.0
"""Pause after a look that the database did not answer."""

Readers = dict[str, set[Subscription]]


class Broadcast(Actor):
    """Notes which jobs there is news of, looks at them, and puts what it sees into the subscriptions of those who
    follow them."""

    def __init__(self, notifications: Notifications, jobs: Jobs) -> None:
        super().__init__()
        self.jobs = jobs
        # reads happen one after the other, so that what is read later is newer; it also keeps streams from taking the
        # whole pool
        self.reading = asyncio.Lock()
        self._notifications = notifications
        self._of_jobs: Readers = {}
        self._of_clients: Readers = {}
        self._noted: dict[str, Progress | None] = {}
        self._awake = asyncio.Event()
        self._letting_go = False
        notifications.subscribers.append(self)

    async def start(self) -> None:
        """Starts looking, and the news if nobody has yet."""
        await super().start()
        await self._notifications.start()

    @contextmanager
    def following_job(self, ix_id: str, subscription: Subscription) -> Iterator[None]:
        """Fills the subscription with news of one job, beginning with how it is now, or once the news is heard."""
        with self._following(self._of_jobs, ix_id, subscription):
            if self._notifications.connected.is_set():
                self._note({ix_id: None})
            yield

    @contextmanager
    def following_client(self, client_id: str, subscription: Subscription) -> Iterator[None]:
        """Fills the subscription with news of a client's jobs; it is behind from the beginning, or once the news is
        heard."""
        with self._following(self._of_clients, client_id, subscription):
            if self._notifications.connected.is_set():
                subscription.fall_behind()
            yield

    def accepted(self, job: Job) -> None:
        """This process has accepted a job. Whatever else was heard of it is newer."""
        for subscription in self._of_clients.get(job.client_id, ()):
            if not subscription.knows(job.ix_id):
                subscription.put(head_of(job))

    def heard(self, channel: str, payload: str) -> None:
        """There is news of some jobs."""
        if channel == PROGRESS_CHANNEL:
            self._note(self._progress(payload))
        else:
            self._note({ix_id: None for ix_id in payload.split() if self._of_clients or ix_id in self._of_jobs})

    def missed(self) -> None:
        """There may have been news of any job."""
        for subscription in _all(self._of_clients):
            subscription.fall_behind()
        self._noted = dict.fromkeys(self._of_jobs)
        self._awake.set()

    async def look(self) -> None:
        """There may have been news of any job."""
        self.missed()

    def let_go(self) -> None:
        """Ends every stream: the process is about to end, and its readers will come back to another."""
        self._letting_go = True
        for subscription in (*_all(self._of_jobs), *_all(self._of_clients)):
            subscription.close()

    async def run(self) -> None:
        """Looks for ever, whenever there is something to look at."""
        while True:
            await self._awake.wait()
            self._awake.clear()
            try:
                await self._look()
            except DATABASE_ERRORS as error:
                log(Event.DATABASE_UNREACHABLE, who="broadcast", error=error)
                await asyncio.sleep(RETRY_SECONDS)
                self.missed()

    @contextmanager
    def _following(self, readers: Readers, of: str, subscription: Subscription) -> Iterator[None]:
        readers.setdefault(of, set()).add(subscription)
        if self._letting_go:
            subscription.close()
        try:
            yield
        finally:
            readers[of].discard(subscription)
            if not readers[of]:
                del readers[of]

    def _progress(self, payload: str) -> dict[str, Progress | None]:
        try:
            told = ProgressNews.model_validate_json(payload)
        except ValidationError:
            return {}
        return {
            each.ix_id: each for each in told.jobs if told.client_id in self._of_clients or each.ix_id in self._of_jobs
        }

    def _note(self, noted: dict[str, Progress | None]) -> None:
        if not noted:
            return
        # an end that is noted after a progress leaves it: the look finds out that it is over
        self._noted |= {ix_id: progress or self._noted.get(ix_id) for ix_id, progress in noted.items()}
        self._awake.set()
        if len(self._noted) > NOTED_LIMIT + len(self._of_jobs):
            self.missed()

    async def _look(self) -> None:
        async with self.reading:
            noted, self._noted = self._noted, {}
            if not noted:
                return
            watched = [ix_id for ix_id in noted if ix_id in self._of_jobs]
            heads = await self.jobs.heads(list(noted), list(self._of_clients), watched)
            for head in heads:
                self._put(head, noted[head.ix_id])
            for ix_id in {*watched} - {head.ix_id for head in heads}:
                for subscription in self._of_jobs.get(ix_id, ()):
                    subscription.put(Erased(ix_id))

    def _put(self, head: JobHead, progress: Progress | None) -> None:
        for subscription in (*self._of_jobs.get(head.ix_id, ()), *self._of_clients.get(head.client_id, ())):
            subscription.put(head)
            if progress is not None and progress.step is not None and _is_current(progress, head):
                subscription.put(progress)


def head_of(job: Job) -> JobHead:
    """The envelope of a job without what was asked and answered."""
    return JobHead.model_construct(**{name: getattr(job, name) for name in JobHead.model_fields})


def _is_current(progress: Progress, head: JobHead) -> bool:
    return head.status == "running" and progress.attempt == head.attempts + 1


def _all(readers: Readers) -> list[Subscription]:
    return [subscription for subscriptions in readers.values() for subscription in subscriptions]
