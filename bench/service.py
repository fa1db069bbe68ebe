"""ix as a contestant: `ix web` and `ix engine` as real processes at default settings, driven over HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib import metadata

import asyncpg
import uvloop

from bench import counting
from bench.contestants import ContestantFailed
from bench.http import Load, connected, submission
from bench.servers import Postgres, fetch
from ix.config import DISTRIBUTION
from ix.database.channels import ENDED_CHANNEL
from tests.processes import Process

SETTINGS = {"IX_LOG_LEVEL": "INFO", "IX_OCR": "off", "IX_DRILL": "true"}
"""No model loads while something is measured."""
CONNECTIONS = 64
CLIENT = "bench"
"""Begins the name of every client whose jobs are drained; the SQL below knows it."""
MOST_OF_CLIENT = 50_000
DRAIN_SECONDS = 240.0
RECOVERY_SECONDS = 60.0
_STARTED = """
    SELECT min((response -> 'result' ->> 'began_ns')::bigint) AS began FROM jobs
    WHERE status = 'done' AND client_id ~~ 'bench%'"""
_ENDED = "SELECT count(*) FROM jobs WHERE client_id ~~ 'bench%' AND finished_at IS NOT NULL"
_LEFT = """
    SELECT count(*) FILTER (WHERE status IN ('pending', 'running')) AS pending,
        count(*) FILTER (WHERE status = 'error') AS failed
    FROM jobs WHERE client_id ~~ 'bench%'"""


class Ix:
    """ix. With more than one web process they share a port (IX_SHARE_PORT)."""

    version = metadata.version(DISTRIBUTION)
    needs = "postgres"
    bulk = True
    settings = (
        "web and engine at default settings but for IX_OCR=off, IX_DRILL=true, over HTTP; fences, results, recovery, "
        "fairness on"
    )

    def __init__(self, postgres: Postgres, name: str = "ix", webs: int = 1) -> None:
        self.name = name
        self._postgres = postgres
        self._webs = webs

    @contextmanager
    def session(self, clients: int = 1, logged: bool = False, template: str | None = None) -> Iterator[IxSession]:
        """A migrated database of its own, or a copy of `template`, and a web process."""
        with self._postgres.database(template or self._postgres.template) as url, ExitStack() as stack:
            if logged:
                counting.log_statements(self._postgres, url)
            port, webs = "0", list[Process]()
            for _ in range(self._webs):
                webs.append(web := Process("web", url, **SETTINGS, IX_PORT=port, IX_SHARE_PORT=str(self._webs > 1)))
                stack.callback(web.stop)
                address = web.until(r"web listens address=(\S+)")[1]
                port = address.rpartition(":")[2]
                web.fall_silent()
            yield IxSession(url, webs, address)


class IxSession:
    """ix with an empty queue."""

    def __init__(self, database_url: str, webs: Sequence[Process], address: str) -> None:
        self.database_url = database_url
        self.address = address
        self._webs = webs
        self._engines: list[Process] = []

    @property
    def processes(self) -> Mapping[str, int | None]:
        """`client` is the benchmark itself, `worker` an engine."""
        found: dict[str, int | None] = {"client": os.getpid()}
        found |= {f"web {number}" if number > 1 else "web": web.pid for number, web in enumerate(self._webs, 1)}
        engines = enumerate(reversed(self._engines), 1)
        return found | {f"worker {number}" if number > 1 else "worker": one.pid for number, one in engines}

    def fill(self, count: int) -> None:
        """Through HTTP, like anybody; by more than one client where one may not have so many jobs waiting
        (IX_MAX_PENDING)."""
        for number, first in enumerate(range(0, count, MOST_OF_CLIENT)):
            load = Load(self.address, uuid.uuid4().hex[:8], client_id=f"{CLIENT}{number or ''}")
            uvloop.run(load.run(CONNECTIONS, count=min(MOST_OF_CLIENT, count - first)))

    @contextmanager
    def worker(self, last: int = 0) -> Iterator[None]:
        """One engine. What it reports is in its jobs' answers."""
        engine = self._engine()
        try:
            engine.until("listener connected")
            engine.fall_silent()
            yield
        finally:
            self._engines.remove(engine)
            engine.stop()

    def pick_ups(self, count: int, pause: float = 0.0, client_id: str = CLIENT) -> list[float]:
        """From the POST's first byte, over a kept-alive connection, to the use case's start."""
        return pick_ups(self.address, count, client_id, pause)

    def drained(self, count: int, started: Callable[[], None] = lambda: None) -> float:
        """Waits as web does, by listening for what ended; the start is in the jobs' answers."""
        started()
        ended = uvloop.run(_ended(self.database_url, count))
        row = asyncio.run(fetch(self.database_url, _LEFT))[0]
        if row["pending"] or row["failed"]:
            raise ContestantFailed(f"{row['pending']} jobs left and {row['failed']} failed of {count}")
        began = asyncio.run(fetch(self.database_url, _STARTED))[0]["began"]
        return ended - int(began) / 1e9

    def submit(self, clients: int, seconds: float, size: int = 1) -> tuple[int, float]:
        """`POST /jobs`, or, in bulk, `POST /jobs/batch`."""
        load = Load(self.address, uuid.uuid4().hex[:8], size)
        return uvloop.run(load.run(clients, seconds))

    def load(
        self, clients: int, seconds: float = float("inf"), count: int | None = None, wait: bool = False
    ) -> tuple[int, float, list[float]]:
        """Jobs submitted, the seconds they took, each request's milliseconds; with `wait`, an answer is held until its
        job has ended."""
        load = Load(self.address, uuid.uuid4().hex[:8], wait=wait)
        jobs, taken = uvloop.run(load.run(clients, seconds, count))
        return jobs, taken, load.latencies

    def recovery(self) -> float:
        """Two engines; the one that runs the job is killed. The job hangs in its first attempt only."""
        first = self._engine()
        first.until("listener connected")
        options = {"action": "hang", "attempts": 1}
        job = uvloop.run(_post(self.address, submission(uuid.uuid4().hex, options=options)))
        self._until_running(job)
        second = self._engine()
        second.until("listener connected")
        killed = time.monotonic_ns()
        first.send(signal.SIGKILL)
        first.wait()
        began = uvloop.run(_began(self.address, job))
        for engine in (first, second):
            self._engines.remove(engine)
            engine.stop()
        return (began - killed) / 1e9

    def _engine(self) -> Process:
        engine = Process("engine", self.database_url, **SETTINGS)
        self._engines.append(engine)
        return engine

    def _until_running(self, ix_id: str) -> None:
        deadline = time.monotonic() + 30
        while (
            asyncio.run(fetch(self.database_url, "SELECT status FROM jobs WHERE ix_id = $1", ix_id))[0]["status"]
            != "running"
        ):
            if time.monotonic() > deadline:
                raise ContestantFailed("the job does not run")
            time.sleep(0.05)


