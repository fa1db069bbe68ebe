"""A peer: its processes in the environment of their own, driven through pipes."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import psutil

from bench import counting
from bench.contestants import ContestantFailed, Reports
from bench.peers import NAMES
from bench.peers.host import HANG, LAST, REPORT, URL
from bench.servers import Postgres, Redis

ROOT = Path(__file__).parent.parent
ENVIRONMENT = "BENCH_VENV"
"""Names the environment that holds the peers; `.venv-bench` by default."""
ANSWER_SECONDS = 240.0
START_SECONDS = 60.0
POLL_SECONDS = 0.005
SETTLE_SECONDS = 5.0
"""A second worker gets so long to come up: peers do not say when they are ready."""
RECOVERY_SECONDS = 120.0
"""How long a recovery is waited for."""


def python() -> Path:
    """The peers' interpreter."""
    return ROOT / os.environ.get(ENVIRONMENT, ".venv-bench") / "bin" / "python"


class Peer:
    """One of `bench.peers`."""

    def __init__(self, name: str, postgres: Postgres, redis: Redis | None) -> None:
        self.name = name
        self._postgres = postgres
        self._redis = redis
        about = json.loads(_run(name, "about"))
        self.version: str = about["version"]
        self.needs: str = about["needs"]
        self.settings: str = about["settings"]
        self.bulk: bool = about["bulk"]
        if self.needs == "redis" and redis is None:
            raise ContestantFailed("no redis-server on PATH")

    @contextmanager
    def session(self, clients: int = 1, logged: bool = False) -> Iterator[PeerSession]:
        """An empty database, or an emptied Redis, with the peer's schema in it."""
        with self._postgres.database() as database_url, Reports() as reports:
            url = self._redis.url_of(NAMES.index(self.name)) if self.needs == "redis" and self._redis else database_url
            if logged:
                counting.log_statements(self._postgres, database_url)
            server = self._redis.pid if self.needs == "redis" and self._redis else None
            session = PeerSession(self.name, url, database_url, reports, server)
            try:
                session.call("prepare")
                session.call("open", clients=clients)
                yield session
            finally:
                session.close()


class PeerSession:
    """A peer with an empty queue."""

    def __init__(self, name: str, url: str, database_url: str, reports: Reports, server: int | None) -> None:
        self.database_url = database_url
        self._name = name
        self._url = url
        self._reports = reports
        self._server = server
        self._client = Child(name, "serve", {URL: url})
        self._workers: list[Child] = []
        self._numbered = 0

    @property
    def processes(self) -> Mapping[str, int | None]:
        """`client` enqueues, `worker` runs; `server` only where it is not PostgreSQL."""
        found: dict[str, int | None] = {"client": self._client.pid}
        if self._workers:
            found["worker"] = self._workers[-1].pid
        return found | ({"server": self._server} if self._server else {})

    def call(self, do: str, **given: object) -> dict[str, Any]:
        """One command to the process that enqueues."""
        return self._client.call(do, **given)

    def close(self) -> None:
        """Ends all processes."""
        for child in (*self._workers, self._client):
            child.stop()

    def fill(self, count: int) -> None:
        """By bulk calls where the peer has one."""
        self.call("many", count=count)

    @contextmanager
    def worker(self, last: int = 0) -> Iterator[None]:
        """One worker process."""
        child = self._start(last)
        try:
            yield
        finally:
            self._workers.remove(child)
            child.stop()

    def pick_ups(self, count: int, pause: float) -> list[float]:
        """From the call of the peer's enqueue."""
        found = []
        for number in range(self._numbered, self._numbered + count):
            time.sleep(pause)
            found.append(self._heard(number, self.call("one", number=number)["began_ns"]))
        self._numbered += count
        return found

    def _heard(self, number: int, began: int) -> float:
        while True:
            found, at = self._next(START_SECONDS, f"job {number} did not start")
            if found == number:
                return (at - began) / 1e6

    def _next(self, seconds: float, otherwise: str) -> tuple[int, int]:
        """The next report, looking at the workers meanwhile."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and all(child.alive for child in self._workers):
            with suppress(TimeoutError):
                return self._reports.next(1.0)
        raise ContestantFailed(f"{otherwise}: {' | '.join(child.last_words() for child in self._workers)}")

    def drained(self, count: int, started: Callable[[], None] = lambda: None) -> float:
        """The worker reports the first and the last start; from then on the client counts what is left."""
        _, began = self._next(START_SECONDS, "no job started")
        started()
        if count > 1:
            self._next(ANSWER_SECONDS, f"not all of {count} jobs started")
        deadline = time.monotonic() + START_SECONDS
        while left := self.call("unfinished")["count"]:
            if time.monotonic() > deadline:
                raise ContestantFailed(f"{left} of {count} jobs started but never ended")
            time.sleep(POLL_SECONDS)
        return time.monotonic() - began / 1e9

    def submit(self, clients: int, seconds: float, size: int = 1) -> tuple[int, float]:
        """By the peer's own call, in one process."""
        found = self.call("submit", clients=clients, seconds=seconds, size=size)
        return found["jobs"], found["seconds"]

    def recovery(self) -> float:
        """Two workers; the one that runs the job is killed."""
        first = self._start(0)
        self.call("one", number=HANG)
        self._reports.of(HANG, START_SECONDS)
        self._start(0)
        time.sleep(SETTLE_SECONDS)
        killed = time.monotonic_ns()
        first.kill()
        return (self._reports.of(HANG, RECOVERY_SECONDS) - killed) / 1e9

    def _start(self, last: int) -> Child:
        child = Child(self._name, "work", {URL: self._url, REPORT: self._reports.path, LAST: str(last)})
        self._workers.append(child)
        return child


