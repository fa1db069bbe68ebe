"""How many jobs a client may have waiting, told by the database and by what is remembered of it."""

from __future__ import annotations

import asyncio
from functools import partial
from uuid import uuid4

import httpx
import pytest

from ix.api.app import create_app
from ix.api.problems import Problem
from ix.api.submission.credits import CREDIT_SECONDS, MAX_CLIENTS, REFUSAL_SECONDS, SHARES, Credits
from ix.api.submission.quota import Quota
from ix.config import Settings
from ix.database.connect import Pool
from ix.database.jobs import Inserted, Jobs, Outcome
from ix.job import Submission
from tests.api.conftest import client_of
from tests.database.test_jobs import generic_plan
from tests.factories import submission


class CountingJobs(Jobs):
    """The real ones, which say how often they were counted."""

    counts = 0

    async def waiting(self, client_id: str, limit: int) -> int:
        self.counts += 1
        return await super().waiting(client_id, limit)


class OvertakenJobs(Jobs):
    """Its answer comes when an insert has ended that it had not seen."""

    overtaken_by: tuple[asyncio.Task[Inserted], asyncio.Event] | None = None

    async def waiting(self, client_id: str, limit: int) -> int:
        found = await super().waiting(client_id, limit)
        if self.overtaken_by:
            insert, may_end = self.overtaken_by
            may_end.set()
            await insert
        return found


