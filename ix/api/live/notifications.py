"""The one LISTEN connection of a web process, whatever the number of requests that wait and of streams that are
open."""

from __future__ import annotations

from typing import Protocol

from ix.config import Settings
from ix.database.channels import (
    CHANGED_CHANNEL,
    CONFIGURATIONS_CHANNEL,
    ENDED_CHANNEL,
    KEYS_CHANNEL,
    PROGRESS_CHANNEL,
    REVIEWS_CHANNEL,
)
from ix.database.listener import Listener, Ping


class Subscriber(Protocol):
    """Who acts on notifications. Each gets those of every channel."""

    def heard(self, channel: str, payload: str) -> None:
        """A notification has arrived on `channel`."""

    def missed(self) -> None:
        """Notifications may have been missed."""

    async def poll(self) -> None:
        """No notification arrives on this connection: finds out what they would have said."""


class Notifications(Listener):
    """Passes all that it hears on to everyone in `subscribers`. Started by the first request that waits, comes with a
    key, or is for a stream."""

    channels = (
        ENDED_CHANNEL,
        CHANGED_CHANNEL,
        PROGRESS_CHANNEL,
        REVIEWS_CHANNEL,
        KEYS_CHANNEL,
        CONFIGURATIONS_CHANNEL,
    )
    name = "ix web"
    pace = 1.0
    # less often than an engine's, whose beats keep its jobs: these only find a dead connection
    calm = 2.5

    def __init__(self, settings: Settings, ping: Ping | None = None) -> None:
        super().__init__(settings, ping)
        self.subscribers: list[Subscriber] = []

    def heard(self, channel: str, payload: str) -> None:
        for subscriber in self.subscribers:
            subscriber.heard(channel, payload)

    def missed(self) -> None:
        for subscriber in self.subscribers:
            subscriber.missed()

    async def look(self) -> None:
        for subscriber in self.subscribers:
            await subscriber.poll()
