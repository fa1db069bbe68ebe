"""Ambiguous commits: the connection breaks before what was asked for is done, or after, and the caller cannot know
which."""

from __future__ import annotations

import asyncio
import inspect
import itertools
import random
from collections.abc import AsyncIterator

import asyncpg
import pytest

from ix.api.app import create_app
from ix.config import Settings
from ix.database.connect import Pool
from ix.database.jobs import Jobs
from ix.database.limits import Limits
from ix.engine.engine import Engine
from tests import logs
from tests.api.conftest import client_of
from tests.chaos.deeds import DEEDS, STATES, Hand, Stage
from tests.chaos.faulty import FaultyPool, When
from tests.factories import submission
from tests.rows import Row, Size

WHEN: tuple[When, ...] = ("before", "after")
TRIPS = 12
"""More round trips than any method makes."""
READS = {
    "alike",
    "get",
    "get_by_correlation",
    "ended",
    "lost",
    "seconds_to_next_due",
    "page",
    "part_of_list",
    "counts_of",
    "attempts_of",
    "waiting",
    "known",
    "head",
    "ensure_insertable",
    "strikes",
    "exist",
    "heads",
    "ended_of_client",
    "running_of_client",
    "now",
    "password_key",
    "passwords",
    "protected",
}
WRITES = {
    *(
        "insert_many",
        "claim",
        "claim_quarantined",
        "finish_many",
        "release",
        "release_unheld",
        "postpone",
        "promote",
        "sweep",
    ),
    *("cancel", "retry", "erase", "prune", "set", "stand_still", "go_on", "send_back"),
    *("split", "gather"),
}
"""Each is a deed of `tests.chaos.deeds`."""
HINTS = {"tell_progress"}
"""Store nothing."""
SHORTHANDS = {
    "insert_pending",
    "claim_next_pending",
    "mark_done",
    "mark_error",
    "finish_patiently",
    "sweep_orphans",
    "update_callback_status",
}
"""What comes down to one of those, or to a statement that sets what it is told."""


def test_no_method_is_left_out() -> None:
    found = {
        name
        for repo in (Jobs, Limits)
        for name, method in inspect.getmembers(repo, inspect.iscoroutinefunction)
        if not name.startswith("_")
    }
    assert found == READS | WRITES | SHORTHANDS | HINTS


@pytest.fixture
async def faulty(pool: Pool) -> FaultyPool:
    return FaultyPool(pool)


@pytest.fixture
async def stage(pool: Pool) -> AsyncIterator[Stage]:
    async with pool.acquire() as connection:
        yield Stage(Hand.over(pool, connection))


async def rows_after(stage: Stage, state: str, deed: str, times: int) -> str:
    claim = await stage.prepare(state)
    for _ in range(times):
        await DEEDS[deed](stage.hand, claim)
    return await stage.outcome()


async def test_each_method_may_be_repeated_after_a_broken_connection(
    stage: Stage, faulty: FaultyPool, size: Size, row: Row
) -> None:
    everything = list(itertools.product(STATES, [deed for deed in DEEDS if deed != "insert_another"]))
    cases = random.Random(9).sample(everything, size(len(everything), 15))
    breaks, strange = 0, []
    for state, deed in cases:
        allowed = [await rows_after(stage, state, deed, times) for times in (1, 2)]
        for when, trip in itertools.product(WHEN, range(1, TRIPS)):
            claim = await stage.prepare(state)
            faulty.break_at(trip, when)
            broken = Hand.over(faulty.as_pool, stage.hand.connection)
            try:
                await DEEDS[deed](broken, claim)
            except asyncpg.PostgresConnectionError:
                breaks += 1
                await DEEDS[deed](stage.hand, claim)
            if (found := await stage.outcome()) not in allowed:
                strange.append((state, deed, when, trip, found, allowed))
            if faulty.countdown:
                break
    row.did(
        "ambiguous commit: each method breaks before, or after, each round trip",
        f"{len(cases)} of {len(everything)} cases",
    )
    row.found(
        f"{breaks} breaks, each followed by a repeat",
        f"{len(strange)} left rows that one call, or two, would not have left",
    )
    assert not strange, "\n".join(map(str, strange))


