"""From notifications to the subscriptions of event streams.

A notification only says which jobs have changed. One statement reads them all, for all streams, and nothing is read
while nothing happens; what is heard during a read is in the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError

from ix.api.live.doing import LastSteps, is_current
from ix.api.live.notifications import Notifications
from ix.api.live.subscription import Erased, Reviewed, Subscription
from ix.background.periodic import RETRY_SECONDS, PeriodicActor
from ix.database.channels import PROGRESS_CHANNEL, REVIEWS_CHANNEL
from ix.database.connect import DATABASE_ERRORS
from ix.database.jobs import EVERYBODY, Jobs, ProgressNews, ReviewNews
from ix.job import Job, JobHead, Progress

NOTED_LIMIT = 5000
"""Jobs that may be noted for one read; beyond it the streams of clients read for themselves what there was."""

AT_ONCE = 200
"""Jobs that are read at once for whoever follows everybody's."""

Subscriptions = dict[str, set[Subscription]]


class Broadcast(PeriodicActor):
    """Notes which jobs have changed, reads them, and puts their states into the subscriptions of those who follow
    them."""

    who = "broadcast"
    unreachable = DATABASE_ERRORS

    def __init__(self, notifications: Notifications, jobs: Jobs) -> None:
        super().__init__()
        self.jobs = jobs
        # reads happen one after the other, so that what is read later is newer; it also keeps streams from taking the
        # whole pool
        self.reading = asyncio.Lock()
        self._notifications = notifications
        self.steps = LastSteps()
        self._of_jobs: Subscriptions = {}
        self._of_clients: Subscriptions = {}
        self._noted: dict[str, Progress | None] = {}
        self._awake = asyncio.Event()
        self._closing = False
        notifications.subscribers.append(self)

    async def start(self) -> None:
        """Starts to read what changes, and the notifications if nobody has yet."""
        await super().start()
        await self._notifications.start()

    @contextmanager
    def following_job(self, ix_id: str, subscription: Subscription) -> Iterator[None]:
        """While its block runs, fills the subscription with the states of one job, beginning with the one it is in now
        or, where notifications are not heard yet, in as soon as they are."""
        with self._following(self._of_jobs, ix_id, subscription):
            if self._notifications.connected.is_set():
                self._note({ix_id: None})
            yield

    @contextmanager
    def following_client(self, client_id: str, subscription: Subscription) -> Iterator[None]:
        """While its block runs, fills the subscription with the states of a client's jobs, or of `EVERYBODY`'s. It is
        behind from the beginning or, where notifications are not heard yet, as soon as they are."""
        with self._following(self._of_clients, client_id, subscription):
            if self._notifications.connected.is_set():
                subscription.fall_behind()
            yield

    def accepted(self, job: Job) -> None:
        """This process has accepted a job. Whatever else was heard of it is newer."""
        for subscription in self._of_client(job.client_id):
            if subscription.is_for(job.use_case) and not subscription.knows(job.ix_id):
                subscription.put(head_of(job))

    def heard(self, channel: str, payload: str) -> None:
        """Some jobs have changed, or have come further."""
        if channel == PROGRESS_CHANNEL:
            self._note(self._followed_progress(payload))
        elif channel == REVIEWS_CHANNEL:
            self._put_review(payload)
        else:
            # only the read tells whose job it is: while a client is followed, any job may be one of its own
            self._note({ix_id: None for ix_id in payload.split() if self._of_clients or ix_id in self._of_jobs})

    def missed(self) -> None:
        """Any job may have changed."""
        for subscription in _all(self._of_clients):
            subscription.fall_behind()
        # streams of clients read for themselves once they are behind; those of single jobs have only this
        self._noted = dict.fromkeys(self._of_jobs)
        self._awake.set()

    async def poll(self) -> None:
        """Takes every job for changed, since nothing would tell."""
        self.missed()

    def close_all(self) -> None:
        """Ends every stream, also those that begin later: the process is about to end, and their readers will come back
        to another."""
        self._closing = True
        for subscription in (*_all(self._of_jobs), *_all(self._of_clients)):
            subscription.close()

    async def pause(self) -> None:
        """Waits until there is something to read."""
        await self._awake.wait()
        self._awake.clear()

    async def recover(self) -> None:
        """Reads all after a while: what was noted is lost."""
        await asyncio.sleep(RETRY_SECONDS)
        self.missed()

    @contextmanager
    def _following(self, subscriptions: Subscriptions, key: str, subscription: Subscription) -> Iterator[None]:
        subscriptions.setdefault(key, set()).add(subscription)
        if self._closing:
            subscription.close()
        try:
            yield
        finally:
            subscriptions[key].discard(subscription)
            if not subscriptions[key]:
                del subscriptions[key]

    def _followed_progress(self, payload: str) -> dict[str, Progress | None]:
        try:
            announced = ProgressNews.model_validate_json(payload)
        except ValidationError:
            # another version's words: steps are hints, and nobody waits for one
            return {}
        for each in announced.jobs:
            self.steps.note(each)
        # not whether any is true: one that holds nothing is not
        is_client_followed = next(self._of_client(announced.client_id), None) is not None
        return {each.ix_id: each for each in announced.jobs if is_client_followed or each.ix_id in self._of_jobs}

    def _note(self, noted: dict[str, Progress | None]) -> None:
        if not noted:
            return
        # an end that is noted after a progress leaves it: the read finds out that it is over
        self._noted |= {ix_id: progress or self._noted.get(ix_id) for ix_id, progress in noted.items()}
        self._awake.set()
        # beyond those that `missed` itself notes, or it would be called again and again
        if len(self._noted) > NOTED_LIMIT + len(self._of_jobs):
            self.missed()

    async def look(self) -> None:
        """Reads the noted jobs, and puts their states into the subscriptions of those who follow them."""
        async with self.reading:
            # before the read: what is heard during it is noted for the next one
            noted, self._noted = self._noted, {}
            if not noted:
                return
            followed = [ix_id for ix_id in noted if ix_id in self._of_jobs]
            clients = self._clients_to_read(len(noted))
            heads = await self.jobs.heads(list(noted), clients, followed)
            for head in heads:
                self._put(head, noted[head.ix_id])
            # not in the table any more: of those that were read, which are all where everybody's are
            read = noted if EVERYBODY in clients else followed
            for ix_id in {*read} - {head.ix_id for head in heads}:
                for subscription in (*self._of_jobs.get(ix_id, ()), *self._of_clients.get(EVERYBODY, ())):
                    subscription.put(Erased(ix_id))

    def _clients_to_read(self, noted: int) -> list[str]:
        """The clients whose jobs are read. Where there are too many for whoever follows everybody's, those fall behind,
        and read for themselves what they can take."""
        if EVERYBODY not in self._of_clients or noted <= AT_ONCE:
            return list(self._of_clients)
        for subscription in self._of_clients[EVERYBODY]:
            subscription.fall_behind()
        return [client_id for client_id in self._of_clients if client_id != EVERYBODY]

    def _of_client(self, client_id: str) -> Iterator[Subscription]:
        """Who follows the client's jobs."""
        yield from self._of_clients.get(client_id, ())
        yield from self._of_clients.get(EVERYBODY, ())

    def _put_review(self, payload: str) -> None:
        try:
            news = ReviewNews.model_validate_json(payload)
        except ValidationError:
            # another version's words; whoever opens the job sees what it is
            return
        state = Reviewed(news.ix_id, news.review, news.points, news.version)
        for one in (*self._of_jobs.get(news.ix_id, ()), *self._of_client(news.client_id)):
            if one.is_for(news.use_case):
                one.put(state)

    def _put(self, head: JobHead, progress: Progress | None) -> None:
        following = (*self._of_jobs.get(head.ix_id, ()), *self._of_client(head.client_id))
        for subscription in (one for one in following if one.is_for(head.use_case)):
            # the state first: it would take a progress that waits of the same job away with it
            subscription.put(head)
            if progress is not None and progress.step is not None and is_current(progress, head):
                subscription.put(progress)


def head_of(job: JobHead) -> JobHead:
    """The envelope of a job without what was asked and answered."""
    # nothing to validate: they are a valid job's
    return JobHead.model_construct(**{name: getattr(job, name) for name in JobHead.model_fields})


def _all(subscriptions: Subscriptions) -> list[Subscription]:
    return [subscription for found in subscriptions.values() for subscription in found]
