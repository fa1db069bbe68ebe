"""A wire between ix and PostgreSQL, or between a client and ix, that a test can cut, mend, freeze so that it swallows
every byte, and mute so that it passes no notification on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import parse_qsl, urlsplit, urlunsplit

NOTIFICATION = b"A"
"""The type of a NotificationResponse."""


class Proxy:
    """Listens on TCP, at `host`, and passes bytes on to the server at `target`, whose address may name a Unix
    socket."""

    def __init__(self, target: str, host: str = "127.0.0.1") -> None:
        self._host = host
        self._target = urlsplit(target)
        self._speaks_postgres = self._target.scheme.startswith("postgres")
        self._query = dict(parse_qsl(self._target.query))
        self._open = True
        self._frozen = False
        self._deaf = False
        self._muted = False
        self._streams: set[asyncio.StreamWriter] = set()
        self._pumps: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._connected, self._host, 0)

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
        netloc = f"{login}{at}{self._host}:{port}"
        return urlunsplit(("postgres", netloc, self._target.path, "sslmode=disable", ""))

    @property
    def http(self) -> str:
        """The address of a web server through this wire."""
        assert self._server is not None
        return f"http://{self._host}:{self._server.sockets[0].getsockname()[1]}"

    def cut(self) -> None:
        """Breaks every connection; new ones are broken at once."""
        self._open = False
        for stream in self._streams:
            stream.transport.abort()

    def mend(self) -> None:
        """All is well again."""
        self._open, self._frozen, self._deaf, self._muted = True, False, False, False

    def freeze(self) -> None:
        """Connections stay, and whatever is sent over them, in either direction, is lost."""
        self._frozen = True

    def swallow_answers(self) -> None:
        """What ix sends arrives, and what the server answers is lost."""
        self._deaf = True

    def mute(self) -> None:
        """All arrives but notifications, as through a pooler that lends sessions."""
        self._muted = True

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
        messages = self._messages(source) if answers and self._speaks_postgres else _chunks(source)
        with suppress(OSError, asyncio.IncompleteReadError):
            async for data in messages:
                if not self._frozen and not (answers and self._deaf):
                    sink.write(data)
                    await sink.drain()
        sink.transport.abort()
        self._streams.discard(sink)

    async def _messages(self, source: asyncio.StreamReader) -> AsyncIterator[bytes]:
        """What the server says, message by message: a type, and a length that counts itself (PostgreSQL manual,
        55.7)."""
        while True:
            head = await source.readexactly(5)
            body = await source.readexactly(int.from_bytes(head[1:]) - 4)
            if not (self._muted and head[:1] == NOTIFICATION):
                yield head + body


async def _chunks(source: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while data := await source.read(65536):
        yield data


@asynccontextmanager
async def proxied(url: str, host: str = "127.0.0.1") -> AsyncIterator[Proxy]:
    """A wire to the database at `url`."""
    proxy = Proxy(url, host)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.stop()
