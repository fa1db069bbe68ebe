"""procrastinate on psycopg's asynchronous pool, with `concurrency` for asynchronous jobs and `listen_notify` as by
default."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import procrastinate
import uvloop

from bench.peers.host import HANG, HANG_SECONDS, Peer, main, report, url

CONCURRENCY = 10


def app(connections: int) -> procrastinate.App:
    """An application with one task."""
    connector = procrastinate.PsycopgConnector(conninfo=url(), min_size=1, max_size=connections)
    made = procrastinate.App(connector=connector)
    told = report()

    @made.task(name="handle")
    async def handle(number: int) -> None:
        told.started(number)
        if number == HANG:
            await asyncio.sleep(HANG_SECONDS)

    return made


class Procrastinate(Peer):
    """https://github.com/procrastinate-org/procrastinate"""

    name = "procrastinate"
    settings = f"psycopg, uvloop, concurrency={CONCURRENCY}, listen_notify"

    async def prepare(self) -> None:
        """`procrastinate schema --apply`."""
        async with app(2).open_async() as opened:
            await opened.schema_manager.apply_schema_async()

    async def open(self, clients: int) -> None:
        """An application with a pool."""
        self._app = app(min(clients, 32))
        await self._app.open_async()

    async def close(self) -> None:
        """Closes it."""
        await self._app.close_async()

    async def enqueue(self, number: int) -> None:
        """`defer_async`."""
        await self._app.configure_task("handle").defer_async(number=number)

    async def enqueue_many(self, numbers: Sequence[int]) -> None:
        """`batch_defer_async`."""
        await self._app.configure_task("handle").batch_defer_async(*({"number": number} for number in numbers))

    async def unfinished(self) -> int:
        """Counted in its table."""
        row = await self._app.connector.execute_query_one_async(
            "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
        )
        return int(row["count"])

    def work(self) -> None:
        """One worker."""
        uvloop.run(_work())


async def _work() -> None:
    async with app(CONCURRENCY + 2).open_async() as opened:
        await opened.run_worker_async(concurrency=CONCURRENCY, listen_notify=True)


if __name__ == "__main__":
    main(Procrastinate)
