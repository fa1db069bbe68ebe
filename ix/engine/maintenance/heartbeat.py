"""The heartbeat over the pool: an engine whose listener has lost its connection still lives, and says so another way.

While the listener is connected it carries the heartbeat itself, together with the lock that tells of a sudden end."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from ix.background.actor import Actor, jittered
from ix.config import Settings
from ix.database.connect import DATABASE_ERRORS, Pool
from ix.database.pool import acquire
from ix.engine.listener import EngineListener


class Heartbeat(Actor):
    """Says over the pool that the engine lives, with no lock, while its listener has lost its connection."""

    def __init__(self, settings: Settings, listener: EngineListener, pool: Pool) -> None:
        super().__init__()
        self._settings = settings
        self._listener = listener
        self._pool = pool

    async def run(self) -> None:
        """Beats for ever, whenever the listener is lost."""
        while True:
            await self._listener.lost.wait()
            # not logged: the listener tells of its own tries to connect
            with suppress(*DATABASE_ERRORS):
                async with acquire(self._pool, self._settings.acquire_timeout) as connection:
                    await self._listener.say_alive(connection)
            await asyncio.sleep(jittered(self._settings.heartbeat_interval))
