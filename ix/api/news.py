"""News: the one LISTEN connection of a web process, whatever the number of requests that wait and of streams that are open."""

from __future__ import annotations

from typing import Protocol

from ix.config import Settings
from ix.feed import CHANGED_CHANNEL, PROGRESS_CHANNEL
from ix.listen import Listener
from ix.repo import ENDED_CHANNEL


class Hearer(Protocol):
    """Somebody who is told."""

    def heard(self, channel: str, payload: str) -> None:
        """A notification arrived."""

    def missed(self) -> None:
        """Notifications may have been missed."""


class News(Listener):
    """Started by the first request that waits, or the first stream; tells all that it hears to everyone in `hearers`."""

    channels = (ENDED_CHANNEL, CHANGED_CHANNEL, PROGRESS_CHANNEL)
    name = "ix web"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.hearers: list[Hearer] = []

    def heard(self, channel: str, payload: str) -> None:
        """Passes it on."""
        for hearer in self.hearers:
            hearer.heard(channel, payload)

    def missed(self) -> None:
        """Passes it on."""
        for hearer in self.hearers:
            hearer.missed()
