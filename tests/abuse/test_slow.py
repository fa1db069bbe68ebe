"""Slow and endless clients: cut off by deadlines and caps, while others are served as ever."""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

import httpx
import psutil
import pytest

from tests.abuse import raw
from tests.abuse.raw import Connection
from tests.processes import Process
from tests.rows import Limit, Row, Size

HEADER_SECONDS, BODY_SECONDS = 1.0, 1.5
MIB = 1024 * 1024
TRICKLE = 0.1
"""Pause between the pieces of a trickle, seconds."""
START = b"POST /jobs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
CHUNKED = START + b"transfer-encoding: chunked\r\n\r\n"


class Web(NamedTuple):
    url: str
    process: Process

    @property
    def memory(self) -> float:
        """MiB that stay in memory."""
        return float(psutil.Process(self.process.pid).memory_info().rss) / MIB


@pytest.fixture(scope="module")
def web(service_database: str) -> Iterator[Web]:
    """Web with short deadlines. No engine: what is submitted here is left pending."""
    deadlines = {"IX_HEADER_TIMEOUT": str(HEADER_SECONDS), "IX_REQUEST_TIMEOUT": str(BODY_SECONDS)}
    process = Process("web", service_database, **deadlines)
    try:
        yield Web(process.until(r"web listens address=(\S+)")[1], process)
    finally:
        process.stop()


class Slow(NamedTuple):
    """A way of being slow: what comes at once, what trickles after it, the deadline, and what the service says at the
    end."""

    start: bytes
    piece: bytes
    deadline: float
    answer: int


SLOW = {
    "silent": Slow(b"", b"", HEADER_SECONDS, 0),
    "header stalls": Slow(b"GE", b"", HEADER_SECONDS, 408),
    "header trickles": Slow(START, b"x: y\r\n", HEADER_SECONDS, 408),
    "empty lines": Slow(b"", b"\r\n", HEADER_SECONDS, 408),
    "body stalls": Slow(START + b"content-length: 9999\r\n\r\n", b"", BODY_SECONDS, 408),
    "body trickles": Slow(START + b"content-length: 9999\r\n\r\n", b" ", BODY_SECONDS, 408),
    "chunks trickle": Slow(CHUNKED, b"1\r\n \r\n", BODY_SECONDS, 408),
}


async def test_slow_sockets(row: Row, size: Size, limit: Limit, web: Web) -> None:
    """A normal client submits and reads meanwhile. Its limit is 200 ms, or three times what this busy machine gave it
    before."""
    count = size(200, 21)
    row.did(f"slow sockets: {', '.join(SLOW)}", f"{count} at once, beside a normal client")
    alone = await _normal(web, asyncio.create_task(asyncio.sleep(size(4, 0) + 0.3)))
    kinds = list(itertools.islice(itertools.cycle(SLOW.values()), count))
    slow = asyncio.ensure_future(asyncio.gather(*[_closed_after(web, kind) for kind in kinds]))
    beside = await _normal(web, slow)
    late = [seconds - kind.deadline for kind, (seconds, _) in zip(kinds, slow.result(), strict=True)]
    wrong = [f"{said} to {kind}" for kind, (_, said) in zip(kinds, slow.result(), strict=True) if said != kind.answer]
    row.found(
        f"closed {max(late):.2f} s after the deadline at most, {min(late):.2f} s at least",
        f"normal client's p99 {_p99(beside) * 1000:.0f} ms of {len(beside)} calls, alone {_p99(alone) * 1000:.0f} ms",
    )
    assert max(late) < limit(1.0)
    assert min(late) > -0.1
    assert not wrong
    assert _p99(beside) < max(limit(0.2), 3 * _p99(alone))


