"""Two transactions at once, each pair of what may happen to a job: one is held open while the other runs into it.

What comes out, answers and rows, must be what comes out of the two one after the other, in the one order or the other.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import pytest

from ix.job import Claim, Request
from tests.chaos.deeds import DEEDS, GONE, LIVE, STATES, Hand, Stage
from tests.chaos.held import ended_or_blocked, single
from tests.factories import submission
from tests.rows import Row, Size

PATIENCE = 10.0
"""Seconds after which two transactions that wait for each other would long have been told of a deadlock
(deadlock_timeout is 1 s)."""
PAIRS = list(itertools.product(STATES, DEEDS, DEEDS))
NOTHING: Mapping[str, Any] = {"claim_one": [], "claim_alone": [], "sweep": 0, "promote": 0, "prune": 0}
"""What those answer that pass over a row which another transaction holds, and look again later."""
IN_DOUBT = {("finish", "finish")}
"""A finish that is repeated while the first is on its way is told `stale` and not `repeated`: the rows are right, the
log line is not."""


class Ring(Stage):
    """A stage with two hands on it; the one of the stage itself watches."""

    def __init__(self, one: Hand, other: Hand, watch: Hand) -> None:
        super().__init__(watch)
        self.one, self.other = one, other
        self.blocked = 0

    async def in_turn(self, state: str, first: str, second: str) -> str:
        """What comes out of the one and then the other: the first's answer, the second's, the rows."""
        claim = await self.prepare(state)
        answers = [await DEEDS[name](self.one, claim) for name in (first, second)]
        return await self.outcome(*answers)

    async def passed_over(self, state: str, first: str, second: str) -> str:
        """What comes out where the second one passes over what the first one holds."""
        claim = await self.prepare(state)
        return await self.outcome(await DEEDS[first](self.one, claim), NOTHING[second])

    async def allowed(self, state: str, first: str, second: str) -> set[str]:
        """What may come out."""
        allowed = {await self.in_turn(state, first, second), swapped(await self.in_turn(state, second, first))}
        return allowed | {await self.passed_over(state, first, second)} if second in NOTHING else allowed

    async def at_once(self, state: str, first: str, second: str) -> str:
        """The same, the first one held open until the second has ended or waits for it."""
        claim = await self.prepare(state)
        async with asyncio.timeout(PATIENCE):
            async with self.one.connection.transaction():
                answers = [await DEEDS[first](self.one, claim)]
                task = asyncio.ensure_future(DEEDS[second](self.other, claim))
                if not await ended_or_blocked(task, self.other.connection, self.hand.connection):
                    self.blocked += 1
            answers.append(await task)
        return await self.outcome(*answers)


async def hand(stack: AsyncExitStack, url: str) -> Hand:
    pool = await stack.enter_async_context(single(url))
    return Hand.over(pool.as_pool, pool.connection)


@pytest.fixture
async def ring(database_url: str) -> AsyncIterator[Ring]:
    async with AsyncExitStack() as stack:
        yield Ring(*[await hand(stack, database_url) for _ in range(3)])


def swapped(outcome: str) -> str:
    """The outcome of two deeds in the other order, with the answers in this one."""
    answers, rows = json.loads(outcome)
    return json.dumps([answers[::-1], rows])


def same_rows(outcome: str, allowed: set[str]) -> bool:
    return json.loads(outcome)[1] in [json.loads(one)[1] for one in allowed]


async def test_each_pair_of_transactions_comes_out_as_if_one_went_first(ring: Ring, size: Size, row: Row) -> None:
    cases = random.Random(5).sample(PAIRS, size(len(PAIRS), 40))
    row.did(
        "two transactions on one job, the first held open",
        f"{len(cases)} of {len(PAIRS)} cases: {len(DEEDS)} x {len(DEEDS)} in 5 states",
    )
    strange, in_doubt = [], 0
    for state, first, second in cases:
        allowed = await ring.allowed(state, first, second)
        found = await ring.at_once(state, first, second)
        if found not in allowed and (first, second) in IN_DOUBT and same_rows(found, allowed):
            in_doubt += 1
        elif found not in allowed:
            strange.append((state, first, second, found, allowed))
    row.found(
        f"no deadlock; {ring.blocked} waited for the first",
        f"{len(strange)} came out as in no order",
        f"{in_doubt} told less than they knew",
    )
    assert not strange, "\n".join(map(str, strange))


CROWD = [name for name in DEEDS if name not in ("insert_another", "set_limits")]


async def test_a_crowd_of_transactions_meets_no_deadlock(database_url: str, ring: Ring, size: Size, row: Row) -> None:
    rounds, dice = size(300, 20), random.Random(6)
    row.did("all of them at once, six connections", f"{rounds} rounds of 60 deeds on 8 jobs")
    async with AsyncExitStack() as stack:
        hands = [await hand(stack, database_url) for _ in range(6)]
        for _ in range(rounds):
            claims = await crowd_of_jobs(ring)
            await asyncio.gather(*(rush(hand, claims, random.Random(dice.random())) for hand in hands))
        deadlocks = await ring.hand.connection.fetchval(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        )
        uses = await ring.hand.connection.fetch(
            "SELECT uses, (SELECT count(*) FROM jobs WHERE request -> 'documents' @> "
            "jsonb_build_array(jsonb_build_object('sha256', encode(documents.sha256, 'hex')))) FROM documents"
        )
    row.found(f"{deadlocks} deadlocks", "each document counts the jobs that name it")
    assert deadlocks == 0
    assert all(uses == named for uses, named in uses)


async def crowd_of_jobs(ring: Ring) -> list[Claim]:
    """Eight jobs, some claimed by an engine that lives and some by one that does not, that share documents."""
    await ring.prepare("pending")
    for number in range(8):
        await ring.hand.jobs.insert_pending(
            submission(client="acme", document=b"letter" if number % 2 else b"bill", priority=number % 3)
        )
    claims = await ring.hand.jobs.claim(LIVE, 3) + await ring.hand.jobs.claim(GONE, 3)
    return claims + [Claim(claim.ix_id, uuid4(), "drill", 0, Request(), None) for claim in claims]


async def rush(hand: Hand, claims: list[Claim], dice: random.Random) -> None:
    """The same keys in a batch of each hand's own order, then one thing after the other."""
    await hand.jobs.insert_many([submission(client="crowd", request_id=str(key)) for key in dice.sample(range(4), 4)])
    for _ in range(10):
        await DEEDS[dice.choice(CROWD)](hand, dice.choice(claims))
