"""`POST /jobs/batch`, black-box: each submission is judged for itself, in its order, as `POST /jobs` would judge it."""

from __future__ import annotations

import json
import uuid
from typing import Any

import httpx
import pytest

GOOD: dict[str, Any] = {"client_id": "acme", "use_case": "drill"}
BAD: list[Any] = [
    {**GOOD, "request_id": "1", "use_case": "nothing"},
    {**GOOD, "request_id": "2", "options": {"action": "dance"}},
    {**GOOD, "request_id": "3", "priority": 101},
    {**GOOD, "request_id": "4", "options": {"result": {"a": "\x00"}}},
    {**GOOD, "request_id": "5", "options": {"result": {"a": 2**63}}},
    {**GOOD, "request_id": "6", "documents": [{"data": "###"}]},
    {**GOOD, "request_id": "7", "callback_url": "http://127.0.0.1/"},
    {**GOOD},
    {},
    [],
    "job",
    None,
]


def batch(client: httpx.Client, *jobs: Any) -> list[dict[str, Any]]:
    answer = client.post("/jobs/batch", json={"jobs": jobs})
    assert answer.status_code == 200, answer.text
    told: list[dict[str, Any]] = answer.json()["jobs"]
    return told


def good(**fields: Any) -> dict[str, Any]:
    return {**GOOD, "request_id": uuid.uuid4().hex, **fields}


def test_new_ones_are_made_in_their_order_and_are_what_get_shows(client: httpx.Client) -> None:
    jobs = [good(options={"result": {"n": n}}, documents=[{"text": f"document {n % 3}"}] * (n % 2)) for n in range(300)]
    told = batch(client, *jobs)
    assert [one["status"] for one in told] == [201] * 300
    assert [one["job"]["request_id"] for one in told] == [one["request_id"] for one in jobs]
    for one in told[::50]:
        ended = client.get(f"/jobs/{one['job']['ix_id']}", params={"wait": 20}).json()
        assert ended["response"]["result"].items() >= one["job"]["request"]["options"]["result"].items()


def test_a_bad_one_is_told_what_post_jobs_tells_it_and_touches_no_other(client: httpx.Client) -> None:
    first, last = good(), good()
    told = batch(client, first, *BAD, last)
    assert [told[0]["status"], told[-1]["status"]] == [201, 201]
    for bad, one in zip(BAD, told[1:-1], strict=True):
        alone = client.post("/jobs", content=json.dumps(bad), headers={"content-type": "application/json"})
        assert (one["status"], one["problem"]) == (alone.status_code, alone.json())


def test_one_that_comes_again_is_the_same_job_and_one_with_other_content_a_clash(client: httpx.Client) -> None:
    mine = good()
    first, again, other = batch(client, mine, mine, {**mine, "priority": 1})
    assert [first["status"], again["status"], other["status"]] == [201, 200, 422]
    assert first["job"]["ix_id"] == again["job"]["ix_id"]
    assert other["problem"]["errors"][0]["field"] == "request_id"
    assert batch(client, mine)[0]["status"] == 200


@pytest.mark.parametrize(
    ("content", "status", "field"),
    [
        (b"{", 400, "body"),
        (b"[]", 422, "body"),
        (b"{}", 422, "jobs"),
        (b'{"jobs": {}}', 422, "jobs"),
        (b'{"jobs": [], "more": 1}', 422, "more"),
        (b'{"jobs": [' + b"1," * 1000 + b"1]}", 422, "jobs"),
    ],
)
def test_a_body_that_is_no_batch_is_refused_as_a_whole(
    client: httpx.Client, content: bytes, status: int, field: str
) -> None:
    answer = client.post("/jobs/batch", content=content, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (status, field)


def test_none_at_all_is_fine_and_a_form_is_not(client: httpx.Client) -> None:
    assert batch(client) == []
    assert client.post("/jobs/batch", files={"jobs": b"[]"}).status_code == 415
