"""TODO."""

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
        """Looks after it for ever. What the database does not take is told of by the listener, whose tries to connect
        go on."""
        while True:
            await self._listener.lost.wait()
            with suppress(*DATABASE_ERRORS):
                async with acquire(self._pool, self._settings.acquire_timeout) as connection:
                    await self._listener.say_alive(connection)
            await asyncio.sleep(jittered(self._settings.heartbeat_interval))
