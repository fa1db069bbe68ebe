"""Engines whose clocks are wrong (libfaketime): only the database's clock counts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.jobs import Table
from tests.factories import submission
from tests.processes import Process
from tests.receiver import receiver
from tests.rows import Row, Size

HOURS = (-1, 1)
PLACES = ("/usr/lib", "/usr/local/lib", "/opt/homebrew/lib")
QUICK = {
    "IX_HEARTBEAT_INTERVAL": "0.3",
    "IX_LIVENESS_LIMIT": "3",
    "IX_SWEEP_INTERVAL": "0.2",
    "IX_RETRY_DELAY": "0.1",
    "IX_ALLOW_HOSTS": "127.0.0.1",
}
"""An engine whose sign of life bore a wrong time would be taken for frozen, and its jobs for orphans, while the row
runs."""
NEGATIVE = """
    SELECT count(*) FROM jobs WHERE started_at < created_at OR finished_at < started_at
        OR EXISTS (SELECT FROM jsonb_each(response -> 'timings') AS t WHERE t.value::float8 < 0)"""


@pytest.fixture(scope="module")
def libfaketime() -> str:
    found = (path for place in PLACES for path in Path(place).glob("**/faketime/libfaketime.so.1"))
    if library := next(found, None):
        return str(library)
    pytest.skip("no libfaketime (apt-get install faketime)")


@pytest.fixture
def engines(database_url: str, libfaketime: str) -> Iterator[list[Process]]:
    """One whose clock is an hour late, and one whose clock is an hour early. What counts seconds only is as it always
    is."""
    faked = {"LD_PRELOAD": libfaketime, "FAKETIME_DONT_FAKE_MONOTONIC": "1", "IX_LOG_FORMAT": "json", **QUICK}
    started = [Process("engine", database_url, FAKETIME=f"{hours:+}h", **faked) for hours in HOURS]
    try:
        for engine in started:
            engine.until("listener connected")
        yield started
    finally:
        for engine in started:
            engine.stop()


def test_engines_with_wrong_clocks(database_url: str, engines: list[Process], size: Size, row: Row) -> None:
    jobs = size(500, 30)
    row.did(
        "engines' clocks at -1 h and +1 h (libfaketime)", f"{jobs} jobs of 0.5 s and of none, a tenth of them due later"
    )
    table = Table(database_url)
    now = table.now()
    later = [submission(run_at=now + timedelta(seconds=1)) for _ in range(jobs // 10)]
    long = [submission(options={"action": "sleep", "seconds": 0.5}) for _ in range(jobs // 3)]
    with receiver() as there:
        short = [submission(callback_url=there.url) for _ in range(jobs - len(later) - len(long))]
        table.insert([*later, *long, *short])
        table.await_final(jobs)
        signed = [int(got.headers["webhook-timestamp"]) for got in there.until(len(short), 60)]
    wrong = max(abs(stamp - now.timestamp()) for stamp in signed)
    fates, negative = table.fates(), table.value(NEGATIVE)
    early = table.value("SELECT count(*) FROM jobs WHERE started_at < run_at")
    table.close()
    for engine in engines:
        engine.stop()
    ran = [[line["seconds"] for line in lines_of(engine) if line["event"] == "job_finished"] for engine in engines]
    off = [hours_off(engine) for engine in engines]
    seconds = [one for of_engine in ran for one in of_engine]
    row.found(
        f"the engines' log is {off[0]:+.1f} h and {off[1]:+.1f} h off, they ran {len(ran[0])} and {len(ran[1])} jobs",
        f"{fates.done} done, attempts {fates.most_attempts}; {early} began before their time",
        f"{negative} negative durations in the table, the shortest in the log {min(seconds):.3f} s",
        f"{len(signed)} callbacks, their times at most {wrong:.0f} s after the start",
    )
    assert off == pytest.approx(HOURS, abs=0.1)
    assert (fates.done, fates.most_attempts, early, negative) == (jobs, 1, 0, 0)
    assert len(seconds) == jobs
    assert min(seconds) >= 0
    assert max(seconds) < 60
    assert wrong < 300, "the receivers' tolerance"


def lines_of(engine: Process) -> list[dict[str, Any]]:
    return [json.loads(line) for line in list(engine.lines)]


def hours_off(engine: Process) -> float:
    """How far an engine's clock, as its newest line tells it, is from the machine's."""
    said = datetime.fromisoformat(lines_of(engine)[-1]["time"])
    return (said - datetime.now(UTC)).total_seconds() / 3600