class Variant:
    """`ix web` with another way to store a submission: see `bench.variants`. It only takes submissions."""

    version = metadata.version(DISTRIBUTION)
    needs = "postgres"
    bulk = False

    def __init__(self, kind: str, name: str, postgres: Postgres) -> None:
        self.name = name
        self.settings = "as ix otherwise"
        self._kind = kind
        self._postgres = postgres

    @contextmanager
    def session(self, clients: int = 1, logged: bool = False) -> Iterator[VariantSession]:
        """A migrated database of its own and the variant's process."""
        with self._postgres.database(self._postgres.template) as url:
            yield from _variant(self._kind, url)


def _variant(kind: str, url: str) -> Iterator[VariantSession]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("IX_")}
    env |= {"IX_POSTGRES_URL": url, "IX_PORT": "0", **SETTINGS}
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.variants", kind], env=env, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if found := re.search(r"web listens address=(\S+)", line):
                # what it logs from now on is read and dropped, or the pipe would fill and stop it
                threading.Thread(target=deque, args=(process.stderr, 0), daemon=True).start()
                yield VariantSession(url, process.pid, found[1])
                break
        else:
            raise ContestantFailed("it did not start")
    finally:
        process.terminate()
        process.wait()


class VariantSession:
    """A variant that takes submissions."""

    def __init__(self, database_url: str, pid: int, address: str) -> None:
        self.database_url = database_url
        self.processes: Mapping[str, int | None] = {"client": os.getpid(), "web": pid}
        self._address = address

    def submit(self, clients: int, seconds: float, size: int = 1) -> tuple[int, float]:
        """`POST /jobs`."""
        return uvloop.run(Load(self._address, uuid.uuid4().hex[:8], size).run(clients, seconds))


def pick_ups(address: str, count: int, client_id: str = CLIENT, pause: float = 0.0) -> list[float]:
    """Milliseconds from the POST's first byte, over a kept-alive connection, to the use case's start, job by job."""
    return uvloop.run(_pick_ups(address, count, client_id, pause))


async def _pick_ups(address: str, count: int, client_id: str, pause: float) -> list[float]:
    found, prefix = [], uuid.uuid4().hex[:8]
    async with connected(address) as connection:
        for number in range(count):
            await asyncio.sleep(pause)
            body = json.dumps(submission(f"{prefix}-{number}", client_id)).encode()
            began = time.monotonic_ns()
            _, answer = await connection.post("/jobs", body)
            _, answer = await connection.get(f"/jobs/{json.loads(answer)['ix_id']}?wait=30")
            found.append((json.loads(answer)["response"]["result"]["began_ns"] - began) / 1e6)
    return found


async def _post(address: str, body: dict[str, object]) -> str:
    async with connected(address) as connection:
        _, answer = await connection.post("/jobs", json.dumps(body).encode())
    return str(json.loads(answer)["ix_id"])


async def _began(address: str, ix_id: str) -> int:
    async with connected(address) as connection, asyncio.timeout(RECOVERY_SECONDS):
        while True:
            _, answer = await connection.get(f"/jobs/{ix_id}?wait=30")
            if (job := json.loads(answer))["response"]:
                return int(job["response"]["result"]["began_ns"])


async def _ended(url: str, count: int) -> float:
    """The monotonic time at which so many jobs that `fill` made had ended, of which some may have before the call."""
    connection = await asyncpg.connect(url)
    heard, at = asyncio.Queue[tuple[int, float]](), time.monotonic()
    try:
        await connection.add_listener(
            ENDED_CHANNEL, lambda *arguments: heard.put_nowait((len(str(arguments[-1]).split()), time.monotonic()))
        )
        async with asyncio.timeout(DRAIN_SECONDS):
            while left := count - await connection.fetchval(_ENDED):
                # jobs of others may be among those heard of: then some are left, and it is counted again
                while left > 0:
                    jobs, at = await heard.get()
                    left -= jobs
            return at
    except TimeoutError:
        raise ContestantFailed(f"not all of {count} jobs ended in {DRAIN_SECONDS:.0f} s") from None
    finally:
        await connection.close()
