"""7. Idle: what a service with nothing to do costs. ix: web and engine; a peer: its worker. Peers idle side by side."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from bench import counting
from bench.book import Bench
from bench.contestants import Contestant

SECTION = "idle"
SETTLE_SECONDS = 5.0
"""From the worker's start: its start-up is not counted."""


def run(bench: Bench) -> None:
    """Share of a core, and statements a second."""
    for contestant in bench.only("ix"):
        bench.log(f"{SECTION} {contestant.name}")
        idle(bench, contestant)
    peers = [contestant for contestant in bench.contestants if contestant.name not in ("ix", "floor")]
    if peers:
        bench.log(f"{SECTION} {', '.join(peer.name for peer in peers)}")
        with ThreadPoolExecutor(len(peers)) as threads:
            list(threads.map(lambda peer: idle(bench, peer), peers))


def idle(bench: Bench, contestant: Contestant) -> None:
    """One look at it doing nothing, after it has done something."""
    seconds, book = bench.sizes.idle_seconds, bench.book
    with bench.attempt(SECTION, contestant.name), contestant.session(logged=True) as session, session.worker():
        session.pick_ups(3, 0.0)
        time.sleep(SETTLE_SECONDS)
        meter = counting.Meter(bench.postgres, {**session.processes, "server": None})
        with counting.statements(bench.postgres, session.database_url) as found:
            meter.start()
            time.sleep(seconds)
            cost = meter.stop()
        used = sum(cost.cpu.get(role, 0.0) for role in ("web", "worker"))
        book.add(SECTION, contestant.name, "CPU", 100 * used / seconds, "% of a core")
        if contestant.needs == "postgres" and bench.postgres.log:
            book.add(SECTION, contestant.name, "statements", found.statements / seconds, "/s")
