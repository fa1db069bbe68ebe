"""A job's time limit counts its work, and never its waiting for a place."""

from __future__ import annotations

import asyncio
from typing import Any, cast
from uuid import uuid4

import pytest

from ix.config import Settings
from ix.engine import runner
from ix.engine.worktime import WorkTime
from ix.extraction.processes.turns import Turns
from ix.extraction.processes.waiting import JOB, waiting, working
from ix.job import Claim, Request, Response
from ix.use_cases import Context
from tests.cases import Body, Case


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(asyncio.get_running_loop(), "time", clock)
    return clock


async def test_it_stands_still_while_a_part_waits_and_none_works(clock: Clock) -> None:
    time = WorkTime(10.0)
    clock.now = 2.0
    time.mark(waiting=1)
    clock.now = 50.0
    assert (time.waited, time.left) == (48.0, 8.0)
    time.mark(working=1)
    clock.now = 53.0
    assert (time.waited, time.left) == (48.0, 5.0), "a page is read while others wait"
    time.mark(working=-1)
    clock.now = 60.0
    time.mark(waiting=-1)
    clock.now = 64.0
    assert (time.waited, time.left) == (55.0, 1.0)
    clock.now = 66.0
    assert time.next_look == 0.0


async def test_parts_find_the_time_of_their_job(clock: Clock) -> None:
    time = WorkTime(10.0, ("acme", "1"))
    token = JOB.set(time)

    async def part() -> None:
        with waiting():
            clock.now += 5.0
            with working():
                clock.now += 1.0

    await asyncio.create_task(part())
    JOB.reset(token)
    assert (time.waited, time.left) == (5.0, 9.0)


async def answer(body: Body, limit: float) -> tuple[str | None, float]:
    """What a job of this body ends with, and how long it waited."""
    claim = Claim("0" * 16, uuid4(), "test", 0, Request(), None, client_id="acme")
    found = await runner.run(claim, {"test": Case(body)}, cast(Context, None), Settings(job_timeout=limit))
    return found.error, found.waited


async def test_a_job_that_waits_for_a_place_is_not_ended() -> None:
    turns, released, waits = Turns(1), asyncio.Event(), asyncio.Event()

    async def body(request: Request, context: Context) -> Any:
        waits.set()
        async with turns.place():
            return Response()

    async with turns.place(("other", "job")):
        job = asyncio.create_task(answer(body, 0.02))
        await waits.wait()
        # longer than its limit several times over
        asyncio.get_running_loop().call_later(0.15, released.set)
        await released.wait()
        assert not job.done()
    error, waited = await job
    assert error is None
    assert waited > 0.1


async def test_one_that_works_without_end_beside_its_waiting_is_ended() -> None:
    turns = Turns(1)

    async def wait() -> None:
        async with turns.place():
            pass

    async def body(request: Request, context: Context) -> Any:
        waits = asyncio.create_task(wait())
        with working():
            await asyncio.Event().wait()
        await waits

    async with turns.place(("other", "job")), asyncio.timeout(5):
        assert (await answer(body, 0.05))[0] == "time_limit"


async def test_the_owner_of_a_place_is_the_client_of_the_job() -> None:
    turns = Turns(1)

    async def body(request: Request, context: Context) -> Any:
        async with turns.place():
            return Response(result=list(turns._held))

    claim = Claim("0" * 16, uuid4(), "test", 0, Request(), None, client_id="acme")
    found = await runner.run(claim, {"test": Case(body)}, cast(Context, None), Settings())
    assert Response.model_validate_json(found.response).result == ["acme"]