@pytest.mark.parametrize("when", WHEN)
async def test_a_clients_retry_finds_its_job(when: When, settings: Settings, faulty: FaultyPool, row: Row) -> None:
    row.did(f"ambiguous commit, {when}: POST /jobs", "1 submit and its retry")
    async with client_of(create_app(settings=settings, pool=faulty.as_pool)) as client:
        await client.get("/livez")
        faulty.break_at(1, when, "INSERT INTO jobs")
        body = {"client_id": "acme", "request_id": "1", "use_case": "drill"}
        first = await client.post("/jobs", json=body)
        second, third = [await client.post("/jobs", json=body) for _ in range(2)]
    row.found(
        f"{first.status_code} with Retry-After, then {second.status_code}, then {third.status_code} with the same id"
    )
    assert (first.status_code, "retry-after" in first.headers) == (503, True)
    assert (second.status_code, third.status_code) == (201 if when == "before" else 200, 200)
    assert second.json()["ix_id"] == third.json()["ix_id"]


DEED_OF = {"SET status = 'running'": "claim", "finished AS (": "finish", "SET status = 'scheduled'": "postpone"}


@pytest.mark.parametrize("needle", DEED_OF)
@pytest.mark.parametrize("when", WHEN)
async def test_an_engine_whose_statement_broke_leaves_no_job_behind(
    when: When, needle: str, settings: Settings, pool: Pool, faulty: FaultyPool, row: Row
) -> None:
    deed = DEED_OF[needle]
    row.did(f"ambiguous commit, {when}: an engine's {deed}", "2 jobs")
    quick = settings.model_copy(update={"poll_interval": 0.5, "retry_delay": 0.05})
    jobs = Jobs(pool)
    options = {"action": "transient" if deed == "postpone" else "succeed", "attempts": 1}
    faulty.break_at(1, when, needle)
    for _ in range(2):
        await jobs.insert_pending(submission(options=options))
    engine = Engine(quick, pool=faulty.as_pool)
    await engine.start()
    try:
        async with asyncio.timeout(20):
            while await pool.fetchval("SELECT count(*) FROM jobs WHERE status = 'done'") < 2:
                await asyncio.sleep(0.02)
    except TimeoutError:
        row.found(str([tuple(job) for job in await pool.fetch("SELECT status, attempts FROM jobs")]))
        raise
    finally:
        await engine.stop()
    attempts = await pool.fetchval("SELECT max(attempts) FROM jobs")
    row.found(f"both done, attempts {attempts}")
    assert faulty.countdown == 0
    assert attempts == (2 if deed == "postpone" else 1)


async def test_a_result_on_its_way_is_not_given_back_for_the_sake_of_a_lost_claim(
    settings: Settings, pool: Pool, faulty: FaultyPool, row: Row
) -> None:
    row.did("no result can be stored while a claim's answer is lost", "2 jobs")
    jobs, engine = Jobs(pool), Engine(settings.model_copy(update={"poll_interval": 0.2}), pool=faulty.as_pool)
    faulty.outage = "finished AS ("
    with logs.heard() as log:
        await engine.start()
        try:
            first = (await jobs.insert_pending(submission())).job.ix_id
            await log.until("finish delayed")
            faulty.break_at(1, "after", "SET status = 'running'", with_rows=True)
            second = (await jobs.insert_pending(submission())).job.ix_id
            await log.until(f"job given back.*{second}")
            await log.until(f"job started.*{second}")
            faulty.outage = ""
            for ix_id in (first, second):
                await log.until(f"job finished.*{ix_id}")
        finally:
            await engine.stop()
    starts = [sum("job started" in line and ix_id in line for line in log.lines) for ix_id in (first, second)]
    row.found(f"both done, begun {starts} times")
    assert starts == [1, 1]
    assert await pool.fetchval("SELECT max(attempts) FROM jobs WHERE status = 'done'") == 1
