"""What ix measures, each once: a name, a unit and where its numbers are in a `Snapshot`. Whoever shows them, as
Prometheus's text or as OpenTelemetry's instruments, makes its names of these.

Names and units follow OpenTelemetry's conventions (dots, UCUM units); Prometheus's follow from them by the rules of
both: `ix.callbacks.oldest` in `s` is `ix_callbacks_oldest_seconds`, a counter ends in `_total`. Labels are use cases,
clients, codes and parts of ix, as many as `MOST_VALUES` says of each; what is beyond is summed up as `other`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from ix.database.caps import Capped
from ix.database.metrics import Waiting
from ix.database.tallies import Total

OTHER = "other"
MOST_VALUES = {"use_case": 50, "client": 100, "code": 100}
"""Values of each label that are told apart, those with the largest numbers first."""
NO_LABELS: Sequence[str] = ()
_LIMIT = ("limit",)
Labels = tuple[str, ...]


class Snapshot(NamedTuple):
    """What the database says at one moment: `now` as `/metrics` has it, what waits, all that ever
    ended, and what clients had today. Without
    `now` the database does not answer."""

    now: Mapping[str, Any] | None = None
    waiting: Sequence[Waiting] = ()
    ended: Sequence[Total] = ()
    today: Sequence[Capped] = ()


Samples = Iterable[tuple[Labels, float]]


class Measure(NamedTuple):
    """One number, or one for each value of its labels. `merge` says what becomes of several that share a label: the
    `sum`, or the `max`."""

    name: str
    unit: str
    help: str
    samples: Callable[[Snapshot], Samples]
    labels: Sequence[str] = NO_LABELS
    kind: Literal["gauge", "counter"] = "gauge"
    merge: Literal["sum", "max"] = "sum"

    def read(self, snapshot: Snapshot) -> Mapping[Labels, float]:
        """The numbers by the values of the labels; none of which the database says nothing."""
        found: defaultdict[Labels, list[float]] = defaultdict(list)
        rows = list(self.samples(snapshot))
        known = [
            largest([(values[place], number) for values, number in rows], MOST_VALUES.get(name, len(rows)))
            for place, name in enumerate(self.labels)
        ]
        for values, number in rows:
            told = (value if value in kept else OTHER for value, kept in zip(values, known, strict=True))
            found[tuple(told)].append(number)
        return {values: (max if self.merge == "max" else sum)(numbers) for values, numbers in found.items()}


def largest(numbers: Iterable[tuple[str, float]], most: int) -> frozenset[str]:
    """The values of a label that have the largest sums, at most so many."""
    sums: defaultdict[str, float] = defaultdict(float)
    for value, number in numbers:
        sums[value] += number
    # of equal ones always the same
    return frozenset(sorted(sums, key=lambda value: (-sums[value], value))[:most])


def _now(*path: str) -> Callable[[Snapshot], Samples]:
    """One number of `now`; none where it says none."""

    def samples(snapshot: Snapshot) -> Samples:
        value: Any = snapshot.now
        for name in path:
            value = None if value is None else value[name]
        return () if value is None else [((), float(value))]

    return samples


def _each(name: str, member: str = "") -> Callable[[Snapshot], Samples]:
    """The numbers of an object in `now`, by its members; or that of one of their own members."""

    def samples(snapshot: Snapshot) -> Samples:
        found = {} if snapshot.now is None else snapshot.now[name]
        return [((key,), float(value[member] if member else value)) for key, value in found.items()]

    return samples


def _states(snapshot: Snapshot) -> Samples:
    now = snapshot.now
    return () if now is None else [((name,), float(now[name])) for name in ("pending", "running", "scheduled")]


def _ended(number: Callable[[Total], float], *labels: str) -> Callable[[Snapshot], Samples]:
    return lambda snapshot: [(tuple(getattr(row, name) for name in labels), number(row)) for row in snapshot.ended]


def _errors(snapshot: Snapshot) -> Samples:
    return [((row.error_code or "unknown",), row.jobs) for row in snapshot.ended if row.status == "error"]


def _waiting(number: Callable[[Waiting], float]) -> Callable[[Snapshot], Samples]:
    return lambda snapshot: [((row.use_case or OTHER, row.client_id or OTHER), number(row)) for row in snapshot.waiting]


def _used(snapshot: Snapshot) -> Samples:
    pages = [((one.client_id, "pages"), float(one.used_pages)) for one in snapshot.today]
    # jobs are counted of clients that have a cap on them
    return pages + [((one.client_id, "jobs"), float(one.used_jobs)) for one in snapshot.today if one.jobs]


def _caps(snapshot: Snapshot) -> Samples:
    caps = [(one.client_id, "pages", one.pages) for one in snapshot.today]
    caps += [(one.client_id, "jobs", one.jobs) for one in snapshot.today]
    return [((client, of), float(cap)) for client, of, cap in caps if cap]


UP = Measure(
    "ix.database.up", "", "Whether the database answers", lambda snapshot: [((), float(snapshot.now is not None))]
)
MEASURES: Sequence[Measure] = (
    UP,
    Measure("ix.jobs", "{job}", "Jobs that have not ended, by status", _states, ["status"]),
    Measure(
        "ix.jobs.waiting",
        "{job}",
        "Jobs that wait for an engine",
        _waiting(lambda row: row.jobs),
        ["use_case", "client"],
    ),
    Measure(
        "ix.jobs.waiting.oldest",
        "s",
        "How long the oldest of them has waited",
        _waiting(lambda row: row.oldest_seconds),
        ["use_case", "client"],
        merge="max",
    ),
    Measure("ix.jobs.paused", "{job}", "Jobs that wait for their use case to go on", _each("paused"), ["use_case"]),
    Measure(
        "ix.jobs.ended",
        "{job}",
        "Jobs that ended, done or in error",
        _ended(lambda row: row.jobs, "use_case", "status"),
        ["use_case", "status"],
        "counter",
    ),
    Measure("ix.jobs.errors", "{job}", "Jobs that ended in error, by code", _errors, ["code"], "counter"),
    Measure(
        "ix.jobs.attempts",
        "{attempt}",
        "Attempts of jobs that ended",
        _ended(lambda row: row.attempts, "use_case"),
        ["use_case"],
        "counter",
    ),
    Measure(
        "ix.pages.read",
        "{page}",
        "Pages of jobs that ended",
        _ended(lambda row: row.pages, "use_case"),
        ["use_case"],
        "counter",
    ),
    Measure(
        "ix.jobs.work",
        "s",
        "Time from start to end of jobs that are done",
        _ended(lambda row: row.seconds, "use_case"),
        ["use_case"],
        "counter",
    ),
    Measure(
        "ix.limit.slots", "{job}", "Jobs that a limit over all engines lets run", _each("limits", "limit"), ["limit"]
    ),
    Measure("ix.limit.running", "{job}", "Jobs that run under it", _each("limits", "running"), _LIMIT),
    Measure("ix.day.used", "{item}", "Pages and jobs that a client had today, in UTC", _used, ["client", "of"]),
    Measure("ix.day.cap", "{item}", "Those that it may have in a day", _caps, ["client", "of"]),
    Measure("ix.engines", "{engine}", "Engines that live", _now("engines")),
    Measure("ix.engines.slots", "{job}", "Jobs that they may run at once", _now("slots")),
    Measure("ix.waits", "{place}", "What waits for a part of the engines", _each("waits", "waiting"), ["part"]),
    Measure(
        "ix.waits.oldest",
        "s",
        "How long the first of it has waited",
        _each("waits", "oldest_seconds"),
        ["part"],
    ),
    Measure("ix.callbacks.owed", "{callback}", "Callbacks to be delivered", _now("callbacks", "owed")),
    Measure("ix.callbacks.retrying", "{callback}", "Those that failed at least once", _now("callbacks", "retrying")),
    Measure("ix.callbacks.oldest", "s", "How long the oldest of them is owed", _now("callbacks", "oldest_seconds")),
    Measure("ix.notification.queue", "1", "How full the queue of notifications is", _now("notification_queue")),
    Measure("ix.database.size", "By", "Size of the database", _now("database_bytes")),
)
"""Every measure but the histogram of durations."""
UNITS = {"s": "_seconds", "1": "_ratio", "By": "_bytes"}
"""What Prometheus adds to a name for its unit."""
