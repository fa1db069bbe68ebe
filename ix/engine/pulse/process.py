"""What runs beside an engine: a program that waits for the engine's ticks on its standard input.

The first line is its order, JSON; each byte after it is a tick, and the end of the input is the engine's. It is run as
a file, without `site`, and imports the rest of ix, by the path that the order names, only when a tick fails to come: an
engine that never does so has beside it no more than a bare interpreter (7 MiB, 12 ms to start)."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from pathlib import Path
from typing import Any, NamedTuple

LOOKS = 10
"""Looks for a tick within the time limit. They are counted, not timed: a machine that was asleep took the pulse with
it, and both go on."""


class Order(NamedTuple):
    """What the engine asks for. Times in seconds; `ends` says whether a process that stands still is to be ended."""

    path: list[str]
    engine_id: str
    url: str
    limit: float
    timeout: float
    ends: bool
    log_level: str
    log_format: str

    @classmethod
    def read(cls) -> Order:
        """The first line of the input. Raises `ValueError` where the engine is gone before it is complete."""
        line = b""
        # byte by byte: what a buffer would take along are ticks already
        while (byte := os.read(0, 1)) not in (b"\n", b""):
            line += byte
        return cls(**json.loads(line))


def main() -> None:
    """Watches the process that started this one, to its end."""
    engine = os.getppid()
    order = Order.read()
    silent = 0
    while (ticked := _ticks(order.limit / LOOKS)) is not None:
        if ticked:
            silent = 0
        # who was stopped by a signal is frozen, and is to look so; it may be asked to go on
        elif not _is_stopped(engine):
            silent += 1
            _stand_in(order, engine, silent)


def _ticks(seconds: float) -> bool | None:
    """Whether a tick came within so many seconds; None once the engine is gone."""
    if not select.select([0], [], [], seconds)[0]:
        return False
    return True if os.read(0, 4096) else None


def _is_stopped(pid: int) -> bool:
    """Whether a signal, or a debugger, has stopped the process (proc(5); systems without /proc do not say)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in ("T", "t")
    except (OSError, IndexError):
        return False


def _stand_in(order: Order, engine: int, silent: int) -> None:
    sys.path[:] = order.path
    if silent <= LOOKS:
        _beat(order)
    elif order.ends and os.getppid() == engine:
        _say_stuck(order, silent)
        os.kill(engine, signal.SIGKILL)


def _beat(order: Order) -> None:
    import asyncio
    from contextlib import suppress
    from uuid import UUID

    from ix.database.connect import DATABASE_ERRORS, open_plain
    from ix.database.engines import Engines

    async def beat() -> None:
        async with asyncio.timeout(order.timeout):
            connection: Any = await open_plain(order.url, order.timeout)
            try:
                await Engines.stand_in(connection, UUID(order.engine_id))
            finally:
                connection.terminate()

    # the engine tells of a database that is away, once it can
    with suppress(*DATABASE_ERRORS):
        asyncio.run(beat())


def _say_stuck(order: Order, silent: int) -> None:
    from ix.telemetry.log import Event, configure, log

    configure(order.log_level, "json" if order.log_format == "json" else "text")
    log(Event.ENGINE_STUCK, engine=order.engine_id, seconds=silent * order.limit / LOOKS)


if __name__ == "__main__":
    main()
