"""pgqueuer, as its performance guide has it: asyncpg on uvloop, a pool for producers and one connection for the queue
manager, large batches for short jobs, its own autovacuum settings. Durability stays at the default, `durable`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import asyncpg
import uvloop
from pgqueuer import PgQueuer as Manager
from pgqueuer.db import AsyncpgDriver, AsyncpgPoolDriver
from pgqueuer.models import Job
from pgqueuer.queries import Queries

from bench.peers.host import HANG, HANG_SECONDS, Peer, main, report, url

BATCH = 500


class PgQueuer(Peer):
    """https://github.com/janbjorge/pgqueuer"""

    name = "pgqueuer"
    settings = f"asyncpg, uvloop, batch_size={BATCH}, LISTEN, pgq autovac"

    async def prepare(self) -> None:
        """`pgq install` and `pgq autovac`."""
        await self.open(1)
        await self._queries.install()
        await self._pool.execute(self._queries.qbe.build_optimize_autovacuum_query())
        await self.close()

    async def open(self, clients: int) -> None:
        """A pool, as the guide advises for producers."""
        self._pool = await asyncpg.create_pool(url(), min_size=1, max_size=min(clients, 32))
        self._queries = Queries(AsyncpgPoolDriver(self._pool))

    async def close(self) -> None:
        """Closes it."""
        await self._pool.close()

    async def enqueue(self, number: int) -> None:
        """One job."""
        await self._queries.enqueue("handle", str(number).encode())

    async def enqueue_many(self, numbers: Sequence[int]) -> None:
        """A list of jobs in one statement."""
        count = len(numbers)
        await self._queries.enqueue(["handle"] * count, [str(number).encode() for number in numbers], [0] * count)

    async def unfinished(self) -> int:
        """Finished jobs leave the queue's table for the log's."""
        return int(await self._pool.fetchval("SELECT count(*) FROM pgqueuer"))

    def work(self) -> None:
        """One queue manager."""
        uvloop.run(_work())


async def _work() -> None:
    manager, told = Manager(AsyncpgDriver(await asyncpg.connect(url()))), report()

    @manager.entrypoint("handle")
    async def handle(job: Job) -> None:
        number = int(job.payload or b"0")
        told.started(number)
        if number == HANG:
            await asyncio.sleep(HANG_SECONDS)

    await manager.run(batch_size=BATCH)


if __name__ == "__main__":
    main(PgQueuer)
