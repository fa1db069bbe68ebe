"""`python -m bench.capacity`: the constants of the load model in docs/capacity.md, and whether it holds: what it says
of 1, 2 and 4 web processes and engines beside what they do. `--write` puts the tables there, `--quick` is a look.

The model: a process of ix computes in one core (an engine's children, which read documents, aside), and all share the
machine's cores. So n processes that need c seconds of processor time a job, while everybody together needs s, do

    min(n / c, cores / s)    jobs a second

as long as PostgreSQL's disk takes the commits. c and s are measured with one process; the rest is predicted. Cores are
those that were left: what others computed on the machine meanwhile is taken off."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import NamedTuple

import asyncpg
import psutil

from bench import counting, pages, servers
from bench.servers import Postgres, execute
from bench.service import Ix
from tests.deploy.programs import ROOT

PAGE = ROOT / "docs" / "capacity.md"
BEGIN, END = "<!-- python -m bench.capacity -->\n", "<!-- until here -->\n"
NUMBERS = (1, 2, 4)
CLIENTS = 64
ROLES = {
    "client": "client",
    "proxy": "proxy",
    "web": "web",
    "worker": "engine",
    "server": "PostgreSQL",
    "store": "S3 server",
}
"""As `bench.counting` has them, and as the tables do."""
COMMITTERS = (1, 16, 64)
PENDING = """
    INSERT INTO jobs (client_id, request_id, use_case, fingerprint, max_attempts, status, request)
    SELECT 'bench', n::text, 'drill', sha256(n::text::bytea), 3, 'pending', '{"documents": [], "options": {}}'
    FROM generate_series(1, $1::int) AS n"""


class Load(NamedTuple):
    """So many processes under load: jobs a second, processor seconds a job by role, and the cores that others left."""

    number: int
    rate: float
    cpu: Mapping[str, float]
    cores: float


class Cores:
    """How many cores were left by others since it was made."""

    def __init__(self) -> None:
        self._began, self._busy = time.monotonic(), busy()

    def left(self, own: float) -> float:
        """Of all cores, where `own` are the processor seconds of those who are measured."""
        others = busy() - self._busy - own
        return (os.cpu_count() or 1) - max(others, 0.0) / (time.monotonic() - self._began)


def busy() -> float:
    """Processor seconds that were not idle since the machine's start."""
    found = psutil.cpu_times()
    return float(sum(found)) - float(found.idle + found.iowait + found.guest + found.guest_nice)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.capacity", description="The load model, and its check.")
    parser.add_argument("--quick", action="store_true", help="a look at whether it works; its figures mean little")
    parser.add_argument("--write", action="store_true", help=f"puts the tables into {PAGE.relative_to(ROOT)}")
    given = parser.parse_args()
    seconds, jobs, documents = (1.0, 1_500, 6) if given.quick else (5.0, 20_000, 45)
    with servers.postgres() as postgres:
        parts = [
            check("submissions, by web processes", "web", [submitted(postgres, n, seconds) for n in NUMBERS]),
            check("jobs that do nothing, by engines", "worker", [drained(postgres, n, jobs) for n in NUMBERS]),
            commits(postgres, seconds),
            by_core(pages.measured(postgres, documents)),
        ]
    said = "\n".join(parts)
    print(said)
    if given.write:
        before, _, rest = PAGE.read_text().partition(BEGIN)
        PAGE.write_text(before + BEGIN + said + END + rest.partition(END)[2])


def submitted(postgres: Postgres, number: int, seconds: float) -> Load:
    """Submissions of jobs without a document, to so many web processes."""
    log(f"submissions to {number} web processes")
    with Ix(postgres, webs=number).session() as session:
        session.load(CLIENTS, count=CLIENTS)
        meter = counting.Meter(postgres, session.processes)
        meter.start()
        cores = Cores()
        jobs, took, _ = session.load(CLIENTS, seconds=seconds)
        cost = meter.stop()
        return Load(number, jobs / took, by_role(cost, jobs), cores.left(sum(cost.cpu.values())))


def drained(postgres: Postgres, number: int, jobs: int) -> Load:
    """Jobs that do nothing, by so many engines, which are all up before the jobs are there, at once."""
    log(f"{jobs} jobs by {number} engines")
    with Ix(postgres).session() as session, ExitStack() as stack:
        for _ in range(number):
            stack.enter_context(session.worker())
        meter = counting.Meter(postgres, session.processes)
        asyncio.run(execute(session.database_url, PENDING, jobs))
        meter.start()
        cores = Cores()
        # which also tells the engines
        session.fill(1)
        rate, cost = (jobs + 1) / session.drained(jobs + 1), meter.stop()
        return Load(number, rate, by_role(cost, jobs + 1), cores.left(sum(cost.cpu.values())))


def by_role(cost: counting.Cost, jobs: int) -> dict[str, float]:
    """Processor seconds a job, all processes of a role together."""
    found = dict.fromkeys(ROLES, 0.0)
    for name, seconds in cost.cpu.items():
        found[name.split()[0]] += seconds / jobs
    return found


def predicted(load: Load, role: str, cpu: Mapping[str, float]) -> tuple[float, str]:
    """Jobs a second by the model, and what bounds them."""
    own, shared = load.number / cpu[role], load.cores / sum(cpu.values())
    return (own, f"{load.number} x {ROLES[role]}") if own < shared else (shared, f"{load.cores:.1f} cores")


def check(title: str, role: str, found: Sequence[Load]) -> str:
    """Predicted beside measured, as Markdown; the constants are those of one process."""
    one = found[0].cpu
    constants = ", ".join(f"{ROLES[name]} {seconds * 1e6:,.0f} µs" for name, seconds in one.items() if seconds)
    lines = [
        f"**{title[0].upper()}{title[1:]}**; processor time of one: {constants}.\n\n",
        "| processes | predicted | bound by | measured | measured / predicted |\n|---|---|---|---|---|\n",
    ]
    for load in found:
        rate, bound = predicted(load, role, one)
        lines.append(f"| {load.number} | {rate:,.0f}/s | {bound} | {load.rate:,.0f}/s | {load.rate / rate:.2f} |\n")
    return "".join(lines)


def commits(postgres: Postgres, seconds: float) -> str:
    """Where PostgreSQL's disk ends: durable commits a second, as Markdown."""
    log("commits")
    rates = {number: asyncio.run(_committed(postgres.url, number, seconds)) for number in COMMITTERS}
    said = ", ".join(f"{rate:,.0f}/s over {number}" for number, rate in rates.items())
    return f"**Durable commits** of one small row, by connections that do nothing else: {said} connections.\n"


async def _committed(url: str, connections: int, seconds: float) -> float:
    setting = await asyncpg.connect(url)
    await setting.execute("CREATE TABLE commits (n bigint)")
    deadline = time.monotonic() + seconds

    async def one() -> int:
        connection, done = await asyncpg.connect(url), 0
        while time.monotonic() < deadline:
            await connection.execute("INSERT INTO commits VALUES ($1)", done)
            done += 1
        await connection.close()
        return done

    done = await asyncio.gather(*(one() for _ in range(connections)))
    await setting.execute("DROP TABLE commits")
    await setting.close()
    return sum(done) / seconds


def by_core(found: Sequence[pages.Times]) -> str:
    """Pages a second that a core reads, by kind, as Markdown."""
    lines = ["| pages of | a second, by a core of an engine |\n|---|---|\n"]
    lines += [f"| {pages.KINDS[one.kind]} | {1 / one.engine:,.1f} |\n" for one in found]
    return "".join(lines)


def log(text: str) -> None:
    """A line of progress."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
