"""News: the one LISTEN connection of a web process, whatever the number of requests that wait and of streams that are open."""

from __future__ import annotations

from typing import Protocol

from ix.config import Settings
from ix.feed import CHANGED_CHANNEL, PROGRESS_CHANNEL
from ix.keys import KEYS_CHANNEL
from ix.listen import Listener, Ping
from ix.repo import ENDED_CHANNEL


class Hearer(Protocol):
    """Somebody who is told."""

    def heard(self, channel: str, payload: str) -> None:
        """A notification arrived."""

    def missed(self) -> None:
        """Notifications may have been missed."""

    async def look(self) -> None:
        """Nothing is heard: looks for what would have been."""


class News(Listener):
    """Started by the first request that waits, comes with a key, or is for a stream; tells all that it hears to everyone in `hearers`."""

    channels = (ENDED_CHANNEL, CHANGED_CHANNEL, PROGRESS_CHANNEL, KEYS_CHANNEL)
    name = "ix web"
    pace = 1.0
    calm = 2.5

    def __init__(self, settings: Settings, ping: Ping | None = None) -> None:
        super().__init__(settings, ping)
        self.hearers: list[Hearer] = []

    def heard(self, channel: str, payload: str) -> None:
        """Passes it on."""
        for hearer in self.hearers:
            hearer.heard(channel, payload)

    def missed(self) -> None:
        """Passes it on."""
        for hearer in self.hearers:
            hearer.missed()

    async def look(self) -> None:
        """Passes it on."""
        for hearer in self.hearers:
            await hearer.look()
