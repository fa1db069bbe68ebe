"""`python -m tests.abuse.resolving engine`: an engine whose event loop resolves names of `.test` by this table, and
others as always.

It stands in for a name server of an attacker: asyncio asks its loop for addresses, so the loop is where one is put in.
It says on standard error what it was asked."""

from __future__ import annotations

import asyncio
import itertools
import socket
import sys
from collections.abc import Iterator
from typing import Any

import uvloop

from ix.background import eventloop
from ix.cli import main

OUTSIDE = "192.31.196.1"
"""An address of AS112 (RFC 7535): globally reachable, and there to swallow what nobody should have sent."""
ANSWERS: dict[str, Iterator[list[str]]] = {
    "inside.test": itertools.repeat(["127.0.0.1"]),
    "both.test": itertools.repeat([OUTSIDE, "127.0.0.1"]),
    "both-inside-first.test": itertools.repeat(["127.0.0.1", OUTSIDE]),
    "six.test": itertools.repeat(["::1"]),
    "mapped.test": itertools.repeat(["::ffff:127.0.0.1"]),
    "nat64.test": itertools.repeat(["64:ff9b::7f00:1"]),
    "sixtofour.test": itertools.repeat(["2002:7f00:1::"]),
    "multicast.test": itertools.repeat(["224.0.0.1"]),
    "metadata.test": itertools.repeat(["169.254.169.254"]),
    "any.test": itertools.repeat(["0.0.0.0"]),
    "scoped.test": itertools.repeat(["fe80::1%lo"]),
    "rebinding.test": itertools.cycle([[OUTSIDE], ["127.0.0.1"]]),
}


class Loop(uvloop.Loop):
    """Asks the table first."""

    async def getaddrinfo(self, host: Any, port: Any, **more: Any) -> list[Any]:
        name = host.decode() if isinstance(host, bytes) else host
        if name not in ANSWERS:
            return list(await super().getaddrinfo(host, port, **more))
        print(f"resolver asked name={name}", file=sys.stderr, flush=True)
        families = [(socket.AF_INET6 if ":" in address else socket.AF_INET, address) for address in next(ANSWERS[name])]
        return [(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port)) for family, address in families]


def loop_factory() -> type[asyncio.AbstractEventLoop]:
    return Loop


if __name__ == "__main__":
    eventloop.__dict__["uvloop_factory"] = loop_factory
    main()
