"""Jobs that are to be erased after a while: a trial leaves nothing behind."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest


def posted(client: httpx.Client, query: str = "", request_id: str | None = None) -> httpx.Response:
    body = {"client_id": "trials", "request_id": request_id or uuid.uuid4().hex, "use_case": "drill"}
    return client.post(f"/jobs{query}", json={**body, "options": {"action": "succeed"}})


def expiry(client: httpx.Client, job: dict[str, Any]) -> datetime | None:
    found = client.get(f"/jobs/{job['ix_id']}/expiry").raise_for_status().json()
    assert found["ix_id"] == job["ix_id"]
    return datetime.fromisoformat(found["erase_at"]) if found["erase_at"] else None


def test_a_submission_says_when_it_is_erased_and_the_same_again_says_it_again(client: httpx.Client) -> None:
    job = posted(client, "?erase_after=3600", "one").json()
    first = expiry(client, job)
    assert first is not None
    assert 3500 < (first - datetime.now(UTC)).total_seconds() <= 3600
    assert posted(client, "?erase_after=60", "one").status_code == 200
    again = expiry(client, job)
    assert again is not None
    assert again < first


def test_it_is_set_moved_and_lifted(client: httpx.Client) -> None:
    job = posted(client).json()
    path = f"/jobs/{job['ix_id']}/expiry"
    assert expiry(client, job) is None
    assert client.put(path, params={"erase_after": 60}).json()["erase_at"] is not None
    assert client.delete(path).status_code == 204
    assert expiry(client, job) is None


@pytest.mark.parametrize("asked", ["", "0", "-1", "nan", "inf", "1e99", "soon"])
def test_what_is_no_time_is_refused_and_nothing_is_stored(client: httpx.Client, asked: str) -> None:
    refused = posted(client, f"?erase_after={asked}", f"no-{asked}")
    assert refused.status_code == 422
    assert "erase_after" in refused.text
    assert client.get("/jobs", params={"client_id": "trials", "request_id": f"no-{asked}"}).status_code == 404


def test_who_sees_no_job_sets_no_expiry(client: httpx.Client) -> None:
    path = f"/jobs/{'0' * 16}/expiry"
    assert client.put(path, params={"erase_after": 60}).status_code == 404
    assert client.get(path).status_code == 404
    assert client.delete(path).status_code == 404
    job = posted(client).json()
    assert client.put(f"/jobs/{job['ix_id']}/expiry").status_code == 422
