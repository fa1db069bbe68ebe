"""Turns: what one client may do to another's with requests inside every limit."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests import processes
from tests.abuse.conftest import HURRY, Service
from tests.chaos.fleet import fleet
from tests.processes import Process
from tests.receiver import hang, receiver
from tests.rows import Row, Size

URGENT = 100


def drill(client_id: str, action: str = "succeed", **fields: Any) -> dict[str, Any]:
    options = {"action": action, **fields.pop("options", {})}
    return {"client_id": client_id, "request_id": uuid.uuid4().hex, "use_case": "drill", "options": options, **fields}


def submit(client: httpx.Client, *jobs: dict[str, Any]) -> list[dict[str, Any]]:
    """What came of each."""
    answer = client.post("/jobs/batch", json={"jobs": jobs})
    return [one.get("job", one) for one in answer.raise_for_status().json()["jobs"]]


def ended(client: httpx.Client, job: dict[str, Any], seconds: float = 60) -> tuple[dict[str, Any], float]:
    """The job after its end, and the seconds until then."""
    found: dict[str, Any] = {}
    began = time.monotonic()
    while found.get("status") not in ("done", "error") and time.monotonic() - began < seconds:
        found = client.get(f"/jobs/{job['ix_id']}", params={"wait": 5}).json()
    return found, time.monotonic() - began


def client_of(url: str) -> httpx.Client:
    return httpx.Client(base_url=url, timeout=60, trust_env=False)


def test_priorities(row: Row, size: Size, service: Service) -> None:
    jobs = size(600, 40)
    row.did(f"priority {URGENT} of one client, 0 of another", f"{jobs} jobs of 0.1 s, and one")
    urgent = [drill("greedy", "sleep", options={"seconds": 0.1}, priority=URGENT) for _ in range(jobs)]
    with client_of(service.url) as client:
        submit(client, *urgent)
        found, seconds = ended(client, submit(client, drill("modest"))[0])
        mine = client.get("/jobs", params={"client_id": "greedy", "limit": 200}).json()["jobs"]
        later = sum(job["started_at"] is None or job["started_at"] > found["started_at"] for job in mine)
        for job in mine:
            client.delete(f"/jobs/{job['ix_id']}", params={"erase": "true"})
    row.found(f"the other's job {found['status']} after {seconds:.2f} s, before {later} of the newest {len(mine)}")
    assert found["status"] == "done"
    assert later > len(mine) // 2


@contextmanager
def calling_back(database_url: str, host: str, **settings: str) -> Iterator[str]:
    """The address of a service that may call this host."""
    settings = {"IX_ALLOW_HOSTS": host, "IX_CALLBACK_TIMEOUT": "3", **HURRY, **settings}
    with processes.engine(database_url, **settings):
        web = Process("web", database_url, **settings)
        try:
            yield web.until(r"web listens address=(\S+)")[1]
        finally:
            web.stop()


@pytest.mark.long
def test_hanging_callbacks(row: Row, size: Size, database_url: str) -> None:
    """Its short form is in `tests/engine/maintenance/test_deliverer.py`."""
    jobs = size(400, 40)
    row.did("a receiver that hangs", f"{jobs} callbacks of one client, one of another; time limit 3 s")
    with (
        receiver(hang) as slow,
        receiver() as quick,
        calling_back(database_url, "127.0.0.1") as url,
        client_of(url) as client,
    ):
        submit(client, *(drill("hung", callback_url=slow.url) for _ in range(jobs)))
        slow.until(4, 30)
        began = time.monotonic()
        submit(client, drill("modest", callback_url=quick.url))
        quick.until(1, 60)
        seconds, at_once = time.monotonic() - began, len(slow.received)
    row.found(f"the other's callback came after {seconds:.2f} s; {at_once} tries at the one that hangs until then")
    assert seconds < 3
    assert at_once <= 8


@pytest.mark.long
def test_resends(row: Row, size: Size, database_url: str) -> None:
    """Its short form is in `tests/database/test_deliveries.py`."""
    times = size(500, 50)
    row.did("a callback is ordered again and again", f"{times} times, 20 at once")
    with receiver(hang) as slow, calling_back(database_url, "127.0.0.1") as url, client_of(url) as client:
        [job] = submit(client, drill("eager", callback_url=slow.url))
        ended(client, job)
        path = f"/jobs/{job['ix_id']}/deliveries"
        with ThreadPoolExecutor(20) as threads:
            answers = list(threads.map(lambda _: client.post(path), range(times)))
            owed = client.get(path).json()["deliveries"]
        tries = len(slow.received)
    row.found(f"{len(owed)} delivery, {tries} tries; answers {sorted({one.status_code for one in answers})}")
    assert len(owed) == 1
    assert tries <= 2


@pytest.mark.long
def test_retries(row: Row, size: Size, database_url: str) -> None:
    """Its short form is in `tests/api/submission/test_quota.py`."""
    limit, rounds = 20, size(5, 2)
    row.did("retries of ended jobs beyond IX_MAX_PENDING", f"{rounds * limit} at once, limit {limit}")
    with processes.web(database_url, IX_MAX_PENDING=str(limit)) as url:
        jobs: list[dict[str, Any]] = []
        with client_of(url) as client, ThreadPoolExecutor(20) as threads:
            for _ in range(rounds):
                time.sleep(1.1)  # as long as a refusal is remembered
                made = submit(client, *(drill("again") for _ in range(limit)))
                list(threads.map(lambda one: client.delete(f"/jobs/{one['ix_id']}"), made))
                jobs += made
            time.sleep(1.1)
            answers = list(threads.map(lambda one: client.post(f"/jobs/{one['ix_id']}/retry").status_code, jobs))
    row.found(f"{answers.count(202)} wait again, {answers.count(429)} refused with 429")
    assert (answers.count(202), answers.count(429)) == (limit, (rounds - 1) * limit)


@pytest.mark.long
def test_poison(row: Row, size: Size, database_url: str) -> None:
    """Its short form is in `tests/engine/test_quarantine.py`."""
    jobs = size(20, 4)
    row.did("jobs of one client that end the engine, 3 attempts each", f"{jobs}, and 10 of another client")
    over = threading.Event()
    with processes.web(database_url) as url, client_of(url) as client, fleet(database_url, 2, **HURRY) as engines:

        def supervise() -> None:
            while not over.wait(0.1):
                engines.replace_the_dead()

        supervisor = threading.Thread(target=supervise)
        supervisor.start()
        try:
            submit(client, *(drill("evil", "exit") for _ in range(jobs)))
            time.sleep(0.5)
            waits, attempts = [], []
            for _ in range(10):
                found, seconds = ended(client, submit(client, drill("modest"))[0])
                waits.append(seconds)
                attempts.append(found["attempts"])
        finally:
            over.set()
            supervisor.join()
        deaths = len(engines.all) - 2
    row.found(
        f"the other's jobs waited {sorted(waits)[5]:.1f} s (median), {max(waits):.1f} s at most",
        f"attempts up to {max(attempts)}; {deaths} engines replaced meanwhile",
    )
    # one may have begun beside the first of them, before that was known to end engines
    assert max(attempts) <= 2
    assert sorted(waits)[5] < 5
