"""HTTP written by hand: what no well-behaved client would send."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tests.processes import Process

SECONDS = 60.0
"""Longest wait for an answer."""
SOON = 100.0
"""Time in which the service should have answered a small body, milliseconds."""
TRIES = 5
FRESH = b"0fresh0"
JSON = "application/json"


class Answer(NamedTuple):
    """An answer, how long it took to come whole, and how many bytes had been sent by then. Status 0: closed without a
    word."""

    status: int
    body: bytes
    seconds: float
    sent: int

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def fields(self) -> list[str]:
        """The fields that a problem document names."""
        return [error["field"] for error in self.json().get("errors", [])]


class Connection:
    """One connection of a client that keeps no rules."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.sent = 0

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()
        self.sent += len(data)

    def end(self) -> None:
        """Nothing more will be sent."""
        self._writer.write_eof()

    async def pour(self, pieces: Iterable[bytes]) -> None:
        """Sends until the server has had enough."""
        with suppress(ConnectionError):
            for piece in pieces:
                await self.send(piece)

    async def answer(self, seconds: float = SECONDS) -> tuple[int, bytes]:
        """Status and body of the next answer, or what came of it before the connection ended."""
        async with asyncio.timeout(seconds):
            try:
                head = await self._reader.readuntil(b"\r\n\r\n")
                fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if line)
                return int(head.split()[1]), await self._reader.readexactly(int(fields[b"content-length"]))
            except (asyncio.IncompleteReadError, ConnectionError):
                return 0, b""

    async def closed(self, seconds: float = SECONDS) -> bytes:
        """All that comes until the server closes."""
        async with asyncio.timeout(seconds):
            with suppress(ConnectionError):
                return await self._reader.read()
        return b""

    async def close(self) -> None:
        self._writer.transport.abort()
        with suppress(OSError):
            await self._writer.wait_closed()


@asynccontextmanager
async def connection(url: str) -> AsyncIterator[Connection]:
    """A connection to a service."""
    address = urlsplit(url)
    opened = Connection(*await asyncio.open_connection(address.hostname, address.port))
    try:
        yield opened
    finally:
        await opened.close()


async def exchange(url: str, *pieces: bytes, ends: bool = False) -> Answer:
    """Sends these bytes, while it waits for the answer; then ends its side, if told to."""
    began = time.monotonic()
    async with connection(url) as opened:
        sending = asyncio.create_task(opened.pour(pieces))
        if ends:
            await sending
            opened.end()
        try:
            status, body = await opened.answer()
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        return Answer(status, body, time.monotonic() - began, opened.sent)


def chunk(data: bytes) -> bytes:
    """A chunk of a body (RFC 9112, 7.1)."""
    return b"%x\r\n%s\r\n" % (len(data), data)


def head(path: str = "/jobs", method: str = "POST", **fields: object) -> bytes:
    """The head of a request; underscores in names of fields are hyphens."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in {"host": "127.0.0.1", **fields}.items()]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode("utf-8", "surrogateescape")


def whole(body: bytes, path: str = "/jobs", content_type: str = JSON, **fields: str) -> bytes:
    """A request with a body of known length."""
    return head(path, content_type=content_type, content_length=len(body), **fields) + body


async def timed(web: Process, url: str, body: bytes, **options: Any) -> tuple[Answer, float]:
    """The answer to a body, and the service's own time for it in milliseconds as its log says it: the best of some
    tries, since a machine that is busy with other things delays any of them. Each has something new in place of
    `FRESH`."""
    best = float("inf")
    for _ in range(TRIES):
        mark = uuid.uuid4().hex
        answer = await exchange(url, whole(body.replace(FRESH, mark.encode()), x_request_id=mark, **options))
        best = min(best, float((await asyncio.to_thread(web.until, rf"request answered .*ms=(\S+) .*{mark}"))[1]))
        if best < SOON:
            break
    return answer, best
