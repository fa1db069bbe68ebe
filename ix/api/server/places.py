"""Places: how many connections one web process keeps, whose they are, and which of them go when there are too many.

A connection that only waits for its client takes a place from others and does nothing with it. When places run out, one
of those makes room: the one that has been idle for longest, else the oldest whose header is not complete, else the one
whose body comes at the slowest pace, else one that does not read its answer. One that waits for ix, whose answer is
worked on or held, stays.

An address has a share of the places, beyond which its own connections make room. Where many clients may have one
address it has none: on the machine itself, and behind a proxy that is trusted to say whose requests it passes on."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterable, Iterator
from enum import Enum
from functools import lru_cache
from itertools import islice
from typing import Protocol

from ix.api.middleware.proxies import trusting
from ix.api.middleware.shares import GRACE_SECONDS, share_of
from ix.config import Settings
from ix.config.addresses import plain

SPARE = 64
"""Connections beyond the cap that are still answered: health to whoever asks for it, 503 to others."""
LOOKED_AT = 256
"""How many connections are looked at for one that may go."""


class Phase(Enum):
    """What a connection is about to receive."""

    # that of Enum is a function in Python, and each request asks for some
    __hash__ = object.__hash__

    NOTHING = "nothing"
    HEADER = "header"
    BODY = "body"
    LINGER = "last of what is not wanted"


class Entrance(Enum):
    """What becomes of a new connection."""

    WELCOME = "served"
    OVER_SHARE = "refused, its address has its share"
    FULL = "refused, all places are taken"
    NONE = "closed without a word"


class Placed(Protocol):
    """A connection as this module sees it."""

    def lags(self) -> bool:
        """Whether it has not read all that it was answered."""

    def waited(self) -> tuple[float, int] | None:
        """For how many seconds it has waited for its client, and the bytes of body that came meanwhile; None where ix
        itself does not read on."""

    def give_way(self) -> None:
        """Closes, and says why where the client can understand it."""


class Places:
    """The connections of one web process."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._most = settings.max_connections
        self._is_proxy = trusting(settings.trusted_proxies)
        self._addresses: dict[Placed, str] = {}
        self._counts: Counter[str] = Counter()
        # each in the order in which they began to wait
        self._waiting: dict[Phase, dict[Placed, None]] = {Phase.NOTHING: {}, Phase.HEADER: {}, Phase.BODY: {}}
        self._phases: dict[Placed, Phase] = {}

    def enter(self, connection: Placed, address: str) -> Entrance:
        """A new connection of an address; others make room for it where they can."""
        owner = "" if is_shared(address) or self._is_proxy(address) else network_of(address)
        is_over = bool(owner) and self._counts[owner] >= share_of(self._most)
        entrance = Entrance.WELCOME
        if is_over and not self._make_room(owner):
            if self._counts[owner] >= share_of(self._most) + SPARE:
                return Entrance.NONE
            entrance = Entrance.OVER_SHARE
        elif len(self._addresses) >= self._most + SPARE and not self._make_room():
            return Entrance.NONE
        elif len(self._addresses) >= self._most and not self._make_room():
            entrance = Entrance.FULL
        self._addresses[connection] = owner
        self._counts[owner] += 1
        return entrance

    def leave(self, connection: Placed) -> None:
        """The connection is closed, or will be at once."""
        self.wait(connection, None)
        owner = self._addresses.pop(connection, None)
        if owner is not None:
            self._counts[owner] -= 1
            if not self._counts[owner]:
                del self._counts[owner]

    def wait(self, connection: Placed, phase: Phase | None) -> None:
        """The connection waits for its client from now on; without a phase, for ix."""
        before = self._phases.pop(connection, None)
        if before is not None:
            del self._waiting[before][connection]
        if phase is not None and connection in self._addresses:
            self._phases[connection] = phase
            self._waiting[phase][connection] = None

    def _make_room(self, owner: str | None = None) -> bool:
        """Closes one that may go, of this owner alone where one is named. False where there is none."""
        for choose, phase in _ORDER:
            found = choose(islice(self._of(owner, self._waiting[phase]), LOOKED_AT))
            if found is not None:
                self.leave(found)
                found.give_way()
                return True
        return False

    def _of(self, owner: str | None, connections: Iterable[Placed]) -> Iterator[Placed]:
        return (one for one in connections if owner is None or self._addresses[one] == owner)


def _first_idle(connections: Iterable[Placed]) -> Placed | None:
    return next((one for one in connections if not one.lags()), None)


def _first(connections: Iterable[Placed]) -> Placed | None:
    return next(iter(connections), None)


def _first_slow(connections: Iterable[Placed]) -> Placed | None:
    return next((one for one in connections if _is_slow(one)), None)


def _slowest(connections: Iterable[Placed]) -> Placed | None:
    return min(filter(_is_slow, connections), key=_pace, default=None)


def _is_slow(connection: Placed) -> bool:
    waited = connection.waited()
    return waited is not None and waited[0] > GRACE_SECONDS


def _pace(connection: Placed) -> float:
    seconds, size = connection.waited() or (1.0, 0)
    return size / seconds


_ORDER = (
    (_first_idle, Phase.NOTHING),
    (_first_slow, Phase.HEADER),
    (_slowest, Phase.BODY),
    (_first, Phase.NOTHING),
)
"""Who makes room first, and how one of them is chosen."""


@lru_cache(maxsize=1024)
def is_shared(address: str) -> bool:
    """Whether many clients may have the address, so that it says nothing of whose a connection is."""
    found = plain(address)
    # a socket may have none
    return found is None or found.is_loopback


@lru_cache(maxsize=1024)
def network_of(address: str) -> str:
    """The address, or of an IPv6 one the network of 64 bits that one client has as a whole."""
    found = plain(address)
    if found is None or found.version == 4:
        return str(found or address)
    return str(ipaddress.ip_network((int(found) >> 64 << 64, 64)))
