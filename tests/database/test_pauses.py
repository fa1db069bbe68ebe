"""Pauses: no engine claims a job of a paused use case, whoever restarts meanwhile, and none of them is lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from ix.config import Limit
from ix.database.connect import Pool
from ix.database.jobs import Jobs
from ix.database.limits import Limits
from ix.database.pauses import MOST_LOOKED_AT, MOST_MOVED, Pauses
from ix.job import Claim
from tests.factories import answer, submission


@pytest.fixture
def pauses(pool: Pool) -> Pauses:
    return Pauses(pool)


async def insert(jobs: Jobs, use_case: str, count: int = 1, client: str = "acme", **fields: Any) -> list[str]:
    made = await jobs.insert_many([submission(use_case=use_case, client=client, **fields) for _ in range(count)])
    return [one.job.ix_id for one in made]


async def paused(pauses: Pauses, use_case: str = "slow") -> None:
    await pauses.pause(use_case, "")
    while await pauses.settle():
        pass


async def resumed(pauses: Pauses, use_case: str = "slow") -> None:
    await pauses.resume(use_case)
    while await pauses.bring_back():
        pass


async def claimed(jobs: Jobs, among: bool = False) -> Counter[str]:
    return Counter(claim.use_case for claim in await jobs.claim(uuid4(), 100, among))


@pytest.mark.parametrize("among", [False, True])
async def test_what_waits_and_what_comes_is_not_claimed_until_it_goes_on(
    among: bool, jobs: Jobs, pauses: Pauses
) -> None:
    await insert(jobs, "slow", 3)
    await insert(jobs, "quick", 2)
    await paused(pauses)
    await insert(jobs, "slow", 2)
    assert [(one.use_case, one.settled) for one in await pauses.list()] == [("slow", True)]
    assert await claimed(jobs, among) == {"quick": 2}
    await resumed(pauses)
    assert await pauses.list() == []
    assert await claimed(jobs, among) == {"slow": 5}


async def test_a_batch_after_the_other_and_the_jobs_of_others_stay(jobs: Jobs, pauses: Pauses, pool: Pool) -> None:
    await insert(jobs, "slow", MOST_MOVED + 1)
    await insert(jobs, "quick", 2)
    await paused(pauses)
    assert await pool.fetchval("SELECT count(*) FROM jobs WHERE queue = ''") == 2
    await pauses.resume("slow")
    assert await pauses.bring_back()
    # paused again while its jobs are on their way back
    await paused(pauses)
    assert await claimed(jobs) == {"quick": 2}
    await resumed(pauses)
    assert await pool.fetchval("SELECT count(*) FROM jobs WHERE queue = ''") == MOST_MOVED + 3


async def test_behind_many_jobs_of_others_it_is_found_all_the_same(jobs: Jobs, pauses: Pauses, pool: Pool) -> None:
    await pool.execute(
        "INSERT INTO jobs (client_id, request_id, use_case, fingerprint, max_attempts, request, position) "
        "SELECT 'acme', n::text, 'quick', sha256(''), 1, '{}', n FROM generate_series(1, $1) AS n",
        MOST_LOOKED_AT,
    )
    await insert(jobs, "slow")
    await pauses.pause("slow", "")
    assert await pauses.settle()
    [pause] = await pauses.list()
    assert not pause.settled
    await paused(pauses)
    assert await pool.fetchval("SELECT count(*) FROM jobs WHERE queue = '' AND use_case = 'slow'") == 0


@pytest.mark.parametrize("back", ["release", "sweep", "promote", "retry"])
async def test_a_run_goes_on_and_waits_in_vain_once_it_is_given_back(
    back: str, jobs: Jobs, pauses: Pauses, pool: Pool
) -> None:
    await insert(jobs, "slow")
    [claim] = await jobs.claim(uuid4(), 1)
    if back == "promote":
        await jobs.postpone(claim, "cause", 0)
    await paused(pauses)
    await given_back(back, jobs, claim)
    assert await pool.fetchval("SELECT status FROM jobs") == "pending"
    assert await claimed(jobs) == {}
    assert await jobs.claim_quarantined(uuid4()) == []
    await resumed(pauses)
    assert await claimed(jobs) == {"slow": 1} or len(await jobs.claim_quarantined(uuid4())) == 1


async def given_back(how: str, jobs: Jobs, claim: Claim) -> None:
    if how == "release":
        await jobs.release([claim])
    elif how == "sweep":
        await jobs.sweep(15, 1)
    elif how == "promote":
        assert await jobs.promote() == 1
    else:
        await jobs.mark_done(claim, answer())
        await jobs.retry(claim.ix_id)


async def test_a_limit_holds_again_and_what_engines_say_of_limits_ends_no_pause(
    jobs: Jobs, pauses: Pauses, pool: Pool
) -> None:
    limits = Limits(pool)
    await limits.set([Limit(("slow",), 2)])
    await insert(jobs, "slow", 5)
    await paused(pauses)
    by = await pool.fetchval("SELECT xmin FROM queues")
    await limits.set([Limit(("slow",), 2)])
    assert await pool.fetchval("SELECT xmin FROM queues") == by, "the same limits cost one read"
    assert await claimed(jobs, True) == {}
    for other in ([], [Limit(("slow", "quick"), 1)], [Limit(("slow",), 3)]):
        await limits.set(other)
        await insert(jobs, "slow")
        assert await claimed(jobs, True) == {}
    await resumed(pauses)
    assert await claimed(jobs, True) == {"slow": 3}
    await limits.set([])
    assert await pool.fetchval("SELECT count(*) FROM queues") == 0


async def test_an_insertion_on_its_way_is_not_missed(jobs: Jobs, pauses: Pauses) -> None:
    async with asyncio.TaskGroup() as tasks:
        for _ in range(20):
            tasks.create_task(insert(jobs, "slow", 5))
        tasks.create_task(pauses.pause("slow", ""))
    while await pauses.settle():
        pass
    assert await claimed(jobs) == {}


async def test_what_has_waited_for_long_goes_before_nobody_elses(jobs: Jobs, pauses: Pauses) -> None:
    await insert(jobs, "slow", 40, client="patient")
    await paused(pauses)
    await insert(jobs, "quick", 40, client="other")
    await jobs.finish_many([(claim, answer()) for claim in await jobs.claim(uuid4(), 20)])
    await resumed(pauses)
    assert Counter(claim.client_id for claim in await jobs.claim(uuid4(), 20)) == {"patient": 10, "other": 10}


async def test_the_order_of_a_clients_jobs_is_what_it_was(jobs: Jobs, pauses: Pauses) -> None:
    first = await insert(jobs, "slow", 2)
    [urgent] = await insert(jobs, "slow", priority=5)
    await paused(pauses)
    last = await insert(jobs, "slow", 2)
    await resumed(pauses)
    order = [(await jobs.claim(uuid4(), 1))[0].ix_id for _ in range(5)]
    assert order == [urgent, *first, *last]


async def test_a_paused_job_that_must_run_alone_holds_its_client_up_nowhere_else(
    jobs: Jobs, pauses: Pauses, pool: Pool
) -> None:
    await insert(jobs, "slow")
    await jobs.claim(uuid4(), 1)
    await jobs.sweep(15, 1)
    await paused(pauses)
    await insert(jobs, "quick")
    assert await claimed(jobs) == {"quick": 1}
    assert await pool.fetchval("SELECT quarantined FROM jobs WHERE use_case = 'slow'")


async def test_paused_twice_it_is_paused_once(jobs: Jobs, pauses: Pauses) -> None:
    await pauses.pause("slow", "0123456789ab")
    await pauses.pause("slow", "other")
    [pause] = await pauses.list()
    assert pause.key_id == "0123456789ab"
    assert abs(datetime.now(UTC) - pause.since) < timedelta(minutes=1)
    await resumed(pauses)
    await resumed(pauses)
    await resumed(pauses, "never paused")
    await insert(jobs, "slow")
    assert await claimed(jobs) == {"slow": 1}
