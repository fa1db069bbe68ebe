"""Passwords of documents: kept until the statement that ends their job, and nowhere but in their own table."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from uuid import uuid4

import pytest
from pydantic import SecretStr

from ix.database.connect import Pool
from ix.database.jobs import Finish, Jobs, Outcome
from ix.job import Claim, DocumentRef, Request, Status, Submission
from tests.factories import answer, submission

CANARY = "canary-of-a-password"


def protected(*passwords: str | None, document: bytes | None = b"%PDF", **fields: object) -> Submission:
    """A submission whose documents come with these passwords."""
    made = submission(document=document, **fields)  # type: ignore[arg-type]
    sha = hashlib.sha256(document).hexdigest() if document else None
    refs = tuple(
        DocumentRef(sha256=sha, url=None if sha else "https://example.com/a.pdf", with_password=one is not None)
        for one in passwords
    )
    secrets = {at: SecretStr(one) for at, one in enumerate(passwords) if one is not None}
    return made._replace(request=Request(documents=refs), passwords=secrets)


async def claimed(jobs: Jobs, *passwords: str | None) -> Claim:
    await jobs.insert_pending(protected(*passwords or (CANARY,), max_attempts=1))
    claim = await jobs.claim_next_pending(uuid4())
    assert claim is not None
    return claim


async def where_it_is(pool: Pool, text: str = CANARY) -> set[str]:
    """The tables that hold a text, looked for in every column of every row."""
    tables = [row[0] for row in await pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    return {
        table
        for table in tables
        for row in await pool.fetch(f'SELECT t::text FROM "{table}" AS t')
        if text in row[0] or text.encode().hex() in row[0]
    }


ENDS: Mapping[str, Callable[[Jobs, Claim], Awaitable[object]]] = {
    "done": lambda jobs, claim: jobs.mark_done(claim, answer()),
    "error": lambda jobs, claim: jobs.mark_error(claim, "x", "y"),
    "cancel": lambda jobs, claim: jobs.cancel(claim.ix_id),
    "erase": lambda jobs, claim: jobs.erase(claim.ix_id),
    "sweep": lambda jobs, claim: jobs.sweep_orphans(15, 1),
}


class TestUntilTheEnd:
    @pytest.mark.parametrize("end", ENDS)
    async def test_the_statement_that_ends_a_job_deletes_them(self, jobs: Jobs, pool: Pool, end: str) -> None:
        claim = await claimed(jobs)
        other = (await jobs.insert_pending(protected("of another"))).job
        assert await where_it_is(pool) == {"job_passwords"}
        await ENDS[end](jobs, claim)
        assert await where_it_is(pool) == set()
        job = await jobs.get(claim.ix_id)
        assert job is None or job.finished_at is not None
        assert await jobs.passwords(other.ix_id) == {0: "of another"}

    async def test_they_outlive_attempts(self, jobs: Jobs, pool: Pool) -> None:
        claim = await claimed(jobs, None, CANARY)
        await jobs.release([claim])
        assert await jobs.passwords(claim.ix_id) == {1: CANARY}
        claim = (await jobs.claim(uuid4(), 1))[0]
        await jobs.postpone(claim, "later", 60)
        assert await jobs.passwords(claim.ix_id) == {1: CANARY}

    async def test_a_stale_finish_deletes_nothing(self, jobs: Jobs) -> None:
        claim = await claimed(jobs)
        stale = claim._replace(token=uuid4())
        assert await jobs.mark_done(stale, answer()) is Finish.STALE
        assert await jobs.passwords(claim.ix_id) == {0: CANARY}

    async def test_jobs_without_any_start_no_trigger(self, jobs: Jobs, pool: Pool) -> None:
        await pool.execute(
            "CREATE OR REPLACE FUNCTION forget_passwords() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE 'was called'; END $$"
        )
        await jobs.insert_pending(submission())
        [claim] = await jobs.claim(uuid4(), 1)
        assert await jobs.mark_done(claim, answer()) is Finish.STORED
        assert await jobs.retry(claim.ix_id)
        assert await jobs.cancel(claim.ix_id)
        assert await jobs.erase(claim.ix_id)


class TestInsert:
    @pytest.mark.parametrize("document", [b"%PDF", None])
    async def test_a_batch_keeps_those_of_each_job(self, jobs: Jobs, document: bytes | None) -> None:
        sent = [
            protected("b", None, "c", document=document),
            submission(document=b"plain"),
            protected("a", document=document),
        ]
        found = await jobs.insert_many(sent)
        assert [one.outcome for one in found] == [Outcome.INSERTED] * 3
        assert [await jobs.passwords(one.job.ix_id) for one in found] == [{0: "b", 2: "c"}, {}, {0: "a"}]
        assert [await jobs.protected(one.job.ix_id) for one in found] == [[True, False, True], [], [True]]
        assert [one.outcome for one in await jobs.insert_many(sent)] == [Outcome.SAME] * 3

    async def test_another_password_is_other_content_also_when_the_job_has_ended(self, jobs: Jobs) -> None:
        sent = protected("one")
        other = sent._replace(passwords={0: SecretStr("two")})
        assert [one.outcome for one in await jobs.insert_many([sent, other])] == [Outcome.INSERTED, Outcome.CLASH]
        [claim] = await jobs.claim(uuid4(), 1)
        await jobs.mark_done(claim, answer())
        for one, outcome in ((sent, Outcome.SAME), (other, Outcome.CLASH)):
            known = await jobs.known(one)
            assert known is not None
            assert known.outcome is (await jobs.insert_pending(one)).outcome is outcome
        assert await jobs.passwords(claim.ix_id) == {}

    async def test_documents_are_counted_as_those_of_any_job(self, jobs: Jobs, pool: Pool) -> None:
        sent = [protected("a", "b"), protected("c"), submission(document=b"%PDF")]
        made = [one.job.ix_id for one in (await jobs.insert_many([*sent, *sent]))[:3]]
        assert await pool.fetchval("SELECT uses FROM documents") == 3
        for ix_id in made:
            assert await jobs.erase(ix_id)
        assert await pool.fetchval("SELECT count(*) FROM documents") == 0

    async def test_nobody_can_try_passwords_on_a_fingerprint(self, jobs: Jobs, pool: Pool) -> None:
        sent = protected("1234")
        await jobs.insert_pending(sent)
        stored, key = await pool.fetchrow("SELECT fingerprint, key FROM jobs, password_key")
        assert stored == sent.fingerprint(key) != sent.fingerprint(bytes(32))
        assert stored != sent.content_digest()
        assert len(set(key)) > 8
        with pytest.raises(ValueError, match="key"):
            sent.fingerprint()


class TestRetry:
    async def test_needs_them_again(self, jobs: Jobs, pool: Pool) -> None:
        claim = await claimed(jobs)
        await jobs.mark_error(claim, "document_encrypted", "wrong")
        assert await jobs.retry(claim.ix_id) is None
        job = await jobs.retry(claim.ix_id, passwords={0: SecretStr("right")})
        assert job is not None
        assert (job.status, await jobs.passwords(claim.ix_id)) == (Status.PENDING, {0: "right"})
        assert await jobs.retry(claim.ix_id, passwords={0: SecretStr("late")}) is None
        await jobs.cancel(claim.ix_id)
        assert await where_it_is(pool, "right") == set()

    async def test_takes_none_for_a_job_that_came_without(self, jobs: Jobs, pool: Pool) -> None:
        ix_id = (await jobs.insert_pending(submission())).job.ix_id
        await jobs.cancel(ix_id)
        assert await jobs.retry(ix_id, passwords={0: SecretStr(CANARY)}) is None
        assert await where_it_is(pool) == set()
