"""A callback, black-box: submitted over HTTP, delivered by another process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests import databases, processes
from tests.blackbox.test_jobs import ENVELOPE, body, submit
from tests.processes import Process
from tests.receiver import Receiver, receiver, status


@pytest.fixture(scope="module")
def there() -> Iterator[Receiver]:
    with receiver() as there:
        yield there


@pytest.fixture(scope="module")
def engine(service_database: str, there: Receiver) -> Iterator[Process]:
    with processes.engine(service_database, IX_ALLOW_HOSTS=there.host) as engine:
        yield engine


@pytest.fixture(scope="module")
def client(service_database: str, engine: Process, there: Receiver) -> Iterator[httpx.Client]:
    """A service of its own, whose settings allow the receiver."""
    web = processes.web(service_database, IX_ALLOW_HOSTS=there.host)
    with web as url, httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def service_database(server_url: str, template_name: str) -> Iterator[str]:
    with databases.clone(server_url, template_name) as url:
        yield url


def job_now(client: httpx.Client, job: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/jobs/{job['ix_id']}", params={"wait": 20}).json()
    return found


def test_the_envelope_arrives_and_the_job_says_so(client: httpx.Client, engine: Process, there: Receiver) -> None:
    already = len(there.received)
    job = submit(client, callback_url=there.url, options={"result": {"answer": 42}})
    received = there.until(already + 1)[already]
    engine.until(f"callback delivered ix_id={job['ix_id']}")
    final = job_now(client, job)
    assert set(received.json()) == ENVELOPE
    assert received.json() == {**final, "callback_status": None}
    assert (final["status"], final["callback_url"], final["callback_status"]) == ("done", there.url, "delivered")


def test_a_job_that_fails_is_told_too_and_a_stumbling_receiver_is_tried_again(
    client: httpx.Client, engine: Process, there: Receiver
) -> None:
    already = len(there.received)
    there.answers.append(status(500))
    job = submit(client, callback_url=there.url, options={"action": "fail"})
    first, second = there.until(already + 2)[already:]
    engine.until(f"callback delivered ix_id={job['ix_id']}")
    assert first.body == second.body
    assert second.json()["response"]["error"]["code"] == "drill_failed"
    assert job_now(client, job)["callback_status"] == "delivered"


def test_a_host_that_is_not_allowed_is_refused_at_once(client: httpx.Client) -> None:
    answer = client.post("/jobs", json=body(callback_url="http://127.0.0.1:1/hook"))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "callback_url")
