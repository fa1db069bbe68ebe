"""Turns: whose a place is next, and that none is lost, whoever is cancelled."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from ix.extraction.processes.turns import Turns
from ix.extraction.processes.waiting import Owner

HOG, OTHER = "hog", "other"


class Desk:
    """Places that are taken by parts of jobs, in the order in which they got them."""

    def __init__(self, places: int, spare: int = 0) -> None:
        self.turns = Turns(places, spare)
        self.order: list[str] = []
        self.most = self.inside = 0
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._ends: dict[str, asyncio.Event] = {}

    async def ask(self, *names: str, owner: Owner) -> None:
        for name in names:
            self._ends[name] = asyncio.Event()
            self._tasks[name] = asyncio.create_task(self._hold(name, owner))
        await self.settle()

    async def end(self, name: str) -> None:
        self._ends[name].set()
        await self.settle()

    async def cancel(self, name: str) -> None:
        self._tasks[name].cancel()
        await self.settle()

    async def serve(self, number: int) -> Sequence[str]:
        """Ends one after the other, in the order in which they got their places; the first so many of them."""
        for place in range(number):
            await self.end(self.order[place])
        return self.order[:number]

    async def settle(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)

    async def _hold(self, name: str, owner: Owner) -> None:
        async with self.turns.place(owner):
            self.order.append(name)
            self.inside += 1
            self.most = max(self.most, self.inside)
            try:
                await self._ends[name].wait()
            finally:
                self.inside -= 1

    async def close(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)


@asynccontextmanager
async def desk(places: int, spare: int = 0) -> AsyncIterator[Desk]:
    made = Desk(places, spare)
    yield made
    await made.close()


def pages(job: str, number: int) -> list[str]:
    return [f"{job}{page}" for page in range(number)]


async def test_a_page_of_another_client_is_next_however_many_wait() -> None:
    async with desk(1) as one:
        for job in "abcdefgh":
            await one.ask(*pages(job, 20), owner=(HOG, job))
        await one.ask("receipt", owner=(OTHER, "r"))
        assert "receipt" in await one.serve(2)


async def test_clients_take_turns_and_then_their_jobs() -> None:
    async with desk(1) as one:
        await one.ask("held", owner=("", ""))
        await one.ask(*pages("a", 3), owner=(HOG, "a"))
        await one.ask(*pages("b", 3), owner=(HOG, "b"))
        await one.ask(*pages("c", 2), owner=(OTHER, "c"))
        order = "held a0 c0 b0 c1 a1 b1 a2 b2"
        assert " ".join(await one.serve(9)) == order


async def test_no_client_waits_for_ever_beside_newcomers() -> None:
    """Whoever comes anew goes before the client whose page was read last, and before nobody else."""
    async with desk(1) as one:
        await one.ask(*pages("a", 3), owner=(HOG, "a"))
        await one.ask("n0", owner=("n0", ""))
        for number in range(1, 6):
            await one.ask(f"n{number}", owner=(f"n{number}", ""))
            await one.end(one.order[number - 1])
        assert "a1" in one.order[:3]


async def test_a_client_that_holds_none_gets_a_spare_place_and_only_one() -> None:
    async with desk(2, spare=2) as two:
        await two.ask(*pages("a", 5), owner=(HOG, "a"))
        assert two.order == ["a0", "a1"]
        await two.ask("b0", "b1", owner=(OTHER, "b"))
        assert two.order == ["a0", "a1", "b0"]
        await two.ask("c0", "d0", owner=("c", "c"))
        assert two.order[3:] == ["c0"]
        await two.ask("e0", owner=("e", "e"))
        await two.end("a0")
        assert two.order[4:] == ["e0"], "hog holds one and has had its share while others wait"
        assert two.most == 4


@pytest.mark.parametrize("seed", range(20))
async def test_no_place_is_lost_and_none_given_twice_whoever_is_cancelled(seed: int) -> None:
    dice = random.Random(seed)
    async with desk(3, spare=2) as three:
        names: list[str] = []
        for number in range(200):
            owner = f"client {dice.randrange(4)}", f"job {dice.randrange(3)}"
            names.append(f"{number}")
            # some are cancelled in the moment in which their place comes
            await three.ask(names[-1], owner=owner)
            for deed in (three.end, three.cancel):
                await deed(names.pop(dice.randrange(len(names)))) if names and dice.random() < 0.5 else None
            both = [names.pop(dice.randrange(len(names))) for _ in range(2) if names and dice.random() < 0.2]
            await asyncio.gather(*(three.cancel(name) for name in both))
        for name in names:
            await three.end(name)
        assert three.inside == 0
        assert three.most <= 5
        assert three.turns._taken == 0
        assert not three.turns._lines
        assert not three.turns._held


async def test_a_place_that_comes_with_the_cancellation_goes_to_the_next() -> None:
    async with desk(1) as one:
        await one.ask("first", owner=(HOG, "a"))
        await one.ask("second", owner=(HOG, "b"))
        await one.ask("third", owner=(OTHER, "c"))
        # "third" is given the place, and is cancelled before it runs
        one._ends["first"].set()
        await asyncio.sleep(0)
        one._tasks["third"].cancel()
        await one.settle()
        assert one.order == ["first", "second"]


async def test_how_many_wait_and_since_when() -> None:
    desk = Desk(1)
    await desk.ask("a", owner=(HOG, "1"))
    assert tuple(desk.turns.queue) == (0, 0)
    await desk.ask("b", "c", owner=(HOG, "1"))
    first = desk.turns.queue
    assert first.waiting == 2
    assert 0 <= first.oldest_seconds < 60
    # neither whose turn has come nor who has gone waits any more
    await desk.cancel("b")
    await desk.end("a")
    assert tuple(desk.turns.queue) == (0, 0)
    await desk.end("c")
