"""Retention: a job with an expiry is erased when it comes, whatever its state, and no other."""

from __future__ import annotations

from ix.config import Settings
from ix.database import Database
from ix.database.connect import Pool
from ix.engine.maintenance.retention import Retention
from tests.factories import submission


async def test_jobs_are_erased_when_their_moment_comes(pool: Pool) -> None:
    database = Database(pool)
    ids = [(await database.jobs.insert_pending(submission(document=b"a trial"))).job.ix_id for _ in range(4)]
    over, later, lifted, moved = ids
    for ix_id in ids:
        await database.expiries.set(ix_id, 0.001 if ix_id in (over, lifted) else 3600)
    await database.expiries.lift(lifted)
    await database.expiries.set(moved, 0.001)
    await pool.execute("SELECT pg_sleep(0.01)")
    await Retention(Settings(), database).look()
    assert [job is None for job in [await database.jobs.head(ix_id) for ix_id in ids]] == [True, False, False, True]
    assert await database.expiries.of(over) is None
    assert await database.expiries.of(later) is not None


async def test_more_than_one_look_takes_at_once_are_all_erased(pool: Pool) -> None:
    database = Database(pool)
    for _ in range(5):
        await database.expiries.set((await database.jobs.insert_pending(submission())).job.ix_id, 0.001)
    await pool.execute("SELECT pg_sleep(0.01)")
    assert len(await database.expiries.due(2)) == 2
    await Retention(Settings(), database).look()
    assert await pool.fetchval("SELECT count(*) FROM jobs") == 0


async def test_a_job_that_is_gone_has_no_expiry(pool: Pool) -> None:
    assert await Database(pool).expiries.set("0" * 16, 5) is None
