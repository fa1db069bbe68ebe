"""The contestants as the sections see them: ix and each peer behind one protocol."""

from __future__ import annotations

import socket
import struct
import tempfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol, Self


class ContestantFailed(Exception):
    """A contestant cannot go on; says why. The others do."""


class Session(Protocol):
    """One contestant with an empty queue of its own."""

    @property
    def database_url(self) -> str:
        """Its database, where it has one."""

    @property
    def processes(self) -> Mapping[str, int | None]:
        """Its processes by role, those that have ended left out."""

    def fill(self, count: int) -> None:
        """Makes so many jobs wait."""

    def worker(self, last: int = 0) -> AbstractContextManager[None]:
        """A worker process meanwhile. It reports each job's start, or, with `last`, the first's and the last's."""

    def pick_ups(self, count: int, pause: float) -> list[float]:
        """Milliseconds from the submission of a job to its handler's start, of so many jobs, one at a time."""

    def drained(self, count: int, started: Callable[[], None]) -> float:
        """Waits until so many jobs have started and all have ended; seconds since the first one's start, at which
        `started` is called."""

    def submit(self, clients: int, seconds: float, size: int = 1) -> tuple[int, float]:
        """Jobs that so many callers submitted, and the seconds they took; in bulk calls if `size` is over one."""

    def recovery(self) -> float:
        """Seconds from SIGKILL of the worker that runs a job to that job's start in another. Raises `TimeoutError`."""


class Contestant(Protocol):
    """ix or a peer."""

    @property
    def name(self) -> str:
        """As in the tables."""

    @property
    def version(self) -> str:
        """Of its package."""

    @property
    def needs(self) -> str:
        """`postgres` or `redis`."""

    @property
    def settings(self) -> str:
        """How it is set up, in a line."""

    @property
    def bulk(self) -> bool:
        """Whether it has a call for many jobs."""

    def session(self, clients: int = 1, logged: bool = False) -> AbstractContextManager[Session]:
        """A session for so many callers; with `logged`, the server writes down its statements."""


class Reports:
    """Where handlers in other processes report their starts: pairs of number and nanoseconds of the monotonic clock."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="ix-bench-")
        self.path = str(Path(self._folder.name) / "report")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._folder.cleanup()

    def next(self, seconds: float) -> tuple[int, int]:
        """The next report. Raises `TimeoutError`."""
        self._socket.settimeout(seconds)
        number, began = struct.unpack("qq", self._socket.recv(16))
        return number, began

    def of(self, number: int, seconds: float) -> int:
        """When the job of that number started; reports of others are passed over. Raises `TimeoutError`."""
        while True:
            found, began = self.next(seconds)
            if found == number:
                return began
