"""The two shells around `ix.client.operations`, which make the calls: `Client` blocks, `AsyncClient` awaits. What needs
neither stands in their base."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

import httpx

from ix.client import operations
from ix.client.configurations import AsyncConfigurations, Configurations
from ix.client.downloads import AsyncDownloads, Downloads
from ix.client.errors import ClientError, check_url, error_of, is_untrusted, trusted, unreachable
from ix.client.events import Follower, StreamEvent
from ix.client.many import AsyncManyJobs, ManyJobs
from ix.client.operations import Call, Operation, Source
from ix.job import Job, JobHead
from ix.untrusted import retry_after
from ix.use_cases import UseCaseInfo

T = TypeVar("T")
Http = TypeVar("Http", httpx.Client, httpx.AsyncClient)
DEFAULT_URL = "http://127.0.0.1:8080"
TRY_AGAIN = frozenset({429, 502, 503, 504})
"""Answers after which the same call may do better."""
TRIES = 5
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 10.0
"""Seconds before the second try; each further pause is twice as long, times 0.5 to 1.5, or what Retry-After says."""


class _Shell(Generic[Http]):
    _open: type[Http]

    def __init__(
        self, url: str = DEFAULT_URL, client_id: str | None = None, *, seconds: float = 30.0, key: str | None = None
    ) -> None:
        check_url(url)
        self._url = url
        self._client_id = client_id or (None if key else "python")
        self._seconds = seconds
        headers = {"authorization": f"Bearer {key}"} if key else {}
        # a proxy that the environment names is for the internet, not for one's own service
        self._http: Http = self._open(base_url=url, headers=headers, trust_env=False, verify=trusted(url))

    def _arguments(self, call: Call) -> dict[str, Any]:
        content = {name: getattr(call, name) for name in ("params", "json", "data", "files", "headers")}
        return {"method": call.method, "url": call.path, "timeout": self._seconds + call.held, **content}

    def _one_job(self, job: Job | str) -> Follower:
        return Follower(self._url, TRIES, ix_id=_ix_id(job))

    def _all_jobs(self, after: str) -> Follower:
        return Follower(self._url, TRIES, client_id=self._client_id, after=after)

    def _pause(self, number: int, answer: httpx.Response | None) -> float:
        """Seconds before try `number` + 1."""
        asked = retry_after(answer.headers.get("retry-after", "")) if answer is not None else 0.0
        own: float = FIRST_PAUSE * 2 ** (number - 1) * random.uniform(0.5, 1.5)
        # a service that asks for an hour must not have its caller wait for hours
        return min(max(own, asked), LONGEST_PAUSE)

    def _result(self, answer: httpx.Response | None, number: int, error: Exception | None) -> httpx.Response | None:
        """The answer if it is final, None if the call is to be tried again. Raises `ClientError`."""
        if answer is not None and answer.is_success:
            return answer
        if number < TRIES and (not is_untrusted(error) if answer is None else answer.status_code in TRY_AGAIN):
            return None
        if answer is not None:
            raise error_of(answer)
        assert error is not None  # or there would be an answer
        raise unreachable(self._url, error) from None


class Client(_Shell[httpx.Client], ManyJobs, Downloads, Configurations):
    """Talks to the service at `url`, and blocks until it has answered. `key` is an API key. `client_id` goes with every
    submission; without one the key decides, and without a key it is `python`. `seconds` limits one call, beyond what
    the service is asked to hold it. Raises `ClientError` for what is no address."""

    _open = httpx.Client

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections; `with` does it at its end."""
        self._http.close()

    def submit(
        self,
        documents: Sequence[Source],
        use_case: str | None = None,
        *,
        request_id: str | None = None,
        options: Mapping[str, Any] | None = None,
        callback_url: str | None = None,
        priority: int = 0,
        run_at: datetime | None = None,
        tags: Mapping[str, str] | None = None,
        batch_id: str | None = None,
        configuration: str | None = None,
    ) -> Job:
        """Submits documents as one job; the same content again gives the same job, unless there are passwords in it. A
        `Document` says which pages to read, and its password. `priority` is -100 to 100, higher runs sooner; `run_at`,
        with a time zone, is when it may begin; `tags` are your own words for it, `batch_id` a batch that was declared.
        A saved `configuration` says what is not said here, the use case too: `name`, or `name@version`. Raises
        `ClientError`, `OSError` for a file."""
        asked = request_id, options, callback_url, priority, run_at, tags, batch_id, configuration
        return self._run(operations.submit(documents, use_case, self._client_id, *asked))

    def submit_many(self, jobs: Sequence[Mapping[str, Any]]) -> list[Job | ClientError]:
        """Submits many jobs in one call, each as `POST /jobs` takes it in JSON; for each, in their order, the job or
        why there is none. A `request_id` that is not given is made from the content. Raises `ClientError` where the
        call as a whole is refused."""
        return self._run(operations.submit_many(jobs, self._client_id))

    def get(self, ix_id: str) -> Job:
        """The job as it is. Raises `NotFound`."""
        return self._run(operations.get(ix_id))

    def find(self, request_id: str) -> Job:
        """The job that this client submitted under its own request id. Raises `NotFound`."""
        return self._run(operations.find(self._client_id, request_id))

    def wait(self, job: Job | str, seconds: float | None = None) -> Job:
        """The job once it has ended, or as it is after `seconds`."""
        return self._run(operations.wait(_ix_id(job), seconds))

    def jobs(self, **filters: Any) -> Iterator[JobHead]:
        """Jobs, newest first, page by page: `client_id`, `status` (one or several), `use_case`, `error_code`, `review`,
        `q` (the beginning of an id, or of words of the first document's name), `parent`, `batch_id`,
        `tag` (as `key:value`), `created_after`, `created_before`, `limit` (of a page)."""
        following: dict[str, Any] | None = filters
        while following is not None:
            found, following = self._run(operations.page(following))
            yield from found

    def cancel(self, job: Job | str) -> Job:
        """The job, cancelled. Raises `Conflict` where it has ended."""
        return self._run(operations.cancel(_ix_id(job)))

    def retry(self, job: Job | str, passwords: Sequence[str | None] = ()) -> Job:
        """The ended job, pending again. Where documents of it came with `passwords`, these are needed again, None for
        each of the others. Raises `Conflict` where it has not ended, `ClientError`."""
        return self._run(operations.retry(_ix_id(job), passwords))

    def erase(self, job: Job | str) -> None:
        """Removes the job and its documents for good. Raises `NotFound`."""
        self._run(operations.erase(_ix_id(job)))

    def use_cases(self) -> list[UseCaseInfo]:
        """What can be asked for, with the limits in force, by name."""
        return self._run(operations.use_cases())

    def events(self, job: Job | str) -> Generator[StreamEvent, None, None]:
        """The job's status now and each further one, and the steps in between, until it has ended. Comes back by itself
        when the connection is lost. Raises `NotFound`, also when the job is erased meanwhile."""
        return self._follow(self._one_job(job))

    def watch(self, after: str = "") -> Generator[StreamEvent, None, None]:
        """What happens to all jobs of this client, without end. `after` is the `id` of an earlier event: the jobs that
        ended since are told first, and possibly some that had just ended before."""
        return self._follow(self._all_jobs(after))

    def _follow(self, follower: Follower) -> Generator[StreamEvent, None, None]:
        from httpx_sse import connect_sse

        while not follower.ended:
            try:
                with connect_sse(self._http, **self._arguments(follower.call())) as source:
                    if not source.response.is_success:
                        # the error is in the body, which a stream does not read by itself
                        source.response.read()
                    if follower.opened(source.response, TRY_AGAIN):
                        yield from (told for event in source.iter_sse() if (told := follower.take(event)))
            except httpx.TransportError as error:
                follower.lost(error)
            if not follower.ended:
                time.sleep(follower.pause())

    def _run(self, operation: Operation[T]) -> T:
        try:
            call = next(operation)
            while True:
                call = operation.send(self._answer(call))
        except StopIteration as ended:
            value: T = ended.value
            return value

    def _answer(self, call: Call) -> httpx.Response:
        number = 0
        while True:
            number += 1
            answer, error = self._try(call)
            if (final := self._result(answer, number, error)) is not None:
                return final
            time.sleep(self._pause(number, answer))

    def _try(self, call: Call) -> tuple[httpx.Response | None, Exception | None]:
        try:
            return self._http.request(**self._arguments(call)), None
        except httpx.TransportError as error:
            return None, error


