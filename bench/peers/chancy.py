"""chancy with its asynchronous executor, `eager_polling`, a high `concurrency` for jobs that do not block, and its
default plugins."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from functools import cache

import uvloop
from chancy import Chancy, Job, Queue, Worker

from bench.peers.host import HANG, HANG_SECONDS, Peer, Report, main, report, url

CONCURRENCY = 100
QUEUE = Queue("default", concurrency=CONCURRENCY, executor=Chancy.Executor.Async, eager_polling=True)


@cache
def told() -> Report:
    """Where this process reports."""
    return report()


async def handle(number: int) -> None:
    """The job."""
    told().started(number)
    if number == HANG:
        await asyncio.sleep(HANG_SECONDS)


def job(number: int) -> Job:
    """A job, by the name under which the worker imports it."""
    return Job(func="bench.peers.chancy.handle", kwargs={"number": number})


def app(connections: int) -> Chancy:
    """An application that logs warnings: its default writes two lines a job."""
    quiet = logging.getLogger("chancy")
    quiet.setLevel(logging.WARNING)
    return Chancy(url(), max_connection_pool_size=connections, log=quiet)


class ChancyPeer(Peer):
    """https://github.com/TkTech/chancy"""

    name = "chancy"
    settings = f"psycopg, uvloop, asynchronous executor, concurrency={CONCURRENCY}, eager_polling, notifications"
    keeps_results = True

    async def prepare(self) -> None:
        """Its migrations, and the queue."""
        async with app(2) as opened:
            await opened.migrate()
            await opened.declare(QUEUE)

    async def open(self, clients: int) -> None:
        """An application with a pool."""
        self._app = app(min(clients, 32))
        await self._app.__aenter__()

    async def close(self) -> None:
        """Closes it."""
        await self._app.__aexit__(None, None, None)

    async def enqueue(self, number: int) -> None:
        """`push`."""
        await self._app.push(job(number))

    async def enqueue_many(self, numbers: Sequence[int]) -> None:
        """`push_many`."""
        async for _ in self._app.push_many([job(number) for number in numbers]):
            pass

    async def unfinished(self) -> int:
        """Counted in its table."""
        async with self._app.pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT count(*) FROM chancy_jobs WHERE state NOT IN ('succeeded', 'failed')"
            )
            row = await cursor.fetchone()
        return int(row[0])

    def work(self) -> None:
        """One worker."""
        uvloop.run(_work())


async def _work() -> None:
    async with app(10) as opened, Worker(opened) as worker:
        await worker.wait_for_shutdown()


if __name__ == "__main__":
    main(ChancyPeer)