class Clock:
    """A time that stands still until it is told to pass."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def counting(pool: Pool) -> CountingJobs:
    return CountingJobs(pool)


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def refused(quota: Quota, jobs: Jobs, number: int, client: str = "acme") -> int:
    """How many of so many new jobs, submitted at once, are refused."""
    answers = await asyncio.gather(
        *(quota.submit(submission(client=client), jobs.insert_pending) for _ in range(number)), return_exceptions=True
    )
    assert {type(one) for one in answers if isinstance(one, Exception)} <= {Problem}
    return sum(isinstance(one, Problem) for one in answers)


class TestQuota:
    @pytest.mark.parametrize("limit", [1, 7, 40])
    async def test_exactly_the_limit_gets_in_one_by_one_or_at_once(
        self, limit: int, counting: CountingJobs, jobs: Jobs, clock: Clock
    ) -> None:
        quota = Quota(counting, limit, clock)
        assert await refused(quota, jobs, limit + 5) == 5
        assert [await refused(quota, jobs, 1, "other") for _ in range(limit + 1)] == [0] * limit + [1]

    async def test_an_insert_that_ends_during_a_count_is_counted(self, pool: Pool, jobs: Jobs, clock: Clock) -> None:
        begun, may_end = asyncio.Event(), asyncio.Event()

        async def held(one: Submission) -> Inserted:
            begun.set()
            await may_end.wait()
            return await jobs.insert_pending(one)

        counting = OvertakenJobs(pool)
        quota = Quota(counting, 1, clock)
        first = asyncio.create_task(quota.submit(submission(), held))
        await begun.wait()
        counting.overtaken_by = first, may_end
        assert await refused(quota, jobs, 1) == 1

    async def test_a_known_job_is_never_refused(self, counting: CountingJobs, jobs: Jobs, clock: Clock) -> None:
        quota = Quota(counting, 1, clock)
        known = submission()
        assert [(await quota.submit(known, jobs.insert_pending)).outcome for _ in range(3)] == [
            Outcome.INSERTED,
            Outcome.SAME,
            Outcome.SAME,
        ]
        with pytest.raises(Problem) as refusal:
            await quota.submit(submission(), jobs.insert_pending)
        assert (refusal.value.status, refusal.value.headers["retry-after"]) == (429, "1")
        assert "IX_MAX_PENDING" in refusal.value.detail

    async def test_scheduled_jobs_count_and_running_ones_do_not(
        self, counting: CountingJobs, jobs: Jobs, pool: Pool, clock: Clock
    ) -> None:
        quota = Quota(counting, 2, clock)
        assert await refused(quota, jobs, 3) == 1
        await pool.execute(
            """UPDATE jobs SET status = 'scheduled', run_at = now() + interval '1 day'
            WHERE ix_id = (SELECT min(ix_id) FROM jobs)"""
        )
        clock.now += REFUSAL_SECONDS
        assert await refused(quota, jobs, 1) == 1
        assert len(await jobs.claim(uuid4(), 1)) == 1
        clock.now += REFUSAL_SECONDS
        assert await refused(quota, jobs, 2) == 1

    async def test_a_client_far_from_the_limit_is_hardly_ever_counted(
        self, counting: CountingJobs, jobs: Jobs, clock: Clock
    ) -> None:
        quota = Quota(counting, 100_000, clock)
        for _ in range(3):
            await refused(quota, jobs, 50)
        assert counting.counts == 1
        clock.now += CREDIT_SECONDS
        await refused(quota, jobs, 1)
        assert counting.counts == 2

    async def test_one_without_room_is_not_counted_each_time_either(
        self, counting: CountingJobs, jobs: Jobs, clock: Clock
    ) -> None:
        quota = Quota(counting, 1, clock)
        await refused(quota, jobs, 2)
        counts = counting.counts
        assert await refused(quota, jobs, 20) == 20
        assert counting.counts == counts

    async def test_each_further_process_overshoots_by_no_more_than_its_credit(self, pool: Pool, jobs: Jobs) -> None:
        quotas = [Quota(Jobs(pool), 40) for _ in range(4)]

        async def one_by_one(quota: Quota) -> None:
            for _ in range(30):
                await refused(quota, jobs, 1)

        await asyncio.gather(*map(one_by_one, quotas))
        assert 40 <= await pool.fetchval("SELECT count(*) FROM jobs") <= 40 + 3 * 40 // SHARES

    async def test_an_insert_that_fails_does_not_hold_its_room(
        self, counting: CountingJobs, jobs: Jobs, clock: Clock
    ) -> None:
        async def fail(_: object) -> None:
            raise OSError("canary")

        quota = Quota(counting, 2, clock)
        for _ in range(5):
            with pytest.raises(OSError, match="canary"):
                await quota.submit(submission(), fail)  # type: ignore[arg-type]
        assert await refused(quota, jobs, 3) == 1

    async def test_jobs_that_wait_again_count_like_new_ones(
        self, counting: CountingJobs, jobs: Jobs, pool: Pool, clock: Clock
    ) -> None:
        quota = Quota(counting, 5, clock)
        ended = await jobs.insert_many([submission() for _ in range(12)])
        for one in ended:
            await jobs.cancel(one.job.ix_id)
        answers = await asyncio.gather(
            *(quota.again("acme", partial(jobs.retry, one.job.ix_id)) for one in ended), return_exceptions=True
        )
        assert [type(one) for one in answers].count(Problem) == 7
        assert await pool.fetchval("SELECT count(*) FROM jobs WHERE status = 'pending'") == 5
        assert await refused(quota, jobs, 1) == 1

    async def test_a_known_job_that_is_erased_meanwhile_makes_no_room_for_itself(
        self, counting: CountingJobs, jobs: Jobs, pool: Pool, clock: Clock
    ) -> None:
        class ErasedOnceKnown(CountingJobs):
            async def known(self, submission: Submission) -> Inserted | None:
                found = await super().known(submission)
                assert found is not None
                await jobs.erase(found.job.ix_id)
                return found

        ended = submission()
        await jobs.cancel((await jobs.insert_pending(ended)).job.ix_id)
        quota = Quota(ErasedOnceKnown(pool), 1, clock)
        assert await refused(quota, jobs, 1) == 0
        await quota.submit(ended, jobs.insert_pending)
        assert await pool.fetchval("SELECT count(*) FROM jobs") == 1

    async def test_clients_are_not_remembered_without_end(self, counting: CountingJobs) -> None:
        credits = Credits(counting.waiting)
        for number in range(MAX_CLIENTS + 1):
            credits._credit(f"c{number}")
        assert len(credits._credits) == 1


async def test_the_counts_read_partial_indexes(pool: Pool) -> None:
    await pool.execute("""
        INSERT INTO jobs (client_id, request_id, use_case, fingerprint, max_attempts, request, position, status, run_at)
        SELECT 'c' || n % 500, n, 'drill', sha256(''), 3, '{"documents": [], "options": {}}', n,
            CASE WHEN n % 2 = 0 THEN 'pending' ELSE 'scheduled' END, now() FROM generate_series(1, 20000) AS n""")
    await pool.execute("ANALYZE jobs")
    plan = await generic_plan(pool, Jobs._WAITING)
    assert "jobs_pending_of_client" in plan
    assert "jobs_scheduled_of_client" in plan
    assert await Jobs(pool).waiting("c1", 10_000) == 40


async def test_over_http_it_is_429_and_the_same_job_again_200(settings: Settings, pool: Pool) -> None:
    def body(request_id: str) -> dict[str, str]:
        return {"client_id": "acme", "request_id": request_id, "use_case": "drill"}

    async with client_of(create_app(settings=settings.model_copy(update={"max_pending": 2}), pool=pool)) as client:
        found: list[httpx.Response] = [await client.post("/jobs", json=body(name)) for name in ("a", "b", "c", "a")]
        clash = await client.post("/jobs", json=body("a") | {"callback_url": "https://example.com/"})
    assert [one.status_code for one in found] == [201, 201, 429, 200]
    assert (found[2].headers["retry-after"], found[2].headers["content-type"]) == ("1", "application/problem+json")
    assert found[2].json()["errors"][0]["field"] == "client_id"
    assert clash.status_code == 422