class AsyncClient(_Shell[httpx.AsyncClient], AsyncManyJobs, AsyncDownloads, AsyncConfigurations):
    """`Client` for asyncio. Its methods are those of `Client`, which describes them, with `await`, `async with` and
    `async for`; `aclose` closes it."""

    _open = httpx.AsyncClient

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes the connections; `async with` does it at its end."""
        await self._http.aclose()

    async def submit(
        self,
        documents: Sequence[Source],
        use_case: str | None = None,
        *,
        request_id: str | None = None,
        options: Mapping[str, Any] | None = None,
        callback_url: str | None = None,
        priority: int = 0,
        run_at: datetime | None = None,
        tags: Mapping[str, str] | None = None,
        batch_id: str | None = None,
        configuration: str | None = None,
    ) -> Job:
        asked = request_id, options, callback_url, priority, run_at, tags, batch_id, configuration
        return await self._run(operations.submit(documents, use_case, self._client_id, *asked))

    async def submit_many(self, jobs: Sequence[Mapping[str, Any]]) -> list[Job | ClientError]:
        return await self._run(operations.submit_many(jobs, self._client_id))

    async def get(self, ix_id: str) -> Job:
        return await self._run(operations.get(ix_id))

    async def find(self, request_id: str) -> Job:
        return await self._run(operations.find(self._client_id, request_id))

    async def wait(self, job: Job | str, seconds: float | None = None) -> Job:
        return await self._run(operations.wait(_ix_id(job), seconds))

    async def jobs(self, **filters: Any) -> AsyncIterator[JobHead]:
        following: dict[str, Any] | None = filters
        while following is not None:
            found, following = await self._run(operations.page(following))
            for job in found:
                yield job

    async def cancel(self, job: Job | str) -> Job:
        return await self._run(operations.cancel(_ix_id(job)))

    async def retry(self, job: Job | str, passwords: Sequence[str | None] = ()) -> Job:
        return await self._run(operations.retry(_ix_id(job), passwords))

    async def erase(self, job: Job | str) -> None:
        await self._run(operations.erase(_ix_id(job)))

    async def use_cases(self) -> list[UseCaseInfo]:
        return await self._run(operations.use_cases())

    def events(self, job: Job | str) -> AsyncGenerator[StreamEvent, None]:
        return self._follow(self._one_job(job))

    def watch(self, after: str = "") -> AsyncGenerator[StreamEvent, None]:
        return self._follow(self._all_jobs(after))

    async def _follow(self, follower: Follower) -> AsyncGenerator[StreamEvent, None]:
        from httpx_sse import aconnect_sse

        while not follower.ended:
            try:
                async with aconnect_sse(self._http, **self._arguments(follower.call())) as source:
                    if not source.response.is_success:
                        await source.response.aread()
                    if follower.opened(source.response, TRY_AGAIN):
                        async for event in source.aiter_sse():
                            if told := follower.take(event):
                                yield told
            except httpx.TransportError as error:
                follower.lost(error)
            if not follower.ended:
                await asyncio.sleep(follower.pause())

    async def _run(self, operation: Operation[T]) -> T:
        try:
            call = next(operation)
            while True:
                call = operation.send(await self._answer(call))
        except StopIteration as ended:
            value: T = ended.value
            return value

    async def _answer(self, call: Call) -> httpx.Response:
        number = 0
        while True:
            number += 1
            answer, error = await self._try(call)
            if (final := self._result(answer, number, error)) is not None:
                return final
            await asyncio.sleep(self._pause(number, answer))

    async def _try(self, call: Call) -> tuple[httpx.Response | None, Exception | None]:
        try:
            return await self._http.request(**self._arguments(call)), None
        except httpx.TransportError as error:
            return None, error


def _ix_id(job: Job | str) -> str:
    return job if isinstance(job, str) else job.ix_id
