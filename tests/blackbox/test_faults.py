"""Engines that die, freeze or stop while they run jobs: nothing is lost, nothing is finished twice, and a stop spends
no attempt."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests import processes
from tests.blackbox.test_jobs import submit
from tests.processes import Process

QUICK = {
    "IX_SWEEP_INTERVAL": "0.2",
    "IX_MISSING_GRACE": "0.3",
    "IX_HEARTBEAT_INTERVAL": "0.3",
    "IX_LIVENESS_LIMIT": "1.5",
}


@pytest.fixture
def client(database_url: str) -> Iterator[httpx.Client]:
    """A web process over a database of its own, with no engine yet."""
    with processes.web(database_url) as url, httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        yield client


def ended(client: httpx.Client, job: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/jobs/{job['ix_id']}", params={"wait": 60}).json()
    return found


def await_starts(engine: Process, number: int) -> None:
    for _ in range(number):
        engine.until("job started")


def test_sigkill_while_twenty_jobs_run_loses_none(client: httpx.Client, database_url: str) -> None:
    settings = {**QUICK, "IX_ENGINE_SLOTS": "20"}
    jobs = [submit(client, options={"action": "hang", "attempts": 1}) for _ in range(20)]
    with processes.engine(database_url, **settings) as doomed:
        await_starts(doomed, 20)
        doomed.send(signal.SIGKILL)
        doomed.wait()
    with processes.engine(database_url, **settings):
        finals = [ended(client, job) for job in jobs]
    assert [job["status"] for job in finals] == ["done"] * 20
    assert {job["attempts"] for job in finals} == {2}


def test_a_job_that_always_kills_its_engine_ends_in_error_and_its_neighbours_do_not(
    client: httpx.Client, database_url: str
) -> None:
    poison = submit(client, options={"action": "exit", "seconds": 0.3})
    others = [submit(client, options={"action": "sleep", "seconds": 0.5}) for _ in range(3)]
    for _ in range(3):
        with processes.engine(database_url, **QUICK) as engine:
            engine.wait(30)
    with processes.engine(database_url, **QUICK):
        final, neighbours = ended(client, poison), [ended(client, job) for job in others]
    assert (final["status"], final["response"]["error"]["code"], final["attempts"]) == ("error", "engine_lost", 3)
    assert {(job["status"], job["attempts"]) for job in neighbours} == {("done", 2)}


def test_a_frozen_engine_is_relieved_and_comes_too_late(client: httpx.Client, database_url: str) -> None:
    with processes.engine(database_url, **QUICK) as frozen:
        job = submit(client, options={"action": "sleep", "seconds": 1.0, "result": {"by": "either"}})
        frozen.until("job started")
        frozen.send(signal.SIGSTOP)
        with processes.engine(database_url, **QUICK) as other:
            other.until("orphan rescued")
            final = ended(client, job)
            frozen.send(signal.SIGCONT)
            # a moment decides whether it hears of it by its finish or by its progress
            frozen.until(f"(finish refused|job interrupted).*{job['ix_id']}")
    assert (final["status"], final["attempts"], final["response"]["result"]["attempt"]) == ("done", 2, 2)
    assert ended(client, job) == final


def test_sigterm_gives_running_jobs_back_with_no_attempt_spent(client: httpx.Client, database_url: str) -> None:
    job = submit(client, options={"action": "sleep", "seconds": 2})
    with processes.engine(database_url, IX_DRAIN_SECONDS="0.2") as engine:
        engine.until("job started")
        engine.send(signal.SIGTERM)
        assert engine.wait(5) == 0
    waiting = client.get(f"/jobs/{job['ix_id']}").json()
    assert (waiting["status"], waiting["attempts"]) == ("pending", 0)
    with processes.engine(database_url):
        assert ended(client, job)["attempts"] == 1


def test_sigterm_lets_jobs_end_that_can(client: httpx.Client, database_url: str) -> None:
    job = submit(client, options={"action": "sleep", "seconds": 1})
    with processes.engine(database_url) as engine:
        engine.until("job started")
        engine.send(signal.SIGTERM)
        assert engine.wait(5) == 0
    assert client.get(f"/jobs/{job['ix_id']}").json()["status"] == "done"
