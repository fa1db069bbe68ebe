"""2. Submissions a second: durable ones, by concurrent callers, with no worker running.

ix is called over HTTP, from another process; a peer by its own call for one job, in the caller's process, which is a
library's advantage and counted as such. Beside ix stand ix with two web processes and two variants of it, which tell
what sharing commits brings and what the database costs."""

from __future__ import annotations

from bench import counting
from bench.book import Bench
from bench.contestants import Contestant, Session
from bench.service import Ix, Variant, VariantSession

SECTION = "submit"
COUNTED_AT = 64
BULK = 100
"""Jobs in a bulk call."""
BULK_CLIENTS = 4
WARM_UP_SECONDS = 0.3
MICRO = 1e6
SINGLE, MEMORY, TWO = "ix, a commit a request", "ix, no database", "ix, two web processes"


def run(bench: Bench) -> None:
    """Jobs a second by callers, what each cost at 64 of them, and jobs a second in bulk calls."""
    for contestant in bench.turns(SECTION, everybody(bench)):
        with bench.attempt(SECTION, contestant.name), contestant.session(max(bench.sizes.clients)) as session:
            session.submit(4, WARM_UP_SECONDS)
            for clients in bench.sizes.clients:
                timed(bench, contestant, session, clients)
            if contestant.bulk:
                jobs, seconds = session.submit(BULK_CLIENTS, bench.sizes.submit_seconds, BULK)
                bench.book.add(SECTION, contestant.name, "bulk", jobs / seconds, "jobs/s", "higher")
    for contestant in bench.contestants:
        if contestant.needs == "postgres" and not bench.book.failed(SECTION, contestant.name):
            bench.log(f"{SECTION} {contestant.name}: counting statements")
            with bench.attempt(SECTION, contestant.name):
                counted(bench, contestant)


def everybody(bench: Bench) -> list[Contestant | Variant]:
    """The contestants, and ix's variants if ix takes part."""
    if not bench.only("ix"):
        return [*bench.contestants]
    variants = [Variant("single", SINGLE, bench.postgres), Variant("memory", MEMORY, bench.postgres)]
    return [*bench.contestants, Ix(bench.postgres, TWO, webs=2), *variants]


def timed(bench: Bench, contestant: Contestant | Variant, session: Session | VariantSession, clients: int) -> None:
    """One load."""
    meter = counting.Meter(bench.postgres, session.processes)
    meter.start()
    jobs, seconds = session.submit(clients, bench.sizes.submit_seconds)
    cost, book = meter.stop(), bench.book
    book.add(SECTION, contestant.name, f"{clients} clients", jobs / seconds, "jobs/s", "higher")
    if clients == COUNTED_AT:
        for role, used in cost.cpu.items():
            book.add(SECTION, contestant.name, f"CPU {role}", used / jobs * MICRO, "µs/job")
        if contestant.needs == "postgres":
            book.add(SECTION, contestant.name, "WAL", cost.wal_bytes / jobs, "bytes/job")


def counted(bench: Bench, contestant: Contestant) -> None:
    """A load whose statements are counted; its time is not used."""
    with contestant.session(COUNTED_AT, logged=True) as session:
        session.submit(4, WARM_UP_SECONDS)
        with counting.statements(bench.postgres, session.database_url) as found:
            jobs, _ = session.submit(COUNTED_AT, bench.sizes.submit_seconds / 2)
    if found.statements:
        bench.book.add(SECTION, contestant.name, "statements", found.statements / jobs, "/job")
        bench.book.add(SECTION, contestant.name, "commits", found.commits / jobs, "/job")
