"""A web process, from outside, that is given too much, too slowly, or by somebody who means harm."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
import psutil
import pytest

from tests import databases
from tests.processes import Process

HEADER_SECONDS, REQUEST_SECONDS, PROBE_SECONDS = 1.0, 1.5, 0.5
LIMITS = {
    "IX_HEADER_TIMEOUT": str(HEADER_SECONDS),
    "IX_REQUEST_TIMEOUT": str(REQUEST_SECONDS),
    "IX_PROBE_TIMEOUT": str(PROBE_SECONDS),
    "IX_MAX_BODY_BYTES": "1000000",
    "IX_MAX_IN_FLIGHT": "4",
    "IX_MAX_PENDING": "3",
    "IX_POOL_SIZE": "2",
}
POST = b"POST /jobs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
MIB = 1024 * 1024


@dataclass
class Service:
    process: Process
    url: httpx.URL
    database_url: str

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection(self.url.host, self.url.port)
        try:
            yield reader, writer
        finally:
            writer.transport.abort()
            with suppress(OSError):
                await writer.wait_closed()

    @property
    def memory(self) -> int:
        return int(psutil.Process(self.process.pid).memory_info().rss)


@pytest.fixture(scope="module")
def service(server_url: str, template_name: str) -> Iterator[Service]:
    with databases.clone(server_url, template_name) as database_url:
        process = Process("web", database_url, **LIMITS)
        try:
            yield Service(process, httpx.URL(process.until(r"web listens address=(\S+)")[1]), database_url)
        finally:
            process.stop()


@pytest.fixture
async def client(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=service.url, timeout=30, trust_env=False) as client:
        yield client


def body(client_id: str, request_id: str | None = None) -> dict[str, Any]:
    return {"client_id": client_id, "request_id": request_id or uuid.uuid4().hex, "use_case": "drill"}


async def last_words(service: Service, start: bytes, piece: bytes) -> tuple[float, bytes]:
    """How many seconds a client is borne that begins like this and then sends a piece now and again; and what it is
    told at the end."""
    began, heard = time.monotonic(), b""
    async with service.connected() as (reader, writer):
        writer.write(start)
        with suppress(ConnectionError):
            while not reader.at_eof() and time.monotonic() - began < 2 * REQUEST_SECONDS + 2:
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.1):
                        heard += await reader.read()
                writer.write(piece)
    return time.monotonic() - began, heard


async def test_fifty_slow_clients_are_cut_off_in_time_while_others_are_served(
    service: Service, client: httpx.AsyncClient
) -> None:
    kinds = [
        (b"", b"", HEADER_SECONDS, b""),
        (POST, b"x: y\r\n", HEADER_SECONDS, b"HTTP/1.1 408 "),
        (POST + b"content-length: 100000\r\n\r\n", b"x", REQUEST_SECONDS, b"HTTP/1.1 408 "),
    ]
    # those that send a body are in flight until they are cut off
    slow = [kinds[0]] * 24 + [kinds[1]] * 24 + [kinds[2]] * 2
    found = [asyncio.create_task(last_words(service, start, piece)) for start, piece, _, _ in slow]
    served = 0
    while not all(task.done() for task in found):
        assert (await client.post("/jobs", json=body("ordinary", "r-1"))).status_code in (200, 201)
        served += 1
    words = [await task for task in found]
    for (_, _, limit, said), (took, heard) in zip(slow, words, strict=True):
        assert limit - 0.2 < took < limit + 1
        # a piece that crosses the answer on its way resets the connection, and the answer is lost
        assert heard.startswith(said) or not heard
    assert sum(heard != b"" for _, heard in words) > 13
    assert served > 10
    assert not [line for line in service.process.lines if "request failed" in line]


@pytest.mark.parametrize("piece", [b"x" * 65536, b"x: y\r\n" * 10_000], ids=["one field", "many"])
async def test_an_endless_header_is_refused_and_not_kept(service: Service, piece: bytes) -> None:
    before = service.memory

    async def flood() -> bytes:
        async with service.connected() as (reader, writer):
            with suppress(ConnectionError):
                writer.write(b"GET /jobs HTTP/1.1\r\nx: ")
                for _ in range(8 * MIB // len(piece)):
                    writer.write(piece)
                    await writer.drain()
            with suppress(ConnectionError):
                async with asyncio.timeout(5):
                    return await reader.read()
            return b""

    heard = await asyncio.gather(*(flood() for _ in range(20)))
    assert b"HTTP/1.1 431 " in {one[:13] for one in heard}
    assert service.memory - before < 32 * MIB


async def test_a_body_beyond_the_cap_is_refused_before_any_of_it_is_sent(service: Service) -> None:
    async with service.connected() as (reader, writer), asyncio.timeout(HEADER_SECONDS):
        writer.write(POST + b"content-length: 99999999999\r\n\r\n")
        heard = await reader.read()
    assert heard.startswith(b"HTTP/1.1 413 ")
    assert b"IX_MAX_BODY_BYTES" in heard


async def test_a_client_that_sends_all_of_a_large_body_still_reads_why_it_was_refused(
    client: httpx.AsyncClient,
) -> None:
    for path in ("/jobs", "/metrics", "/nowhere"):
        assert (await client.post(path, content=b"x" * 20 * MIB)).status_code == 413


async def test_beyond_its_limit_a_client_is_refused_and_others_are_not(client: httpx.AsyncClient) -> None:
    first = body("eager")
    assert [(await client.post("/jobs", json=one)).status_code for one in [first, body("eager"), body("eager")]] == [
        201
    ] * 3
    refused = await client.post("/jobs", json=body("eager"))
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    assert "IX_MAX_PENDING" in refused.json()["detail"]
    assert [(await client.post("/jobs", json=one)).status_code for one in [first, body("modest")]] == [200, 201]


async def test_when_all_connections_and_places_are_taken_health_still_answers(
    service: Service, client: httpx.AsyncClient
) -> None:
    job = (await client.post("/jobs", json=body("patient"))).json()
    holder = await asyncpg.connect(service.database_url)
    try:
        async with holder.transaction():
            await holder.execute("LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE")
            stuck = [asyncio.create_task(client.get(f"/jobs/{job['ix_id']}")) for _ in range(10)]
            done, working = await asyncio.wait(stuck, return_when=asyncio.FIRST_COMPLETED)
            while len(working) > 4:
                more, working = await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
                done |= more
            began = time.monotonic()
            assert (await client.get("/livez")).status_code == 200
            assert time.monotonic() - began < 5
            health, ready = await client.get("/healthz"), await client.get("/readyz")
            assert time.monotonic() - began < 2 * PROBE_SECONDS + 5
    finally:
        await holder.close()
    assert {(one.result().status_code, one.result().headers["retry-after"]) for one in done} == {(503, "1")}
    assert (health.status_code, health.json()["postgres"]) == (503, "fail")
    assert ready.status_code == 503
    assert {(await one).status_code for one in working} == {200}
    assert (await client.get("/readyz")).json() == {"postgres": "ok", "migrations": "ok"}
