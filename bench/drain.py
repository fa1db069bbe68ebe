"""3. Drain: jobs that do nothing, all waiting before the one worker process starts.

From the first job's start to the last one's end, as the queue itself knows it; the worker's start-up is not counted.
Statements and commits are of a shorter run of its own, from the worker's start to its stop."""

from __future__ import annotations

from bench import counting
from bench.book import Bench
from bench.contestants import Contestant

SECTION = "drain"
MICRO = 1e6
SLOW_SECONDS = 12.0


def run(bench: Bench) -> None:
    """Jobs a second, and what each cost."""
    for contestant in bench.turns(SECTION, bench.contestants):
        with bench.attempt(SECTION, contestant.name):
            timed(bench, contestant)
    for contestant in bench.contestants:
        if contestant.needs == "postgres" and not bench.book.failed(SECTION, contestant.name):
            bench.log(f"{SECTION} {contestant.name}: counting statements")
            with bench.attempt(SECTION, contestant.name):
                counted(bench, contestant)


def jobs(bench: Bench, name: str) -> int:
    """How many: all of them the first time, a quarter for one that then took long, whose rate does not depend on it."""
    rate = bench.book.median(SECTION, "jobs/s", name)
    slow = rate is not None and rate * SLOW_SECONDS < bench.sizes.drain
    return bench.sizes.drain // 4 if slow else bench.sizes.drain


def timed(bench: Bench, contestant: Contestant) -> None:
    """One drain."""
    count, book = jobs(bench, contestant.name), bench.book
    with contestant.session() as session:
        session.fill(count)
        with session.worker(last=count):
            meter = counting.Meter(bench.postgres, session.processes)
            seconds = session.drained(count, meter.start)
            cost = meter.stop()
    book.add(SECTION, contestant.name, "jobs/s", count / seconds, "jobs/s", "higher")
    cpu = {role: seconds for role, seconds in cost.cpu.items() if role != "client"}
    for role, seconds in cpu.items():
        book.add(SECTION, contestant.name, f"CPU {role}", seconds / count * MICRO, "µs/job")
    if contestant.needs == "postgres":
        book.add(SECTION, contestant.name, "WAL", cost.wal_bytes / count, "bytes/job")


def counted(bench: Bench, contestant: Contestant) -> None:
    """A drain whose statements are counted; its time is not used."""
    count = jobs(bench, contestant.name) // 2
    with contestant.session(logged=True) as session:
        session.fill(count)
        with counting.statements(bench.postgres, session.database_url) as found, session.worker(last=count):
            session.drained(count, lambda: None)
    if found.statements:
        bench.book.add(SECTION, contestant.name, "statements", found.statements / count, "/job")
        bench.book.add(SECTION, contestant.name, "commits", found.commits / count, "/job")
