"""A running service that the rows share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests import databases, processes
from tests.processes import Process

HURRY = {"IX_RETRY_DELAY": "0.1", "IX_POLL_INTERVAL": "1"}


class Service(NamedTuple):
    """Web and engine over one database. `web` and `engine` are the processes, with their logs."""

    url: str
    database: str
    web: Process
    engine: Process


@pytest.fixture(scope="package")
def service_database(server_url: str, template_name: str) -> Iterator[str]:
    with databases.clone(server_url, template_name) as url:
        yield url


@pytest.fixture(scope="package")
def service(service_database: str) -> Iterator[Service]:
    """Without keys, at default limits and deadlines, with the rules for a model."""
    with processes.engine(service_database, **HURRY) as engine:
        web = Process("web", service_database)
        try:
            yield Service(web.until(r"web listens address=(\S+)")[1], service_database, web, engine)
        finally:
            web.stop()
