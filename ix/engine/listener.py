"""The engine's listener: hears of work, holds the engine's session lock and carries its heartbeat, all on one
connection.

Where a pooler lends sessions, a lock would stay behind in one of them, or go with it while the engine lives: then it
holds none, its row says so, and only its heartbeat counts. So it is while the listener is cut off and the pool is not:
then the pool carries the heartbeat."""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Callable
from typing import Any
from uuid import UUID

from ix.config import Settings
from ix.database.channels import (
    BATCHES_CHANNEL,
    CANCELLED_CHANNEL,
    DELIVERIES_CHANNEL,
    JOBS_CHANNEL,
    OPERATIONS_CHANNEL,
    PICTURES_CHANNEL,
    SCHEDULED_CHANNEL,
)
from ix.database.connect import Connection
from ix.database.engines import UNTOLD, Engines, Load
from ix.database.listener import Listener, Ping
from ix.telemetry.log import Event, log


class EngineListener(Listener):
    """Calls `wake` on news of work and after every (re)connection, `interrupt` with the ix_id of a job that was
    cancelled."""

    channels = (
        *(JOBS_CHANNEL, SCHEDULED_CHANNEL, CANCELLED_CHANNEL),
        *(DELIVERIES_CHANNEL, PICTURES_CHANNEL, OPERATIONS_CHANNEL, BATCHES_CHANNEL),
    )
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
        gather: Callable[[], None] = lambda: None,
        complete: Callable[[], None] = lambda: None,
        draw: Callable[[], None] = lambda: None,
        operate: Callable[[], None] = lambda: None,
        load: Callable[[], Load] = lambda: UNTOLD,
        ping: Ping | None = None,
    ) -> None:
        super().__init__(settings, ping)
        self._engine_id = engine_id
        # the second of the lock's two int4; 0 is that of the migrations
        self._lock_key = random.randrange(1, 2**31)
        self._holder: Connection | None = None
        self._registered = False
        self._label = f"{socket.gethostname()}:{os.getpid()}"
        self._wake = wake
        self._interrupt = interrupt
        self._deliver = deliver
        self._promote = promote
        self._gather = gather
        self._complete = complete
        self._draw = draw
        self._operate = operate
        self._load = load
        self._health = health

    def heard(self, channel: str, payload: str) -> None:
        """There may be work, a job that nobody waits for any more, a client to call back, a parent or a batch to end,
        a page to draw, or something to do to many jobs."""
        if channel == CANCELLED_CHANNEL:
            self._interrupt(payload)
        elif channel == DELIVERIES_CHANNEL:
            self._deliver()
        elif channel == SCHEDULED_CHANNEL:
            self._promote()
            self._gather()
        elif channel == BATCHES_CHANNEL:
            self._complete()
        elif channel == PICTURES_CHANNEL:
            self._draw()
        elif channel == OPERATIONS_CHANNEL:
            self._operate()
        else:
            self._wake()

    def missed(self) -> None:
        """Any of it may have been missed."""
        self._wake()
        self._deliver()
        self._promote()
        self._gather()
        self._complete()
        self._draw()
        self._operate()

    async def beat(self, connection: Connection) -> None:
        """Says that the engine lives, and which lock it holds. While an earlier session, cut off, still holds the lock,
        that is none."""
        if self.owns_session and self._holder is not connection and await Engines.hold_lock(connection, self._lock_key):
            self._holder = connection
        await self.say_alive(connection, self._lock_key if self._holder is connection else None)

    async def say_alive(self, connection: Connection, lock_key: int | None = None) -> None:
        """Says over this connection that the engine lives, and which lock it holds, None for none. Raises what the
        database does."""
        state = self._health(), self._load()
        is_new = await Engines.heartbeat(connection, self._engine_id, lock_key, self._label, *state)
        # the row that was made before is gone: others took this engine for dead, and gave its jobs back
        if is_new and self._registered:
            log(Event.ENGINE_DECLARED_DEAD, engine=self._engine_id)
        self._registered = True
