"""How often an address may try to sign in."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

from starlette.types import Scope

from ix.api.problems import Problem
from ix.config.addresses import plain

MOST = 10
"""Tries of one address within `SECONDS`, right ones too: each costs the database a row."""
SECONDS = 60.0
REMEMBERED = 10_000
"""Addresses that are counted. Beyond it the one that tried first is forgotten."""
NETWORK = 64
"""Bits of an IPv6 address that are one household's or machine's (RFC 6177); the others it chooses itself."""


class Tries:
    """Counts tries by address, of this process. The address is the client's own, or what a trusted proxy says that it
    is: whatever else a request says of it does not count."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._counts: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def count(self, scope: Scope) -> None:
        """One more try. Raises `Problem` 429 where there were too many."""
        client, now = scope.get("client"), self._clock()
        address = _counted(client[0]) if client else ""
        # from the first try on, so that whoever goes on trying is let through again after a while
        since, tries = self._counts.get(address, (now, 0))
        if now - since >= SECONDS:
            since, tries = now, 0
        if tries >= MOST:
            wait = max(1, round(since + SECONDS - now + 0.5))
            raise Problem(429, "too many tries to sign in; wait a minute", headers={"retry-after": str(wait)})
        self._counts[address] = since, tries + 1
        if len(self._counts) > REMEMBERED:
            self._counts.popitem(last=False)


def _counted(text: str) -> str:
    address = plain(text)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, NETWORK), strict=False))
    return str(address) if address else text
