"""The engine's listener: hears of work, holds the engine's session lock and carries its heartbeat, all on one connection.

Where a pooler lends sessions, a lock would stay behind in one of them, or go with it while the engine lives: then it holds none, its row
says so, and only its heartbeat counts. So it is while the listener is cut off and the pool is not: then the pool carries the heartbeat.
"""

from __future__ import annotations

import asyncio
import os
import random
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

import asyncpg

from ix.actor import Actor, jittered
from ix.config import Settings
from ix.control import CANCELLED_CHANNEL
from ix.db import TRANSIENT, Connection, Pool, acquire
from ix.deliveries import DELIVERIES_CHANNEL
from ix.events import Event, say
from ix.fleet import FleetRepo
from ix.listen import Listener, Ping
from ix.repo import JOBS_CHANNEL, SCHEDULED_CHANNEL


class EngineListener(Listener):
    """Calls `wake` on news of work and after every (re)connection, `interrupt` with the ix_id of a job that was cancelled."""

    channels = (JOBS_CHANNEL, SCHEDULED_CHANNEL, CANCELLED_CHANNEL, DELIVERIES_CHANNEL)
    name = "ix engine"

    def __init__(
        self,
        settings: Settings,
        engine_id: UUID,
        wake: Callable[[], None],
        health: Callable[[], dict[str, Any]],
        interrupt: Callable[[str], None] = lambda _: None,
        deliver: Callable[[], None] = lambda: None,
        promote: Callable[[], None] = lambda: None,
        ping: Ping | None = None,
    ) -> None:
        super().__init__(settings, ping)
        self._engine_id = engine_id
        self._lock_key = random.randrange(1, 2**31)
        self._holder: Connection | None = None
        self._registered = False
        self._label = f"{socket.gethostname()}:{os.getpid()}"
        self._wake = wake
        self._interrupt = interrupt
        self._deliver = deliver
        self._promote = promote
        self._health = health

    def heard(self, channel: str, payload: str) -> None:
        """There may be work, a job that nobody waits for any more, or a client to call back."""
        if channel == CANCELLED_CHANNEL:
            self._interrupt(payload)
        elif channel == DELIVERIES_CHANNEL:
            self._deliver()
        elif channel == SCHEDULED_CHANNEL:
            self._promote()
        else:
            self._wake()

    def missed(self) -> None:
        """There may have been any of it."""
        self._wake()
        self._deliver()
        self._promote()

    async def beat(self, connection: Connection) -> None:
        """Says that the engine lives, and which lock it holds. While an earlier session, cut off, still holds the lock, that is none."""
        if self.owns_session and self._holder is not connection and await FleetRepo.hold_lock(connection, self._lock_key):
            self._holder = connection
        await self.say_alive(connection, self._lock_key if self._holder is connection else None)

    async def say_alive(self, connection: Connection, lock_key: int | None = None) -> None:
        """Says so, and which lock the engine holds."""
        is_new = await FleetRepo.heartbeat(connection, self._engine_id, lock_key, self._label, self._health())
        if is_new and self._registered:
            say(Event.ENGINE_DECLARED_DEAD, engine=self._engine_id)
        self._registered = True


class Pulse(Actor):
    """Says over the pool that the engine lives, with no lock, while its listener has lost its connection."""

    def __init__(self, settings: Settings, listener: EngineListener, pool: Pool) -> None:
        super().__init__()
        self._settings = settings
        self._listener = listener
        self._pool = pool

    async def run(self) -> None:
        """Looks after it for ever. What the database does not take is told of by the listener, whose tries to connect go on."""
        while True:
            await self._listener.lost.wait()
            with suppress(*TRANSIENT, asyncpg.PostgresError):
                async with acquire(self._pool, self._settings.acquire_timeout) as connection:
                    await self._listener.say_alive(connection)
            await asyncio.sleep(jittered(self._settings.heartbeat_interval))
