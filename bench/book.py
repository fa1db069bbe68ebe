"""What a run finds: figures, failures and notes, and the turns that contestants take."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol, TypeVar

from bench.contestants import Contestant, ContestantFailed
from bench.servers import Postgres, Redis

Better = Literal["lower", "higher"]


class Named(Protocol):
    """Whoever takes turns."""

    @property
    def name(self) -> str:
        """As in the tables."""


Who = TypeVar("Who", bound=Named)


@dataclass(slots=True)
class Figure:
    """One metric of one contestant: a value a repetition."""

    section: str
    metric: str
    unit: str
    contestant: str
    better: Better
    values: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """Of the repetitions."""
        return statistics.median(self.values)

    def as_json(self) -> dict[str, Any]:
        """With the median, for those who read the file alone."""
        return {**asdict(self), "median": self.median, "min": min(self.values), "max": max(self.values)}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a contestant has no figure."""

    section: str
    contestant: str
    reason: str


@dataclass(slots=True)
class Book:
    """Everything that a run found."""

    figures: dict[tuple[str, str, str], Figure] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)

    def add(
        self, section: str, contestant: str, metric: str, value: float, unit: str, better: Better = "lower"
    ) -> None:
        """One repetition's value."""
        figure = self.figures.setdefault(
            (section, metric, contestant), Figure(section, metric, unit, contestant, better)
        )
        figure.values.append(value)

    def percentiles(self, section: str, contestant: str, milliseconds: Sequence[float], of: str = "") -> None:
        """One repetition's p50, p95 and p99."""
        cuts = statistics.quantiles(milliseconds, n=100, method="inclusive")
        for name, at in (("p50", 49), ("p95", 94), ("p99", 98)):
            self.add(section, contestant, f"{of}{name}", cuts[at], "ms")

    def median(self, section: str, metric: str, contestant: str) -> float | None:
        """A figure's median, or None where there is no such figure."""
        figure = self.figures.get((section, metric, contestant))
        return figure.median if figure else None

    def failed(self, section: str, contestant: str) -> bool:
        """Whether it has given up there."""
        return any(failure.section == section and failure.contestant == contestant for failure in self.failures)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured. `repetitions` at least 3, or medians mean little."""

    repetitions: int = 3
    pick_ups: int = 200
    submit_seconds: float = 2.0
    clients: tuple[int, ...] = (1, 16, 64, 256)
    drain: int = 20_000
    finished: int = 1_000_000
    backlog: int = 100_000
    churn: int = 50_000
    recoveries: int = 10
    idle_seconds: float = 20.0
    texts: int = 60
    scans: int = 20


QUICK = Sizes(2, 40, 0.5, (1, 16, 64), 2_000, 50_000, 5_000, 5_000, 2, 5.0, 5, 2)


@dataclass(slots=True)
class Bench:
    """One run: who takes part, how much, and what was found."""

    postgres: Postgres
    redis: Redis | None
    contestants: list[Contestant]
    sizes: Sizes
    book: Book = field(default_factory=Book)
    began: float = field(default_factory=time.monotonic)

    def turns(self, section: str, contestants: Sequence[Who]) -> Iterator[Who]:
        """Every contestant once a repetition, each repetition beginning with another one; not those that have failed in
        this section."""
        for repetition in range(self.sizes.repetitions):
            at = repetition % max(len(contestants), 1)
            for contestant in (*contestants[at:], *contestants[:at]):
                if not self.book.failed(section, contestant.name):
                    self.log(f"{section} {repetition + 1}/{self.sizes.repetitions} {contestant.name}")
                    yield contestant

    @contextmanager
    def attempt(self, section: str, contestant: str) -> Iterator[None]:
        """A contestant that fails is written down with the reason; the others go on."""
        try:
            yield
        except (
            ContestantFailed,
            AssertionError,
            OSError,
            RuntimeError,
            ValueError,
            KeyError,
            EOFError,
            ExceptionGroup,
        ) as error:
            reason = " ".join(str(error).split())[:300] or type(error).__name__
            self.book.failures.append(Failure(section, contestant, reason))
            self.log(f"{section} {contestant} FAILED: {reason}")

    def only(self, *names: str) -> list[Contestant]:
        """Those contestants, where they take part."""
        return [contestant for contestant in self.contestants if contestant.name in names]

    def log(self, text: str) -> None:
        """A line of progress."""
        seconds = time.monotonic() - self.began
        print(f"[{int(seconds) // 60:2d}:{int(seconds) % 60:02d}] {text}", file=sys.stderr, flush=True)
