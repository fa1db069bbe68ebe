"""How large the rows are, and the table that they make."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests import databases, processes
from tests.chaos.report import Row, table
from tests.chaos.servers import Server

ROW = pytest.StashKey[Row]()
ROWS = pytest.StashKey[list[Row]]()
POLL = 600.0
"""Seconds."""
Size = Callable[[int, int], int]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--chaos", default="short", help="size of the rows of tests/chaos: short, full, or a share of full such as 0.1")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[ROWS] = []
    config.addinivalue_line("markers", "long: a row of tests/chaos that has its short form elsewhere")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if _is_short(config):
        long = [item for item in items if item.get_closest_marker("long")]
        items[:] = [item for item in items if item not in long]
        config.hook.pytest_deselected(items=long)


def _is_short(config: pytest.Config) -> bool:
    return bool(config.getoption("--chaos", default="short") == "short")


@pytest.fixture(scope="session")
def size(pytestconfig: pytest.Config) -> Size:
    """A count for the size that was asked for: `size(full, short)`."""
    if _is_short(pytestconfig):
        return lambda full, short: short
    asked = pytestconfig.getoption("--chaos")
    share = 1.0 if asked == "full" else float(asked)
    return lambda full, short: max(short, round(full * share))


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


@pytest.fixture(scope="package")
def busy_database(server_url: str, template_name: str) -> Iterator[str]:
    with databases.clone(server_url, template_name) as url:
        yield url


@pytest.fixture(scope="package")
def busy_url(busy_database: str) -> Iterator[str]:
    """The address of a service that several rows load; its engine polls so seldom that whoever waits for the poll is found out."""
    settings = {"IX_LOG_LEVEL": "INFO", "IX_POLL_INTERVAL": str(POLL)}
    with processes.engine(busy_database, **settings), processes.web(busy_database, **settings) as url:
        yield url


@pytest.fixture
def row(request: pytest.FixtureRequest) -> Row:
    """The row that a test fills in."""
    made = Row()
    request.node.stash[ROW] = made
    request.config.stash.setdefault(ROWS, []).append(made)
    return made


def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> None:
    if call.when == "call" and (made := item.stash.get(ROW, None)):
        made.passed = call.excinfo is None


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if (rows := config.stash.get(ROWS, [])) and not _is_short(config):
        terminalreporter.section("chaos")
        terminalreporter.write_line(table(rows))
