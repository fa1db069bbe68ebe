"""Rows: tests of `tests/chaos` and `tests/abuse` come in two sizes, and make a table of what was done and what held."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

WIDTHS = (34, 26, 62, 6)
Size = Callable[[int, int], int]
Limit = Callable[[float], float]
PATIENCE = 5
"""How many limits of seconds the short form allows: it runs beside other tests, on machines that nobody has measured,
and looks for costs that grow too fast, which are far beyond any factor. What things take is measured at full size."""


@dataclass
class Row:
    """One fault. The test says what it did and what came of it; whether it passed is seen from outside."""

    suite: str = ""
    fault: str = ""
    load: str = ""
    result: str = ""
    passed: bool = False

    def did(self, fault: str, load: str) -> None:
        """Names the fault and what it met."""
        self.fault, self.load = fault, load

    def found(self, *results: str) -> None:
        """Says what came of it, before anything is asserted."""
        self.result = "; ".join(results)

    @property
    def cells(self) -> Sequence[str]:
        return self.fault, self.load, self.result, "yes" if self.passed else "NO"


def table(rows: Iterable[Row]) -> str:
    """The rows under each other, in columns as wide as a terminal."""
    parts = [_line(("fault", "load", "result", "pass")), _line(["-" * width for width in WIDTHS])]
    return "\n".join(parts + [_line(row.cells) for row in rows if row.fault])


def _line(cells: Sequence[str]) -> str:
    columns = [textwrap.wrap(cell, width) or [""] for cell, width in zip(cells, WIDTHS, strict=True)]
    height = max(map(len, columns))
    padded = [[*column, *[""] * (height - len(column))] for column in columns]
    return "\n".join(
        "  ".join(f"{c:{w}}" for c, w in zip(line, WIDTHS, strict=True)).rstrip() for line in zip(*padded, strict=True)
    )


ROW = pytest.StashKey[Row]()
ROWS = pytest.StashKey[list[Row]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--size",
        default="short",
        help="size of the rows of tests/chaos and tests/abuse: short, full, or a share such as 0.1",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[ROWS] = []
    config.addinivalue_line("markers", "long: a row that has its short form elsewhere")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if _is_short(config):
        long = [item for item in items if item.get_closest_marker("long")]
        items[:] = [item for item in items if item not in long]
        config.hook.pytest_deselected(items=long)


def _is_short(config: pytest.Config) -> bool:
    return bool(config.getoption("--size") == "short")


@pytest.fixture(scope="session")
def size(pytestconfig: pytest.Config) -> Size:
    """A count for the size that was asked for: `size(full, short)`."""
    if _is_short(pytestconfig):
        return lambda full, short: short
    asked = pytestconfig.getoption("--size")
    share = 1.0 if asked == "full" else float(asked)
    return lambda full, short: max(short, round(full * share))


@pytest.fixture(scope="session")
def limit(pytestconfig: pytest.Config) -> Limit:
    """The seconds that something may take in the size that was asked for: `limit(seconds)`."""
    return lambda seconds: PATIENCE * seconds if _is_short(pytestconfig) else seconds


@pytest.fixture
def row(request: pytest.FixtureRequest) -> Row:
    """The row that a test fills in."""
    made = Row(request.path.parent.name)
    request.node.stash[ROW] = made
    request.config.stash[ROWS].append(made)
    return made


def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> None:
    if call.when == "call" and (made := item.stash.get(ROW, None)):
        made.passed = call.excinfo is None


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    rows = config.stash[ROWS]
    for suite in dict.fromkeys(row.suite for row in rows) if not _is_short(config) else ():
        terminalreporter.section(suite)
        terminalreporter.write_line(table(row for row in rows if row.suite == suite))
