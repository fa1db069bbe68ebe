"""Files that the service makes: exports of many jobs, and what can be taken away of one. They go into an open file as
they come, so that they may be larger than memory."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any, BinaryIO, NamedTuple, Protocol

import httpx

from ix.client.errors import ClientError, error_of, is_untrusted, unreachable
from ix.job import Job

TRY_AGAIN = frozenset({202, 429, 502, 503, 504})
"""Answers after which the same call may do better; 202: an engine makes the file."""
TRIES = 5
SILENCE_SECONDS = 120.0
"""How long a file may give nothing: the service ends one that gives nothing for half a minute itself."""


class File(NamedTuple):
    """Where a file is, and what is asked of it."""

    path: str
    params: Mapping[str, str]


def export(what: str, format: str, filters: Mapping[str, Any]) -> File:
    """The file of an export."""
    given = {name: str(value) for name, value in filters.items() if value is not None}
    return File("/exports", {"what": what, "format": format, **given})


def copy(job: Job | str, what: str) -> File:
    """The file of one job."""
    return File(f"/jobs/{job if isinstance(job, str) else job.ix_id}/{what}", {})


class _Shell(Protocol):
    _url: str

    def _pause(self, number: int, answer: httpx.Response | None) -> float: ...


class _Blocking(_Shell, Protocol):
    _http: httpx.Client


class _Awaiting(_Shell, Protocol):
    _http: httpx.AsyncClient


class Downloads:
    """What `Client` does with files."""

    def export(self: _Blocking, into: BinaryIO, what: str = "results", format: str = "xlsx", **filters: Any) -> int:
        """Writes the answers of all jobs that match to an open file, and returns how many bytes they are. `what` is
        `results`, `labelled` or `evidence`, `format` `xlsx`, `csv` or `jsonl`; filters are those of `jobs`, and for CSV
        `table="lines"` for the rows of lists. Raises `ClientError`, with a part of it written where it is broken off;
        `OSError` for the file."""
        return _fetch(self, export(what, format, filters), into, None)

    def take(self: _Blocking, job: Job | str, what: str, into: BinaryIO, seconds: float | None = None) -> int:
        """Writes `text`, `annotated.pdf` or `searchable.pdf` of a job to an open file, once it is made, which an engine
        is given `seconds` for; returns how many bytes it has. Raises as `export` does; `NotFound` where no page of the
        job is kept."""
        return _fetch(self, copy(job, what), into, seconds)


class AsyncDownloads:
    """What `AsyncClient` does with files: as `Downloads`, which describes it."""

    async def export(
        self: _Awaiting, into: BinaryIO, what: str = "results", format: str = "xlsx", **filters: Any
    ) -> int:
        return await _fetch_async(self, export(what, format, filters), into, None)

    async def take(self: _Awaiting, job: Job | str, what: str, into: BinaryIO, seconds: float | None = None) -> int:
        return await _fetch_async(self, copy(job, what), into, seconds)


def _fetch(shell: _Blocking, file: File, into: BinaryIO, seconds: float | None) -> int:
    tries = _Tries(shell, seconds)
    while True:
        # a call of its own: what comes is not held as a whole
        try:
            with shell._http.stream("GET", file.path, params=file.params, timeout=SILENCE_SECONDS) as answer:
                if answer.status_code == httpx.codes.OK:
                    return sum(into.write(piece) for piece in tries.began(answer.iter_bytes()))
                answer.read()
                pause = tries.pause(answer)
        except httpx.TransportError as error:
            pause = tries.lost(error)
        time.sleep(pause)


async def _fetch_async(shell: _Awaiting, file: File, into: BinaryIO, seconds: float | None) -> int:
    tries = _Tries(shell, seconds)
    while True:
        try:
            async with shell._http.stream("GET", file.path, params=file.params, timeout=SILENCE_SECONDS) as answer:
                if answer.status_code == httpx.codes.OK:
                    return sum([into.write(piece) async for piece in tries.began(answer.aiter_bytes())])
                await answer.aread()
                pause = tries.pause(answer)
        except httpx.TransportError as error:
            pause = tries.lost(error)
        await asyncio.sleep(pause)


class _Tries:
    """How often a call was tried, and until when its file may be in the making."""

    def __init__(self, shell: _Shell, seconds: float | None) -> None:
        self._shell = shell
        self._number = 0
        self._deadline = None if seconds is None else time.monotonic() + seconds
        self._began = False

    def began(self, pieces: Any) -> Any:
        """The pieces: from here on another try would write them twice."""
        self._began = True
        return pieces

    def pause(self, answer: httpx.Response) -> float:
        """Seconds before the next try after an answer that is not the file. Raises `ClientError` after the last."""
        is_made = answer.status_code == httpx.codes.ACCEPTED
        if is_made and self._deadline is not None and time.monotonic() >= self._deadline:
            raise ClientError(answer.status_code, "the file is not made yet; ask again")
        if answer.status_code not in TRY_AGAIN:
            raise error_of(answer)
        # a file in the making is no failure
        self._number += not is_made
        if self._number >= TRIES:
            raise error_of(answer)
        return self._shell._pause(max(self._number, 1), answer)

    def lost(self, error: Exception) -> float:
        """Seconds before the next try after an answer that did not come. Raises `ClientError` after the last, and for
        one that came in part."""
        if self._began:
            raise ClientError(0, f"{self._shell._url} broke the file off: what came of it is not whole") from None
        self._number += 1
        if self._number >= TRIES or is_untrusted(error):
            raise unreachable(self._shell._url, error) from None
        return self._shell._pause(self._number, None)
