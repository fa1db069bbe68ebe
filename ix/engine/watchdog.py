"""The watchdog: ends a process whose event loop stands still, as a use case that computes without end makes it.

Such an engine beats no more, so the others take it for dead and rescue its jobs; but it would run none ever again, and
hear no SIGTERM. A process that was frozen as a whole and goes on is not ended, since the watchdog stood still with it.
"""

from __future__ import annotations

import asyncio
import os
import threading

from ix.background.actor import Actor
from ix.telemetry.log import Event, log

EXIT_CODE = 70
"""EX_SOFTWARE of sysexits.h."""
LOOKS = 10
"""Looks at the loop within the time limit."""


class Watchdog(Actor):
    """Ends the process once its event loop has stood still for `seconds`. For processes of ix's own only."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._pause = seconds / LOOKS
        self._ticked = threading.Event()

    async def run(self) -> None:
        """Shows the thread that watches that the loop still runs."""
        over = threading.Event()
        threading.Thread(target=self._watch, args=(over,), name="watchdog", daemon=True).start()
        try:
            while True:
                self._ticked.set()
                await asyncio.sleep(self._pause)
        finally:
            over.set()

    def _watch(self, over: threading.Event) -> None:
        still = 0
        while not over.wait(self._pause):
            still = 0 if self._ticked.is_set() else still + 1
            self._ticked.clear()
            if still > LOOKS:
                log(Event.ENGINE_STUCK, seconds=still * self._pause)
                # sys.exit would end this thread alone
                os._exit(EXIT_CODE)
