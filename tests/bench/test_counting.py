"""Statements and commits told from a server's log."""

from __future__ import annotations

import pytest

from bench.counting import Counts, count


def log(*texts: str, process: int = 7, database: str = "mine") -> list[str]:
    """Log lines of one session."""
    return [f"{process} {database} LOG:  {text}\n" for text in texts]


@pytest.mark.parametrize(
    ("lines", "statements", "commits"),
    [
        pytest.param(log("statement: SELECT 1"), 1, 1, id="a statement alone commits"),
        pytest.param(
            log("execute __asyncpg_1__: SELECT 1", "execute <unnamed>: SELECT 2"), 2, 2, id="prepared ones count"
        ),
        pytest.param(
            log("statement: BEGIN", "execute a: UPDATE t SET x = 1", "statement: COMMIT"),
            3,
            1,
            id="a transaction commits once",
        ),
        pytest.param(
            log("statement: BEGIN;", "statement: SELECT 1", "statement: ROLLBACK;"),
            3,
            0,
            id="a rollback commits nothing",
        ),
        pytest.param(log("statement: SELECT 1", database="theirs"), 0, 0, id="other databases do not count"),
        pytest.param(
            [*log("duration: 3 ms", "statement: "), "\tFROM t\n", "checkpoint starting\n"],
            1,
            1,
            id="other lines do not count",
        ),
    ],
)
def test_counts(lines: list[str], statements: int, commits: int) -> None:
    assert count(iter(lines), "mine") == Counts(statements, commits)


def test_sessions_are_told_apart() -> None:
    lines = (
        log("statement: BEGIN", process=1) + log("statement: SELECT 1", process=2) + log("statement: COMMIT", process=1)
    )
    assert count(iter(lines), "mine") == Counts(3, 2)
