"""`python -m bench.trees OTHER`: this checkout beside another one, in interleaved pairs, on one PostgreSQL.

    submissions a second    durable ones over HTTP, 64 connections, no engine
    drain, jobs a second    those jobs, from the first one's start to the last one's end, one engine
    pick-up, milliseconds   median of the jobs of a session: from the POST's first byte to the use case's start

Each session is a fresh database, migrated by its own checkout, with `ix web` and `ix engine` of that checkout; who
begins alternates. What two sessions of a pair have in common (a busy machine, a slow disk) cancels in their ratio.
Printed are the median ratio of the pairs and its 95 % interval by order statistics, which supposes nothing of how the
figures are distributed (Conover, Practical Nonparametric Statistics, 3.2).
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import statistics
import subprocess
import sys
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import uvloop

from bench import service
from bench.http import Load
from bench.servers import Postgres, execute, postgres
from tests.databases import with_database
from tests.processes import Process

HERE = Path(__file__).parents[1]
CONNECTIONS = 64
WARM_UP_JOBS = 200
PAUSE_SECONDS = 0.01
"""Between jobs whose pick-up is timed, so that each finds an idle service."""


class Sizes(NamedTuple):
    """What one session measures."""

    jobs: int
    pick_ups: int


class Session(NamedTuple):
    """What one session found; higher is better but for `pick_up`."""

    submissions: float
    drain: float
    pick_up: float


LOWER_IS_BETTER = frozenset({"pick_up"})


class Tree:
    """A checkout of ix, whose processes run in its own folder and environment (`.venv`, which `make` makes), and a
    database template that it migrated."""

    def __init__(self, folder: Path, server: Postgres) -> None:
        python = folder / ".venv" / "bin" / "python"
        self._python = str(python if python.exists() else sys.executable)
        self._by = ("env", "-C", str(folder))
        self._server = server
        self._template = f"ix_tree_{uuid.uuid4().hex[:8]}"
        asyncio.run(execute(server.url, f'CREATE DATABASE "{self._template}"'))
        env = os.environ | {"IX_POSTGRES_URL": with_database(server.url, self._template)}
        subprocess.run([*self._by, self._python, "-m", "ix", "migrate"], env=env, check=True, capture_output=True)

    def session(self, sizes: Sizes) -> Session:
        """Submits, drains, and picks up, each after a warm-up."""
        with self._server.database(self._template) as url, self._process("web", url) as web:
            address = web.until(r"web listens address=(\S+)")[1]
            web.fall_silent()
            _submitted(address, WARM_UP_JOBS)
            seconds = _submitted(address, sizes.jobs)
            with self._process("engine", url) as engine:
                engine.until("listener connected")
                engine.fall_silent()
                jobs = WARM_UP_JOBS + sizes.jobs
                drained = service.IxSession(url, [web], address).drained(jobs)
                service.pick_ups(address, sizes.pick_ups // 10)
                pick_ups = service.pick_ups(address, sizes.pick_ups, pause=PAUSE_SECONDS)
        return Session(sizes.jobs / seconds, jobs / drained, statistics.median(pick_ups))

    @contextmanager
    def _process(self, command: str, url: str) -> Iterator[Process]:
        process = Process(command, url, by=self._by, python=self._python, **service.SETTINGS, IX_PORT="0")
        try:
            yield process
        finally:
            process.stop()


def interval(ratios: Sequence[float], level: float = 0.95) -> tuple[float, float]:
    """The interval that holds the median of what `ratios` are drawn from with at least this probability."""
    ordered, count = sorted(ratios), len(ratios)
    outside, depth = 0.0, 0
    while depth < count // 2 and (outside := outside + math.comb(count, depth) / 2**count) <= (1 - level) / 2:
        depth += 1
    return ordered[max(depth - 1, 0)], ordered[count - max(depth, 1)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.trees", description=__doc__.partition("\n")[0])
    parser.add_argument("other", type=Path, metavar="OTHER", help="folder of the checkout to compare with")
    parser.add_argument("--pairs", type=int, default=24, metavar="N")
    parser.add_argument("--jobs", type=int, default=4000, metavar="N", help="submitted and drained in a session")
    parser.add_argument("--pick-ups", type=int, default=100, metavar="N")
    parsed = parser.parse_args()
    sizes = Sizes(parsed.jobs, parsed.pick_ups)
    with postgres() as server:
        ours, theirs = Tree(HERE, server), Tree(parsed.other.resolve(), server)
        pairs = [_pair(ours, theirs, sizes, number) for number in range(parsed.pairs)]
    _print(pairs)


def _pair(ours: Tree, theirs: Tree, sizes: Sizes, number: int) -> tuple[Session, Session]:
    if number % 2:
        second, first = theirs.session(sizes), ours.session(sizes)
    else:
        first, second = ours.session(sizes), theirs.session(sizes)
    print(f"pair {number + 1}: {_row(first)} | {_row(second)}", file=sys.stderr, flush=True)
    return first, second


def _row(session: Session) -> str:
    return f"{session.submissions:.0f}/s {session.drain:.0f}/s {session.pick_up:.2f} ms"


def _print(pairs: Sequence[tuple[Session, Session]]) -> None:
    print(f"{len(pairs)} pairs; over 1 this checkout is better")
    print(f"{'':12} {'this':>9} {'other':>9} {'ratio':>7}  95 % interval")
    for name in Session._fields:
        mine, other = [getattr(a, name) for a, _ in pairs], [getattr(b, name) for _, b in pairs]
        gains = [b / a if name in LOWER_IS_BETTER else a / b for a, b in zip(mine, other, strict=True)]
        low, high = interval(gains)
        print(
            f"{name:12} {statistics.median(mine):9.2f} {statistics.median(other):9.2f} "
            f"{statistics.median(gains):7.3f}  {low:.3f} to {high:.3f}"
        )


def _submitted(address: str, count: int) -> float:
    """Seconds that so many submissions took."""
    return uvloop.run(Load(address, uuid.uuid4().hex[:8]).run(CONNECTIONS, count=count))[1]


if __name__ == "__main__":
    main()
