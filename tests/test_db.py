"""Waiting for a pooled connection."""

from __future__ import annotations

import asyncio

import pytest

from ix import db
from ix.config import Settings
from ix.errors import Overloaded


async def test_the_line_for_a_connection_has_an_end_beyond_which_nobody_waits(settings: Settings) -> None:
    pool = await db.open_pool(settings.model_copy(update={"pool_size": 1}))
    served = 0

    async def serve_one() -> None:
        nonlocal served
        async with db.acquire(pool, 30):
            served += 1

    async with pool.acquire():
        waiting = [asyncio.create_task(serve_one()) for _ in range(db.LINE_PER_CONNECTION)]
        await asyncio.sleep(0)
        async with asyncio.timeout(1):
            with pytest.raises(Overloaded, match="too many"):
                await serve_one()
    await asyncio.gather(*waiting)
    await serve_one()
    await pool.close()
    assert served == db.LINE_PER_CONNECTION + 1
    assert not db._in_line
