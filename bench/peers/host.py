"""What all peers share: the protocol, the process that enqueues, and the handler's report.

`python -m bench.peers.NAME serve` reads one JSON command a line and answers each with one line. `python -m
bench.peers.NAME work` runs the peer's worker until it is killed. Where to connect and report comes from the
environment."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import socket
import struct
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from typing import Any

import uvloop

URL, REPORT, LAST = "BENCH_URL", "BENCH_REPORT", "BENCH_LAST"
"""The environment's names: the database's or Redis's address, the socket to report to, and `Report`'s `last`."""
BATCH = 1000
"""Jobs in one bulk call."""
HANG = -1
"""The number of a job whose handler does not end."""
HANG_SECONDS = 3600.0


class Report:
    """Tells when handlers start, by the machine's monotonic clock: of each job, or, with `last`, of the first and the
    last."""

    def __init__(self, path: str, last: int) -> None:
        self._path = path
        self._last = last
        self._count = itertools.count(1)
        self._socket: socket.socket | None = None

    def started(self, number: int) -> None:
        """To be called first thing in the handler."""
        now = time.monotonic_ns()
        if not self._last or next(self._count) in (1, self._last):
            self._connected().send(struct.pack("qq", number, now))

    def _connected(self) -> socket.socket:
        """Connected late, since some peers fork."""
        if self._socket is None:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._socket.connect(self._path)
        return self._socket


def report() -> Report:
    """The report that the environment asks for."""
    return Report(os.environ.get(REPORT, ""), int(os.environ.get(LAST, "0")))


def url() -> str:
    """The address to connect to, in the form that all drivers read."""
    return os.environ.get(URL, "").replace("postgres://", "postgresql://", 1)


class Peer:
    """One contestant. `enqueue_many` is for peers with a call of their own for many jobs (`bulk`)."""

    name: str
    needs = "postgres"
    settings: str
    bulk = True
    keeps_results = False

    async def prepare(self) -> None:
        """Makes the schema in an empty database."""

    async def open(self, clients: int) -> None:
        """Connects, for so many callers at once."""

    async def close(self) -> None:
        """Lets go of the connections."""

    async def enqueue(self, number: int) -> None:
        """One durable job, by the peer's call for one."""
        raise NotImplementedError

    async def enqueue_many(self, numbers: Sequence[int]) -> None:
        """Many jobs, by the peer's call for many."""
        for number in numbers:
            await self.enqueue(number)

    async def unfinished(self) -> int:
        """Jobs that wait or run."""
        raise NotImplementedError

    def work(self) -> None:
        """Runs the worker until the process is told to stop."""
        raise NotImplementedError

    async def submit(self, clients: int, seconds: float, size: int) -> tuple[int, float]:
        """Jobs enqueued by so many callers in about so long, and the seconds it took; in bulk calls if `size` is over
        one."""
        began, numbers, total = time.monotonic(), itertools.count(), 0

        async def call() -> None:
            nonlocal total
            while time.monotonic() - began < seconds:
                if size == 1:
                    await self.enqueue(next(numbers))
                else:
                    await self.enqueue_many(list(itertools.islice(numbers, size)))
                total += size

        await asyncio.gather(*(call() for _ in range(clients)))
        return total, time.monotonic() - began


class ThreadedPeer(Peer):
    """A peer whose call blocks: each caller is a thread."""

    def enqueue_now(self, number: int) -> None:
        """One durable job."""
        raise NotImplementedError

    async def enqueue(self, number: int) -> None:
        """Blocks the loop, which does nothing else."""
        self.enqueue_now(number)

    async def enqueue_many(self, numbers: Sequence[int]) -> None:
        """One after the other in a few threads: such a peer has no call for many."""
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(self.enqueue_now, numbers))

    async def submit(self, clients: int, seconds: float, size: int) -> tuple[int, float]:
        """As `Peer.submit`, with threads."""
        began, numbers = time.monotonic(), itertools.count()

        def call(_: int) -> int:
            done = 0
            while time.monotonic() - began < seconds:
                self.enqueue_now(next(numbers))
                done += 1
            return done

        with ThreadPoolExecutor(clients) as threads:
            total = sum(await asyncio.to_thread(lambda: list(threads.map(call, range(clients)))))
        return total, time.monotonic() - began


def main(make: Callable[[], Peer]) -> None:
    """Runs the role that the command line names."""
    if sys.argv[1] == "work":
        make().work()
    elif sys.argv[1] == "about":
        print(json.dumps(_about(make())))
    else:
        uvloop.run(_serve(make()))


def _about(peer: Peer) -> dict[str, Any]:
    package = {"floor": "asyncpg"}.get(peer.name, peer.name)
    results = "keeps results" if peer.keeps_results else "keeps no results"
    settings = f"{peer.settings}; {results}"
    return {
        "version": f"{package} {metadata.version(package)}",
        "needs": peer.needs,
        "settings": settings,
        "bulk": peer.bulk,
    }


async def _serve(peer: Peer) -> None:
    """Answers the benchmark's commands until its pipe closes."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        command: dict[str, Any] = json.loads(line)
        print(json.dumps(await _answer(peer, command.pop("do"), command)), flush=True)


async def _answer(peer: Peer, do: str, given: dict[str, Any]) -> dict[str, Any]:
    match do:
        case "prepare":
            await peer.prepare()
        case "open":
            await peer.open(given["clients"])
        case "close":
            await peer.close()
        case "one":
            began = time.monotonic_ns()
            await peer.enqueue(given["number"])
            return {"began_ns": began}
        case "many":
            for first in range(0, given["count"], BATCH):
                await peer.enqueue_many(range(first, min(first + BATCH, given["count"])))
        case "submit":
            jobs, seconds = await peer.submit(given["clients"], given["seconds"], given["size"])
            return {"jobs": jobs, "seconds": seconds}
        case "unfinished":
            return {"count": await peer.unfinished()}
    return {}
