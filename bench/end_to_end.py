"""4. End to end over HTTP: one request that submits a job and holds its answer until the job has run. Only ix has
HTTP."""

from __future__ import annotations

from bench import counting
from bench.book import Bench
from bench.service import Ix, IxSession

SECTION = "end_to_end"
CLIENTS = (16, 64, 256)
MICRO = 1e6
WARM_UP = 20


def run(bench: Bench) -> None:
    """Latency at one client, jobs a second and their cost at more."""
    ix = [contestant for contestant in bench.contestants if isinstance(contestant, Ix)]
    for contestant in bench.turns(SECTION, ix):
        with bench.attempt(SECTION, contestant.name), contestant.session() as session, session.worker():
            session.load(1, count=WARM_UP, wait=True)
            bench.book.percentiles(
                SECTION, contestant.name, session.load(1, count=bench.sizes.pick_ups, wait=True)[2], "1 client "
            )
            for clients in CLIENTS:
                timed(bench, session, clients)
    for contestant in ix:
        bench.log(f"{SECTION} {contestant.name}: counting statements")
        with bench.attempt(SECTION, contestant.name), contestant.session(logged=True) as session, session.worker():
            with counting.statements(bench.postgres, session.database_url) as found:
                jobs, _, _ = session.load(64, seconds=bench.sizes.submit_seconds, wait=True)
            if found.statements:
                bench.book.add(SECTION, contestant.name, "statements", found.statements / jobs, "/job")
                bench.book.add(SECTION, contestant.name, "commits", found.commits / jobs, "/job")


def timed(bench: Bench, session: IxSession, clients: int) -> None:
    """One load."""
    meter = counting.Meter(bench.postgres, session.processes)
    meter.start()
    jobs, seconds, latencies = session.load(clients, seconds=bench.sizes.submit_seconds, wait=True)
    cost, book = meter.stop(), bench.book
    book.add(SECTION, "ix", f"{clients} clients", jobs / seconds, "jobs/s", "higher")
    book.percentiles(SECTION, "ix", latencies, f"{clients} clients ")
    if clients == CLIENTS[1]:
        for role, used in cost.cpu.items():
            book.add(SECTION, "ix", f"CPU {role}", used / jobs * MICRO, "µs/job")
        book.add(SECTION, "ix", "WAL", cost.wal_bytes / jobs, "bytes/job")
