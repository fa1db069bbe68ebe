"""A very small run of the real thing: ix and the floor, which needs no more than ix's own environment."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from bench import drain, pickup, report
from bench.__main__ import bench
from bench.book import Bench, Book, Named, Sizes
from bench.contestants import ContestantFailed
from bench.peer import ENVIRONMENT
from bench.servers import Postgres
from bench.targets import targets
from ix.errors import LocalPostgresError

NOWHERE = Postgres("", "", "", None, None)


@dataclass(frozen=True)
class Runner:
    """Somebody who takes turns."""

    name: str


def break_down() -> None:
    raise ContestantFailed("it broke")


def small_run() -> Bench:
    """Pick-up and drain. Skips the test where no server can be had."""
    with ExitStack() as stack:
        try:
            made = stack.enter_context(bench(["floor"], Sizes(repetitions=1, pick_ups=3, drain=60)))
        except LocalPostgresError as error:
            pytest.skip(str(error))
        pickup.run(made)
        drain.run(made)
        return made


def test_ix_and_the_floor_have_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, sys.prefix)
    made = small_run()
    assert made.book.failures == []
    for name in ("ix", "floor"):
        assert (made.book.median("pickup", "p50", name) or 0) > 0
        assert (made.book.median("drain", "jobs/s", name) or 0) > 0
        assert 0 < (made.book.median("drain", "statements", name) or 0) < 5
    measured = {target.asks for target in targets(made.book) if target.found is not None}
    assert measured >= {"idle pick-up p50: at most 1.5 x the floor", "drain: at most 0.1 statements a job"}
    assert "uvloop, claims and finishes 100 jobs at a time" in report.markdown(made, report.environment(made))


def test_contestants_take_turns() -> None:
    run = Bench(NOWHERE, None, [], Sizes(repetitions=2))
    assert [one.name for one in run.turns("drain", [Runner("a"), Runner("b")])] == ["a", "b", "b", "a"]


def test_a_contestant_that_fails_leaves_the_others() -> None:
    run, both = Bench(NOWHERE, None, [], Sizes(repetitions=1), Book()), list[Named]([Runner("a"), Runner("b")])
    with run.attempt("drain", "a"):
        break_down()
    assert [(failure.contestant, failure.reason) for failure in run.book.failures] == [("a", "it broke")]
    assert [one.name for one in run.turns("drain", both)] == ["b"]
    assert [one.name for one in run.turns("pickup", both)] == ["a", "b"]
