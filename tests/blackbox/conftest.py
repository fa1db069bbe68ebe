"""web and engine as separate processes over one database, for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests import databases, processes


@pytest.fixture(scope="session")
def service_database(server_url: str, template_name: str) -> Iterator[str]:
    with databases.clone(server_url, template_name) as url:
        yield url


@pytest.fixture(scope="session")
def service_url(service_database: str) -> Iterator[str]:
    """The address of a running service."""
    with processes.service(service_database, IX_RETRY_DELAY="0.1", IX_MAX_BODY_BYTES="2000000") as url:
        yield url


@pytest.fixture
def client(service_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=service_url, timeout=30, trust_env=False) as client:
        yield client
