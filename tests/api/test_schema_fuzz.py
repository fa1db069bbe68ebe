"""What the description promises, the service keeps: requests made from the OpenAPI document, to a real service through
a real socket."""

from __future__ import annotations

import uuid
import zlib
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ix.api.app import ROUTES
from ix.api.openapi.document import STREAM, document
from tests import databases, processes

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 30
"""Made for each operation, beside the document's own examples and the edges of its schemas."""
GOOD = {
    ("POST /jobs", 200), ("POST /jobs", 201), ("POST /jobs/batch", 200), ("GET /jobs", 200), ("GET /jobs/{ix_id}", 200),
    ("DELETE /jobs/{ix_id}", 200), ("DELETE /jobs/{ix_id}", 204), ("POST /jobs/{ix_id}/retry", 202),
    ("POST /jobs/{ix_id}/deliveries", 202), ("GET /jobs/{ix_id}/deliveries", 200), ("GET /use-cases/{name}", 200),
    ("GET /openapi.json", 304), ("GET /docs", 200), ("GET /healthz", 200), ("GET /metrics", 200),
}  # fmt: skip
TAKEN: list[dict[str, Any]] = [
    {"use_case": "receipt", "options": {}},
    {"use_case": "drill", "options": {"action": "fail"}},
    {"use_case": "custom", "options": {"schema": {"type": "object", "properties": {"total": {"type": "number"}}}}},
]
EDGES = [
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "2024-02-29T23:59:59.999999999z",
    "2016-12-31T23:59:60Z",
]
schemathesis.openapi.format(
    "date-time", st.datetimes(timezones=st.timezones()).map(datetime.isoformat) | st.sampled_from(EDGES)
)
seen: Counter[tuple[str, int]] = Counter()
schema = schemathesis.openapi.from_dict(document(ROUTES, "http://127.0.0.1")).exclude(
    func=lambda ctx: STREAM in ctx.operation.definition.raw
)


@pytest.fixture(scope="module")
def client(server_url: str, template_name: str) -> Iterator[httpx.Client]:
    with (
        databases.clone(server_url, template_name) as url,
        processes.service(url, IX_READER_WORKERS="1", IX_MAX_WAIT="0.05") as address,
        httpx.Client(base_url=address, trust_env=False) as client,
    ):
        yield client


def answers_of(label: str) -> Any:
    """The test of one operation. Each has a name of its own: those that schemathesis makes of one function share an id
    with pytest 9.2, and xdist runs one test of an id."""

    @schema.include(name=label).parametrize()
    @settings(
        max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    def test(case: schemathesis.Case[Any], client: httpx.Client) -> None:
        make_likely(case, client)
        answer = case.call(base_url=str(client.base_url))
        seen[case.operation.label, answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS)

    return test


LABELS = [found.ok().label for found in schema.get_all_operations()]  # type: ignore[union-attr]
globals().update({f"test_every_answer_is_a_described_one: {label}": answers_of(label) for label in LABELS})


def test_requests_were_many_and_came_through() -> None:
    if len({label for label, _ in seen}) == 0:
        pytest.skip("follows from the test above")
    assert sum(seen.values()) >= 500
    assert set(seen) >= GOOD


def make_likely(case: schemathesis.Case[Any], client: httpx.Client) -> None:
    """Gives three of four cases a job that exists, a use case that does, or a list to ask for; which ones is told by
    the case itself, so that the same case is the same request again."""
    turn = zlib.crc32(repr((case.path_parameters, case.query, case.body)).encode())
    if turn % 4 == 0:
        return
    if len(str(case.path_parameters.get("ix_id", ""))) == 16:
        case.path_parameters["ix_id"] = a_job(client, turn // 4)
    case.query.pop("request_id" if len(case.query) > 2 else "", None)
    if isinstance(case.body, dict) and case.body.get("use_case"):
        case.body |= TAKEN[turn // 4 % len(TAKEN)]
        case.body.pop("callback_url", None)


def a_job(client: httpx.Client, turn: int) -> str:
    """The id of a new job: one that is not due, one that may have ended, or one that has."""
    body = {
        "client_id": "fuzz",
        "request_id": uuid.uuid4().hex,
        "use_case": "drill",
        "callback_url": "http://receiver.invalid/",
    }
    more: dict[str, Any] = [{"run_at": "2099-01-01T00:00:00Z"}, {}, {}][turn % 3]
    job = client.post("/jobs", json={**body, **more}).json()
    if turn % 3 == 2:
        client.delete(f"/jobs/{job['ix_id']}")
    return str(job["ix_id"])
