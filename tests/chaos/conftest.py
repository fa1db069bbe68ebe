"""Servers and services that the rows hurt and load."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import databases, processes
from tests.chaos.jobs import Table
from tests.chaos.servers import Server

POLL = 600.0
"""Seconds."""


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server that a test may configure, stop and hurt. Skips the test where none can be started."""
    with Server.running() as server:
        yield server


@pytest.fixture
def hurt_url(server: Server) -> Iterator[str]:
    """A migrated database of its own on that server."""
    with server.database() as url:
        yield url


@pytest.fixture
def table(database_url: str) -> Iterator[Table]:
    """The jobs of a test's own database, seen from outside."""
    table = Table(database_url)
    yield table
    table.close()


@pytest.fixture(scope="package")
def busy_database(server_url: str, template_name: str) -> Iterator[str]:
    with databases.clone(server_url, template_name) as url:
        yield url


@pytest.fixture(scope="package")
def busy_url(busy_database: str) -> Iterator[str]:
    """The address of a service that several rows load; its engine polls so seldom that whoever waits for the poll is
    found out."""
    settings = {"IX_LOG_LEVEL": "INFO", "IX_POLL_INTERVAL": str(POLL)}
    with processes.service(busy_database, **settings) as url:
        yield url
