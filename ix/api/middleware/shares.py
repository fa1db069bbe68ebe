"""Shares: how much of what one web process takes on at once may be one client's, so that whoever takes all that it can
get leaves something for others."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Iterable
from typing import TypeVar

PARTS = 4
"""A share is one of so many parts."""
LEAST_SHARE = 16
"""What a client may have at least, unless the whole is less."""
GRACE_SECONDS = 1.0
"""How long a body is not called slow."""


A = TypeVar("A", bound="Arrival")


def share_of(limit: int) -> int:
    """How much of a limit one client may take."""
    return max(limit // PARTS, min(limit, LEAST_SHARE))


class Usage:
    """What some requests take together, of those that are `requests`: places in flight, answers held, bodies that are
    on their way, bytes of bodies."""

    __slots__ = ("body_bytes", "held", "in_flight", "receiving", "requests")

    def __init__(self) -> None:
        self.requests = self.in_flight = self.held = self.receiving = self.body_bytes = 0


class Owners:
    """The usage of each client that has a request here."""

    def __init__(self) -> None:
        self._usages: dict[str, Usage] = {}

    def enter(self, name: str) -> Usage:
        """One more request is of this client, until it leaves."""
        usage = self._usages.setdefault(name, Usage())
        usage.requests += 1
        return usage

    def leave(self, name: str) -> None:
        """One less is. With its last one a client is forgotten."""
        usage = self._usages[name]
        usage.requests -= 1
        if not usage.requests:
            del self._usages[name]


class Arrival:
    """A body on its way, which may be cut off to make room: `cut` ends the wait for its next piece."""

    __slots__ = ("body_bytes", "limit", "since")

    def __init__(self) -> None:
        self.since = float("inf")
        self.body_bytes = 0
        self.limit: asyncio.Timeout | None = None

    def cut(self) -> None:
        """Ends the wait at the loop's next turn, once."""
        if self.limit is not None and not self.limit.expired():
            self.limit.reschedule(0)
        self.limit = None


def slowest(arrivals: Iterable[A], now: float, most: int) -> list[A]:
    """Up to `most` bodies that have come at the slowest pace, of those that have had time to come."""
    slow = [one for one in arrivals if now - one.since > GRACE_SECONDS]
    return heapq.nsmallest(most, slow, key=lambda one: one.body_bytes / (now - one.since))


def costliest(arrivals: Iterable[A], now: float) -> A | None:
    """The body that has kept the most bytes for the longest time, of those that have had time to come."""
    slow = (one for one in arrivals if now - one.since > GRACE_SECONDS and one.body_bytes)
    return max(slow, key=lambda one: one.body_bytes * (now - one.since), default=None)
