"""An engine's listener loses what it hears by, and is not told; the pool goes on. `tests/engine/test_listener.py` is
the short form."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from ix.config import Settings
from ix.database.connect import Pool
from ix.database.jobs import Jobs
from ix.database.pool import open_pool
from tests import processes, proxy
from tests.chaos.netns import HERE, island
from tests.chaos.servers import Server
from tests.chaos.test_wakeups import STARTS, all_ended
from tests.factories import submission
from tests.processes import Process
from tests.rows import Row, Size

pytestmark = pytest.mark.long

POLL = 5.0
"""Seconds, as long as a user's."""
PAUSE = 3.0
DEAF = 20.0
"""Seconds for which it stays so: longer than an engine may give no sign of life."""
BACKEND = """
    SELECT pid FROM pg_stat_activity WHERE application_name = 'ix engine' AND datname = current_database()
    ORDER BY backend_start DESC"""
Deed = Callable[[], Awaitable[None]]


@asynccontextmanager
async def steady_jobs(pool: Pool, seconds: float) -> AsyncIterator[None]:
    """A job a second, each half a second long, meanwhile; and one that takes so many seconds."""

    async def submit() -> None:
        jobs = Jobs(pool)
        await jobs.insert_pending(submission(options={"action": "sleep", "seconds": seconds}))
        while True:
            await jobs.insert_pending(submission(options={"action": "sleep", "seconds": 0.5}))
            await asyncio.sleep(1)

    submitting = asyncio.create_task(submit())
    try:
        yield
    finally:
        submitting.cancel()


async def deafened(pool: Pool, engine: Process, strikes: int, deafen: Deed, mend: Deed, row: Row) -> None:
    """Deafens the listener again and again under load, and says what came of it."""
    noticed = []
    async with steady_jobs(pool, strikes * (PAUSE + DEAF) + PAUSE):
        for _ in range(strikes):
            await asyncio.sleep(PAUSE)
            await deafen()
            began = time.monotonic()
            await asyncio.to_thread(engine.until, "listener lost its connection", 30)
            noticed.append(time.monotonic() - began)
            await asyncio.sleep(DEAF - noticed[-1])
            await mend()
        await asyncio.sleep(PAUSE)
    await asyncio.to_thread(engine.until, "listener connected", 30)
    number = await pool.fetchval("SELECT count(*) FROM jobs")
    await all_ended(pool, number)
    waits = [found[0] for found in await pool.fetch(STARTS)]
    attempts = await pool.fetchval("SELECT max(attempts) FROM jobs")
    row.found(
        f"noticed after {max(noticed):.1f} s at most",
        f"{number} jobs started after {max(waits):.1f} s at most (poll, jittered by a fifth: {1.2 * POLL:.1f} s), "
        f"attempts {attempts}",
    )
    assert max(noticed) < 15
    assert max(waits) < 2 * POLL
    assert attempts == 1


async def test_a_listeners_wire_is_cut(database_url: str, size: Size, row: Row) -> None:
    strikes = size(3, 1)
    row.did(f"listener's wire cut (network namespace) for {DEAF:.0f} s x {strikes}", "1 job/s")
    with island() as far:
        async with proxy.proxied(database_url, HERE) as wire:
            pool = await open_pool(Settings(postgres_url=database_url))
            starting = processes.engine(database_url, by=far.by, IX_LISTEN_URL=wire.url, IX_POLL_INTERVAL=str(POLL))
            engine = await asyncio.to_thread(starting.__enter__)
            try:

                async def cut() -> None:
                    far.cut()

                async def mend() -> None:
                    far.mend()

                await deafened(pool, engine, strikes, cut, mend, row)
            finally:
                far.mend()
                await asyncio.to_thread(starting.__exit__, None, None, None)
                await pool.close()


async def test_a_listeners_backend_is_stopped(server: Server, hurt_url: str, size: Size, row: Row) -> None:
    strikes, stopped = size(3, 1), list[int]()
    row.did(f"listener's backend SIGSTOPped for {DEAF:.0f} s x {strikes}", "1 job/s")
    pool = await open_pool(Settings(postgres_url=hurt_url))

    async def stop() -> None:
        stopped.append(await pool.fetchval(BACKEND))
        os.kill(stopped[-1], signal.SIGSTOP)

    async def go_on() -> None:
        if stopped:
            os.kill(stopped.pop(), signal.SIGCONT)

    with processes.engine(hurt_url, IX_POLL_INTERVAL=str(POLL)) as engine:
        try:
            await deafened(pool, engine, strikes, stop, go_on, row)
        finally:
            await go_on()
            await pool.close()
