"""HTTP/1.1 for load: as little of it as a keep-alive client needs, so that the client's share of the two cores stays
small."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

ANSWER_SECONDS = 240.0
"""Longer than any load takes: a service that hangs must not hang the benchmark."""


class Connection:
    """One kept-alive connection, one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Sends JSON; the answer's status and body."""
        fields = f"host: localhost\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
        head = f"POST {path} HTTP/1.1\r\n{fields}\r\n\r\n"
        self._writer.write(head.encode() + body)
        return await self._answer()

    async def get(self, path: str) -> tuple[int, bytes]:
        """The answer's status and body."""
        self._writer.write(f"GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode())
        return await self._answer()

    async def _answer(self) -> tuple[int, bytes]:
        head = await self._reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        return status, await self._reader.readexactly(length) if length else b""


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[Connection]:
    """A connection to `http://host:port`."""
    host, port = address.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield Connection(reader, writer)
    finally:
        writer.close()


def submission(request_id: str, client_id: str = "bench", **more: Any) -> dict[str, Any]:
    """The body of a `POST /jobs` for a job that does nothing."""
    return {"client_id": client_id, "request_id": request_id, "use_case": "drill", **more}


class Load:
    """Submissions by so many connections: for a time, or up to a number."""

    def __init__(self, address: str, prefix: str, size: int = 1, wait: bool = False, client_id: str = "bench") -> None:
        self._address = address
        self._prefix = prefix
        self._client_id = client_id
        self._size = size
        self._wait = wait
        self._numbers: Iterator[int] = itertools.count()
        self.latencies: list[float] = []
        """Milliseconds of each request."""

    async def run(self, clients: int, seconds: float = float("inf"), count: int | None = None) -> tuple[int, float]:
        """Jobs submitted and seconds taken."""
        if count is not None:
            self._numbers = iter(range(count))
        began = time.monotonic()
        async with asyncio.timeout(ANSWER_SECONDS):
            totals = await asyncio.gather(*(self._client(began + seconds) for _ in range(clients)))
        return sum(totals), time.monotonic() - began

    async def _client(self, deadline: float) -> int:
        done = 0
        async with connected(self._address) as connection:
            while time.monotonic() < deadline and (numbers := list(itertools.islice(self._numbers, self._size))):
                began = time.monotonic()
                status, body = await self._post(connection, numbers)
                if status not in (200, 201):
                    raise RuntimeError(f"{status}: {body[:300].decode(errors='replace')}")
                self.latencies.append((time.monotonic() - began) * 1e3)
                done += len(numbers)
        return done

    async def _post(self, connection: Connection, numbers: list[int]) -> tuple[int, bytes]:
        bodies = [submission(f"{self._prefix}-{number}", self._client_id) for number in numbers]
        if self._size > 1:
            return await connection.post("/jobs/batch", json.dumps({"jobs": bodies}).encode())
        return await connection.post(f"/jobs{'?wait=30' if self._wait else ''}", json.dumps(bodies[0]).encode())