async def _closed_after(web: Web, kind: Slow) -> tuple[float, int]:
    """Seconds until the service closed, and what it said."""
    async with raw.connection(web.url) as slow:
        began = time.monotonic()
        await slow.send(kind.start)
        trickling = asyncio.create_task(_trickle(slow, kind.piece))
        said = await slow.closed(kind.deadline + 10)
        trickling.cancel()
        await asyncio.gather(trickling, return_exceptions=True)
        return time.monotonic() - began, int(said.split()[1]) if said else 0


async def _trickle(slow: Connection, piece: bytes) -> None:
    with suppress(ConnectionError):
        while piece:
            await slow.send(piece)
            await asyncio.sleep(TRICKLE)


async def _normal(web: Web, during: asyncio.Future[Any]) -> list[float]:
    """Seconds of each call of a client that submits and reads for a while."""
    seconds = []
    async with httpx.AsyncClient(base_url=web.url, timeout=30, trust_env=False) as client:
        while not during.done():
            body = {"client_id": "slow", "request_id": uuid.uuid4().hex, "use_case": "drill"}
            began = time.monotonic()
            job = (await client.post("/jobs", json=body)).raise_for_status().json()
            seconds.append(time.monotonic() - began)
            began = time.monotonic()
            (await client.get(f"/jobs/{job['ix_id']}")).raise_for_status()
            seconds.append(time.monotonic() - began)
            await asyncio.sleep(0.01)
    return seconds


def _p99(seconds: list[float]) -> float:
    return sorted(seconds)[len(seconds) * 99 // 100]


CLOSE_SECONDS = 20.0
"""Time in which a connection that never ends its header must have been closed, on a busy machine too."""
ENDLESS = {
    "one field": (b"GET /jobs HTTP/1.1\r\na: ", b"a" * 65536),
    "many fields": (b"GET /jobs HTTP/1.1\r\n", b"a: b\r\n" * 10_000),
    "an address": (b"GET /", b"a" * 65536),
    "a method": (b"", b"A" * 65536),
    "empty lines": (b"", b"\r\n" * 32768),
    "a trailer": (CHUNKED + b"1\r\n \r\n0\r\na: ", b"a" * 65536),
    "a chunk's extension": (CHUNKED + b"1;a=", b"a" * 65536),
    "requests that nobody waits for": (b"", b"GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n" * 2_000),
}


async def test_endless_headers(row: Row, size: Size, web: Web) -> None:
    count = size(160, 16)
    row.did(f"endless: {', '.join(ENDLESS)}", f"{count} at once, each as much as is taken")
    before, peak = web.memory, 0.0
    kinds = list(itertools.islice(itertools.cycle(ENDLESS.values()), count))
    pouring = asyncio.ensure_future(asyncio.gather(*[_poured(web, *kind) for kind in kinds]))
    while not pouring.done():
        peak = max(peak, web.memory)
        await asyncio.sleep(0.02)
    answers = Counter(status for status, _ in pouring.result())
    longest = max(seconds for _, seconds in pouring.result())
    row.found(
        ", ".join(f"{number} x {status or 'closed'}" for status, number in sorted(answers.items())),
        f"all closed within {longest:.1f} s",
        f"memory of web {before:.0f} MiB, at most + {peak - before:.0f}",
    )
    assert set(answers) <= {0, 200, 400, 408, 431}
    # a loop's read buffer for each is 256 KiB; what was kept would be as much as is poured
    assert peak - before < 10 + count / 2
    async with httpx.AsyncClient(base_url=web.url, timeout=30, trust_env=False) as client:
        assert (await client.get("/livez")).status_code == 200


async def _poured(web: Web, start: bytes, piece: bytes) -> tuple[int, float]:
    """The first answer, and the seconds until the connection was closed."""
    async with raw.connection(web.url) as endless:
        began = time.monotonic()
        await endless.send(start)
        pouring = asyncio.create_task(endless.pour(itertools.repeat(piece)))
        said = await endless.closed(CLOSE_SECONDS)
        pouring.cancel()
        await asyncio.gather(pouring, return_exceptions=True)
        return int(said.split()[1]) if said else 0, time.monotonic() - began
