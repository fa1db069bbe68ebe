"""The poller: notifications are hints and may be lost, so that what they ask for is done from time to time unasked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from ix.background.actor import jittered
from ix.background.periodic import PeriodicActor
from ix.config import Settings
from ix.database.connect import DATABASE_ERRORS


class Poller(PeriodicActor):
    """Every `poll_interval`, jittered: `wake` looks for work, `drop_lost` for claims that were taken away."""

    who = "poller"
    unreachable = DATABASE_ERRORS

    def __init__(self, settings: Settings, wake: Callable[[], None], drop_lost: Callable[[], Awaitable[None]]) -> None:
        super().__init__()
        self._settings = settings
        self._wake = wake
        self._drop_lost = drop_lost

    async def pause(self) -> None:
        await asyncio.sleep(jittered(self._settings.poll_interval))

    async def look(self) -> None:
        """For work, and for what is not this engine's any more."""
        self._wake()
        await self._drop_lost()
