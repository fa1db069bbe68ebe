"""Engines that are killed, frozen and stopped while they work: real processes, real signals.
`tests/blackbox/test_faults.py` is their short form."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Sequence

import pytest

from ix.job import Submission
from tests.chaos.fleet import Fleet, fleet, patiently
from tests.chaos.jobs import Table
from tests.factories import submission
from tests.rows import Row, Size

QUICK = {
    "IX_SWEEP_INTERVAL": "0.2",
    "IX_MISSING_GRACE": "0.3",
    "IX_HEARTBEAT_INTERVAL": "0.3",
    "IX_LIVENESS_LIMIT": "3",
}
MANY = 200
"""Attempts that no job of these rows can spend: what ends in error was lost."""


def drills(number: int, dice: random.Random, shortest: float, longest: float) -> Sequence[Submission]:
    return [
        submission(options={"action": "sleep", "seconds": round(dice.uniform(shortest, longest), 3)}, max_attempts=MANY)
        for _ in range(number)
    ]


def a_busy_one(table: Table, engines: Fleet, dice: random.Random) -> int:
    """The place of an engine that runs jobs."""
    pids = [engine.pid for engine in engines.engines]
    return pids.index(dice.choice(table.await_busy(pids)))


def test_sigkill(database_url: str, table: Table, size: Size, row: Row) -> None:
    jobs, kills, dice = size(3000, 30), size(100, 1), random.Random(1)
    row.did(f"SIGKILL of engines x {kills}, two engines", f"{jobs:,} jobs")
    work = drills(jobs, dice, 0.02, 0.15)
    with fleet(database_url, 2) as engines:
        for number in range(kills):
            table.insert(work[number::kills])
            which = a_busy_one(table, engines, dice)
            time.sleep(dice.uniform(0, 0.1))
            engines.kill(which)
            killed_at = table.now()
            engines.replace(which)
        table.await_final(jobs)
    fates, seconds = table.fates(), table.seconds_after(killed_at)
    row.found(
        f"{jobs - fates.done} lost",
        f"{engines.started_twice} attempts begun twice",
        f"{engines.finished_twice + fates.crossed} double finishes",
        f"all final {seconds:.1f} s after the last kill, attempts up to {fates.most_attempts}",
    )
    assert fates.done == jobs
    assert (engines.started_twice, engines.finished_twice, fates.crossed) == (0, 0, 0)


@pytest.mark.long
def test_sigstop(database_url: str, table: Table, size: Size, row: Row) -> None:
    jobs, stops, dice = size(2000, 40), size(15, 1), random.Random(2)
    row.did(f"SIGSTOP longer than the liveness limit x {stops}, two engines", f"{jobs:,} jobs")
    work = drills(jobs, dice, 0.1, 0.5)
    with fleet(database_url, 2, **QUICK) as engines:
        for number in range(stops):
            table.insert(work[number::stops])
            frozen = engines.engines[a_busy_one(table, engines, dice)]
            frozen.send(signal.SIGSTOP)
            await_none_of(table, frozen.pid)
            frozen.send(signal.SIGCONT)
        table.await_final(jobs)
        refused = engines.said("finish refused.* ix_id=(.*)")
    fates = table.fates()
    row.found(
        f"{engines.finished_twice + fates.crossed} double finishes",
        f"{len(refused)} finishes refused",
        f"{jobs - fates.done} lost, attempts up to {fates.most_attempts}",
    )
    assert fates.done == jobs
    assert (engines.finished_twice, fates.crossed) == (0, 0)
    assert refused


def await_none_of(table: Table, pid: int) -> None:
    """Returns once the jobs of a frozen engine were all rescued, and another one runs the first of them."""
    sql = """
        SELECT NOT EXISTS (SELECT FROM jobs JOIN engines USING (engine_id)
                WHERE jobs.status = 'running' AND name LIKE '%:' || $1)
           AND EXISTS (SELECT FROM jobs WHERE status = 'running' AND quarantined)"""
    for _ in patiently(60):
        if table.value(sql, str(pid)):
            return


@pytest.mark.long
def test_sigterm(database_url: str, table: Table, size: Size, row: Row) -> None:
    jobs, stops, dice = size(500, 20), size(20, 1), random.Random(3)
    row.did(f"SIGTERM x {stops} during work", f"{jobs:,} jobs")
    work = drills(jobs, dice, 0.3, 1.0)
    seconds, codes = [], []
    with fleet(database_url, 2, IX_DRAIN_SECONDS="0.2") as engines:
        for number in range(stops):
            table.insert(work[number::stops])
            which = a_busy_one(table, engines, dice)
            began = time.monotonic()
            engines.engines[which].send(signal.SIGTERM)
            codes.append(engines.engines[which].wait())
            seconds.append(time.monotonic() - began)
            engines.replace(which)
        table.await_final(jobs)
    fates = table.fates()
    row.found(
        f"exit codes {sorted(set(codes))}, at the latest after {max(seconds):.1f} s (the grace is 5 s)",
        f"{jobs - fates.done} lost, attempts at most {fates.most_attempts}",
        f"{len(engines.said('job given back.* ix_id=(.*)'))} jobs given back",
    )
    assert set(codes) == {0}
    assert max(seconds) < 5
    assert (fates.done, fates.most_attempts) == (jobs, 1)
    assert engines.finished_twice == 0


CODES = {
    "exit": "engine_lost",
    "segfault": "engine_lost",
    "memory": "use_case_failed",
    "loop": "engine_lost",
    "regex": "engine_lost",
}
ERRORS = """
    SELECT request -> 'options' ->> 'kind' AS kind,
        response -> 'error' ->> 'code' AS code, response -> 'error' ->> 'message' AS message
    FROM jobs WHERE status = 'error'"""


@pytest.mark.long
def test_poison(database_url: str, table: Table, size: Size, row: Row) -> None:
    jobs, attempts, dice = size(200, 40), 3, random.Random(10)
    row.did(f"poison jobs: {', '.join(CODES)}; up to {attempts} attempts", f"{len(CODES)} among {jobs}")
    poison = [submission(use_case="poison", options={"kind": kind}, max_attempts=attempts) for kind in CODES]
    work = [*drills(jobs - len(poison), dice, 0.05, 0.3), *poison]
    table.insert(dice.sample(work, len(work)))
    with fleet(database_url, 2, module="tests.chaos.poisons", **QUICK) as engines:
        for _ in patiently(180, 0.1):
            engines.replace_the_dead()
            if table.fates().final == jobs:
                break
        stuck = engines.said("(something computes without end)")
    fates, errors = table.fates(), table.rows(ERRORS)
    row.found(
        "in error: " + ", ".join(sorted("{kind} ({code}: {message})".format(**error) for error in errors)),
        f"{fates.done} done in {fates.most_attempts} attempts at most, {len(engines.all) - 2} engines replaced",
    )
    assert {error["kind"]: error["code"] for error in errors} == CODES
    assert (fates.done, engines.finished_twice, fates.crossed) == (jobs - len(poison), 0, 0)
    assert stuck
