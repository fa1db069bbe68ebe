"""DBOS Transact: a queue of durable workflows, polled every 10 ms, with a limit of workflows that one process runs at
once.

Every process has an `executor_id` of its own, as the documentation asks where several share a queue."""

from __future__ import annotations

import asyncio
import threading
import time
import uuid

import psycopg
from dbos import DBOS, DBOSClient, DBOSConfig

from bench.peers.host import HANG, HANG_SECONDS, ThreadedPeer, main, report, url

CONCURRENCY = 100
POLL_SECONDS = 0.01
QUEUE = "bench"
VERSION = "1"
CONFIG: DBOSConfig = {
    "name": "bench",
    "system_database_url": url(),
    "log_level": "WARNING",
    "application_version": VERSION,
    "executor_id": uuid.uuid4().hex,
    "sys_db_pool_size": 20,
}


class Dbos(ThreadedPeer):
    """https://github.com/dbos-inc/dbos-transact-py"""

    name = "dbos"
    settings = f"psycopg, queue with worker_concurrency={CONCURRENCY}, polling_interval_sec={POLL_SECONDS}, pool of 20"
    bulk = False
    keeps_results = True

    async def prepare(self) -> None:
        """Its migrations, by a first launch, in a thread, since it refuses to be launched from within an event loop."""
        await asyncio.to_thread(launch)
        DBOS.destroy()

    async def open(self, clients: int) -> None:
        """A client, which is how another process enqueues."""
        self._client = DBOSClient(
            system_database_url=url(),
            system_database_pool_size=min(clients, 32),
            application_name=CONFIG["name"],
            lazy=True,
        )

    async def close(self) -> None:
        """Closes it."""
        self._client.destroy()

    def enqueue_now(self, number: int) -> None:
        """`DBOSClient.enqueue`."""
        self._client.enqueue({"queue_name": QUEUE, "workflow_name": "handle", "app_version": VERSION}, number)

    async def unfinished(self) -> int:
        """Counted in its table."""
        with psycopg.connect(url()) as connection:
            row = connection.execute(
                "SELECT count(*) FROM dbos.workflow_status WHERE status IN ('ENQUEUED', 'PENDING')"
            ).fetchone()
        return int(row[0]) if row else 0

    def work(self) -> None:
        """One process."""
        launch()
        threading.Event().wait()


def launch() -> None:
    """Starts DBOS in this process."""
    DBOS(config=CONFIG)
    told = report()

    @DBOS.workflow(name="handle")
    def handle(number: int) -> None:
        told.started(number)
        if number == HANG:
            time.sleep(HANG_SECONDS)

    DBOS.launch()
    DBOS.register_queue(QUEUE, worker_concurrency=CONCURRENCY, polling_interval_sec=POLL_SECONDS)


if __name__ == "__main__":
    main(Dbos)
