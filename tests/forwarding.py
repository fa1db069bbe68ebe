"""A reverse proxy as small as can be: it serves a service under a prefix, takes that away, and says for whom it asks,
as docs/operating.md has nginx do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

FIELDS = ("host", "forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-prefix")
"""What the proxy alone says."""


class Forwarding:
    """One request a connection, at most; `comes_from` is the proxy's own address."""

    def __init__(self, url: str, prefix: str, comes_from: str) -> None:
        self._service = urlsplit(url)
        self._prefix, self._comes_from = prefix.encode(), comes_from
        self.port = 0
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A new connection."""
        # held, so that none is collected while it is open
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def close(self) -> None:
        """Ends whatever connection is open."""
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._forward(reader, writer)
        finally:
            writer.close()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Passes a request on, and whatever comes back as it comes."""
        service, port = self._service.hostname, self._service.port
        answer, request = await asyncio.open_connection(service, port, local_addr=(self._comes_from, 0))
        try:
            request.write(self._rewritten(await reader.readuntil(b"\r\n\r\n"), writer.get_extra_info("peername")[0]))
            body = asyncio.create_task(_pass_on(reader, request))
            await _pass_on(answer, writer)
            body.cancel()
        except asyncio.IncompleteReadError:
            # a client that had opened one more connection than it needed
            pass
        finally:
            request.close()

    def _rewritten(self, head: bytes, client: str) -> bytes:
        first, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
        method, target, version = first.split(b" ")
        kept = [line for line in lines if line.partition(b":")[0].decode().lower() not in (*FIELDS, "connection")]
        said = {
            "host": "ix.inside",
            "x-forwarded-for": client,
            "x-forwarded-host": self.host,
            "x-forwarded-proto": "http",
            "x-forwarded-prefix": self._prefix.decode(),
            "connection": "close",
        }
        added = [f"{name}: {value}".encode() for name, value in said.items()]
        return b"\r\n".join([b" ".join([method, target.removeprefix(self._prefix), version]), *kept, *added, b"", b""])


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()


@asynccontextmanager
async def forwarding(url: str, prefix: str, comes_from: str) -> AsyncIterator[Forwarding]:
    """A proxy before the service at `url`."""
    proxy = Forwarding(url, prefix, comes_from)
    server = await asyncio.start_server(proxy.accept, "127.0.0.1", 0)
    async with server:
        proxy.port = server.sockets[0].getsockname()[1]
        try:
            yield proxy
        finally:
            await proxy.close()
