"""Jobs against a real PostgreSQL: lists, cancel, retry, erase, prune."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

from ix.config import Settings
from ix.database.channels import CANCELLED_CHANNEL
from ix.database.connect import Pool, open_connection
from ix.database.documents import Documents
from ix.database.jobs import Finish, Jobs, Listing
from ix.job import Claim, Status
from tests.factories import answer, submission


async def running(jobs: Jobs) -> Claim:
    await jobs.insert_pending(submission())
    claim = await jobs.claim_next_pending(uuid4())
    assert claim is not None
    return claim


async def bytes_stored(pool: Pool) -> int:
    return int(await pool.fetchval("SELECT count(*) FROM documents"))


class TestLists:
    async def test_newest_first_in_pages_that_neither_repeat_nor_skip(self, jobs: Jobs) -> None:
        made = [(await jobs.insert_pending(submission())).job.ix_id for _ in range(7)]
        seen, before = [], None
        while page := await jobs.page(Listing(limit=3, before=before)):
            seen += [job.ix_id for job in page]
            before = seen[-1]
            await jobs.insert_pending(submission())
        assert seen == made[::-1]

    async def test_filters_narrow_it(self, jobs: Jobs) -> None:
        await jobs.insert_pending(submission(client="other"))
        claim = await running(jobs)
        await jobs.mark_error(claim, "x", "y")
        job = (await jobs.insert_pending(submission(client="mine"))).job
        assert [j.ix_id for j in await jobs.page(Listing(client_id="mine"))] == [job.ix_id]
        assert [j.status for j in await jobs.page(Listing(status=(Status.ERROR,)))] == [Status.ERROR]
        assert await jobs.page(Listing(use_case="receipt")) == []
        assert await jobs.page(Listing(created_after=job.created_at + timedelta(hours=1))) == []
        assert len(await jobs.page(Listing(created_before=job.created_at + timedelta(hours=1)))) == 3


class TestCancel:
    async def test_a_pending_job_is_never_claimed_after_it(self, jobs: Jobs) -> None:
        ix_id = (await jobs.insert_pending(submission())).job.ix_id
        job = await jobs.cancel(ix_id)
        assert job is not None
        assert (job.status, job.response) == (Status.CANCELLED, None)
        assert await jobs.claim_next_pending(uuid4()) is None

    async def test_the_finish_of_a_running_one_is_refused(self, jobs: Jobs) -> None:
        claim = await running(jobs)
        await jobs.cancel(claim.ix_id)
        assert await jobs.mark_done(claim, answer()) is Finish.STALE
        job = await jobs.get(claim.ix_id)
        assert job is not None
        assert job.status is Status.CANCELLED

    async def test_tells_the_engines(self, jobs: Jobs, settings: Settings) -> None:
        claim, heard = await running(jobs), asyncio.Queue[str]()
        connection = await open_connection(settings, "test")
        await connection.add_listener(CANCELLED_CHANNEL, lambda *arguments: heard.put_nowait(str(arguments[-1])))
        await jobs.cancel(claim.ix_id)
        assert await asyncio.wait_for(heard.get(), 5) == claim.ix_id
        await connection.close()

    async def test_one_that_has_ended_stays_as_it_is(self, jobs: Jobs) -> None:
        claim = await running(jobs)
        await jobs.mark_done(claim, answer())
        assert await jobs.cancel(claim.ix_id) is None
        assert await jobs.cancel("0" * 16) is None


class TestRetry:
    async def test_an_ended_job_begins_anew(self, jobs: Jobs) -> None:
        claim = await running(jobs)
        await jobs.mark_error(claim, "x", "y")
        job = await jobs.retry(claim.ix_id)
        assert job is not None
        assert (job.status, job.attempts, job.response, job.finished_at) == (Status.PENDING, 0, None, None)
        again = await jobs.claim_next_pending(uuid4())
        assert again is not None
        assert again.token != claim.token
        assert await jobs.mark_done(claim, answer()) is Finish.STALE

    async def test_one_that_has_not_ended_stays_as_it_is(self, jobs: Jobs) -> None:
        claim = await running(jobs)
        assert await jobs.retry(claim.ix_id) is None


class TestErase:
    async def test_bytes_go_with_the_last_job_that_names_them(self, jobs: Jobs, pool: Pool) -> None:
        first, second = [(await jobs.insert_pending(submission(document=b"shared"))).job.ix_id for _ in range(2)]
        assert await jobs.erase(first)
        assert (await bytes_stored(pool), await jobs.get(first)) == (1, None)
        assert await jobs.erase(second)
        assert await bytes_stored(pool) == 0
        assert not await jobs.erase(second)

    async def test_a_resubmission_does_not_count_as_another_use(self, jobs: Jobs, pool: Pool) -> None:
        sent = submission(document=b"once")
        job = (await jobs.insert_many([sent, sent]))[0].job
        await jobs.insert_pending(sent)
        await jobs.erase(job.ix_id)
        assert await bytes_stored(pool) == 0

    async def test_a_submission_meanwhile_keeps_the_bytes(self, jobs: Jobs, pool: Pool) -> None:
        """Many rounds of the same document taken up and erased at once: no job may be left without its bytes."""
        left = (await jobs.insert_pending(submission(document=b"hot"))).job
        for _ in range(30):
            inserted, _ = await asyncio.gather(jobs.insert_pending(submission(document=b"hot")), jobs.erase(left.ix_id))
            left = inserted.job
            sha = left.request.documents[0].sha256
            assert sha is not None
            assert await Documents(pool).read([sha]) == {sha: b"hot"}

    async def test_a_running_job_can_be_erased_and_its_finish_is_refused(self, jobs: Jobs) -> None:
        claim = await running(jobs)
        assert await jobs.erase(claim.ix_id)
        assert await jobs.mark_done(claim, answer()) is Finish.STALE


class TestPrune:
    async def test_old_jobs_go_in_small_batches_and_the_others_stay(self, jobs: Jobs, pool: Pool) -> None:
        for _ in range(5):
            await jobs.insert_pending(submission(document=b"old"))
        for claim in await jobs.claim(uuid4(), 5):
            await jobs.mark_done(claim, answer())
        await pool.execute("UPDATE jobs SET finished_at = finished_at - interval '8 days'")
        fresh = await running(jobs)
        await jobs.mark_done(fresh, answer())
        assert [await jobs.prune(7, limit=3) for _ in range(3)] == [3, 2, 0]
        assert [job.ix_id for job in await jobs.page(Listing())] == [fresh.ix_id]
        assert await bytes_stored(pool) == 0

    async def test_a_document_counts_the_jobs_that_are_left(self, jobs: Jobs, pool: Pool) -> None:
        for _ in range(4):
            await jobs.insert_pending(submission(document=b"shared"))
        for claim in await jobs.claim(uuid4(), 3):
            await jobs.mark_done(claim, answer())
        await pool.execute("UPDATE jobs SET finished_at = finished_at - interval '8 days'")
        uses = []
        while await jobs.prune(7, limit=2):
            uses.append(await pool.fetchval("SELECT uses FROM documents"))
        assert uses == [2, 1]
        (left,) = await jobs.page(Listing())
        assert await jobs.erase(left.ix_id)
        assert await bytes_stored(pool) == 0

    async def test_what_owes_a_callback_stays(self, jobs: Jobs, pool: Pool) -> None:
        await jobs.insert_pending(submission(callback_url="http://receiver.test/"))
        claim = await jobs.claim_next_pending(uuid4())
        assert claim is not None
        await jobs.mark_done(claim, answer())
        await pool.execute("UPDATE jobs SET finished_at = finished_at - interval '8 days'")
        assert await jobs.prune(7) == 0
