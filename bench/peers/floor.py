"""The floor: bare asyncpg doing the least that is correct.

An insert with its notification in one statement, which waits for the disk; a claim of a batch by SKIP LOCKED, which
does not, since a lost claim is only a job still pending; a finish of that batch with its results, which does. No fence,
no attempts, no recovery, no time limits."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

import asyncpg
import uvloop

from bench.peers.host import HANG, HANG_SECONDS, Peer, main, report, url

BATCH = 100
TABLE = """
    CREATE TABLE floor (
        id bigserial PRIMARY KEY, status text NOT NULL DEFAULT 'pending',
        payload jsonb NOT NULL, result jsonb, worker int
    );
    CREATE INDEX floor_pending ON floor (id) WHERE status = 'pending'"""
INSERT = "WITH i AS (INSERT INTO floor (payload) VALUES ($1) RETURNING id) SELECT id, pg_notify('floor', '') FROM i"
INSERT_MANY = """
    WITH i AS (INSERT INTO floor (payload) SELECT * FROM unnest($1::jsonb[]) RETURNING id)
    SELECT pg_notify('floor', '') FROM i LIMIT 1"""
CLAIM = """
    WITH locked AS MATERIALIZED (
            SELECT id FROM floor WHERE status = 'pending' ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED),
        no_fsync AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
    UPDATE floor SET status = 'running', worker = 1 FROM no_fsync WHERE floor.id = ANY (ARRAY(SELECT id FROM locked))
    RETURNING floor.id, payload"""
FINISH = """
    UPDATE floor SET status = 'done', result = given.result FROM unnest($1::bigint[], $2::jsonb[]) AS given (id, result)
    WHERE floor.id = given.id"""
PLANS = {"plan_cache_mode": "force_generic_plan", "jit": "off"}
"""As ix has them: without, the plan of a claim made on an empty table may read all of a full one."""


class Floor(Peer):
    """The least that is correct."""

    name = "floor"
    settings = f"uvloop, claims and finishes {BATCH} jobs at a time"
    keeps_results = True

    async def prepare(self) -> None:
        """One table and one index."""
        await self.open(1)
        await self._pool.execute(TABLE)
        await self.close()

    async def open(self, clients: int) -> None:
        """A pool."""
        self._pool = await asyncpg.create_pool(
            url(), min_size=1, max_size=min(clients, 32), reset=keep, server_settings=PLANS
        )

    async def close(self) -> None:
        """Closes it."""
        await self._pool.close()

    async def enqueue(self, number: int) -> None:
        """One statement, one commit."""
        await self._pool.execute(INSERT, json.dumps({"number": number}))

    async def enqueue_many(self, numbers: Sequence[int]) -> None:
        """The same."""
        await self._pool.execute(INSERT_MANY, [json.dumps({"number": number}) for number in numbers])

    async def unfinished(self) -> int:
        """Counted."""
        return int(await self._pool.fetchval("SELECT count(*) FROM floor WHERE status <> 'done'"))

    def work(self) -> None:
        """Claims, runs and finishes as long as there is something, then listens."""
        uvloop.run(_work())


async def keep(_: object) -> None:
    """Nothing to reset on a connection that goes back to the pool: that would be a second statement a job."""


async def _work() -> None:
    connection, listener = await asyncpg.connect(url(), server_settings=PLANS), await asyncpg.connect(url())
    wake, told = asyncio.Event(), report()
    wake.set()
    await listener.add_listener("floor", lambda *_: wake.set())
    while True:
        await wake.wait()
        wake.clear()
        while rows := await connection.fetch(CLAIM, BATCH):
            for row in rows:
                number = json.loads(row["payload"])["number"]
                told.started(number)
                if number == HANG:
                    await asyncio.sleep(HANG_SECONDS)
            await connection.execute(FINISH, [row["id"] for row in rows], ["{}"] * len(rows))


if __name__ == "__main__":
    main(Floor)
