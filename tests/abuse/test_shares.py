"""One client that takes all connections, streams, held answers and places for bodies that it can get, while another
submits, waits and reads a stream."""

from __future__ import annotations

import asyncio
import resource
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import NamedTuple

import httpx
import pytest

from tests.abuse.conftest import Service
from tests.abuse.raw import head
from tests.processes import Process
from tests.rows import Limit, Row, Size

ROUNDS = 20
AT_ONCE = 100
"""Connections that are made at a time."""
WORST = 5.0
"""Seconds that each thing may take the other client, on a busy machine too; what it took is in the table."""
TRICKLE_SECONDS = 2.0
"""Pause between the pieces of a trickle: both clients are one process, and the other must not wait for this one."""


class Greed(NamedTuple):
    """What the greedy client does on each connection, and how many it makes. One that `trickles` sends on and on, and
    comes again when it is cut off."""

    request: bytes
    number: int
    trickles: bool = False


def greeds(size: Size, job: str) -> dict[str, Greed]:
    """At full size more than the default limits allow, in short more than those of `small_limits`."""
    body = head(content_type="application/json", content_length=1000) + b"{"
    return {
        "idle": Greed(head("/livez", "GET"), size(8200, 170)),
        "streams": Greed(head("/events?client_id=greedy", "GET"), size(5000, 70)),
        "held": Greed(head(f"/jobs/{job}?wait=60", "GET"), size(5000, 70)),
        "bodies": Greed(body, size(1000, 30), trickles=True),
    }


def small_limits(size: Size) -> dict[str, str]:
    if size(1, 0):
        return {}
    return {"IX_MAX_CONNECTIONS": "160", "IX_MAX_WAITERS": "64", "IX_MAX_IN_FLIGHT": "16"}


@pytest.fixture(scope="module", autouse=True)
def many_files() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.fixture(scope="module")
def url(service: Service, size: Size) -> Iterator[str]:
    """A web process of its own beside the shared engine, without keys: all clients have one address."""
    process = Process("web", service.database, **small_limits(size))
    try:
        yield process.until(r"web listens address=(\S+)")[1]
    finally:
        process.stop()


@pytest.mark.parametrize("kind", ["idle", "streams", "held", "bodies"])
async def test_a_greedy_client_leaves_something_for_others(
    row: Row, size: Size, limit: Limit, url: str, kind: str
) -> None:
    async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client:
        hanging = {"client_id": "greedy", "request_id": uuid.uuid4().hex, "use_case": "drill"}
        hanging |= {"run_at": "2999-01-01T00:00:00Z"}
        job = (await client.post("/jobs", json=hanging)).raise_for_status().json()["ix_id"]
    greed = greeds(size, job)[kind]
    row.did(f"one client takes all it can get: {kind}", f"{greed.number} connections, beside one that works")
    before = await _worst(url, size(ROUNDS, 1))
    async with _greedy(url, greed) as told:
        beside = await _worst(url, size(ROUNDS, 2))
    row.found(
        *[
            f"{what} at worst {seconds * 1000:.0f} ms, before {before[what] * 1000:.0f}"
            for what, seconds in beside.items()
        ],
        f"the greedy one was told {dict(sorted(told.items()))}",
    )
    assert max(beside.values()) < max(limit(WORST), 3 * max(before.values()))


async def _worst(url: str, rounds: int) -> dict[str, float]:
    """The longest that a modest client waited for each thing. Fails where it is refused anything."""
    worst: Counter[str] = Counter()

    async def timed(what: str, doing: AsyncIterator[None]) -> None:
        began = time.monotonic()
        async for _ in doing:
            pass
        worst[what] = max(worst[what], time.monotonic() - began)  # type: ignore[assignment]

    async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client:
        for _ in range(rounds):
            await timed("a submission", _submits(client))
            await timed("a job that is waited for", _submits(client, wait=20))
            await timed("a stream", _follows(client))
            await timed("health", _is_well(client))
            await asyncio.sleep(0.05)
    return dict(worst)


async def _submits(client: httpx.AsyncClient, wait: int = 0) -> AsyncIterator[None]:
    body = {"client_id": "modest", "request_id": uuid.uuid4().hex, "use_case": "drill"}
    job = await client.post("/jobs", params={"wait": wait}, json=body)
    assert job.status_code == 201, job.text
    assert not wait or job.json()["status"] == "done"
    yield


async def _follows(client: httpx.AsyncClient) -> AsyncIterator[None]:
    async with client.stream("GET", "/events", params={"client_id": "modest"}) as stream:
        assert stream.status_code == 200
        async for _ in stream.aiter_bytes():
            break
    yield


async def _is_well(client: httpx.AsyncClient) -> AsyncIterator[None]:
    for path in ("/livez", "/readyz"):
        assert (await client.get(path)).status_code == 200
    yield


@asynccontextmanager
async def _greedy(url: str, greed: Greed) -> AsyncIterator[Counter[str]]:
    """While the block runs, a client does it on that many connections. Gives how often it was answered what."""
    told: Counter[str] = Counter()
    address, over = httpx.URL(url), asyncio.Event()

    async def take(begun: asyncio.Event) -> None:
        while not over.is_set():
            writer = None
            try:
                reader, writer = await asyncio.open_connection(address.host, address.port)
                writer.write(greed.request)
                await writer.drain()
                begun.set()
                await _listen(reader, writer, greed, told)
            except OSError:
                told["cut off"] += 1
            finally:
                begun.set()
                if writer is not None:
                    writer.transport.abort()
            if not greed.trickles:
                return

    tasks: list[asyncio.Task[None]] = []
    try:
        for start in range(0, greed.number, AT_ONCE):
            begun = [asyncio.Event() for _ in range(min(AT_ONCE, greed.number - start))]
            tasks += [asyncio.create_task(take(one)) for one in begun]
            await asyncio.gather(*(one.wait() for one in begun))
        yield told
    finally:
        over.set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, greed: Greed, told: Counter[str]) -> None:
    """Until the connection ends; counts the status of the first answer. Sends on meanwhile if it trickles."""
    piece = head = b"."
    while piece:
        try:
            async with asyncio.timeout(TRICKLE_SECONDS if greed.trickles else None):
                piece = await reader.read(65536)
        except TimeoutError:
            writer.write(b" ")
            continue
        if head == b".":
            head = piece
            told[piece[9:12].decode() or "nothing"] += 1
