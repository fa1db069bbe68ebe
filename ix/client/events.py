"""What a stream of events tells, and how a reader follows it over any number of connections."""

from __future__ import annotations

import random
from collections import OrderedDict
from collections.abc import Hashable
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import httpx
from pydantic import ValidationError

from ix.client.errors import NotFound, error_of, unreachable
from ix.client.operations import ENDED, Call
from ix.job import JobHead, Progress

if TYPE_CHECKING:
    from httpx_sse import ServerSentEvent

SILENCE = 15.0
"""Seconds that the service may be silent, beyond the limit of any call: it gives a sign of life that often."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
"""Seconds before the second try to come back; each further pause is twice as long, times 0.5 to 1.5."""
REMEMBERED = 4096
"""Jobs whose last status is remembered, since a stream that goes on may repeat the last ones."""


class StatusEvent(NamedTuple):
    """A job has a new status. `id`, where it is not empty, is where `watch` can go on."""

    job: JobHead
    id: str


class ProgressEvent(NamedTuple):
    """A job that runs for long is in a step, or further in it."""

    progress: Progress


StreamEvent: TypeAlias = "StatusEvent | ProgressEvent"


class Follower:
    """Follows one stream. It makes the calls and takes what comes; somebody else does the reading and the waiting.

    `tries` bounds the connections in a row that fail. With `ix_id` it follows that job to its end, else all jobs of a
    client, its key's own where none is named."""

    def __init__(self, url: str, tries: int, *, ix_id: str = "", client_id: str | None = None, after: str = "") -> None:
        self.ended = False
        self._url = url
        self._tries = tries
        self._ix_id = ix_id
        self._client_id = client_id
        self._last_id = after
        self._failed = 0
        self._retry = 0.0
        self._told: OrderedDict[str, Hashable] = OrderedDict()

    def call(self) -> Call:
        """The request that opens the stream, where it was left."""
        # a new dict, never None: httpx-sse writes fields of its own into it
        headers = {"last-event-id": self._last_id} if self._last_id else {}
        if self._ix_id:
            return Call("GET", f"/jobs/{self._ix_id}/events", held=SILENCE, headers=headers)
        of = {"client_id": self._client_id} if self._client_id else {}
        return Call("GET", "/events", of, held=SILENCE, headers=headers)

    def opened(self, answer: httpx.Response, again: frozenset[int]) -> bool:
        """Whether there is something to read. Raises `ClientError`, unless the answer is one of those after which one
        comes `again`."""
        # 204 tells a reader of events not to come back (HTML standard, server-sent events)
        if answer.status_code == httpx.codes.NO_CONTENT:
            self.ended = True
        elif not answer.is_success:
            if answer.status_code not in again or self._failed + 1 >= self._tries:
                raise error_of(answer)
            self._failed += 1
        return answer.status_code == httpx.codes.OK

    def take(self, event: ServerSentEvent) -> StreamEvent | None:
        """What an event tells, None where that is nothing new. Raises `NotFound` where the job was erased."""
        self._failed = 0
        # an id comes without data too, which is no event (HTML, 9.2.6), and httpx-sse passes it on
        self._last_id = event.id or self._last_id
        # in milliseconds, and in force until it is set anew
        self._retry = (event.retry or 0) / 1000 or self._retry
        try:
            if event.event == "status":
                return self._status(StatusEvent(JobHead.model_validate_json(event.data), event.id))
            if event.event == "progress":
                return ProgressEvent(Progress.model_validate_json(event.data))
        except ValidationError:
            # a newer service may send what this client does not know
            return None
        if event.event == "erased":
            raise NotFound(404, "the job was erased")
        return None

    def lost(self, error: Exception) -> None:
        """The connection was lost. Raises `ClientError` once that has happened too often."""
        self._failed += 1
        if self._failed >= self._tries:
            raise unreachable(self._url, error) from None

    def pause(self) -> float:
        """Seconds before the next connection."""
        own = FIRST_PAUSE * 2.0 ** max(self._failed - 1, 0) * random.uniform(0.5, 1.5)
        return min(max(own, self._retry if self._failed == 0 else 0.0), LONGEST_PAUSE)

    def _status(self, event: StatusEvent) -> StatusEvent | None:
        job = event.job
        # whatever tells one status of a job from the next; a job that was retried is pending once more
        version = (job.status, job.attempts, job.started_at, job.finished_at, job.run_at)
        if self._told.get(job.ix_id) == version:
            return None
        self._told[job.ix_id] = version
        self._told.move_to_end(job.ix_id)
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
        self.ended = bool(self._ix_id) and job.status in ENDED
        return event
