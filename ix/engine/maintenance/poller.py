"""TODO."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from ix.background.actor import Actor, jittered
from ix.config import Settings
from ix.database.connect import DATABASE_ERRORS
from ix.telemetry.log import Event, log


class Poller(Actor):
    """Does every `poll_interval`, jittered, what notifications tell the worker to do: they are hints and may be
    lost."""

    def __init__(self, settings: Settings, wake: Callable[[], None], drop_lost: Callable[[], Awaitable[None]]) -> None:
        super().__init__()
        self._settings = settings
        self._wake = wake
        self._drop_lost = drop_lost

    async def run(self) -> None:
        """Looks for ever."""
        while True:
            await asyncio.sleep(jittered(self._settings.poll_interval))
            self._wake()
            try:
                await self._drop_lost()
            except DATABASE_ERRORS as error:
                log(Event.DATABASE_UNREACHABLE, who="lookout", error=error)
