"""A service of other processes, for all tests of this folder, and the Python client of a client of its own for each
test."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from ix.client import Client
from tests import databases, processes


@pytest.fixture(scope="package")
def service_url(server_url: str, template_name: str) -> Iterator[str]:
    with databases.clone(server_url, template_name) as database, processes.service(database) as url:
        yield url


@pytest.fixture
def ix(service_url: str) -> Iterator[Client]:
    with Client(service_url, client_id=uuid.uuid4().hex) as client:
        yield client
