"""What processes and tables take, looked at from time to time, and how it grew from the second third of a run to the
last."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import psutil

from tests.chaos.jobs import Table

MIB = 1024 * 1024
SIZES = """
    SELECT relname,
        CASE relkind WHEN 'r' THEN pg_table_size(pg_class.oid) ELSE pg_relation_size(pg_class.oid) END::float8 AS bytes
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i')"""


class Gauges:
    """Series of samples by name. The first third of a run is its warm-up."""

    def __init__(self) -> None:
        self.series: dict[str, list[float]] = defaultdict(list)

    def note(self, samples: Mapping[str, float]) -> None:
        for name, value in samples.items():
            self.series[name].append(value)

    def growth(self, name: str, of: Callable[[Sequence[float]], float]) -> float:
        """By which share what `of` says of the last third is more than that of the second."""
        third = len(self.series[name]) // 3
        before, after = of(self.series[name][third : 2 * third]), of(self.series[name][-third:])
        return after / before - 1 if before else 0.0

    def last(self, name: str) -> float:
        return self.series[name][-1]


def memory(processes: Mapping[str, int]) -> dict[str, float]:
    """Resident bytes of each process by its name, and of all its children together."""
    found = {}
    for name, pid in processes.items():
        process = psutil.Process(pid)
        found[name] = float(process.memory_info().rss)
        if children := process.children(recursive=True):
            found[f"{name}'s children"] = sum(map(resident, children))
    return found


def resident(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):
        return float(process.memory_info().rss)
    return 0.0


def sizes(table: Table) -> dict[str, float]:
    """Bytes of each table and each index."""
    return {row["relname"]: row["bytes"] for row in table.rows(SIZES)}


middle = statistics.median
