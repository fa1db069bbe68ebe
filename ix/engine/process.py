"""The engine as a process: SIGTERM drains it, a second signal ends it at once, and so does an event loop that stands
still."""

from __future__ import annotations

import asyncio
import os
import signal

from ix.background.eventloop import collect_garbage_seldom, run_to_its_end
from ix.config import Settings
from ix.engine.engine import Engine
from ix.engine.watchdog import Watchdog


def serve(settings: Settings) -> None:
    """Runs an engine until SIGTERM or SIGINT; the process is to end then, see `run_to_its_end`. Raises `ConfigError`
    where the settings cannot work."""
    run_to_its_end(_serve(settings))


async def _serve(settings: Settings) -> None:
    asked_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        if asked_to_stop.is_set():
            os._exit(1)
        asked_to_stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    collect_garbage_seldom()
    engine = Engine(settings)
    watchdog = Watchdog(settings.liveness_limit)
    await watchdog.start()
    await engine.start()
    await asyncio.wait([asyncio.create_task(asked_to_stop.wait())])
    # the watchdog last: a use case may make the loop stand still during the drain, too
    await engine.stop()
    await watchdog.stop()
