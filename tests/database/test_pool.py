"""Waiting for a pooled connection, and JSON on its way through one."""

from __future__ import annotations

import asyncio

import pytest

from ix.config import Settings
from ix.database.connect import Pool
from ix.database.pool import LINE_PER_CONNECTION, _in_line, acquire, open_pool
from ix.errors import Overloaded

LARGE = [1e16, -1e23, 1.7976931348623157e308, {"1e+23": '1e+23"1e+5'}, ["\\", 1.5e20], 2**63 - 1, 0.1, 5e-324]


async def test_large_numbers_come_back_as_numbers_and_not_as_integers(pool: Pool) -> None:
    read = await pool.fetchval("SELECT $1::jsonb", LARGE)
    assert repr(read) == repr(LARGE)


async def test_the_line_for_a_connection_has_an_end_beyond_which_nobody_waits(settings: Settings) -> None:
    pool = await open_pool(settings.model_copy(update={"pool_size": 1}))
    served = 0

    async def serve_one() -> None:
        nonlocal served
        async with acquire(pool, 30):
            served += 1

    async with pool.acquire():
        waiting = [asyncio.create_task(serve_one()) for _ in range(LINE_PER_CONNECTION)]
        await asyncio.sleep(0)
        async with asyncio.timeout(1):
            with pytest.raises(Overloaded, match="too many"):
                await serve_one()
    await asyncio.gather(*waiting)
    await serve_one()
    await pool.close()
    assert served == LINE_PER_CONNECTION + 1
    assert not _in_line
