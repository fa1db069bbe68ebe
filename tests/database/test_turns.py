"""Turns: a client's own jobs run by priority and arrival, and its share against others does not grow by it."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from uuid import uuid4

import pytest

from ix.config import Limit
from ix.database.connect import Pool
from ix.database.jobs import Jobs
from ix.database.limits import Limits
from ix.job import Claim
from tests.factories import answer, submission

CLIENTS = ("a", "b", "c")


@dataclass
class Waiting:
    """A pending job as the model knows it."""

    client: str
    priority: int
    arrival: int
    ticket: int


@dataclass
class Model:
    """What the queue promises, as plain Python."""

    pending: dict[str, Waiting] = field(default_factory=dict)
    arrivals: int = 0

    def arrive(self, ix_id: str, client: str, priority: int) -> None:
        now = min((job.ticket for job in self.pending.values()), default=0)
        last = max((job.ticket for job in self.pending.values() if job.client == client), default=-1)
        self.arrivals += 1
        self.pending[ix_id] = Waiting(client, priority, self.arrivals, max(now, last + 1))

    def claim(self, ix_id: str) -> None:
        """The job that a claim has brought is the best one of a client whose turn it is."""
        job = self.pending[ix_id]
        own = {name: other for name, other in self.pending.items() if other.client == job.client}
        assert ix_id == min(own, key=lambda name: (-own[name].priority, own[name].arrival))
        first = min(own.values(), key=lambda other: other.ticket)
        assert first.ticket == min(other.ticket for other in self.pending.values()), "whose turn is it"
        first.ticket, job.ticket = job.ticket, first.ticket
        del self.pending[ix_id]


@pytest.mark.parametrize("limited", [False, True])
async def test_own_priorities_order_own_jobs_and_clients_take_turns(jobs: Jobs, pool: Pool, limited: bool) -> None:
    if limited:
        await Limits(pool).set([Limit(("drill",), 1000)])
    model, dice, ended = Model(), random.Random(7), dict[str, tuple[str, int]]()
    for _ in range(250):
        deed = dice.choice(("submit", "submit", "claim", "claim", "cancel", "retry"))
        if deed == "submit":
            client, priority = dice.choice(CLIENTS), dice.choice((0, 0, 0, 5, -5, 100))
            made = await jobs.insert_many(
                [submission(client=client, priority=priority) for _ in range(dice.randint(1, 3))]
            )
            for one in made:
                model.arrive(one.job.ix_id, client, priority)
        elif deed == "claim":
            claims = await jobs.claim(uuid4(), 1, limited)
            assert len(claims) == min(1, len(model.pending))
            for claim in claims:
                ended[claim.ix_id] = claim.client_id, model.pending[claim.ix_id].priority
                model.claim(claim.ix_id)
                await jobs.mark_done(claim, answer())
        elif deed == "cancel" and model.pending:
            ix_id = dice.choice(list(model.pending))
            await jobs.cancel(ix_id)
            job = model.pending.pop(ix_id)
            ended[ix_id] = job.client, job.priority
        elif deed == "retry" and ended:
            ix_id = dice.choice(list(ended))
            await jobs.retry(ix_id)
            model.arrive(ix_id, *ended.pop(ix_id))


async def test_many_at_once_come_in_the_same_order_as_one_by_one(jobs: Jobs) -> None:
    for client in CLIENTS:
        await jobs.insert_many([submission(client=client, priority=priority) for priority in (0, 0, 0, 3, -1, 7)])
    claims = await jobs.claim(uuid4(), 18)
    assert [Counter(c.client_id for c in claims[n : n + 3]) for n in range(0, 18, 3)] == [Counter(CLIENTS)] * 6
    for client in CLIENTS:
        assert await _priorities(jobs, [c for c in claims if c.client_id == client]) == [7, 3, 0, 0, 0, -1]


async def test_201_priorities_are_no_201_shares(jobs: Jobs) -> None:
    await jobs.insert_many([submission(client="many", priority=priority) for priority in range(-100, 101)])
    await jobs.insert_many([submission(client="one") for _ in range(20)])
    claims = [claim for _ in range(40) for claim in await jobs.claim(uuid4(), 1)]
    assert Counter(claim.client_id for claim in claims) == {"many": 20, "one": 20}
    own = [claim for claim in claims if claim.client_id == "many"]
    assert await _priorities(jobs, own) == list(range(100, 80, -1))


async def test_what_is_given_back_promoted_or_postponed_finds_its_rank_again(jobs: Jobs, pool: Pool) -> None:
    for priority in (0, 5):
        await jobs.insert_many([submission(priority=priority) for _ in range(2)])
    first = await jobs.claim(uuid4(), 3)
    assert await _priorities(jobs, first) == [5, 5, 0]
    await jobs.release(first[:1])
    assert await jobs.postpone(first[1], "again", 0)
    await jobs.promote()
    again = await jobs.claim(uuid4(), 3)
    assert [claim.ix_id for claim in again[:2]] == [claim.ix_id for claim in first[:2]]
    assert await _priorities(jobs, again) == [5, 5, 0]


class TestPassingOver:
    async def test_clients_that_are_named_wait(self, jobs: Jobs) -> None:
        for client in CLIENTS:
            await jobs.insert_many([submission(client=client) for _ in range(3)])
        assert {c.client_id for c in await jobs.claim(uuid4(), 9, passing_over=["a", "c"])} == {"b"}
        assert await jobs.claim(uuid4(), 9, passing_over=CLIENTS) == []
        assert Counter(c.client_id for c in await jobs.claim(uuid4(), 9)) == {"a": 3, "c": 3}

    async def test_none_is_forgotten_where_there_are_more_than_one_statement_looks_at(
        self, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            Jobs, "_CLAIM_IN_TURNS", Jobs._CLAIM_IN_TURNS.replace("n < 200", "n < 3").replace("n = 200", "n = 3")
        )
        await jobs.insert_many([submission(client=f"c{n}") for n in range(10)])
        await jobs.insert_many([submission(client="hog") for _ in range(10)])
        claims = [c for _ in range(5) for c in await jobs.claim(uuid4(), 2, passing_over=["hog"])]
        assert {c.client_id for c in claims} == {f"c{n}" for n in range(10)}

    async def test_two_at_once_get_different_jobs(self, jobs: Jobs) -> None:
        await jobs.insert_many([submission(client=client, priority=n % 3) for client in CLIENTS for n in range(20)])
        rounds = await asyncio.gather(*(jobs.claim(uuid4(), 5) for _ in range(12)))
        ids = [claim.ix_id for claims in rounds for claim in claims]
        assert len(ids) == len(set(ids)) >= 40


async def _priorities(jobs: Jobs, claims: list[Claim]) -> list[int]:
    found = [await jobs.get(claim.ix_id) for claim in claims]
    return [job.priority for job in found if job]
