"""A thousand requests that wait and two hundred streams, all at once on one web process: one connection that listens,
no query, no loss."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg
import httpx
import pytest

from ix.database.connect import Pool
from ix.database.jobs import Jobs
from tests import processes
from tests.factories import answer, submission

WAITERS, STREAMS = 1000, 200
STATEMENTS = """
    SELECT pid, query_start, state_change FROM pg_stat_activity
    WHERE application_name IN ('ix', 'ix web') AND datname = current_database() ORDER BY pid"""
LISTENING = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ix web' AND datname = current_database()"
PATIENT = {
    "IX_HEARTBEAT_INTERVAL": "3600",
    "IX_LIVENESS_LIMIT": "7200",
    "IX_ACQUIRE_TIMEOUT": "30",
    "IX_MAX_WAIT": "60",
    "IX_STREAM_HEARTBEAT": "0.2",
}

LONGEST = 1 << 20
"""Bytes between two ends of lines: what many jobs are told at once comes in one chunk."""


class Held:
    """A request whose answer is held, on a connection of its own."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def ask(cls, url: httpx.URL, path: str) -> Held:
        held = cls(*await asyncio.open_connection(url.host, url.port, limit=LONGEST))
        held._writer.write(f"GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".encode())
        return held

    async def until(self, words: bytes) -> bytes:
        """What came up to the words."""
        return await self._reader.readuntil(words)

    async def rest(self) -> bytes:
        """Everything that came, once the connection was closed."""
        return await self._reader.read()

    def close(self) -> None:
        self._writer.close()


@pytest.fixture
def many_files() -> Iterator[None]:
    """As many open files as the system allows, for this process and those that it starts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2 * (WAITERS + STREAMS):
        pytest.skip(f"only {hard} open files are allowed")
    resource.setrlimit(
        resource.RLIMIT_NOFILE, (max(soft, 4 * (WAITERS + STREAMS)) if hard == resource.RLIM_INFINITY else hard, hard)
    )
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
async def onlooker(database_url: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """A connection that is not ix's."""
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


@asynccontextmanager
async def asked(url: str, paths: list[str]) -> AsyncIterator[list[Held]]:
    held = [await Held.ask(httpx.URL(url), path) for path in paths]
    try:
        yield held
    finally:
        for one in held:
            one.close()


async def until_idle(onlooker: asyncpg.Connection[asyncpg.Record], stream: Held) -> None:
    """Returns once no statement ran between one sign of life of a stream and the third after it."""
    async with asyncio.timeout(30):
        before = None
        while (now := [tuple(row) for row in await onlooker.fetch(STATEMENTS)]) != before:
            before = now
            for _ in range(3):
                await stream.until(b": keep-alive\n\n")


@pytest.mark.usefixtures("many_files")
async def test_a_thousand_wait_and_two_hundred_listen_at_once(
    database_url: str, pool: Pool, jobs: Jobs, onlooker: asyncpg.Connection[asyncpg.Record]
) -> None:
    ix_ids = [made.job.ix_id for made in await jobs.insert_many([submission() for _ in range(WAITERS)])]
    waiting = [f"/jobs/{ix_id}?wait=60" for ix_id in ix_ids]
    streaming = [f"/jobs/{ix_id}/events" for ix_id in ix_ids[: STREAMS - 1]] + ["/events?client_id=acme"]
    with processes.web(database_url, **PATIENT) as url:
        async with asked(url, streaming) as streams, asked(url, waiting) as waiters, asyncio.timeout(60):
            for stream in streams:
                await stream.until(b"retry: ")
            await until_idle(onlooker, streams[-2])
            assert await onlooker.fetchval(LISTENING) == 1
            while claims := await jobs.claim(uuid4(), 250):
                await jobs.finish_many([(claim, answer()) for claim in claims])
            for waiter in waiters:
                assert b'"status":"done"' in await waiter.rest()
            for stream in streams[:-1]:
                assert b'"status":"done"' in await stream.rest()
            for _ in range(WAITERS):
                await streams[-1].until(b'"status":"done"')
            assert await onlooker.fetchval(LISTENING) == 1
