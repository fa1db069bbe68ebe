"""Hours of work in little: does anything grow? Its length is the row's size, 30 minutes in full."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pytest

from tests.chaos.gauges import MIB, Gauges, memory, middle, sizes
from tests.chaos.jobs import Table
from tests.chaos.mixed import MixedClient
from tests.chaos.servers import Server
from tests.processes import Process
from tests.receiver import receiver
from tests.rows import Row, Size

RATE = 100
"""Jobs a second."""
RETENTION = 20 / 86_400
"""Days: ended jobs go after 20 s, so that the rows that live are as many at the end as near the start."""
LOOK_SECONDS = 10.0
LARGE = MIB
"""Bytes below which a table or an index may grow by whole pages that say nothing."""
FINISHED = re.compile(r"job finished.* ix_id=(\S+)")
UNFINISHED = "SELECT count(*) FROM jobs WHERE finished_at IS NULL"
STATES = """
    SELECT count(*) AS rows, count(*) FILTER (WHERE finished_at IS NULL) AS unfinished,
        (SELECT coalesce(sum(n_dead_tup), 0)::bigint FROM pg_stat_user_tables) AS dead
    FROM jobs"""


@contextmanager
def service(url: str, host: str) -> Iterator[tuple[Process, Process, str]]:
    """Web, engine, and where web listens."""
    settings = {
        "IX_LOG_LEVEL": "INFO",
        "IX_ALLOW_HOSTS": host,
        "IX_RETENTION_DAYS": f"{RETENTION:.6f}",
        "IX_ENGINE_SLOTS": "16",
    }
    started = [Process(command, url, **settings) for command in ("web", "engine")]
    try:
        address = started[0].until(r"web listens address=(\S+)")[1]
        started[1].until("listener connected")
        yield started[0], started[1], address
    finally:
        for process in started:
            process.stop()


GROWTH, GROWTH_UNSETTLED = 0.05, 0.10
"""Share by which a process may grow from the first half of a soak to the second: once it has settled, and before."""
SETTLED_SECONDS = 600.0
"""A soak that is shorter is mostly the time in which the heap reaches its size: garbage is looked for seldom (see
`ix.background.eventloop`). In 3 minutes an engine grew by 5 to 6 %, in 30 by 1.4 %."""


class Watch:
    """What the run takes: memory of processes, bytes of tables and indexes, rows."""

    def __init__(self, table: Table, pids: Mapping[str, int]) -> None:
        self._table, self._pids = table, pids
        self.memory, self.sizes, self.rows = Gauges(), Gauges(), Gauges()

    def look(self) -> None:
        self.memory.note(memory(self._pids))
        self.sizes.note(sizes(self._table))
        self.rows.note(dict(self._table.rows(STATES)[0]))

    def grown(self) -> dict[str, float]:
        """By which share each process grew."""
        return {name: self.memory.growth(name, middle) for name in self.memory.series}

    def bloat(self) -> dict[str, float]:
        """By which share each table and index grew beyond its rows, those that are not small."""
        rows = 1 + max(0.0, self.rows.growth("rows", max))
        large = [name for name, series in self.sizes.series.items() if max(series) > LARGE]
        return {name: (1 + self.sizes.growth(name, max)) / rows - 1 for name in large}

    def __str__(self) -> str:
        taken = [f"{name} {self.memory.last(name) / MIB:.1f} MiB" for name in self.memory.series]
        counts = [f"{self.rows.last(name):,.0f} {name}" for name in self.rows.series]
        return ", ".join([*counts, f"jobs {self.sizes.last('jobs') / MIB:.1f} MiB", *taken])


@pytest.mark.long
def test_soak(server: Server, hurt_url: str, size: Size, row: Row, capsys: pytest.CaptureFixture[str]) -> None:
    seconds, table = float(size(1800, 30)), Table(hurt_url)
    row.did(
        f"soak: {seconds / 60:g} minutes of drills, PDFs, receipts, callbacks, cancellations", f"up to {RATE} jobs/s"
    )
    with receiver() as there, service(hurt_url, there.host) as (web, engine, address):
        watch, client = Watch(table, {"web": web.pid, "engine": engine.pid}), MixedClient(address, RATE, there.url)
        began = time.monotonic()

        def look() -> None:
            watch.look()
            with capsys.disabled():
                print(f"soak {time.monotonic() - began:5.0f} s: {len(client.accepted):,} accepted, {watch}", flush=True)

        asyncio.run(worked(client, seconds, look))
        unfinished = table.value(UNFINISHED)
    finished = {found[1] for line in engine.lines if (found := FINISHED.search(line))}
    lost, untold = client.accepted - finished - client.cancelled, client.accepted - client.told
    table.close()
    row.found(
        f"{len(client.accepted) / seconds:.0f} jobs/s, {len(lost)} of {len(client.accepted):,} lost, "
        f"{unfinished} unfinished",
        f"{len(untold)} ends untold by the stream; answers {dict(client.answers)}, "
        f"connections broken {client.broken.total()}",
        "memory: "
        + ", ".join(
            f"{name} {watch.memory.last(name) / MIB:.0f} MiB ({share:+.1%})" for name, share in watch.grown().items()
        ),
        f"{watch.rows.last('rows'):,.0f} rows at the end, {watch.rows.last('dead')} dead",
        "sizes: "
        + ", ".join(
            f"{name} {watch.sizes.last(name) / MIB:.1f} MiB ({share:+.1%})" for name, share in watch.bloat().items()
        ),
    )
    assert not lost
    assert not untold
    assert unfinished == 0
    assert set(client.answers) == {201}
    assert not client.broken
    assert max(watch.grown().values()) < (GROWTH if seconds >= SETTLED_SECONDS else GROWTH_UNSETTLED)
    assert max(watch.bloat().values(), default=0) < 0.25


async def worked(client: MixedClient, seconds: float, look: Callable[[], None]) -> None:
    """The whole run; returns when the stream has told of every end, or a minute after the last job."""
    beside = [asyncio.create_task(client.watch()), asyncio.create_task(looking(look))]
    try:
        await client.run(seconds)
        async with asyncio.timeout(60):
            while client.accepted - client.told:
                await asyncio.sleep(0.1)
    except TimeoutError:
        return
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)


async def looking(look: Callable[[], None]) -> None:
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        await asyncio.to_thread(look)
