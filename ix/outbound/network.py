"""The network under `ix.outbound`: a name is resolved once, every answer is judged, and the connection goes to a judged
address.

The HTTP client above keeps the name for its Host header, and TLS checks the certificate against it, so that nothing can
change between the check and the use."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterable
from ipaddress import ip_address

import httpcore

from ix.errors import IxError
from ix.outbound.unicast import is_plain


class Forbidden(IxError):
    """A name leads to an address that is not to be connected to."""


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to plain global unicast addresses, and to whatever `is_allowed(host, port)` names."""

    def __init__(self, is_allowed: Callable[[str, int], bool]) -> None:
        self._is_allowed = is_allowed
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's interface
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connects to the first of the host's addresses that answers. Raises `Forbidden` if any of them is not
        plain."""
        addresses = await resolved(host, port)
        # all of them: a name with a public and an inner address would lead to either, as its owner's server chooses
        if not self._is_allowed(host, port) and not all(
            is_plain(ip_address(address.partition("%")[0])) for address in addresses
        ):
            raise Forbidden(f"the host {host} leads to an address that is not public; IX_ALLOW_HOSTS can allow it")
        *others, last = addresses
        for address in others:
            try:
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._network.connect_tcp(last, port, timeout, local_address, socket_options)


async def resolved(host: str, port: int) -> list[str]:
    """Every address of the host, in the resolver's order. Raises `httpcore.ConnectError` where there is none."""
    try:
        answers = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpcore.ConnectError(type(error).__name__) from None
    # the resolver gives each address once for every protocol that it knows
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))
