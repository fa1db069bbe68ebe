"""A callback, black-box: submitted over HTTP, delivered by another process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from ix.client import verify_webhook
from tests import databases, processes
from tests.blackbox.test_jobs import body, submit
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


def until_delivered(client: httpx.Client, job: dict[str, Any]) -> dict[str, Any]:
    """The job's newest delivery, once it has ended."""
    deadline = time.monotonic() + 20
    while True:
        found: dict[str, Any] = client.get(f"/jobs/{job['ix_id']}/deliveries").json()["deliveries"][-1]
        if found["status"] != "pending":
            return found
        assert time.monotonic() < deadline


def test_a_job_that_ends_is_told_signed_and_the_job_says_so(
    client: httpx.Client, service_database: str, there: Receiver
) -> None:
    secret = processes.run_ix(service_database, "secret", "acme")
    already = len(there.received)
    job = submit(client, callback_url=there.url, options={"result": {"answer": 42}})
    received = there.until(already + 1)[already]
    event = verify_webhook(secret, received.headers, received.body)
    assert Webhook(secret).verify(received.body, dict(received.headers)) == event, "the reference library agrees"
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(received.body + b" ", dict(received.headers))
    assert (event["type"], event["data"]["ix_id"], event["data"]["url"]) == (
        "job.done",
        job["ix_id"],
        f"/jobs/{job['ix_id']}",
    )
    assert until_delivered(client, job)["delivery_id"] == received.headers["webhook-id"]
    final = job_now(client, job)
    assert (final["status"], final["callback_url"], final["callback_status"]) == ("done", there.url, "delivered")


def test_a_job_that_is_cancelled_or_fails_is_told_too(client: httpx.Client, there: Receiver) -> None:
    already = len(there.received)
    later = submit(client, callback_url=there.url, run_at="2100-01-01T00:00:00Z")
    client.delete(f"/jobs/{later['ix_id']}")
    there.until(already + 1)
    submit(client, callback_url=there.url, options={"action": "fail"})
    cancelled, failed = there.until(already + 2)[already:]
    assert (cancelled.json()["type"], failed.json()["type"]) == ("job.cancelled", "job.error")
    assert failed.json()["data"]["error"]["code"] == "drill_failed"


def test_a_delivery_can_be_seen_and_sent_again(client: httpx.Client, there: Receiver) -> None:
    already = len(there.received)
    there.answers.append(status(410))
    job = submit(client, callback_url=there.url)
    there.until(already + 1)
    first = until_delivered(client, job)
    assert (first["status"], first["outcome"], first["attempts"]) == ("failed", "answered 410", 1)
    assert client.post(f"/jobs/{job['ix_id']}/deliveries").status_code == 202
    there.until(already + 2)
    assert until_delivered(client, job)["status"] == "delivered"
    silent = submit(client)
    assert client.post(f"/jobs/{silent['ix_id']}/deliveries").status_code == 409


def test_a_host_that_is_not_allowed_is_refused_at_once(client: httpx.Client) -> None:
    answer = client.post("/jobs", json=body(callback_url="http://127.0.0.1:1/hook"))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "callback_url")
