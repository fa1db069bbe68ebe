"""Notifications: the one LISTEN connection of a web process, whatever the number of requests that wait and of streams
that are open."""

from __future__ import annotations

from typing import Protocol

from ix.config import Settings
from ix.database.channels import CHANGED_CHANNEL, ENDED_CHANNEL, KEYS_CHANNEL, PROGRESS_CHANNEL
from ix.database.listener import Listener, Ping


class Subscriber(Protocol):
    """Somebody who is told."""

    def heard(self, channel: str, payload: str) -> None:
        """A notification arrived."""

    def missed(self) -> None:
        """Notifications may have been missed."""

    async def look(self) -> None:
        """Nothing is heard: looks for what would have been."""


class Notifications(Listener):
    """Started by the first request that waits, comes with a key, or is for a stream; tells all that it hears to
    everyone in `subscribers`."""

    channels = (ENDED_CHANNEL, CHANGED_CHANNEL, PROGRESS_CHANNEL, KEYS_CHANNEL)
    name = "ix web"
    pace = 1.0
    calm = 2.5

    def __init__(self, settings: Settings, ping: Ping | None = None) -> None:
        super().__init__(settings, ping)
        self.subscribers: list[Subscriber] = []

    def heard(self, channel: str, payload: str) -> None:
        """Passes it on."""
        for hearer in self.subscribers:
            hearer.heard(channel, payload)

    def missed(self) -> None:
        """Passes it on."""
        for hearer in self.subscribers:
            hearer.missed()

    async def look(self) -> None:
        """Passes it on."""
        for hearer in self.subscribers:
            await hearer.look()
