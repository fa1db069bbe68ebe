"""What stands in a job's row for lists: written with its submission and with its end, forgotten by a retry; and the
attempts that it had."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from ix.database.connect import Pool
from ix.database.engines import Engines
from ix.database.jobs import Jobs, Listing, Summary
from ix.job import DocumentRef, JobHead, Problem, Request, Response, Submission, Written
from tests.factories import answer, submission


def named(*documents: DocumentRef, **fields: Any) -> Submission:
    return submission(**fields)._replace(request=Request(documents=documents))


async def only(jobs: Jobs) -> JobHead:
    [head] = await jobs.page(Listing())
    return head


@pytest.mark.parametrize(
    ("documents", "name"),
    [
        ([DocumentRef(name="invoice.pdf", url="https://a.example/x"), DocumentRef(name="b")], "invoice.pdf"),
        ([DocumentRef(url="https://a.example/scans/may.pdf?token=secret")], "may.pdf"),
        ([DocumentRef(name="n" * 255, url="https://a.example/x")], "n" * 200),
        ([DocumentRef(url="https://a.example")], None),
        ([], None),
    ],
)
async def test_the_first_documents_name_comes_with_the_job(
    jobs: Jobs, documents: list[DocumentRef], name: str | None
) -> None:
    made = (await jobs.insert_pending(named(*documents))).job
    assert (made.document, made.documents) == (name, len(documents))
    head = await only(jobs)
    assert (head.document, head.documents, head.pages, head.points) == (name, len(documents), None, 0)


async def test_whatever_way_a_job_is_inserted(jobs: Jobs) -> None:
    large = submission()._replace(written=Written(b'{"documents":[],"options":{}}', bytes(32), "large.pdf", 3))
    await jobs.insert_many([large, submission(document=b"%PDF")])
    assert [(one.document, one.documents) for one in await jobs.page(Listing())] == [("a.txt", 1), ("large.pdf", 3)]


async def test_the_rest_comes_with_the_end_and_goes_with_a_retry(jobs: Jobs) -> None:
    await jobs.insert_pending(submission(document=b"%PDF"))
    claim = await jobs.claim_next_pending(uuid4())
    assert claim is not None
    await jobs.finish_many([(claim, answer(total=1), Summary(2, "Corner Shop · 1.00 GBP", "needed", 3))])
    head = await only(jobs)
    assert (head.pages, head.headline, head.review, head.points) == (2, "Corner Shop · 1.00 GBP", "needed", 3)
    envelope = await jobs.get(claim.ix_id)
    assert envelope is not None
    assert JobHead.model_validate(envelope.model_dump(include=set(JobHead.model_fields))) == head
    await jobs.retry(claim.ix_id)
    again = await only(jobs)
    assert (again.document, again.pages, again.headline, again.review, again.points) == ("a.txt", None, None, None, 0)


async def test_the_code_of_an_error_is_the_responses(jobs: Jobs) -> None:
    await jobs.insert_many([submission(), submission()])
    claims = await jobs.claim(uuid4(), 2)
    response = Response(error=Problem(code="time_limit", message="too long"))
    await jobs.finish_many([(claims[0], response), (claims[1], answer())])
    assert [one.error_code for one in await jobs.page(Listing())] == [None, "time_limit"]
    assert [one.ix_id for one in await jobs.page(Listing(error_code="time_limit"))] == [claims[0].ix_id]
    await jobs.retry(claims[0].ix_id)
    assert await jobs.page(Listing(error_code="time_limit")) == []


class TestAttempts:
    async def test_each_is_told_with_its_engine_and_its_end(self, jobs: Jobs, pool: Pool) -> None:
        job = (await jobs.insert_pending(submission(max_attempts=3))).job
        assert await jobs.attempts_of(job.ix_id) == []
        engine = uuid4()
        async with pool.acquire() as connection:
            await Engines.heartbeat(connection, engine, None, "desk", {})
        [claim] = await jobs.claim(engine, 1)
        [running] = await jobs.attempts_of(job.ix_id)
        assert (running.n, running.engine, running.outcome, running.ended_at) == (1, "desk", "running", None)
        await jobs.postpone(claim, "service_busy: later", 0)
        await jobs.promote()
        # an engine that has no row is gone
        [claim] = await jobs.claim(uuid4(), 1)
        await jobs.sweep_orphans(15, 1)
        [claim] = await jobs.claim_quarantined(engine)
        await jobs.mark_error(claim, "document_unreadable", "no")
        found = await jobs.attempts_of(job.ix_id)
        assert [(one.n, one.engine, one.outcome, one.cause) for one in found] == [
            (1, "desk", "postponed", "service_busy: later"),
            (2, None, "lost", "the engine is unknown"),
            (3, None, "error", "document_unreadable: no"),
        ]
        assert found[0].started_at == running.started_at
        assert all(one.ended_at is not None and one.started_at <= one.ended_at for one in found)
        await jobs.retry(job.ix_id)
        assert await jobs.attempts_of(job.ix_id) == []

    async def test_the_last_one_that_is_lost_is_told_once(self, jobs: Jobs) -> None:
        job = (await jobs.insert_pending(submission(max_attempts=1))).job
        await jobs.claim(uuid4(), 1)
        await jobs.sweep_orphans(15, 1)
        [only_one] = await jobs.attempts_of(job.ix_id)
        assert (only_one.n, only_one.outcome) == (1, "error")
        assert str(only_one.cause).startswith("engine_lost: the engine is unknown")
        assert [one.error_code for one in await jobs.page(Listing())] == ["engine_lost"]

    async def test_of_a_cancelled_job_those_that_began(self, jobs: Jobs) -> None:
        first, second = [made.job for made in await jobs.insert_many([submission(), submission()])]
        await jobs.claim(uuid4(), 1)
        for job in (first, second):
            await jobs.cancel(job.ix_id)
        assert [one.outcome for one in await jobs.attempts_of(first.ix_id)] == ["cancelled"]
        assert await jobs.attempts_of(second.ix_id) == []
        assert await jobs.attempts_of("0" * 16) == []
