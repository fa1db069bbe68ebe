"""PDFs of jobs' pages: made once for a version, followed where an engine dies, read in slices, gone with their job."""

from __future__ import annotations

import pytest

from ix.database.connect import Pool
from ix.database.jobs import Jobs
from ix.database.pdfs import MOST_ATTEMPTS, MOST_ORDERS, Made, Order, Pdfs
from tests.factories import submission

LEASE = 60.0


@pytest.fixture
async def pdfs(pool: Pool) -> Pdfs:
    return Pdfs(pool)


@pytest.fixture
async def job(jobs: Jobs) -> str:
    [inserted] = await jobs.insert_many([submission()])
    return inserted.job.ix_id


async def claimed(pdfs: Pdfs) -> Order:
    found = await pdfs.claim(LEASE)
    assert found is not None
    return found


async def test_what_is_ordered_is_made_once_and_read_in_slices(pdfs: Pdfs, job: str) -> None:
    assert await pdfs.find(job, "searchable", "1") is None
    assert [await pdfs.order(job, "searchable", "1", "acme") for _ in range(2)] == [True, True]
    assert await pdfs.find(job, "searchable", "1") == Made(None, None)
    order = await claimed(pdfs)
    assert order == Order(job, "searchable", "1", 1)
    assert await pdfs.claim(LEASE) is None
    await pdfs.finish(order, b"0123456789", None)
    assert await pdfs.find(job, "searchable", "1") == Made(10, None)
    assert [await pdfs.slice(job, "searchable", "1", start, 4) for start in (0, 4, 8)] == [b"0123", b"4567", b"89"]
    assert await pdfs.seconds_to_next() is None
    assert await pdfs.find(job, "searchable", "2") is None


async def test_an_engine_that_dies_is_followed_and_then_no_more(pdfs: Pdfs, job: str, pool: Pool) -> None:
    await pdfs.order(job, "annotated", "1", "acme")
    first = await claimed(pdfs)
    for number in range(2, MOST_ATTEMPTS + 1):
        await pool.execute("UPDATE pdfs SET due_at = clock_timestamp()")
        assert (await claimed(pdfs)).attempts == number
    # the first one comes back from the dead
    assert not await pdfs.renew(first, LEASE)
    await pdfs.finish(first, b"late", None)
    assert await pdfs.find(job, "annotated", "1") == Made(None, None)
    await pool.execute("UPDATE pdfs SET due_at = clock_timestamp()")
    assert await pdfs.claim(LEASE) is None
    assert await pdfs.find(job, "annotated", "1") == Made(None, "engines ended over it")


async def test_a_client_orders_no_more_than_its_share(pdfs: Pdfs, job: str) -> None:
    for number in range(MOST_ORDERS):
        assert await pdfs.order(job, "searchable", str(number), "greedy")
    assert not await pdfs.order(job, "searchable", "more", "greedy")
    assert await pdfs.order(job, "annotated", "1", "modest")


async def test_those_that_nobody_asked_for_longest_make_room(pdfs: Pdfs, job: str, pool: Pool) -> None:
    for version in ("1", "2", "3"):
        await pdfs.order(job, "searchable", version, "acme")
        await pdfs.finish(await claimed(pdfs), b"x" * 100, None)
    await pool.execute("UPDATE pdfs SET seen_at = clock_timestamp() - version::int * interval '7 hours'")
    await pdfs.find(job, "searchable", "3")
    assert await pdfs.prune(200) == 1
    assert await pdfs.find(job, "searchable", "2") is None
    await pool.execute("UPDATE pdfs SET seen_at = clock_timestamp() - interval '25 hours'")
    assert await pdfs.prune(200) == 2


async def test_they_go_with_their_job(pdfs: Pdfs, job: str, pool: Pool) -> None:
    await pdfs.order(job, "searchable", "1", "acme")
    await pool.execute("DELETE FROM jobs")
    assert await pool.fetchval("SELECT count(*) FROM pdfs") == 0
