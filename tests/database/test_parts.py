"""Jobs that are split, against a real PostgreSQL: their parts, and how they end with them."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr

from ix.config import Settings
from ix.database.channels import ENDED_CHANNEL, SCHEDULED_CHANNEL
from ix.database.connect import Pool, open_connection
from ix.database.documents import Documents
from ix.database.jobs import Jobs, Listing, NewPart, Split
from ix.database.pages import Pages, StoredPage
from ix.job import Claim, DocumentRef, Job, PartPages, Request, Status
from tests.factories import answer, submission

STACK = b"a stack of two"
SHA = hashlib.sha256(STACK).hexdigest()


def part(*pages: int, sha: str = SHA) -> NewPart:
    request = Request(documents=(DocumentRef(name="a.txt", sha256=sha, size=len(STACK)),))
    return NewPart(request, [PartPages(document=0, pages=pages)], "begins with 1/1")


TWO = [part(1, 2), part(3)]


async def claimed(jobs: Jobs, **fields: Any) -> Claim:
    """A job with a document, that an engine runs."""
    await jobs.insert_pending(submission(document=STACK, **fields))
    claim = await jobs.claim_next_pending(uuid4())
    assert claim is not None
    return claim


async def split(jobs: Jobs, parts: Sequence[NewPart] = TWO, **fields: Any) -> tuple[Claim, list[Claim]]:
    """A job that was split, and its parts, which run."""
    parent = await claimed(jobs, **fields)
    assert await jobs.split(parent, parts, {}) is Split.MADE
    return parent, await jobs.claim(uuid4(), len(parts))


async def found(jobs: Jobs, ix_id: str) -> Job:
    job = await jobs.get(ix_id)
    assert job is not None
    return job


async def uses(pool: Pool) -> dict[str, int]:
    return {row["sha256"].hex(): row["uses"] for row in await pool.fetch("SELECT sha256, uses FROM documents")}


class TestSplit:
    async def test_parts_are_jobs_of_the_parent(self, jobs: Jobs, pool: Pool) -> None:
        parent, parts = await split(jobs, request_id="stack", priority=7, trace=f"00-{'1' * 32}-{'2' * 16}-01")
        assert [(one.request_id, one.parent, one.trace) for one in parts] == [
            (f"stack/{number}", parent.ix_id, parent.trace) for number in (1, 2)
        ]
        head = await jobs.head(parts[0].ix_id)
        assert head is not None
        assert (head.client_id, head.use_case, head.priority, head.parent) == ("acme", "drill", 7, parent.ix_id)
        job = await found(jobs, parent.ix_id)
        assert (job.status, job.attempts, job.response, job.parent) == (Status.RUNNING, 1, None, None)
        assert parent.ix_id in {one.ix_id for one in await jobs.page(Listing(status=(Status.RUNNING,)))}
        assert await jobs.page(Listing(status=(Status.DONE,))) == []
        assert await uses(pool) == {SHA: 3}
        assert {one.ix_id for one in await jobs.page(Listing(parent=parent.ix_id))} == {one.ix_id for one in parts}
        assert await jobs.page(Listing(parent=parent.ix_id, client_id="other")) == []

    async def test_once_however_often_it_is_said(self, jobs: Jobs) -> None:
        parent, parts = await split(jobs)
        assert await jobs.split(parent, TWO, {}) is Split.REPEATED
        await jobs.finish_many([(one, answer()) for one in parts])
        await jobs.gather()
        assert await jobs.split(parent, TWO, {}) is Split.REPEATED
        assert len(await jobs.page(Listing())) == 3

    async def test_two_at_once_make_one_set(self, jobs: Jobs) -> None:
        parent = await claimed(jobs)
        said = await asyncio.gather(*(jobs.split(parent, TWO, {}) for _ in range(4)))
        assert sorted(said) == [Split.REPEATED] * 3 + [Split.MADE]
        assert len(await jobs.page(Listing())) == 3

    async def test_a_stale_claim_splits_nothing(self, jobs: Jobs) -> None:
        parent = await claimed(jobs)
        assert await jobs.split(parent._replace(token=uuid4()), TWO, {}) is Split.STALE
        await jobs.cancel(parent.ix_id)
        assert await jobs.split(parent, TWO, {}) is Split.STALE
        assert len(await jobs.page(Listing())) == 1

    async def test_a_part_is_not_split_again(self, jobs: Jobs) -> None:
        _, parts = await split(jobs)
        assert await jobs.split(parts[0], TWO, {}) is Split.STALE

    async def test_keys_that_the_client_has_taken_are_left_to_it(self, jobs: Jobs) -> None:
        own = (await jobs.insert_pending(submission(request_id="stack/2"))).job
        await jobs.cancel(own.ix_id)
        parent, parts = await split(jobs, request_id="stack")
        assert [one.request_id for one in parts] == [f"stack/{parent.ix_id}/{n}" for n in (1, 2)]

    async def test_long_keys_stay_keys(self, jobs: Jobs) -> None:
        _, parts = await split(jobs, request_id="k" * 200)
        assert all(len(one.request_id) <= 200 for one in parts)
        assert parts[0].request_id != parts[1].request_id

    async def test_documents_that_were_fetched_are_stored(self, jobs: Jobs, pool: Pool) -> None:
        fetched = hashlib.sha256(b"fetched").hexdigest()
        parent = await claimed(jobs)
        await jobs.split(parent, [part(1, sha=fetched), part(2, sha=fetched), part(3)], {fetched: b"fetched"})
        assert await uses(pool) == {SHA: 2, fetched: 2}
        assert (await Documents(pool).read([fetched]))[fetched] == b"fetched"
        await jobs.erase(parent.ix_id)
        assert await uses(pool) == {}

    async def test_what_has_been_read_is_theirs(self, jobs: Jobs, pool: Pool) -> None:
        parent, pages = await claimed(jobs), Pages(pool)
        read = [
            StoredPage(0, n, bytes.fromhex(SHA), "r", 1.0, 1.0, 0, "ocr", b"[]", 0, 0.9, b"%d" % n) for n in (1, 2, 3)
        ]
        await pages.store([(parent.ix_id, parent.token, page) for page in read])
        await jobs.split(parent, TWO, {})
        first, second = await jobs.claim(uuid4(), 2)
        assert [(one.document, one.page, one.words) for one in await pages.of_job(first.ix_id)] == [
            (0, 1, b"1"),
            (0, 2, b"2"),
        ]
        assert [(one.document, one.page) for one in await pages.of_job(second.ix_id)] == [(0, 3)]

    async def test_passwords_of_their_documents_are_theirs(self, jobs: Jobs, pool: Pool) -> None:
        parent = await claimed(jobs, passwords={0: SecretStr("s3cret")})
        await jobs.split(parent, TWO, {})
        first, second = await jobs.claim(uuid4(), 2)
        assert await jobs.passwords(first.ix_id) == await jobs.passwords(second.ix_id) == {0: "s3cret"}
        assert await jobs.passwords(parent.ix_id) == {}
        await jobs.finish_many([(one, answer()) for one in (first, second)])
        assert await pool.fetchval("SELECT count(*) FROM job_passwords") == 0

    async def test_parts_count_in_what_waits(self, jobs: Jobs) -> None:
        parent = await claimed(jobs)
        assert await jobs.waiting("acme", 10) == 0
        await jobs.split(parent, TWO, {})
        assert await jobs.waiting("acme", 10) == 2


class TestGather:
    async def test_the_parent_ends_with_its_last_part(self, jobs: Jobs) -> None:
        parent, (first, second) = await split(jobs, request_id="stack")
        await jobs.mark_done(first, answer(total=1))
        assert await jobs.gather() == []
        await jobs.mark_error(second, "document_unreadable", "no")
        assert await jobs.gather() == [parent.ix_id]
        job = await found(jobs, parent.ix_id)
        assert (job.status, job.attempts) == (Status.DONE, 1)
        assert job.response is not None
        assert job.response.parts is not None
        assert [(one.ix_id, one.request_id, one.status, one.code) for one in job.response.parts] == [
            (first.ix_id, "stack/1", Status.DONE, None),
            (second.ix_id, "stack/2", Status.ERROR, "document_unreadable"),
        ]
        assert job.response.parts[0].documents == (PartPages(document=0, pages=(1, 2)),)
        assert job.response.parts[0].reason == "begins with 1/1"

    async def test_two_last_parts_on_two_engines_end_it_once(self, jobs: Jobs, pool: Pool) -> None:
        for _ in range(20):
            parent, parts = await split(jobs, callback_url="https://example.com/")

            async def end(one: Claim) -> list[str]:
                await jobs.mark_done(one, answer())
                return await jobs.gather()

            ended = await asyncio.gather(*map(end, parts))
            assert sorted(ix_id for each in ended for ix_id in each) == [parent.ix_id]
        assert await pool.fetchval("SELECT count(*) FROM deliveries") == 20

    async def test_engines_are_told_of_each_end_of_a_part_and_of_no_other(self, jobs: Jobs, settings: Settings) -> None:
        heard = asyncio.Queue[str]()
        connection = await open_connection(settings, "test")
        await connection.add_listener(SCHEDULED_CHANNEL, lambda *arguments: heard.put_nowait("part"))
        await connection.add_listener(ENDED_CHANNEL, lambda *arguments: heard.put_nowait(str(arguments[-1])))
        parent, (first, second) = await split(jobs)
        await jobs.mark_done(first, answer())
        await jobs.erase(second.ix_id)
        await jobs.gather()
        said = [await asyncio.wait_for(heard.get(), 5) for _ in range(5)]
        assert sorted(said) == sorted([first.ix_id, "part", second.ix_id, "part", parent.ix_id])
        await connection.close()

    @pytest.mark.parametrize("how", ["cancel", "erase"])
    async def test_a_part_that_is_taken_away_is_not_waited_for(self, jobs: Jobs, how: str) -> None:
        parent, (first, second) = await split(jobs)
        await jobs.mark_done(first, answer())
        await getattr(jobs, how)(second.ix_id)
        assert await jobs.gather() == [parent.ix_id]
        response = (await found(jobs, parent.ix_id)).response
        assert response is not None
        assert response.parts is not None
        assert response.parts[1].status == (Status.CANCELLED if how == "cancel" else None)

    async def test_a_part_whose_engine_dies_for_good_ends_it_too(self, jobs: Jobs) -> None:
        parent, _ = await split(jobs, max_attempts=1)
        assert len(await jobs.sweep_orphans(15, 1)) == 2
        assert await jobs.gather() == [parent.ix_id]


class TestTogether:
    async def test_erasing_the_parent_erases_its_parts_and_their_bytes(self, jobs: Jobs, pool: Pool) -> None:
        parent, _ = await split(jobs)
        assert await jobs.erase(parent.ix_id)
        assert await jobs.page(Listing()) == []
        assert await uses(pool) == {}
        assert await pool.fetchval("SELECT count(*) FROM parts") == 0

    async def test_an_erasure_that_meets_the_split_leaves_no_part(self, jobs: Jobs, pool: Pool) -> None:
        for _ in range(10):
            parent = await claimed(jobs)
            await asyncio.gather(jobs.split(parent, TWO, {}), jobs.erase(parent.ix_id))
            assert await jobs.page(Listing()) == []
            assert await uses(pool) == {}

    async def test_cancelling_it_cancels_what_has_not_ended(self, jobs: Jobs) -> None:
        parent, (first, second) = await split(jobs)
        await jobs.mark_done(first, answer())
        assert await jobs.cancel(parent.ix_id)
        assert (await found(jobs, first.ix_id)).status is Status.DONE
        assert (await found(jobs, second.ix_id)).status is Status.CANCELLED
        assert (await found(jobs, parent.ix_id)).status is Status.CANCELLED
        assert await jobs.gather() == []

    async def test_retrying_it_forgets_its_parts(self, jobs: Jobs, pool: Pool) -> None:
        parent, parts = await split(jobs, request_id="stack")
        await jobs.finish_many([(one, answer()) for one in parts])
        await jobs.gather()
        again = await jobs.retry(parent.ix_id)
        assert again is not None
        assert again.status is Status.PENDING
        assert len(await jobs.page(Listing())) == 1
        assert await uses(pool) == {SHA: 1}
        claim = await jobs.claim_next_pending(uuid4())
        assert claim is not None
        assert await jobs.split(claim, TWO, {}) is Split.MADE

    async def test_they_are_pruned_together_once_all_are_old(self, jobs: Jobs, pool: Pool) -> None:
        parent, parts = await split(jobs)
        await jobs.finish_many([(one, answer()) for one in parts])
        await jobs.gather()
        await pool.execute(
            "UPDATE jobs SET finished_at = finished_at - interval '2 days' WHERE ix_id <> $1", parent.ix_id
        )
        assert await jobs.prune(1) == 0
        await pool.execute(
            "UPDATE jobs SET finished_at = finished_at - interval '2 days' WHERE ix_id = $1", parent.ix_id
        )
        await pool.execute("UPDATE jobs SET finished_at = now() WHERE ix_id = $1", parts[0].ix_id)
        assert await jobs.prune(1) == 0
        await pool.execute("UPDATE jobs SET finished_at = now() - interval '2 days' WHERE ix_id = $1", parts[0].ix_id)
        assert await jobs.prune(1) == 1
        assert await pool.fetchval("SELECT count(*) FROM jobs") == 0
        assert await uses(pool) == {}