class Child:
    """A process of a peer, with its children."""

    def __init__(self, name: str, role: str, env: Mapping[str, str]) -> None:
        self._errors: IO[str] = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed by `stop`
        self._popen = subprocess.Popen(
            [python(), "-m", f"bench.peers.{name}", role],
            stdin=subprocess.PIPE if role == "serve" else subprocess.DEVNULL,
            stdout=subprocess.PIPE if role == "serve" else subprocess.DEVNULL,
            stderr=self._errors,
            env={**os.environ, **env},
            cwd=ROOT,
            text=True,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._popen.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._popen.poll() is None

    def call(self, do: str, **given: object) -> dict[str, Any]:
        """Sends one command and waits for its answer."""
        assert self._popen.stdin is not None
        assert self._popen.stdout is not None
        try:
            self._popen.stdin.write(json.dumps({"do": do, **given}) + "\n")
            self._popen.stdin.flush()
        except BrokenPipeError:
            raise ContestantFailed(f"{do}: {self.last_words()}") from None
        ready, _, _ = select.select([self._popen.stdout], [], [], ANSWER_SECONDS)
        line = self._popen.stdout.readline() if ready else ""
        if not line:
            raise ContestantFailed(f"{do}: {self.last_words() if ready else 'no answer in time'}")
        found: dict[str, Any] = json.loads(line)
        return found

    def kill(self) -> None:
        """SIGKILL to the process and its children, as when the machine goes."""
        for process in (psutil.Process(self.pid), *psutil.Process(self.pid).children(recursive=True)):
            process.send_signal(signal.SIGKILL)
        self._popen.wait()

    def stop(self) -> None:
        """Ends the process group, politely first."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self._popen.poll() is None:
                os.killpg(self.pid, number)
                try:
                    self._popen.wait(5)
                except subprocess.TimeoutExpired:
                    continue
        for pipe in (self._popen.stdin, self._popen.stdout):
            if pipe is not None:
                pipe.close()
        self._errors.close()

    def last_words(self) -> str:
        """The end of what it wrote to standard error."""
        self._errors.flush()
        self._errors.seek(0)
        lines = [line for line in self._errors.read().splitlines() if line.strip()]
        return " | ".join(lines[-2:]) or "it said nothing"


def _run(name: str, role: str) -> str:
    done = subprocess.run(
        [python(), "-m", f"bench.peers.{name}", role], capture_output=True, text=True, cwd=ROOT, timeout=START_SECONDS
    )
    if done.returncode != 0:
        raise ContestantFailed(
            done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit code {done.returncode}"
        )
    return done.stdout


def check() -> None:
    """Exits with a message where the peers' environment is missing."""
    if not python().exists():
        sys.exit(f"{python()} does not exist: run `make bench`, which makes it")
