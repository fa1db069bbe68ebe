"""What is due when, and whose turn it is: scheduled jobs, priorities, fairness between clients."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import uuid4

import pytest

from ix.database.connect import Pool
from ix.database.jobs import Inserted, Jobs
from ix.job import Claim, Status
from tests.factories import submission

LATER = datetime.now(UTC) + timedelta(days=1)
EARLIER = datetime.now(UTC) - timedelta(hours=1)


async def insert(
    jobs: Jobs, client: str, count: int = 1, priority: int = 0, *, precedes: bool = False
) -> list[Inserted]:
    return await jobs.insert_many(
        [submission(client=client, priority=priority, precedes=precedes) for _ in range(count)]
    )


async def order(jobs: Jobs, count: int) -> list[str]:
    """Who is served next, one job at a time."""
    claims: list[Claim] = []
    while len(claims) < count and (claim := await jobs.claim_next_pending(uuid4())):
        claims.append(claim)
    return [await _client(jobs, claim.ix_id) for claim in claims]


async def _client(jobs: Jobs, ix_id: str) -> str:
    job = await jobs.get(ix_id)
    assert job is not None
    return job.client_id


async def make_due(pool: Pool) -> None:
    await pool.execute("UPDATE jobs SET run_at = now() WHERE status = 'scheduled'")


class TestSchedule:
    async def test_a_job_for_later_is_not_claimed_until_it_is_due(self, jobs: Jobs, pool: Pool) -> None:
        job = (await jobs.insert_pending(submission(run_at=LATER))).job
        assert (job.status, job.run_at) == (Status.SCHEDULED, LATER)
        assert await jobs.get(job.ix_id) == job
        assert await jobs.promote() == 0
        assert await jobs.claim_next_pending(uuid4()) is None
        await make_due(pool)
        assert await jobs.promote() == 1
        claim = await jobs.claim_next_pending(uuid4())
        assert claim is not None
        assert claim.ix_id == job.ix_id

    async def test_a_time_that_has_passed_means_now(self, jobs: Jobs) -> None:
        assert (await jobs.insert_pending(submission(run_at=EARLIER))).job.status is Status.PENDING

    async def test_the_next_one_is_known(self, jobs: Jobs) -> None:
        assert await jobs.seconds_to_next_due() is None
        await jobs.insert_pending(submission(run_at=LATER))
        seconds = await jobs.seconds_to_next_due()
        assert seconds is not None
        assert 80_000 < seconds < 86_400

    async def test_another_time_is_other_content(self, jobs: Jobs) -> None:
        await jobs.insert_pending(submission(request_id="one", run_at=LATER))
        same = await jobs.insert_pending(submission(request_id="one", run_at=LATER))
        other = await jobs.insert_pending(submission(request_id="one"))
        assert [same.outcome, other.outcome] == ["same", "clash"]

    async def test_what_is_not_due_stays_out_of_the_claims_index(self, jobs: Jobs, pool: Pool) -> None:
        await jobs.insert_many([submission(run_at=LATER) for _ in range(300)])
        await insert(jobs, "acme")
        await pool.execute("VACUUM ANALYZE jobs")
        assert await pool.fetchval("SELECT reltuples FROM pg_class WHERE relname = 'jobs_pending'") == 1


class TestPostpone:
    async def test_spends_an_attempt_and_keeps_the_cause(self, jobs: Jobs, pool: Pool) -> None:
        await insert(jobs, "acme")
        claim = await jobs.claim_next_pending(uuid4())
        assert claim is not None
        assert await jobs.postpone(claim, "model_unavailable: down", 60)
        job = await jobs.get(claim.ix_id)
        assert job is not None
        assert (job.status, job.attempts, job.started_at) == (Status.SCHEDULED, 1, None)
        assert await pool.fetchval("SELECT last_error FROM jobs") == "model_unavailable: down"
        assert not await jobs.postpone(claim, "again", 60)


class TestPriority:
    """Across clients, for those who may go before others."""

    async def test_higher_goes_first_and_equals_by_arrival(self, jobs: Jobs) -> None:
        for client, priority in (("low", -100), ("usual", 0), ("high", 7), ("top", 100), ("high too", 7)):
            await insert(jobs, client, priority=priority, precedes=True)
        assert await order(jobs, 5) == ["top", "high", "high too", "usual", "low"]

    @pytest.mark.parametrize("priority", [-100, 0, 100])
    async def test_clients_take_turns_within_each(self, jobs: Jobs, priority: int) -> None:
        await insert(jobs, "a", 3, priority, precedes=True)
        await insert(jobs, "b", 3, priority, precedes=True)
        assert await order(jobs, 6) == ["a", "b"] * 3

    async def test_without_that_right_nobody_goes_before_another(self, jobs: Jobs) -> None:
        await insert(jobs, "greedy", 20, 100)
        await insert(jobs, "modest", 5, -100)
        assert Counter(await order(jobs, 10)) == {"greedy": 5, "modest": 5}

    @pytest.mark.parametrize("precedes", [False, True])
    async def test_a_job_that_is_tried_again_keeps_its_lane(self, jobs: Jobs, precedes: bool) -> None:
        made = await insert(jobs, "again", 2, 5, precedes=precedes)
        await insert(jobs, "usual", 2)
        for one in made:
            await jobs.cancel(one.job.ix_id)
            await jobs.retry(one.job.ix_id)
        assert (await order(jobs, 2) == ["again"] * 2) is precedes


class TestFairness:
    async def test_a_single_job_does_not_wait_behind_a_thousand(self, jobs: Jobs) -> None:
        await insert(jobs, "heavy", 1000)
        await order(jobs, 10)
        await insert(jobs, "single")
        assert "single" in await order(jobs, 2)

    async def test_two_with_much_to_do_share_equally_from_when_both_have(self, jobs: Jobs) -> None:
        await insert(jobs, "first", 200)
        await order(jobs, 100)
        await insert(jobs, "second", 200)
        assert all(45 <= count <= 55 for count in Counter(await order(jobs, 100)).values())

    async def test_past_use_is_not_held_against_anyone(self, jobs: Jobs) -> None:
        for _ in range(20):
            await insert(jobs, "regular")
            await order(jobs, 1)
        await insert(jobs, "regular", 20)
        await insert(jobs, "newcomer", 20)
        assert all(9 <= count <= 11 for count in Counter(await order(jobs, 20)).values())

    async def test_one_at_a_time_is_not_behind_those_who_send_many(self, jobs: Jobs) -> None:
        """A client that always has one job pending gets every other turn beside one that has hundreds."""
        await insert(jobs, "many", 100)
        await insert(jobs, "steady")
        served = []
        for _ in range(20):
            (client,) = await order(jobs, 1)
            served.append(client)
            if client == "steady":
                await insert(jobs, "steady")
        assert Counter(served)["steady"] >= 9

    async def test_what_becomes_due_together_takes_turns_with_the_others(self, jobs: Jobs, pool: Pool) -> None:
        await jobs.insert_many([submission(client="alarm", run_at=LATER) for _ in range(50)])
        await insert(jobs, "usual", 10)
        await make_due(pool)
        assert await jobs.promote() == 50
        assert Counter(await order(jobs, 20))["usual"] == 10

    async def test_a_batch_of_many_clients_keeps_each_ones_order(self, jobs: Jobs) -> None:
        made = await jobs.insert_many([submission(client=f"c{n % 5}", request_id=f"{n:03}") for n in range(50)])
        claims = await jobs.claim(uuid4(), 50)
        position = {claim.ix_id: at for at, claim in enumerate(claims)}
        for client in range(5):
            mine = [position[one.job.ix_id] for one in made if one.job.client_id == f"c{client}"]
            assert mine == sorted(mine)
            assert max(b - a for a, b in pairwise(mine)) <= 9
