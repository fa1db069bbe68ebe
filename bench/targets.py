"""What the project asks of itself, checked against what a run found. A target that is missed is reported as missed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bench.book import Book
from bench.peers import NAMES
from bench.submit import MEMORY, SINGLE, TWO

ON_POSTGRES = ("pgqueuer", "chancy", "procrastinate", "dbos")


@dataclass(frozen=True, slots=True)
class Target:
    """`found` and `bound` in the unit that `asks` names; met if `found` is at most, or at least, the bound. None: not
    measured."""

    asks: str
    found: float | None
    bound: float
    at_most: bool = True

    @property
    def verdict(self) -> str:
        """`met`, `missed` or `not measured`."""
        if self.found is None:
            return "not measured"
        return "met" if (self.found <= self.bound if self.at_most else self.found >= self.bound) else "missed"

    @property
    def line(self) -> tuple[str, str, str]:
        """What is asked, what was found, the verdict."""
        return self.asks, "-" if self.found is None else f"{self.found:.3g}", self.verdict


def targets(book: Book) -> list[Target]:
    """All of them, by section."""
    return [*_pickup(book), *_submit(book), *_drain(book), *_growth(book), *_rest(book), *_reading(book)]


def _pickup(book: Book) -> Iterator[Target]:
    ix, floor = book.median("pickup", "p50", "ix"), book.median("pickup", "p50", "floor")
    yield Target("idle pick-up p50: at most 1.5 x the floor", _ratio(ix, floor), 1.5)
    yield Target(
        "idle pick-up p50: at most 0.6 x the best PostgreSQL peer",
        _ratio(ix, _best(book, "pickup", "p50", ON_POSTGRES, min)),
        0.6,
    )
    yield Target(
        "idle pick-up p50: below celery on Redis (ratio at most 1)",
        _ratio(ix, book.median("pickup", "p50", "celery")),
        1.0,
    )
    yield Target(
        "idle pick-up p99: at most 5 x the floor",
        _ratio(book.median("pickup", "p99", "ix"), book.median("pickup", "p99", "floor")),
        5.0,
    )


def _submit(book: Book) -> Iterator[Target]:
    at, all_peers = "64 clients", [name for name in NAMES if name != "floor"]
    single, memory = book.median("submit", at, SINGLE), book.median("submit", at, MEMORY)
    for name, title in (("ix", "submissions at 64 clients"), (TWO, "the same with two web processes")):
        ix = book.median("submit", at, name)
        for kind, names in (("peer's", all_peers), ("durable peer's", ON_POSTGRES)):
            best = _best(book, "submit", at, names, max)
            yield Target(f"{title}: at least 3 x the best {kind} single enqueue", _ratio(ix, best), 3.0, at_most=False)
        yield Target(f"{title}: at least 2.5 x a commit a request", _ratio(ix, single), 2.5, at_most=False)
        yield Target(f"{title}: at least 0.4 x the route with no database", _ratio(ix, memory), 0.4, at_most=False)


def _drain(book: Book) -> Iterator[Target]:
    best = _best(book, "drain", "jobs/s", [name for name in NAMES if name != "floor"], max)
    yield Target(
        "drain: at least 1.5 x the best peer", _ratio(book.median("drain", "jobs/s", "ix"), best), 1.5, at_most=False
    )
    yield Target("drain: at most 0.1 statements a job", book.median("drain", "statements", "ix"), 0.1)
    yield Target("drain: at most 0.05 commits a job", book.median("drain", "commits", "ix"), 0.05)


def _growth(book: Book) -> Iterator[Target]:
    for state in ("1M finished", "100k scheduled"):
        yield Target(f"{state}: pick-up at most 1.1 x", book.median("growth", f"{state}: pick-up ratio", "ix"), 1.1)
        yield Target(
            f"{state}: drain at least 0.9 x", book.median("growth", f"{state}: drain ratio", "ix"), 0.9, at_most=False
        )
    yield Target(
        "held transaction: drain at least 0.7 x",
        book.median("growth", "held transaction: drain ratio", "ix"),
        0.7,
        at_most=False,
    )


def _rest(book: Book) -> Iterator[Target]:
    yield Target("recovery from SIGKILL, p95: at most 2 s", book.median("recovery", "p95", "ix"), 2.0)
    yield Target("idle web and engine: at most 1 % of a core", book.median("idle", "CPU", "ix"), 1.0)
    yield Target("idle web and engine: at most 2 statements a second", book.median("idle", "statements", "ix"), 2.0)


def _reading(book: Book) -> Iterator[Target]:
    yield Target("a page with a text layer: at most 12 ms", book.median("reading", "a text page", "ix"), 12.0)
    samples = book.median("reading", "samples, a document", "ix")
    yield Target("reading samples of its fonts: at most 60 ms a document", samples, 60.0)
    yield Target("a scanned receipt: at most 0.6 CPU seconds", book.median("reading", "a scan", "ppocr"), 0.6)
    yield Target("OCR: at most 450 MiB", book.median("reading", "memory", "ppocr"), 450.0)
    for metric, asks, at_most in (("a scan", "CPU at most", True), ("word F1", "words at least", False)):
        ours, theirs = (book.median("reading", metric, name) for name in ("ppocr", "faster-paddle"))
        yield Target(f"OCR: {asks} 1 x faster-paddle's", _ratio(ours, theirs), 1.0, at_most=at_most)


def _ratio(one: float | None, other: float | None) -> float | None:
    return one / other if one is not None and other else None


def _best(
    book: Book, section: str, metric: str, names: Iterable[str], choose: Callable[[list[float]], float]
) -> float | None:
    found = [value for name in names if (value := book.median(section, metric, name)) is not None]
    return choose(found) if found else None
