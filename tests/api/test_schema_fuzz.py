"""What the description promises, the service keeps: requests made from the OpenAPI document, against a real service over a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ix.api.app import ROUTES
from ix.api.openapi.document import document
from tests import databases, processes

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
schema = schemathesis.openapi.from_dict(document(ROUTES, "http://127.0.0.1"))


@pytest.fixture(scope="module")
def service_url(server_url: str, template_name: str) -> Iterator[str]:
    with databases.clone(server_url, template_name) as url, processes.web(url, IX_MAX_WAIT="0.01") as address:
        yield address


@schema.parametrize()
@settings(max_examples=50, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_api(case: schemathesis.Case, service_url: str) -> None:
    case.call_and_validate(base_url=service_url, checks=CHECKS)
