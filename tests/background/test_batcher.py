"""Many callers, one run."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from ix.background.batcher import Batcher


class Recorder:
    """Doubles its items; each run waits until it is let go."""

    def __init__(self) -> None:
        self.runs: list[list[int]] = []
        self.go = asyncio.Event()

    async def __call__(self, items: Sequence[int]) -> list[int]:
        self.runs.append(list(items))
        await self.go.wait()
        if 13 in items:
            raise ValueError("13")
        return [2 * item for item in items]


async def test_the_first_goes_at_once_and_those_that_arrive_meanwhile_go_together() -> None:
    record = Recorder()
    double = Batcher(record)
    calls = [asyncio.create_task(double(n)) for n in range(5)]
    await asyncio.sleep(0)
    calls += [asyncio.create_task(double(n)) for n in range(5, 8)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    record.go.set()
    assert await asyncio.gather(*calls) == [2 * n for n in range(8)]
    assert [len(run) for run in record.runs] in ([5, 3], [1, 7])


async def test_limits_bound_a_batch() -> None:
    record = Recorder()
    record.go.set()
    double = Batcher(record, limit=3, weigh=lambda n: n, weight_limit=10)
    await asyncio.gather(*(double(n) for n in [1, 1, 1, 1, 9, 9, 50, 1]))
    assert record.runs == [[1, 1, 1], [1, 9], [9], [50], [1]]


async def test_one_bad_item_does_not_fail_its_neighbours() -> None:
    record = Recorder()
    record.go.set()
    double = Batcher(record)
    outcomes = await asyncio.gather(*(double(n) for n in (1, 13, 2)), return_exceptions=True)
    assert outcomes[0] == 2
    assert outcomes[2] == 4
    assert isinstance(outcomes[1], ValueError)


async def test_after_a_transient_error_nothing_is_tried_item_by_item() -> None:
    record = Recorder()
    record.go.set()
    double = Batcher(record, concerns_all=lambda error: isinstance(error, ValueError))
    outcomes = await asyncio.gather(*(double(n) for n in (1, 13)), return_exceptions=True)
    assert all(isinstance(outcome, ValueError) for outcome in outcomes)
    assert record.runs == [[1, 13]]


async def test_a_caller_that_gives_up_does_not_disturb_the_others() -> None:
    record = Recorder()
    double = Batcher(record)
    gone, stays = asyncio.create_task(double(1)), asyncio.create_task(double(2))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gone.cancel()
    record.go.set()
    assert await stays == 4
    with pytest.raises(asyncio.CancelledError):
        await gone
    await double.drain()
