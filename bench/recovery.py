"""6. Recovery: from SIGKILL of a worker process to its job's start in another one that was idle, at default settings.

Peers wait side by side, since most of them wait long; one that has not recovered in time is written down so.
"""

from __future__ import annotations

import statistics
from concurrent.futures import ThreadPoolExecutor

from bench.book import Bench
from bench.contestants import Contestant
from bench.peer import RECOVERY_SECONDS

SECTION = "recovery"


def run(bench: Bench) -> None:
    """ix many times, each peer once; the floor recovers nothing."""
    for contestant in bench.only("ix"):
        with bench.attempt(SECTION, contestant.name):
            mine(bench, contestant)
    peers = [contestant for contestant in bench.contestants if contestant.name not in ("ix", "floor")]
    if peers:
        bench.log(f"{SECTION} {', '.join(peer.name for peer in peers)}: at most {RECOVERY_SECONDS:.0f} s")
        with ThreadPoolExecutor(len(peers)) as threads:
            list(threads.map(lambda peer: theirs(bench, peer), peers))


def mine(bench: Bench, contestant: Contestant) -> None:
    """The median and p95 of all times, each with two fresh engines."""
    with contestant.session() as session:
        times = []
        for number in range(bench.sizes.recoveries):
            bench.log(f"{SECTION} {number + 1}/{bench.sizes.recoveries} {contestant.name}")
            times.append(session.recovery())
            bench.book.add(SECTION, contestant.name, "seconds", times[-1], "s")
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    bench.book.add(SECTION, contestant.name, "p95", cuts[94], "s")


def theirs(bench: Bench, contestant: Contestant) -> None:
    """Once."""
    with bench.attempt(SECTION, contestant.name), contestant.session() as session:
        try:
            bench.book.add(SECTION, contestant.name, "seconds", session.recovery(), "s")
        except TimeoutError:
            bench.book.notes.append(
                (SECTION, f"{contestant.name} had not recovered the job after {RECOVERY_SECONDS:.0f} s")
            )
