"""Listening: one connection that hears some channels, comes back whenever it is lost, and is tested by a heartbeat.

A heartbeat query on the listening connection itself, with a time limit, is the only test that finds both a cut wire and a stopped backend:
a half-open LISTEN connection looks healthy for ever.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from contextlib import suppress

import asyncpg

from ix.actor import Actor, jittered
from ix.config import Settings
from ix.db import TRANSIENT, UNMIGRATED, Connection, open_connection
from ix.events import Event, say

RECONNECT_SECONDS = (0.0, 0.1, 0.25, 0.5, 1.0)
"""Pauses before each try to connect again; the last one repeats."""


class Listener(Actor):
    """Hears `channels`. Calls `missed` after every connection, since what happened in between went unheard: LISTEN first, look second."""

    channels: tuple[str, ...]
    name: str

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self.connected = asyncio.Event()

    @abstractmethod
    def heard(self, channel: str, payload: str) -> None:
        """A notification arrived."""

    @abstractmethod
    def missed(self) -> None:
        """Notifications may have been missed."""

    async def beat(self, connection: Connection) -> None:
        """One heartbeat on the listening connection."""
        await connection.execute("SELECT 1")

    async def run(self) -> None:
        """Listens for ever; connects again whatever happens to the connection."""
        tries = 0
        while True:
            try:
                await asyncio.sleep(RECONNECT_SECONDS[min(tries, len(RECONNECT_SECONDS) - 1)])
                tries += 1
                await self._listen()
                say(Event.LISTENER_LOST, who=self.name)
                tries = 0
            except (*TRANSIENT, asyncpg.PostgresError) as error:
                say(Event.LISTENER_LOST, who=self.name, error=error, hint=_hint(error))

    async def _listen(self) -> None:
        connection = await open_connection(self._settings, self.name)
        try:
            closed = asyncio.Event()
            connection.add_termination_listener(lambda _: closed.set())
            for channel in self.channels:
                await connection.add_listener(channel, lambda *told: self.heard(str(told[-2]), str(told[-1])))
            await self._beat_in_time(connection)
            self.connected.set()
            say(Event.LISTENER_CONNECTED, who=self.name)
            self.missed()
            while not closed.is_set():
                # not wait_for: before Python 3.12 it loses a cancellation that comes in the moment of the event
                with suppress(TimeoutError):
                    async with asyncio.timeout(jittered(self._settings.heartbeat_interval)):
                        await closed.wait()
                if not closed.is_set():
                    await self._beat_in_time(connection)
        finally:
            self.connected.clear()
            connection.terminate()

    async def _beat_in_time(self, connection: Connection) -> None:
        async with asyncio.timeout(self._settings.heartbeat_timeout):
            await self.beat(connection)


def _hint(error: BaseException) -> str | None:
    return "run `ix migrate`: the database lacks tables of this ix" if isinstance(error, UNMIGRATED) else None
