"""Progress for people: one line on standard error that is drawn anew, and nothing where that is no terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self, TextIO

from ix.client import Client
from ix.client.operations import ENDED
from ix.job import Job

Tell = Callable[[str, float], None]
WIDTH = 24
"""Length of a bar, characters."""
ERASE = "\r\x1b[2K"
"""Back to the start of the line, and the line empty (ECMA-48, CR and EL)."""


class Line:
    """The line; gone at the end."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self.is_live = self._stream.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()

    def draw(self, text: str) -> None:
        """Shows `text` in place of what was there."""
        if self.is_live:
            print(f"{ERASE}{text}", end="", file=self._stream, flush=True)

    def clear(self) -> None:
        """Takes the line away, so that others may print."""
        if self.is_live:
            print(ERASE, end="", file=self._stream, flush=True)


def bar(done: int, total: int) -> str:
    """How much of it is done."""
    filled = WIDTH * done // max(total, 1)
    return f"[{'=' * filled}{' ' * (WIDTH - filled)}] {done}/{total}"


def clock(seconds: float) -> str:
    """Minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def watch(client: Client, job: Job) -> Job:
    """The job once it has ended; meanwhile its status and the time that it takes."""
    with Line() as line:
        return wait(
            client,
            job,
            lambda status, seconds: line.draw(f"{status}  {clock(seconds)}"),
            longest=1.0 if line.is_live else 20.0,
        )


def wait(client: Client, job: Job, tell: Tell, longest: float = 20.0) -> Job:
    """Waits until the job has ended, calling `tell(status, seconds)` in turns that grow up to `longest` seconds."""
    began, turn = time.monotonic(), 1.0
    while job.status not in ENDED:
        tell(job.status.value, time.monotonic() - began)
        job = client.wait(job, turn)
        turn = min(turn + 1, longest)
    return job
