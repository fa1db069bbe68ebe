"""Random commands to the repositories, against a model of what they promise."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ix.config import Limit, Settings
from ix.database.connect import Pool
from ix.database.deliveries import Deliveries
from ix.database.engines import Engines
from ix.database.jobs import Finish, Jobs, Outcome
from ix.database.limits import Limits
from ix.database.pool import open_pool
from ix.job import CallbackStatus, Claim, DocumentRef, Problem, Request, Response, Status, Submission
from tests.chaos.model import ENDED, Model
from tests.rows import Row, Size

T = TypeVar("T")
DOCUMENTS = (b"one", b"two", b"three")
USE_CASES = ("drill", "custom", "receipt")
LIMITS = ((), (Limit(("drill",), 1),), (Limit(("drill",), 2), Limit(("custom",), 1)), (Limit(("custom", "drill"), 2),))
HOUR = timedelta(hours=1)
ANSWERS = {Status.DONE: Response(result={}), Status.ERROR: Response(error=Problem(code="failed", message="failed"))}


class World:
    """The repositories over one database, driven from outside its event loop."""

    def __init__(self, url: str) -> None:
        self._runner = asyncio.Runner()
        self.pool: Pool = self.do(open_pool(Settings(postgres_url=url)))
        self.jobs, self.limits = Jobs(self.pool), Limits(self.pool)
        self.deliveries = Deliveries(self.pool)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def sql(self, statement: str, *arguments: Any) -> list[Any]:
        return self.do(self.pool.fetch(statement, *arguments))

    def empty(self) -> None:
        self.sql(
            "TRUNCATE jobs, corrections, documents, deliveries, engines, expiries, pages, pdfs, pictures, "
            "quarantine_strikes, queues, queue_slots, retained_later, reviews"
        )

    def register(self, engine: UUID) -> None:
        async def beat() -> None:
            async with self.pool.acquire() as connection:
                await Engines.heartbeat(connection, engine, None, "model", {})

        self.do(beat())

    def close(self) -> None:
        self.do(self.pool.close())
        self._runner.close()


documents = st.lists(st.sampled_from(DOCUMENTS), max_size=3)
submissions = st.builds(
    lambda client, key, use_case, documents, attempts, calls_back, when, priority: Submission(
        client_id=client,
        request_id=key,
        use_case=use_case,
        request=Request(documents=tuple(_ref(data) for data in documents)),
        blobs={hashlib.sha256(data).hexdigest(): data for data in documents},
        max_attempts=attempts,
        callback_url="https://example.com/" if calls_back else None,
        run_at=datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + when * HOUR * 24
        if when
        else None,
        priority=priority,
    ),
    st.sampled_from("ab"),
    st.sampled_from("123456"),
    st.sampled_from(USE_CASES),
    documents,
    st.sampled_from((1, 3, 3)),
    st.booleans(),
    st.sampled_from((0, 0, 0, -1, 2)),
    st.sampled_from((0, 0, 5)),
)
positions = st.integers(0, 50)
engines = st.sampled_from((0, 1))


def _ref(data: bytes) -> DocumentRef:
    return DocumentRef(name="a.txt", media_type="text/plain", sha256=hashlib.sha256(data).hexdigest(), size=len(data))


class Life(RuleBasedStateMachine):
    """Commands in any order, from two engines that die and come back, and from clients; some name claims that hold no
    more."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world, self.model = world, Model()
        self.engines = [uuid4(), uuid4()]
        self.alive = {0, 1}
        self.claims: list[Claim] = []
        world.empty()
        for engine in self.engines:
            world.register(engine)

    @initialize(batch=st.lists(submissions, min_size=4, max_size=8), engine=engines)
    def begin_with_work(self, batch: list[Submission], engine: int) -> None:
        self.insert(batch=batch)
        self.claim_among_lanes(engine=engine, limit=3)

    @rule(batch=st.lists(submissions, min_size=1, max_size=3))
    def insert(self, batch: list[Submission]) -> None:
        for submission, inserted in zip(batch, self.world.do(self.world.jobs.insert_many(batch)), strict=True):
            known = self.model.known(submission)
            if known is None:
                scheduled = submission.run_at is not None and submission.run_at > datetime.now(UTC)
                self.model.insert(inserted.job.ix_id, submission, Status.SCHEDULED if scheduled else Status.PENDING)
                assert inserted.outcome is Outcome.INSERTED
                continue
            ix_id, job = known
            same = job.submission.fingerprint() == submission.fingerprint()
            assert (inserted.outcome, inserted.job.ix_id) == (Outcome.SAME if same else Outcome.CLASH, ix_id)

    @rule(engine=engines, limit=st.integers(1, 4))
    def claim(self, engine: int, limit: int) -> None:
        free = {ix_id: job for ix_id, job in self.model.claimable.items() if job.queue == ""}
        claims = self._claim(engine, self.world.do(self.world.jobs.claim(self.engines[engine], limit)))
        assert set(claims) <= set(free)
        assert len(claims) == min(limit, len(free))
        for client in {self.model.jobs[ix_id].submission.client_id for ix_id in claims}:
            mine = self._priorities(claims, client)
            assert mine == self._priorities(free, client)[: len(mine)]

    @rule(engine=engines, limit=st.integers(1, 4))
    def claim_among_lanes(self, engine: int, limit: int) -> None:
        rooms = {**self.model.rooms(), "": limit}
        waiting = self.model.claimable
        by_queue = Counter(job.queue for job in waiting.values())
        claims = self._claim(engine, self.world.do(self.world.jobs.claim(self.engines[engine], limit, True)))
        assert set(claims) <= set(waiting)
        assert len(claims) == min(limit, sum(min(count, rooms[queue]) for queue, count in by_queue.items()))

    @rule(engine=engines)
    def claim_quarantined(self, engine: int) -> None:
        # strikes are of engines that ended under a job, and of clocks: `tests/engine/test_quarantine.py`
        self.world.sql("DELETE FROM quarantine_strikes")
        quarantined = self.model.quarantined
        assert (
            self._claim(engine, self.world.do(self.world.jobs.claim_quarantined(self.engines[engine])))
            == quarantined[:1]
        )

    @precondition(lambda self: self.claims)
    @rule(position=positions, status=st.sampled_from((Status.DONE, Status.ERROR)))
    def finish(self, position: int, status: Status) -> None:
        claim = self._some(self.claims, position)
        holds, job = self._holds(claim), self.model.jobs.get(claim.ix_id)
        repeated = job is not None and job.token == claim.token and job.status in (Status.DONE, Status.ERROR)
        finish = self.world.do(self.world.jobs.mark_done(claim, ANSWERS[status]))
        assert finish is (Finish.STORED if holds else Finish.REPEATED if repeated else Finish.STALE)
        if holds:
            self.model.jobs[claim.ix_id].attempts += 1
            self.model.leave(claim.ix_id, status)

    @precondition(lambda self: self.claims)
    @rule(given=st.lists(positions, min_size=1, max_size=3))
    def release(self, given: list[int]) -> None:
        claims = {((claim := self._some(self.claims, position)).ix_id, claim.token): claim for position in given}
        held = [claim for claim in claims.values() if self._holds(claim)]
        assert sorted(self.world.do(self.world.jobs.release(list(claims.values())))) == sorted(
            claim.ix_id for claim in held
        )
        for claim in held:
            self.model.leave(claim.ix_id, Status.PENDING)

    @precondition(lambda self: self.claims)
    @rule(position=positions, seconds=st.sampled_from((0.0, 3600.0)))
    def postpone(self, position: int, seconds: float) -> None:
        claim = self._some(self.claims, position)
        holds = self._holds(claim)
        assert self.world.do(self.world.jobs.postpone(claim, "cause", seconds)) == holds
        if holds:
            self.model.leave(claim.ix_id, Status.SCHEDULED)
            job = self.model.jobs[claim.ix_id]
            job.attempts, job.due = job.attempts + 1, seconds == 0

    @rule()
    def promote(self) -> None:
        due = [ix_id for ix_id, job in self.model.those(Status.SCHEDULED).items() if job.due]
        assert self.world.do(self.world.jobs.promote()) == len(due)
        for ix_id in due:
            self.model.jobs[ix_id].status = Status.PENDING

    @rule()
    def days_pass(self) -> None:
        self.world.sql("UPDATE jobs SET run_at = run_at - interval '3 days' WHERE status = 'scheduled'")
        for job in self.model.those(Status.SCHEDULED).values():
            job.due = True

    @precondition(lambda self: self.model.jobs)
    @rule(position=positions)
    def cancel(self, position: int) -> None:
        ix_id = self._some(list(self.model.jobs), position)
        can = self.model.jobs[ix_id].status not in ENDED
        assert (self.world.do(self.world.jobs.cancel(ix_id)) is not None) == can
        if can:
            token = self.model.jobs[ix_id].token
            self.model.leave(ix_id, Status.CANCELLED)
            self.model.jobs[ix_id].token = token

    @precondition(lambda self: self.model.jobs)
    @rule(position=positions)
    def retry(self, position: int) -> None:
        ix_id = self._some(list(self.model.jobs), position)
        can = self.model.jobs[ix_id].status in ENDED
        assert (self.world.do(self.world.jobs.retry(ix_id)) is not None) == can
        if can:
            self.model.retry(ix_id)

    @precondition(lambda self: self.model.jobs)
    @rule(position=positions)
    def erase(self, position: int) -> None:
        ix_id = self._some(list(self.model.jobs), position)
        assert self.world.do(self.world.jobs.erase(ix_id))
        assert not self.world.do(self.world.jobs.erase(ix_id))
        self.model.erase(ix_id)

    @rule()
    def prune(self) -> None:
        old = [ix_id for ix_id, job in self.model.those(*ENDED).items() if not job.owed]
        assert self.world.do(self.world.jobs.prune(0)) == len(old)
        for ix_id in old:
            self.model.erase(ix_id)

    @rule(engine=engines)
    def die(self, engine: int) -> None:
        self.world.sql(
            "UPDATE engines SET heartbeat_at = clock_timestamp() - interval '1 hour' WHERE engine_id = $1",
            self.engines[engine],
        )
        self.alive.discard(engine)

    @rule(engine=engines)
    def come_back(self, engine: int) -> None:
        self.world.register(self.engines[engine])
        self.alive.add(engine)

    @rule()
    def sweep(self) -> None:
        dead = {self.engines[engine] for engine in {0, 1} - self.alive}
        orphans = [ix_id for ix_id, job in self.model.those(Status.RUNNING).items() if job.engine in dead]
        assert sorted(o.ix_id for o in self.world.do(self.world.jobs.sweep_orphans(60, 60))) == sorted(orphans)
        for ix_id in orphans:
            self.model.rescue(ix_id)

    @precondition(lambda self: self._held())
    @rule(engine=engines)
    def lose_an_engine(self, engine: int) -> None:
        before = self._held()
        self.die(engine=engine)
        self.sweep()
        self.claim(engine=1 - engine, limit=1)
        self.claim_quarantined(engine=1 - engine)
        self.come_back(engine=engine)
        for claim in before:
            if not self._holds(claim):
                self._refuses(claim)

    @precondition(lambda self: self._held())
    @rule(position=positions, engine=engines)
    def change_hands(self, position: int, engine: int) -> None:
        claim = self._some(self._held(), position)
        self.release(given=[self.claims.index(claim)])
        self.claim_among_lanes(engine=engine, limit=4)
        self._refuses(claim)

    @rule(limits=st.sampled_from(LIMITS))
    def set_limits(self, limits: Sequence[Limit]) -> None:
        self.world.do(self.world.limits.set(limits))
        self.model.set_limits(limits)

    @rule()
    def deliver(self) -> None:
        due = self.world.do(self.world.deliveries.claim(100, 60))
        owed = Counter(one.job.ix_id for one in due)
        assert owed == Counter({ix_id: job.owed for ix_id, job in self.model.jobs.items() if job.owed})
        for one in due:
            self.world.do(self.world.deliveries.end(one, CallbackStatus.DELIVERED, "answered 200"))
            job = self.model.jobs[one.job.ix_id]
            job.owed, job.told = job.owed - 1, job.told + 1

    @invariant()
    def jobs_agree(self) -> None:
        found = self.world.sql("SELECT ix_id, status, attempts, quarantined, queue, engine_id, claim_token FROM jobs")
        assert {row[0]: tuple(row)[1:] for row in found} == {ix_id: job.state for ix_id, job in self.model.jobs.items()}

    @invariant()
    def each_document_counts_the_jobs_that_name_it(self) -> None:
        found = self.world.sql("SELECT encode(sha256, 'hex'), uses, sha256(bytes) = sha256 FROM documents")
        assert {sha: uses for sha, uses, _ in found} == self.model.uses
        assert all(intact for *_, intact in found)

    @invariant()
    def slots_are_held_by_running_jobs(self) -> None:
        found = {
            (queue, slot): ix_id for queue, slot, ix_id in self.world.sql("SELECT queue, slot, ix_id FROM queue_slots")
        }
        assert {seat: ix_id for seat, ix_id in found.items() if ix_id} == self.model.seats
        assert set(found) == {(limit.queue, slot) for limit in self.model.limits for slot in range(1, limit.most + 1)}

    @invariant()
    def each_end_is_owed_once(self) -> None:
        counts = self.world.sql(
            "SELECT ix_id, count(*) FILTER (WHERE status = 'pending'), count(ended_at) FROM deliveries GROUP BY ix_id"
        )
        model = {ix_id: (job.owed, job.told) for ix_id, job in self.model.jobs.items() if job.owed or job.told}
        assert {ix_id: (owed, told) for ix_id, owed, told in counts} == model

    def _claim(self, engine: int, claims: Sequence[Claim]) -> list[str]:
        for claim in claims:
            self.model.claim(claim.ix_id, self.engines[engine], claim.token)
        ids = [claim.ix_id for claim in claims]
        self._seat(ids)
        self.claims += claims
        return ids

    def _seat(self, ids: Sequence[str]) -> None:
        """Which free slot a job took is the database's choice; that it took one is not."""
        seats = self.world.sql("SELECT queue, slot, ix_id FROM queue_slots WHERE ix_id = ANY ($1)", ids)
        assert {(queue, ix_id) for queue, _, ix_id in seats} == {
            (self.model.jobs[i].queue, i) for i in ids if self.model.jobs[i].queue
        }
        assert not {(queue, slot) for queue, slot, _ in seats} & set(self.model.seats)
        self.model.seats |= {(queue, slot): ix_id for queue, slot, ix_id in seats}

    def _holds(self, claim: Claim) -> bool:
        job = self.model.jobs.get(claim.ix_id)
        return job is not None and job.status is Status.RUNNING and job.token == claim.token

    def _held(self) -> list[Claim]:
        return [claim for claim in self.claims if self._holds(claim)]

    def _refuses(self, claim: Claim) -> None:
        """Nothing that a stale claim writes changes a thing, whoever runs its job now."""
        assert self.world.do(self.world.jobs.mark_done(claim, ANSWERS[Status.DONE])) is Finish.STALE
        assert not self.world.do(self.world.jobs.postpone(claim, "cause", 0))
        assert self.world.do(self.world.jobs.release([claim])) == []
        assert self.world.do(self.world.jobs.lost([claim])) == [claim.ix_id]

    def _priorities(self, ids: Iterable[str], client: str) -> list[int]:
        submissions = [self.model.jobs[ix_id].submission for ix_id in ids]
        return sorted((one.priority for one in submissions if one.client_id == client), reverse=True)

    @staticmethod
    def _some(things: Sequence[T], position: int) -> T:
        return things[position % len(things)]


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    world = World(database_url)
    yield world
    world.close()


def test_random_commands_do_what_the_model_says(world: World, size: Size, row: Row) -> None:
    examples, steps = size(500, 8), 50
    row.did("random commands against a model", f"{examples} sequences of up to {steps}")
    run_state_machine_as_test(
        partial(Life, world),  # type: ignore[arg-type]  # it takes whatever makes a machine
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=True,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    row.found("no divergence in status, attempts, fence, slots, documents' counts, deliveries owed")
