"""Notifications that come at a bad moment, and notifications that do not come."""

from __future__ import annotations

import asyncio
import itertools
import random
import statistics
import time
from contextlib import suppress
from typing import Any

import asyncpg
import httpx
import pytest

from ix.config import Settings
from ix.database.jobs import Jobs
from ix.database.pool import open_pool
from ix.engine.engine import Engine
from tests import processes, proxy
from tests.chaos.conftest import POLL
from tests.chaos.servers import Server
from tests.factories import submission
from tests.rows import Row, Size


async def test_lost_wakeups(busy_url: str, size: Size, row: Row) -> None:
    submits, dice = size(10_000, 80), random.Random(4)
    row.did(
        "lost wake-up hunt: submits at random phase, single and in pairs", f"{submits:,}, poll interval {POLL:.0f} s"
    )
    async with httpx.AsyncClient(base_url=busy_url, timeout=30, trust_env=False) as client:
        waits = [
            wait
            for _ in range(submits // 2)
            for wait in await pair(client, dice.uniform(0, 0.008), dice.uniform(0, 0.004))
        ]
    cuts = statistics.quantiles(waits, n=100)
    row.found(
        f"start after p50 {cuts[49] * 1e3:.1f} ms, p99 {cuts[98] * 1e3:.1f} ms, at most {max(waits) * 1e3:.0f} ms",
        "none waits for the poll",
    )
    assert max(waits) < 20


_numbers = itertools.count()


async def pair(client: httpx.AsyncClient, gap: float, pause: float) -> tuple[float, float]:
    """Submits two jobs, the second one at some moment of the first one's life; how long each waited for its start,
    seconds."""

    async def one(delay: float) -> float:
        await asyncio.sleep(delay)
        body = {"client_id": "acme", "request_id": f"wake-{next(_numbers)}", "use_case": "drill"}
        began = time.monotonic_ns()
        job: dict[str, Any] = (await client.post("/jobs", json=body, params={"wait": 20})).json()
        assert job["status"] == "done", "the engine slept on"
        return float(job["response"]["result"]["began_ns"] - began) / 1e9

    waits = await asyncio.gather(one(0), one(gap))
    await asyncio.sleep(pause)
    return waits


STARTS = "SELECT extract(epoch FROM started_at - created_at)::float8 FROM jobs"


async def test_every_notification_dropped(database_url: str, size: Size, row: Row) -> None:
    number, poll, dice = size(200, 20), 1.0, random.Random(5)
    row.did("every notification dropped, unnoticed", f"{number} jobs, poll interval {poll:.0f} s")
    async with proxy.proxied(database_url) as wire:
        engine = Engine(Settings(postgres_url=wire.url, ocr="off", drill=True, poll_interval=poll, engine_slots=16))
        await engine.start()
        direct = await open_pool(Settings(postgres_url=database_url))
        try:
            await heard(engine)
            wire.mute()
            jobs = Jobs(direct)
            for _ in range(number):
                await jobs.insert_pending(submission())
                await asyncio.sleep(dice.uniform(0, 0.06))
            await all_ended(direct, number)
            waits = [found[0] for found in await direct.fetch(STARTS)]
        finally:
            await engine.stop()
            await direct.close()
    row.found(
        f"all started, after {max(waits):.2f} s at most (poll, jittered by a fifth, + 0.5 s = {1.2 * poll + 0.5:.1f} s)"
    )
    assert max(waits) < 3 * poll


async def heard(engine: Engine) -> None:
    """Returns when the engine has connected and its first ping has arrived."""
    async with asyncio.timeout(20):
        while not engine.is_connected:
            await asyncio.sleep(0.01)
        await asyncio.sleep(1.2)


async def all_ended(pool: Any, number: int, seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while await pool.fetchval("SELECT count(*) FROM jobs WHERE finished_at IS NOT NULL") < number:
            await asyncio.sleep(0.02)


@pytest.fixture
def small_queue(server: Server) -> None:
    """The notification queue of the server that may be hurt holds half a mebibyte."""
    if not server.configure("max_notify_queue_pages", "64"):
        pytest.skip("this PostgreSQL cannot limit its notification queue (17 or newer can)")


@pytest.mark.long
async def test_notification_queue_full(small_queue: None, hurt_url: str, size: Size, row: Row) -> None:
    jobs, sweep = size(100, 10), 1.0
    row.did(
        "notification queue full, by a listener that stays in a transaction",
        f"{jobs} submits, one sweep a {sweep:.0f} s",
    )
    settings = {"IX_POLL_INTERVAL": "2", "IX_SWEEP_INTERVAL": str(sweep), "IX_LOG_LEVEL": "INFO"}
    with processes.engine(hurt_url, **settings), processes.web(hurt_url, **settings) as web:
        async with httpx.AsyncClient(base_url=web, timeout=30, trust_env=False) as client:
            watch = await asyncpg.connect(hurt_url)
            holder = await asyncpg.connect(hurt_url)
            await fill_queue(holder, watch)
            codes = [(await client.post("/jobs", json=body(f"full-{n}"))).status_code for n in range(jobs)]
            await all_ended(watch, jobs)
            started = max(found[0] for found in await watch.fetch(STARTS))
            began = time.monotonic()
            await holder.close()
            healed = await seconds_until_healed(watch, began)
            after = await client.post("/jobs", json=body("after"), params={"wait": 20})
            await watch.close()
    row.found(
        f"{codes.count(201)} answered 201, started by the poll after {started:.1f} s at most",
        f"healed {healed:.2f} s after the listener left",
    )
    assert codes == [201] * jobs
    assert after.json()["status"] == "done"
    assert healed < 5


def body(request_id: str) -> dict[str, str]:
    return {"client_id": "acme", "request_id": request_id, "use_case": "drill"}


async def fill_queue(holder: Any, watch: Any) -> None:
    """A listener in a transaction keeps everything since; what others send fills the queue up to the last page."""
    await holder.execute("LISTEN filling")
    await holder.execute("BEGIN")
    await holder.execute("SELECT 1")
    with suppress(asyncpg.ProgramLimitExceededError):
        while True:
            await watch.execute("SELECT pg_notify('filling', repeat('x', 7900))")


async def seconds_until_healed(watch: Any, began: float) -> float:
    """Reads how full the queue is where that does not clear it: by trying to notify."""
    async with asyncio.timeout(20):
        while True:
            try:
                await watch.execute("SELECT pg_notify('filling', repeat('x', 7000))")
                return time.monotonic() - began
            except asyncpg.ProgramLimitExceededError:
                await asyncio.sleep(0.05)
