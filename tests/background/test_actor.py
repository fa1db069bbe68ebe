"""The one start/stop contract."""

from __future__ import annotations

import asyncio
import random

import pytest

from ix.background import actor
from ix.background.actor import Actor, jittered
from tests.logs import heard


class Looper(Actor):
    """Counts the loops that run at once; `fail` makes each new one raise, `slow` makes its end take a while."""

    def __init__(self, *, fail: BaseException | None = None, slow: int = 0) -> None:
        super().__init__()
        self.running = self.begun = self.most = 0
        self.news = asyncio.Event()
        self._fail, self._slow = fail, slow

    async def run(self) -> None:
        self.running, self.begun = self.running + 1, self.begun + 1
        self.most = max(self.most, self.running)
        self.news.set()
        try:
            if self._fail is not None:
                raise self._fail
            await asyncio.Event().wait()
        finally:
            try:
                for _ in range(self._slow):
                    await asyncio.sleep(0)
            finally:
                self.running -= 1


async def test_starting_twice_starts_one_loop() -> None:
    looper = Looper()
    await asyncio.gather(looper.start(), looper.start())
    await looper.news.wait()
    await looper.start()
    await asyncio.sleep(0)
    assert looper.begun == 1
    await looper.stop()


async def test_stop_returns_when_nothing_is_left_however_often_it_is_called() -> None:
    looper = Looper(slow=5)
    await looper.stop()
    await looper.start()
    await looper.news.wait()

    async def stop() -> int:
        await looper.stop()
        return looper.running

    assert list(await asyncio.gather(stop(), stop())) == [0, 0]
    assert await stop() == 0


async def test_what_was_stopped_may_be_started_again() -> None:
    looper = Looper()
    for round_ in range(1, 4):
        looper.news.clear()
        await looper.start()
        await looper.news.wait()
        await looper.stop()
        assert (looper.begun, looper.running) == (round_, 0)


async def test_starts_and_stops_in_any_order_leave_one_loop_at_most_and_none_at_the_end() -> None:
    looper, dice = Looper(slow=2), random.Random(7)

    async def disturb() -> None:
        for _ in range(50):
            await dice.choice((looper.start, looper.stop))()
            await asyncio.sleep(0)

    await asyncio.gather(*(disturb() for _ in range(5)))
    await looper.stop()
    assert (looper.most, looper.running) == (1, 0)


async def test_a_stop_that_is_given_up_says_so() -> None:
    looper = Looper(slow=10)
    await looper.start()
    await looper.news.wait()
    stopping = asyncio.create_task(looper.stop())
    await asyncio.sleep(0)
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
    await looper.stop()
    assert looper.running == 0


async def test_a_loop_that_fails_is_started_again_and_says_no_more_than_its_class(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(actor, "RESTART_SECONDS", 0.0)
    looper = Looper(fail=ValueError("canary"))
    with heard() as log:
        await looper.start()
        for _ in range(3):
            assert await log.until("a loop failed") == "ERROR a loop failed and goes on loop=Looper error=ValueError"
        await looper.stop()
    assert looper.running == 0


def test_jitter_stays_within_a_fifth() -> None:
    assert all(0.8 <= jittered(1.0) <= 1.2 for _ in range(100))
    assert len({jittered(1.0) for _ in range(100)}) > 90
