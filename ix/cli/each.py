"""`ix submit --each`: a job for each file, some of them under way at once, each printed when it has ended."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ix.cli import service, show, status_line
from ix.cli.output import emit_line
from ix.client import AsyncClient, ClientError, Document
from ix.client.operations import ENDED
from ix.job import Job, Status

FOR_ALL = frozenset({0, 401, 403})
"""Answers (0: none) that every other file would get too."""
TICK_SECONDS = 0.5
"""Between two drawings of the line, whose clock shows whole seconds."""
FAILED_JOB, REFUSED = 2, 1
"""Exit codes."""


class Outcome(NamedTuple):
    """What became of a file: its job, or the reason why there is none."""

    file: Path
    job: Job | None
    error: str | None = None

    @property
    def code(self) -> int:
        """The exit code that it asks for."""
        if self.job is None:
            return REFUSED
        return FAILED_JOB if self.job.status is Status.ERROR else 0


class Batch:
    """The files' jobs, of which `parsed.at_once` are under way at a time."""

    def __init__(self, parsed: argparse.Namespace, files: Sequence[Path], asked: Mapping[str, Any]) -> None:
        self._parsed, self._files, self._asked = parsed, files, asked
        self._permits = asyncio.Semaphore(parsed.at_once)
        self._width = max(len(str(file)) for file in files)
        self._began = time.monotonic()
        self._done = self._failed = 0

    async def run(self) -> int:
        """Submits everything and prints each result as it comes; the highest exit code. Raises `ClientError` for what
        concerns them all."""
        codes = [0]
        self._print_title()
        async with service.async_client(self._parsed, service.client_id(self._parsed)) as client:
            # a task for each file, however many: one that waits for its permit has not read its file
            tasks = [asyncio.create_task(self._one(client, file)) for file in self._files]
            with status_line.StatusLine() as line:
                ticker = asyncio.create_task(self._tick(line))
                try:
                    for ended in asyncio.as_completed(tasks):
                        outcome = await ended
                        codes.append(outcome.code)
                        self._show(line, outcome)
                finally:
                    await _cancel([ticker, *tasks])
        return max(codes)

    async def _one(self, client: AsyncClient, file: Path) -> Outcome:
        async with self._permits:
            try:
                job = await client.submit([document(self._parsed, file)], self._parsed.use_case, **self._asked)
                return Outcome(file, await client.wait(job) if self._parsed.wait else job)
            except OSError as error:
                return Outcome(file, None, f"cannot be read: {error.strerror}")
            except ClientError as error:
                # a wrong key or a service that is down would only be told once for each file
                if error.status in FOR_ALL:
                    raise
                return Outcome(file, None, error.detail)

    async def _tick(self, line: status_line.StatusLine) -> None:
        while True:
            self._draw(line)
            await asyncio.sleep(TICK_SECONDS)

    def _draw(self, line: status_line.StatusLine) -> None:
        failed = f"  {self._failed} failed" if self._failed else ""
        seconds = status_line.clock(time.monotonic() - self._began)
        line.draw(f"{status_line.bar(self._done, len(self._files))}{failed}  {seconds}")

    def _print_title(self) -> None:
        if not self._parsed.json:
            emit_line(self._parsed, None, self._row("file", "job", "status", "values"))

    def _show(self, line: status_line.StatusLine, outcome: Outcome) -> None:
        self._done += 1
        self._failed += outcome.code > 0
        # a terminal shows both streams: the result would be printed behind the line
        line.clear()
        file, job, error = outcome
        row = self._row(str(file), job.ix_id if job else "", job.status if job else "refused", _summary(outcome))
        emit_line(self._parsed, {"file": str(file), "job": job, "error": error}, row)
        self._draw(line)

    def _row(self, file: str, ix_id: str, status: str, values: str) -> str:
        return f"{file:<{self._width}}  {ix_id:<16}  {status:<9}  {values}".rstrip()


async def submit(parsed: argparse.Namespace, files: Sequence[Path], asked: Mapping[str, Any]) -> int:
    """Runs the batch; the exit code is 2 where a job ended in error, 1 where a file was refused."""
    return await Batch(parsed, files, asked).run()


def document(parsed: argparse.Namespace, file: Path) -> Document:
    """The file with what the command says of each."""
    return Document(file, parsed.pages, parsed.password)


def _summary(outcome: Outcome) -> str:
    """The main values of an answer, or what is wrong."""
    job = outcome.job
    if job is None:
        return show.plain(outcome.error or "")
    if job.status not in ENDED or job.response is None:
        return ""
    if job.response.error:
        return show.plain(f"{job.response.error.code}: {job.response.error.message}")
    return show.main_values(job.use_case, job.response.result)


async def _cancel(tasks: Sequence[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
