"""Listening: one connection that hears some channels, is made anew whenever it is lost, and is tested by a heartbeat
and a ping.

A heartbeat query on the listening connection itself, with a time limit, is the only test that finds both a cut wire and
a stopped backend: a half-open LISTEN connection looks healthy for ever. A ping, a notification to itself that takes the
way of all others, is the only test that finds a pooler which drops notifications; while none arrives, the listener
polls several times a second instead."""

from __future__ import annotations

import asyncio
import secrets
from abc import abstractmethod
from collections.abc import Awaitable, Callable
from contextlib import suppress

from ix.background.actor import Actor, jittered
from ix.config import Settings
from ix.database.connect import DATABASE_ERRORS, UNMIGRATED, Connection, open_connection, owns_session
from ix.telemetry.log import Event, log

RECONNECT_SECONDS = (0.0, 0.1, 0.25, 0.5, 1.0)
"""Pauses before each try to connect again; the last one repeats."""
PING_CHANNEL = "ix_ping"
PING_SECONDS = 1.0
"""Time in which a ping must arrive."""
TEST_SECONDS = 30.0
"""Time between pings while none arrives."""

Ping = Callable[[str, str], Awaitable[None]]
"""Notifies a channel with a payload, over another connection."""


class Listener(Actor):
    """Hears `channels`. Calls `missed` after every connection, since what happened in between went unheard: LISTEN
    first, look second.

    `hears` is False where a `ping` does not arrive; `look` is called every `pace` seconds then. `owns_session` says
    whether what is left in the connection's session, such as a lock, stays there."""

    channels: tuple[str, ...]
    name: str
    pace = 0.5
    """Seconds between polls while no notification arrives."""
    calm = 1.0
    """How many times the heartbeat interval this listener waits between its heartbeats."""

    def __init__(self, settings: Settings, ping: Ping | None = None) -> None:
        super().__init__()
        self._settings = settings
        self._ping = ping
        self._nonce = secrets.token_hex(8)
        self._pinged = asyncio.Event()
        self._tested_at = 0.0
        self.connected = asyncio.Event()
        self.lost = asyncio.Event()
        self.hears = True
        self.owns_session = False

    @abstractmethod
    def heard(self, channel: str, payload: str) -> None:
        """Takes a notification. Called in the event loop: must not block."""

    @abstractmethod
    def missed(self) -> None:
        """Takes note that notifications may have been missed: look for what they would have said."""

    async def look(self) -> None:
        """Polls for what notifications would have said, while none arrive."""
        self.missed()

    async def beat(self, connection: Connection) -> None:
        """One heartbeat on the listening connection. Raises when the connection or its backend is dead."""
        await connection.execute("SELECT 1")

    async def run(self) -> None:
        """Listens for ever; connects again whatever happens to the connection."""
        tries = 0
        while True:
            try:
                await asyncio.sleep(RECONNECT_SECONDS[min(tries, len(RECONNECT_SECONDS) - 1)])
                tries += 1
                await self._listen()
                log(Event.LISTENER_LOST, who=self.name)
                tries = 0
            except DATABASE_ERRORS as error:
                log(Event.LISTENER_LOST, who=self.name, error=error, hint=_hint(error))

    async def _listen(self) -> None:
        """Listens over one connection, until it is lost."""
        connection = await open_connection(self._settings, self.name)
        try:
            closed = asyncio.Event()
            connection.add_termination_listener(lambda _: closed.set())
            connection.add_termination_listener(lambda _: self._pinged.set())
            self.owns_session = await owns_session(connection)
            await self._subscribe(connection, PING_CHANNEL, *(self.channels if self.owns_session else ()))
            await self._beat_in_time(connection)
            self.connected.set()
            self.lost.clear()
            log(Event.LISTENER_CONNECTED, who=self.name)
            self.missed()
            await self._watch(connection, closed)
        finally:
            self.connected.clear()
            self.lost.set()
            connection.terminate()

    async def _watch(self, connection: Connection, closed: asyncio.Event) -> None:
        await self._test_hearing(connection, closed)
        while not closed.is_set():
            if not await self._wait_for(closed, jittered(self.calm * self._settings.heartbeat_interval)):
                await self._beat_in_time(connection)
            if not self.hears and self._is_time_to_test():
                await self._test_hearing(connection, closed)

    async def _subscribe(self, connection: Connection, *channels: str) -> None:
        for channel in channels:
            await connection.add_listener(channel, lambda *sent: self._dispatch(str(sent[-2]), str(sent[-1])))

    def _dispatch(self, channel: str, payload: str) -> None:
        if channel != PING_CHANNEL:
            self.heard(channel, payload)
        elif payload == self._nonce:
            self._pinged.set()

    def _is_time_to_test(self) -> bool:
        return asyncio.get_running_loop().time() - self._tested_at > TEST_SECONDS

    async def _test_hearing(self, connection: Connection, closed: asyncio.Event) -> None:
        """Pings itself. Nothing is sent on the listening connection meanwhile: a pooler answers with what the session
        that it lends has heard. No verdict where the ping cannot be sent."""
        if self._ping is None:
            return
        self._tested_at = asyncio.get_running_loop().time()
        self._nonce = secrets.token_hex(8)
        self._pinged.clear()
        try:
            await self._ping(PING_CHANNEL, self._nonce)
        except DATABASE_ERRORS:
            return
        arrived = await self._wait_for(self._pinged, PING_SECONDS)
        if not closed.is_set():
            self._set_hearing(arrived)
            await self._subscribe_if_heard(connection)

    def _set_hearing(self, hears: bool) -> None:
        if hears != self.hears:
            event = Event.NOTIFICATIONS_ARRIVE if hears else Event.NOTIFICATIONS_MISSING
            log(event, who=self.name, hint=None if hears else self._advice())
        self.hears = hears

    async def _subscribe_if_heard(self, connection: Connection) -> None:
        """A pooler that passes notifications on keeps one session for this connection."""
        if self.hears and not self.owns_session:
            self.owns_session = True
            await self._subscribe(connection, *self.channels)
            self.missed()

    def _advice(self) -> str:
        wanted = (
            "another address of the same database" if self._settings.listen_url else "a direct address of the database"
        )
        return f"set IX_LISTEN_URL to {wanted}"

    async def _wait_for(self, event: asyncio.Event, seconds: float) -> bool:
        """Whether the event came in time. Looks meanwhile where nothing is heard."""
        loop = asyncio.get_running_loop()
        due = loop.time() + seconds
        while (left := due - loop.time()) > 0 and not event.is_set():
            await _wait_at_most(left if self.hears else min(left, self.pace), event)
            if not self.hears:
                await self.look()
        return event.is_set()

    async def _beat_in_time(self, connection: Connection) -> None:
        async with asyncio.timeout(self._settings.beat_limit):
            await self.beat(connection)


async def _wait_at_most(seconds: float, event: asyncio.Event) -> None:
    # not wait_for: before Python 3.12 it loses a cancellation that comes in the moment of the event
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


def _hint(error: BaseException) -> str | None:
    return "run `ix migrate`: the database lacks tables of this ix" if isinstance(error, UNMIGRATED) else None
