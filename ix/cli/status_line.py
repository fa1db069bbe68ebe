"""How far a command is, for people: one line on standard error that is drawn anew, and nothing where that is no
terminal."""

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
"""Is told a job's status, and the seconds that it has taken so far."""
WIDTH = 24
"""Length of a bar, characters."""
LONGEST_POLL = 20.0
"""Seconds for which one call waits where nobody watches."""
ERASE = "\r\x1b[2K"
"""Back to the start of the line, and the line empty (ECMA-48, CR and EL)."""


class StatusLine:
    """The line; a `with` block takes it away at its end."""

    def __init__(self, stream: TextIO | None = None) -> None:
        # looked up now: as a default of the signature it would be what stderr was at the import
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
            self._write(f"{ERASE}{text}")

    def clear(self) -> None:
        """Takes the line away, so that others may print."""
        if self.is_live:
            self._write(ERASE)

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def bar(done: int, total: int) -> str:
    """`done` of `total` as a bar and as numbers."""
    filled = WIDTH * done // max(total, 1)
    return f"[{'=' * filled}{' ' * (WIDTH - filled)}] {done}/{total}"


def clock(seconds: float) -> str:
    """Seconds as minutes and seconds, `m:ss`."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def watch(client: Client, job: Job) -> Job:
    """The job once it has ended; meanwhile the line shows its status and the time that it takes."""
    with StatusLine() as line:
        # a clock that people watch moves every second
        longest = 1.0 if line.is_live else LONGEST_POLL
        return wait(client, job, lambda status, seconds: line.draw(f"{status}  {clock(seconds)}"), longest)


def wait(client: Client, job: Job, tell: Tell, longest: float = LONGEST_POLL) -> Job:
    """Waits until the job has ended, in polls that grow from 1 to `longest` seconds, and tells before each."""
    began, seconds = time.monotonic(), 1.0
    while job.status not in ENDED:
        tell(job.status.value, time.monotonic() - began)
        job = client.wait(job, seconds)
        seconds = min(seconds + 1, longest)
    return job
