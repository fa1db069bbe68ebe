"""Real processes for tests: `ix web` and `ix engine`, awaited by what they log."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from queue import Empty, Queue

START_SECONDS = 30


class Process:
    """One `ix` command, or one of another `module` that takes its place, started by the command `by` if there is one.
    Its log is read as it comes."""

    def __init__(
        self,
        command: str,
        database_url: str,
        module: str = "ix",
        by: Sequence[str] = (),
        python: str = sys.executable,
        **settings: str,
    ) -> None:
        env = _env(database_url, **settings)
        self._popen = subprocess.Popen([*by, python, "-m", module, command], env=env, stderr=subprocess.PIPE, text=True)
        self.lines: list[str] = []
        self._silent = False
        self._news: Queue[str] = Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def until(self, pattern: str, seconds: float = START_SECONDS) -> re.Match[str]:
        """The first log line that matches and was not passed by an earlier call."""
        deadline = time.monotonic() + seconds
        try:
            while True:
                if found := re.search(pattern, self._news.get(timeout=max(0, deadline - time.monotonic()))):
                    return found
        except Empty:
            raise AssertionError(f"no line matches {pattern!r} in:\n" + "\n".join(self.lines)) from None

    @property
    def pid(self) -> int:
        return self._popen.pid

    def send(self, number: signal.Signals) -> None:
        self._popen.send_signal(number)

    @property
    def is_over(self) -> bool:
        return self._popen.poll() is not None

    def wait(self, seconds: float = 10) -> int:
        """The exit code."""
        code = self._popen.wait(seconds)
        self._reader.join(5)
        return code

    def stop(self) -> None:
        if self._popen.poll() is None:
            self._popen.send_signal(signal.SIGCONT)
            self._popen.terminate()
            try:
                self._popen.wait(10)
            except subprocess.TimeoutExpired:
                self._popen.kill()
                self._popen.wait()
        self._reader.join(5)
        assert self._popen.stderr is not None
        self._popen.stderr.close()

    def fall_silent(self) -> None:
        """From its next line on the log is dropped unread: for benchmarks, whose machine has better to do."""
        self._silent = True

    def _read(self) -> None:
        assert self._popen.stderr is not None
        for line in self._popen.stderr:
            if self._silent:
                break
            self.lines.append(line.rstrip())
            self._news.put(line)
        while os.read(self._popen.stderr.fileno(), 2**20):
            pass


def run_ix(database_url: str, *arguments: str, **settings: str) -> str:
    """What a command of `ix` prints."""
    done = subprocess.run(
        [sys.executable, "-m", "ix", *arguments],
        env=_env(database_url, **settings),
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _env(database_url: str, **settings: str) -> dict[str, str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith("IX_")}
    return env | {
        "IX_POSTGRES_URL": database_url,
        "IX_OCR": "off",
        "IX_PORT": "0",
        "IX_LOG_LEVEL": "DEBUG",
        "IX_DRILL": "true",
        **settings,
    }


@contextmanager
def web(database_url: str, **settings: str) -> Iterator[str]:
    """The address of a running web process."""
    process = Process("web", database_url, **settings)
    try:
        yield process.until(r"web listens address=(\S+)")[1]
    finally:
        process.stop()


@contextmanager
def engine(database_url: str, by: Sequence[str] = (), **settings: str) -> Iterator[Process]:
    """A running engine that hears notifications."""
    process = Process("engine", database_url, by=by, **settings)
    try:
        process.until("listener connected")
        yield process
    finally:
        process.stop()


@contextmanager
def service(database_url: str, **settings: str) -> Iterator[str]:
    """The address of a running web process, and an engine that hears notifications. The two start at the same time."""
    engine, web = Process("engine", database_url, **settings), Process("web", database_url, **settings)
    try:
        engine.until("listener connected")
        yield web.until(r"web listens address=(\S+)")[1]
    finally:
        web.stop()
        engine.stop()
