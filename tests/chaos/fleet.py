"""Engines as processes, several at once, that die, freeze and are replaced; and what they said while they lived."""

from __future__ import annotations

import re
import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from tests.processes import Process

START_SECONDS = 60


class Fleet:
    """A number of engines over one database. `all` remembers those that are gone."""

    def __init__(self, database_url: str, number: int, module: str = "ix", **settings: str) -> None:
        self._database_url, self._module = database_url, module
        self._settings = {"IX_LOG_LEVEL": "DEBUG", **settings}
        self.all: list[Process] = []
        self.engines: list[Process] = []
        with ThreadPoolExecutor() as threads:
            self.engines = list(threads.map(lambda _: self._hire(), range(number)))

    def _hire(self) -> Process:
        engine = Process("engine", self._database_url, self._module, **self._settings)
        self.all.append(engine)
        engine.until("listener connected", START_SECONDS)
        return engine

    def kill(self, which: int) -> None:
        """One engine is gone at once, and another takes its place."""
        self.engines[which].send(signal.SIGKILL)
        self.engines[which].wait()

    def replace(self, which: int) -> None:
        """An engine in the place of one that is gone."""
        self.engines[which] = self._hire()

    def replace_the_dead(self) -> None:
        """What a supervisor does."""
        for which, engine in enumerate(self.engines):
            if engine.is_over:
                self.replace(which)

    def stop(self) -> None:
        with ThreadPoolExecutor() as threads:
            list(threads.map(Process.stop, self.all))

    def said(self, pattern: str) -> list[tuple[str, ...]]:
        """The groups of every line that matches, of all engines there ever were."""
        found = (re.search(pattern, line) for engine in self.all for line in list(engine.lines))
        return [match.groups() for match in found if match]

    @property
    def started_twice(self) -> int:
        """Attempts of jobs that began more than once."""
        return _more_than_one(self.said(r"job started.* ix_id=(\S+) .*attempt=(\d+)"))

    @property
    def finished_twice(self) -> int:
        """Jobs whose end more than one run, or one run twice, took for its own."""
        return _more_than_one(self.said(r"job finished.* ix_id=(\S+)"))


def _more_than_one(said: Sequence[tuple[str, ...]]) -> int:
    return sum(count > 1 for count in Counter(said).values())


@contextmanager
def fleet(database_url: str, number: int, module: str = "ix", **settings: str) -> Iterator[Fleet]:
    """Engines for a while."""
    made = Fleet(database_url, number, module, **settings)
    try:
        yield made
    finally:
        made.stop()


def patiently(seconds: float, pause: float = 0.02) -> Iterator[None]:
    """Turns of a loop that looks for something from outside; fails when the time is up."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        yield
        time.sleep(pause)
    raise AssertionError(f"did not happen within {seconds} s")
