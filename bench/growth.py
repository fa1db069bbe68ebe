"""5. Growth: whether the queue stays quick when much has ended, much waits, much is scheduled, or a transaction is held
open.

Each state is compared with the same measurement on an empty queue in the same repetition. For peers the states that
need no knowledge of their tables are measured: a long backlog, and churn under a held transaction."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

import asyncpg

from bench.book import Bench
from bench.contestants import Contestant, Session
from bench.pickup import PAUSE_SECONDS, WARM_UP
from bench.servers import database_name, execute
from bench.service import Ix, IxSession

SECTION = "growth"
PEERS = ("floor", "pgqueuer")
"""Those quick enough to drain the churn within the run."""
BESIDE_SECONDS = 0.1
OTHER = "other"
"""A client beside the one with the backlog."""
FINISHED = """
    INSERT INTO jobs (client_id, request_id, use_case, fingerprint, max_attempts, attempts, status,
        created_at, started_at, finished_at, claim_token, request, response)
    SELECT 'past', n::text, 'drill', sha256(n::text::bytea), 3, 1, 'done', at, at, at,
        gen_random_uuid(), '{"documents": [], "options": {}}',
        '{"result": {"attempt": 1, "began_ns": 0}, "evidence": null, "error": null, "warnings": [],
          "timings": {}, "usage": {}}'
    FROM generate_series(1, $1::int) AS n, LATERAL (SELECT now() - ($1 - n) * interval '1 s' AS at) AS when_ended"""
SCHEDULED = """
    INSERT INTO jobs (client_id, request_id, use_case, fingerprint, max_attempts, status, run_at, request)
    SELECT 'future', n::text, 'drill', sha256(n::text::bytea), 3, 'scheduled',
        now() + interval '1 day' + n * interval '1 s', '{"documents": [], "options": {}}'
    FROM generate_series(1, $1::int) AS n"""


def run(bench: Bench) -> None:
    """Figures of each state, and their ratios to those of an empty queue."""
    for contestant in [one for one in bench.contestants if isinstance(one, Ix)]:
        with grown(bench) as (finished, scheduled):
            for _ in bench.turns(SECTION, [contestant]):
                with bench.attempt(SECTION, contestant.name):
                    compare(bench, contestant, {"1M finished": finished, "100k scheduled": scheduled})
    for one in bench.turns(SECTION, bench.only("ix", *PEERS)):
        with bench.attempt(SECTION, one.name):
            backlog(bench, one)
            held(bench, one)


@contextmanager
def grown(bench: Bench) -> Iterator[tuple[str, str]]:
    """The names of two databases to copy: with many finished jobs, and with many scheduled ones."""
    bench.log(f"{SECTION}: making {bench.sizes.finished} finished jobs and {bench.sizes.backlog} scheduled ones")
    with (
        bench.postgres.database(bench.postgres.template) as finished,
        bench.postgres.database(bench.postgres.template) as scheduled,
    ):
        asyncio.run(execute(finished, FINISHED, bench.sizes.finished))
        asyncio.run(execute(scheduled, SCHEDULED, bench.sizes.backlog))
        for url in (finished, scheduled):
            asyncio.run(execute(url, "VACUUM ANALYZE jobs"))
        yield database_name(finished), database_name(scheduled)


def compare(bench: Bench, contestant: Ix, states: dict[str, str]) -> None:
    """Idle pick-up and drain on an empty queue and in each state."""
    measured = {}
    for state, template in {"empty": None, **states}.items():
        bench.log(f"{SECTION} {contestant.name}: {state}")
        measured[state] = pick_up, drain = alone(bench, contestant, template)
        bench.book.add(SECTION, contestant.name, f"{state}: pick-up p50", pick_up, "ms")
        bench.book.add(SECTION, contestant.name, f"{state}: drain", drain, "jobs/s", "higher")
    for state in states:
        bench.book.add(
            SECTION, contestant.name, f"{state}: pick-up ratio", measured[state][0] / measured["empty"][0], "x"
        )
        bench.book.add(
            SECTION, contestant.name, f"{state}: drain ratio", measured[state][1] / measured["empty"][1], "x", "higher"
        )


def alone(bench: Bench, contestant: Ix, template: str | None) -> tuple[float, float]:
    """The median pick-up, and the drain's jobs a second, on a copy of a database."""
    with contestant.session(template=template) as session:
        with session.worker():
            session.pick_ups(WARM_UP, PAUSE_SECONDS, OTHER)
            pick_ups = sorted(session.pick_ups(bench.sizes.pick_ups, PAUSE_SECONDS, OTHER))
        return pick_ups[len(pick_ups) // 2], drained(session, bench.sizes.drain)


def drained(session: Session, count: int) -> float:
    """Jobs a second."""
    session.fill(count)
    with session.worker(last=count):
        return count / session.drained(count, lambda: None)


def backlog(bench: Bench, contestant: Contestant) -> None:
    """A long backlog: its drain, and, for ix, how soon another client's single jobs start meanwhile."""
    count = bench.sizes.backlog
    bench.log(f"{SECTION} {contestant.name}: {count} pending")
    with contestant.session() as session:
        session.fill(count)
        with session.worker(last=count), Beside(session) as others:
            rate = count / session.drained(count, lambda: None)
        bench.book.add(SECTION, contestant.name, "100k pending: drain", rate, "jobs/s", "higher")
        if len(others.found) > 1:
            bench.book.percentiles(SECTION, contestant.name, others.found, "100k pending: other client's pick-up ")


class Beside:
    """Another client's jobs, one at a time meanwhile; only ix knows clients. `found`: milliseconds of each pick-up."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.found: list[float] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while isinstance(self._session, IxSession) and not self._over.is_set():
            self.found += self._session.pick_ups(1, BESIDE_SECONDS, OTHER)


def held(bench: Bench, contestant: Contestant) -> None:
    """The same churn without and with a transaction that began before it and sees it all as still there."""
    count = bench.sizes.churn
    bench.log(f"{SECTION} {contestant.name}: {count} jobs churn, without and with a held transaction")
    with contestant.session() as session:
        free = drained(session, count)
    with contestant.session() as session, transaction(session.database_url):
        kept = drained(session, count)
    bench.book.add(SECTION, contestant.name, "churn: drain", free, "jobs/s", "higher")
    bench.book.add(SECTION, contestant.name, "held transaction: drain", kept, "jobs/s", "higher")
    bench.book.add(SECTION, contestant.name, "held transaction: drain ratio", kept / free, "x", "higher")


@contextmanager
def transaction(url: str) -> Iterator[None]:
    """A transaction with a snapshot, open meanwhile, in a loop of its own."""
    loop = asyncio.new_event_loop()

    async def begin() -> asyncpg.Connection[asyncpg.Record]:
        connection = await asyncpg.connect(url)
        await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        await connection.execute("SELECT pg_current_xact_id()")
        return connection

    connection = loop.run_until_complete(begin())
    try:
        yield
    finally:
        loop.run_until_complete(connection.close())
        loop.close()
