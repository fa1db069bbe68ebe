"""arq on Redis: many jobs at once, a short `poll_delay`, no results kept."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import uvloop
from arq import create_pool
from arq.connections import RedisSettings
from arq.constants import default_queue_name
from arq.worker import Worker, func

from bench.peers.host import HANG, HANG_SECONDS, Peer, main, report, url

MAX_JOBS = 100
POLL_SECONDS = 0.01


class Arq(Peer):
    """https://arq-docs.helpmanual.io"""

    name = "arq"
    needs = "redis"
    settings = f"hiredis, uvloop, max_jobs={MAX_JOBS}, poll_delay={POLL_SECONDS}, keep_result=0"
    bulk = False

    async def prepare(self) -> None:
        """Empties its database."""
        pool = await create_pool(RedisSettings.from_dsn(url()))
        await pool.flushdb()
        await pool.aclose()

    async def open(self, clients: int) -> None:
        """A pool."""
        self._pool = await create_pool(RedisSettings.from_dsn(url()))

    async def close(self) -> None:
        """Closes it."""
        await self._pool.aclose()

    async def enqueue(self, number: int) -> None:
        """`enqueue_job`."""
        await self._pool.enqueue_job("handle", number)

    async def unfinished(self) -> int:
        """A job stays in the queue until it has ended."""
        return int(await self._pool.zcard(default_queue_name))

    def work(self) -> None:
        """One worker."""
        logging.disable(logging.INFO)
        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
        told = report()

        async def handle(_: dict[Any, Any], number: int) -> None:
            told.started(number)
            if number == HANG:
                await asyncio.sleep(HANG_SECONDS)

        asyncio.set_event_loop(asyncio.new_event_loop())
        settings = RedisSettings.from_dsn(url())
        Worker(
            [func(handle, name="handle")],
            redis_settings=settings,
            max_jobs=MAX_JOBS,
            poll_delay=POLL_SECONDS,
            keep_result=0,
        ).run()


if __name__ == "__main__":
    main(Arq)
