"""How the Python of a long-lived process is set: its event loop, its garbage collection, how its tasks begin."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

GARBAGE_OBJECTS = 50_000
"""New objects between two looks for unreachable cycles. Python's own 700 cost a twentieth of the time."""


def collect_garbage_seldom() -> None:
    """Looks for unreachable cycles of objects less often: what is loaded by now stays, and requests and jobs leave few
    cycles behind."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_OBJECTS, 20, 50)


def run_to_its_end(main: Coroutine[Any, Any, T]) -> T:
    """Runs what a process is for. The loop is not closed: that waits for tasks and threads that may never end, such as
    those of a use case. Whoever calls this ends the process as `ix.cli.processes` does."""
    return asyncio.Runner(loop_factory=uvloop_factory()).run(main)


def uvloop_factory() -> type[asyncio.AbstractEventLoop] | None:
    """uvloop's event loop; None, which stands for Python's own, where there is none."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.Loop


if sys.version_info >= (3, 12):

    def start_eagerly(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """A task that runs at once, as far as it can without waiting, and may be done already. Before Python 3.12 it
        begins with the loop's next tick."""
        # `loop.create_task` passes `eager_start` on in later Pythons only
        return asyncio.Task(work, loop=asyncio.get_running_loop(), eager_start=True)
else:

    def start_eagerly(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """A task that begins with the loop's next tick; from Python 3.12 on it runs at once."""
        return asyncio.create_task(work)
