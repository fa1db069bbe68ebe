"""Rows of engines: how long they count, whatever the heartbeat's settings are."""

from __future__ import annotations

from uuid import uuid4

import pytest

from ix.database.connect import Pool
from ix.database.engines import Engines
from ix.database.jobs import Jobs
from ix.database.metrics import Metrics
from tests.engine.working import insert

BEAT = """
    INSERT INTO engines (engine_id, name, health, heartbeat_at)
    VALUES ($1, 'slow', '{"ocr": "ok"}', clock_timestamp() - make_interval(secs => $2))"""


@pytest.mark.parametrize(("interval", "limit"), [(4, 15), (100, 300), (29, 60), (5000, 10_000)])
async def test_one_that_lives_is_known_by_all_that_ask(
    pool: Pool, jobs: Jobs, engines: Engines, metrics: Metrics, interval: float, limit: float
) -> None:
    living = uuid4()
    # as late as a heartbeat may be
    await pool.execute(BEAT, living, 1.2 * interval)
    await engines.forget_gone(limit)
    assert await metrics.health(limit) == [{"ocr": "ok"}]
    assert (await metrics.read(limit))["engines"] == 1
    await insert(jobs, 1)
    [claim] = await jobs.claim(living, 1)
    assert await jobs.sweep_orphans(limit, 0.5) == []
    assert await jobs.lost([claim]) == []


async def test_one_that_is_gone_for_long_is_forgotten(pool: Pool, engines: Engines) -> None:
    await pool.execute(BEAT, uuid4(), 61.0)
    await engines.forget_gone(15)
    assert await pool.fetchval("SELECT count(*) FROM engines") == 0
