"""A wire between ix and PostgreSQL, or between a client and ix, that a test can cut, mend, and freeze so that it swallows every byte."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import parse_qsl, urlsplit, urlunsplit


class Proxy:
    """Listens on TCP and passes bytes on to the server at `target`, whose address may name a Unix socket."""

    def __init__(self, target: str) -> None:
        self._target = urlsplit(target)
        self._query = dict(parse_qsl(self._target.query))
        self._open = True
        self._frozen = False
        self._deaf = False
        self._streams: set[asyncio.StreamWriter] = set()
        self._pumps: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    @property
    def url(self) -> str:
        """The database's address through this wire."""
        assert self._server is not None
        port = self._server.sockets[0].getsockname()[1]
        login, at, _ = self._target.netloc.rpartition("@")
        netloc = f"{login}{at}127.0.0.1:{port}"
        return urlunsplit(("postgres", netloc, self._target.path, "sslmode=disable", ""))

    @property
    def http(self) -> str:
        """The address of a web server through this wire."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def cut(self) -> None:
        """Breaks every connection; new ones are broken at once."""
        self._open = False
        for stream in self._streams:
            stream.transport.abort()

    def mend(self) -> None:
        """All is well again."""
        self._open, self._frozen, self._deaf = True, False, False

    def freeze(self) -> None:
        """Connections stay, and whatever is sent over them, in either direction, is lost."""
        self._frozen = True

    def swallow_answers(self) -> None:
        """What ix sends arrives, and what the server answers is lost."""
        self._deaf = True

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._open:
            writer.transport.abort()
            return
        far_reader, far_writer = await self._dial()
        self._streams |= {writer, far_writer}
        for source, sink, answers in ((reader, far_writer, False), (far_reader, writer, True)):
            pump = asyncio.create_task(self._pump(source, sink, answers))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if folder := self._query.get("host"):
            return await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{self._query.get('port', '5432')}")
        return await asyncio.open_connection(self._target.hostname or "127.0.0.1", self._target.port or 5432)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, answers: bool) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                if not self._frozen and not (answers and self._deaf):
                    sink.write(data)
                    await sink.drain()
        sink.transport.abort()
        self._streams.discard(sink)


@asynccontextmanager
async def proxied(url: str) -> AsyncIterator[Proxy]:
    """A wire to the database at `url`."""
    proxy = Proxy(url)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.stop()
