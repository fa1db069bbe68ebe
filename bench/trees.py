"""`python -m bench.trees OTHER`: this checkout beside another one, in interleaved pairs, on one PostgreSQL.

    submissions   a second, durable, over HTTP, 64 connections, no engine
    drain         jobs a second, from the first one's start to the last one's end, one engine
    pick_up       milliseconds, median of a round: from the POST's first byte to the use case's start

Each checkout has databases that it migrated itself, and processes in its own folder. The services of both stand side by
side, and take turns in short rounds, so that whatever else the machine does meanwhile meets both alike and cancels in
the ratio of a pair; who begins alternates. A drain has an engine and a database of its own each time.

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
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
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
MOST_PENDING = 90_000
"""Jobs that one database is given without an engine: a client may have 100,000 waiting (IX_MAX_PENDING)."""
PAUSE_SECONDS = 0.01
"""Between jobs whose pick-up is timed, so that each finds an idle service."""
LOWER_IS_BETTER = frozenset({"pick_up"})


class Sizes(NamedTuple):
    """Rounds of each checkout, and what one round takes: jobs submitted, jobs drained, jobs picked up."""

    pairs: int
    jobs: int
    drained: int
    pick_ups: int


class Pairs(NamedTuple):
    """The figures of one metric, round by round: this checkout's and the other's."""

    metric: str
    ours: list[float]
    theirs: list[float]

    @property
    def gains(self) -> list[float]:
        """Ratios of the pairs; over 1 this checkout is better."""
        pairs = list(zip(self.ours, self.theirs, strict=True))
        return [b / a if self.metric in LOWER_IS_BETTER else a / b for a, b in pairs]


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

    @contextmanager
    def web(self) -> Iterator[service.IxSession]:
        """A web process over a fresh database."""
        with self._server.database(self._template) as url, self._process("web", url) as web:
            address = web.until(r"web listens address=(\S+)")[1]
            web.fall_silent()
            yield service.IxSession(url, [web], address)

    @contextmanager
    def engine(self, url: str) -> Iterator[None]:
        """An engine beside it."""
        with self._process("engine", url) as engine:
            engine.until("listener connected")
            engine.fall_silent()
            yield

    @contextmanager
    def _process(self, command: str, url: str) -> Iterator[Process]:
        process = Process(command, url, by=self._by, python=self._python, **service.SETTINGS, IX_PORT="0")
        try:
            yield process
        finally:
            process.stop()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.trees", description=__doc__.partition("\n")[0])
    parser.add_argument("other", type=Path, metavar="OTHER", help="folder of the checkout to compare with")
    parser.add_argument("--pairs", type=int, default=60, metavar="N", help="rounds of each (default %(default)s)")
    parser.add_argument(
        "--only",
        nargs="+",
        choices=list(COMPARISONS),
        default=list(COMPARISONS),
        metavar="METRIC",
        help="of %(choices)s",
    )
    parser.add_argument("--drained", type=int, default=6000, metavar="N", help="jobs of a drain (default %(default)s)")
    parsed = parser.parse_args()
    sizes = Sizes(parsed.pairs, min(1000, MOST_PENDING // parsed.pairs), parsed.drained, 20)
    with postgres() as server:
        trees = Tree(HERE, server), Tree(parsed.other.resolve(), server)
        print(f"{sizes.pairs} pairs; over 1 this checkout is better")
        print(f"{'':12} {'this':>9} {'other':>9} {'ratio':>7}  95 % interval")
        for name in parsed.only:
            _print(COMPARISONS[name](trees, sizes))


def submissions(trees: Sequence[Tree], sizes: Sizes) -> Pairs:
    """Jobs a second of each round."""
    with ExitStack() as stack:
        addresses = [stack.enter_context(tree.web()).address for tree in trees]
        for address in addresses:
            _submitted(address, sizes.jobs)
        return _rounds("submissions", sizes.pairs, lambda at: sizes.jobs / _submitted(addresses[at], sizes.jobs))


def pick_ups(trees: Sequence[Tree], sizes: Sizes) -> Pairs:
    """Milliseconds of each round's median job."""
    with ExitStack() as stack:
        sessions = [stack.enter_context(tree.web()) for tree in trees]
        for tree, session in zip(trees, sessions, strict=True):
            stack.enter_context(tree.engine(session.database_url))
            session.pick_ups(sizes.pick_ups)
        return _rounds(
            "pick_up", sizes.pairs, lambda at: statistics.median(sessions[at].pick_ups(sizes.pick_ups, PAUSE_SECONDS))
        )


def drains(trees: Sequence[Tree], sizes: Sizes) -> Pairs:
    """Jobs a second of each drain."""

    def drain(at: int) -> float:
        with trees[at].web() as session:
            session.fill(sizes.drained)
            with trees[at].engine(session.database_url):
                return sizes.drained / session.drained(sizes.drained)

    return _rounds("drain", sizes.pairs, drain)


COMPARISONS = {"submissions": submissions, "pick_up": pick_ups, "drain": drains}


def _rounds(metric: str, pairs: int, measure: Callable[[int], float]) -> Pairs:
    """`measure` is asked for tree 0 and tree 1 in each pair, in turns first."""
    figures: tuple[list[float], list[float]] = [], []
    for number in range(pairs):
        for at in (0, 1) if number % 2 == 0 else (1, 0):
            figures[at].append(measure(at))
        print(f"\r{metric} {number + 1}/{pairs} ", end="", file=sys.stderr, flush=True)
    # the figures' line takes the place of the progress
    print("\r\033[K", end="", file=sys.stderr, flush=True)
    return Pairs(metric, *figures)


def interval(ratios: Sequence[float], level: float = 0.95) -> tuple[float, float]:
    """The interval that holds the median of what `ratios` are drawn from with at least this probability."""
    ordered, count = sorted(ratios), len(ratios)
    outside, depth = 0.0, 0
    while depth < count // 2 and (outside := outside + math.comb(count, depth) / 2**count) <= (1 - level) / 2:
        depth += 1
    return ordered[max(depth - 1, 0)], ordered[count - max(depth, 1)]


def _print(pairs: Pairs) -> None:
    low, high = interval(pairs.gains)
    print(
        f"{pairs.metric:12} {statistics.median(pairs.ours):9.2f} {statistics.median(pairs.theirs):9.2f} "
        f"{statistics.median(pairs.gains):7.3f}  {low:.3f} to {high:.3f}"
    )


def _submitted(address: str, count: int) -> float:
    """Seconds that so many submissions took."""
    return uvloop.run(Load(address, uuid.uuid4().hex[:8]).run(CONNECTIONS, count=count))[1]


if __name__ == "__main__":
    main()
