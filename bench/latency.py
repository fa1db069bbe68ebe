"""`python -m bench.latency [JOBS]`: idle pick-up, side by side with the floor.

ix: from the POST's first byte sent, over a kept-alive connection, to the use case's start in the engine's process. The floor: a bare
insert, commit and notification by asyncpg, received and claimed in another process that does nothing else. Both on the same PostgreSQL in
one run, taking turns, one job at a time. Both processes read the same monotonic clock of the machine. The floor has what ix has: uvloop,
prepared statements, an insert that waits for the disk and a claim that does not.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import Sequence
from typing import Any

import asyncpg
import uvloop

from tests import databases, processes

TABLE = """
    CREATE TABLE IF NOT EXISTS floor (
        id bigserial PRIMARY KEY, status text NOT NULL DEFAULT 'pending', payload jsonb NOT NULL, worker int
    );
    CREATE INDEX IF NOT EXISTS floor_pending ON floor (id) WHERE status = 'pending'"""
INSERT = "WITH i AS (INSERT INTO floor (payload) VALUES ($1) RETURNING id) SELECT id, pg_notify('floor', '') FROM i"
CLAIM = """
    WITH next AS MATERIALIZED (SELECT id FROM floor WHERE status = 'pending' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
    UPDATE floor SET status = 'running', worker = 1 FROM next WHERE floor.id = next.id RETURNING floor.id, payload"""
PAUSE_SECONDS = 0.01
"""Between jobs, so that each finds an idle service."""


def main() -> None:
    if sys.argv[1:2] == ["--claim"]:
        uvloop.run(claim_for_ever(sys.argv[2]))
        return
    jobs = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with databases.cloned() as url, processes.engine(url, IX_LOG_LEVEL="INFO"), processes.web(url, IX_LOG_LEVEL="INFO") as web:
        floor, ix = uvloop.run(measure(url, web, jobs))
    report(floor, ix)


async def measure(url: str, web: str, jobs: int) -> tuple[list[float], list[float]]:
    """Milliseconds of the floor and of ix, taking turns."""
    connection = await asyncpg.connect(url)
    await connection.execute(TABLE)
    claimer = await asyncio.create_subprocess_exec(sys.executable, "-m", "bench.latency", "--claim", url, stdout=asyncio.subprocess.PIPE)
    assert claimer.stdout is not None
    await claimer.stdout.readline()
    host, port = web.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    floor, ix = [], []
    for number in range(-20, jobs):
        bare, full = await one_bare(connection, claimer.stdout, number), await one_ix(reader, writer, number)
        if number >= 0:
            floor.append(bare)
            ix.append(full)
        if sys.stderr.isatty():
            print(f"\r{number + 1}/{jobs}", end="", file=sys.stderr)
    writer.close()
    claimer.terminate()
    await claimer.wait()
    await connection.close()
    return floor, ix


async def one_bare(connection: asyncpg.Connection, claimed: asyncio.StreamReader, number: int) -> float:
    await asyncio.sleep(PAUSE_SECONDS)
    began = time.monotonic_ns()
    await connection.execute(INSERT, json.dumps({"number": number}))
    return float(int(await claimed.readline()) - began) / 1e6


async def one_ix(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> float:
    await asyncio.sleep(PAUSE_SECONDS)
    body = json.dumps({"client_id": "bench", "request_id": f"{os.getpid()}-{number}", "use_case": "drill"}).encode()
    head = f"POST /jobs HTTP/1.1\r\nhost: ix\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    began = time.monotonic_ns()
    writer.write(head.encode() + body)
    job = await read_json(reader)
    writer.write(f"GET /jobs/{job['ix_id']}?wait=30 HTTP/1.1\r\nhost: ix\r\n\r\n".encode())
    ended = await read_json(reader)
    return float(ended["response"]["result"]["began_ns"] - began) / 1e6


async def read_json(reader: asyncio.StreamReader) -> dict[str, Any]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = int(head.split("content-length:")[1].split("\r\n")[0])
    found: dict[str, Any] = json.loads(await reader.readexactly(length))
    return found


async def claim_for_ever(url: str) -> None:
    """The floor's other process: prints the clock at each claim."""
    connection, listener = await asyncpg.connect(url), await asyncpg.connect(url)
    await connection.execute("SET synchronous_commit = off")
    wake = asyncio.Event()
    await listener.add_listener("floor", lambda *_: wake.set())
    print("ready", flush=True)
    while True:
        await wake.wait()
        wake.clear()
        while await connection.fetch(CLAIM):
            print(time.monotonic_ns(), flush=True)


def report(floor: Sequence[float], ix: Sequence[float]) -> None:
    """A table, and the ratio that counts."""
    print(f"\nidle pick-up, {len(ix)} single jobs, milliseconds\n{'':8}{'p50':>8}{'p95':>8}{'p99':>8}{'min':>8}{'max':>8}")
    for name, values in (("floor", floor), ("ix", ix)):
        cuts = statistics.quantiles(values, n=100)
        print(f"{name:8}{cuts[49]:8.2f}{cuts[94]:8.2f}{cuts[98]:8.2f}{min(values):8.2f}{max(values):8.2f}")
    print(f"ix / floor at p50: {statistics.median(ix) / statistics.median(floor):.2f}")


if __name__ == "__main__":
    main()
