"""`ix submit --each`: a job for each file, some of them under way at once, each printed when it has ended."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ix.cli import progress, service, show
from ix.cli.output import emit_line
from ix.client import AsyncClient, ClientError
from ix.client.operations import ENDED
from ix.job import Job, Status

FOR_ALL = frozenset({0, 401, 403})
"""Answers (0: none) that every other file would get too."""
TICK_SECONDS = 0.5
MAIN_VALUES = 4
"""How many values of an answer its line in the table shows."""
FAILED_JOB, REFUSED = 2, 1
"""Exit codes."""


class Result(NamedTuple):
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
        self._room = asyncio.Semaphore(parsed.at_once)
        self._width = max(len(str(file)) for file in files)
        self._began = time.monotonic()
        self._done = self._failed = 0

    async def run(self) -> int:
        """Submits everything and prints each result as it comes; the highest exit code. Raises `ClientError` for what
        concerns them all."""
        codes = [0]
        self._print_title()
        async with service.async_client(self._parsed, service.client_id(self._parsed)) as client:
            tasks = [asyncio.create_task(self._one(client, file)) for file in self._files]
            with progress.Line() as line:
                ticker = asyncio.create_task(self._tick(line))
                try:
                    for ended in asyncio.as_completed(tasks):
                        result = await ended
                        codes.append(result.code)
                        self._show(line, result)
                finally:
                    await _end([ticker, *tasks])
        return max(codes)

    async def _one(self, client: AsyncClient, file: Path) -> Result:
        async with self._room:
            try:
                job = await client.submit([file], self._parsed.use_case, **self._asked)
                return Result(file, await client.wait(job) if self._parsed.wait else job)
            except OSError as error:
                return Result(file, None, f"cannot be read: {error.strerror}")
            except ClientError as error:
                if error.status in FOR_ALL:
                    raise
                return Result(file, None, error.detail)

    async def _tick(self, line: progress.Line) -> None:
        while True:
            self._draw(line)
            await asyncio.sleep(TICK_SECONDS)

    def _draw(self, line: progress.Line) -> None:
        failed = f"  {self._failed} failed" if self._failed else ""
        line.draw(
            f"{progress.bar(self._done, len(self._files))}{failed}  {progress.clock(time.monotonic() - self._began)}"
        )

    def _print_title(self) -> None:
        if not self._parsed.json:
            print(self._row("file", "job", "status", "values"))

    def _show(self, line: progress.Line, result: Result) -> None:
        self._done += 1
        self._failed += result.code > 0
        line.clear()
        job = result.job
        row = self._row(str(result.file), job.ix_id if job else "", job.status if job else "refused", _summary(result))
        emit_line(self._parsed, {"file": str(result.file), "job": job, "error": result.error}, row)
        self._draw(line)

    def _row(self, file: str, ix_id: str, status: str, values: str) -> str:
        return f"{file:<{self._width}}  {ix_id:<16}  {status:<9}  {values}".rstrip()


async def submit(parsed: argparse.Namespace, files: Sequence[Path], asked: Mapping[str, Any]) -> int:
    """Runs the batch; the exit code is 2 where a job ended in error, 1 where a file was refused."""
    return await Batch(parsed, files, asked).run()


def _summary(result: Result) -> str:
    """The main values of an answer, or what is wrong."""
    job = result.job
    if job is None:
        return show.plain(result.error or "")
    if job.status not in ENDED or job.response is None:
        return ""
    if job.response.error:
        return show.plain(f"{job.response.error.code}: {job.response.error.message}")
    return show.main_values(job.use_case, job.response.result, MAIN_VALUES)


async def _end(tasks: Sequence[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
