"""Event streams in the test's own process: what a reader is told, in which order, and that nothing is lost whatever is cut off."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from ix.api import sse, streams
from ix.api.hub import Hub
from ix.api.mailbox import REMEMBERED, WAITING_LIMIT
from ix.api.news import News
from ix.api.streams import ClientStream
from ix.config import Settings
from ix.control import ControlRepo
from ix.db import Pool
from ix.errors import InvalidInput
from ix.feed import FeedRepo
from ix.job import Claim, Job, JobHead, Progress
from ix.repo import JobsRepo
from tests.factories import answer, submission
from tests.logs import Log
from tests.proxy import Proxy
from tests.test_repo import generic_plan

KILL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ix web' AND datname = current_database()"

CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ix web' AND datname = current_database()"
FINISH = """
    UPDATE jobs SET status = 'done', finished_at = clock_timestamp(), attempts = 1, engine_id = NULL, response = $2 WHERE ix_id = $1"""
ENDED_JOBS = """
    INSERT INTO jobs (client_id, request_id, use_case, fingerprint, max_attempts, request, status, finished_at, response, attempts)
    SELECT 'c' || n % 3, n::text, 'drill', sha256(''), 3, $1, 'done', clock_timestamp(), $2, 1 FROM generate_series(1, 20000) AS n"""


class CountedFeed(FeedRepo):
    """The real one, which counts its looks."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool)
        self.looks = 0
        self.looked = asyncio.Event()

    async def heads(self, ix_ids: Sequence[str], of_clients: Sequence[str], or_of: Sequence[str]) -> list[JobHead]:
        self.looks += 1
        found = await super().heads(ix_ids, of_clients, or_of)
        self.looked.set()
        return found


@dataclass
class Told:
    """One event as a reader parses it."""

    name: str = ""
    id: str = ""
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def what(self) -> str:
        return str(self.data.get("status") or self.data.get("step") or self.name)


class Reader:
    """Reads a stream, one event at a time."""

    def __init__(self, chunks: AsyncGenerator[bytes, None]) -> None:
        self._chunks = chunks
        self.last_id = ""
        self.keep_alives = 0

    async def next(self) -> Told:
        """The next event. Raises `StopAsyncIteration` at the end."""
        async with asyncio.timeout(10):
            while True:
                chunk = (await anext(self._chunks)).decode()
                self.keep_alives += chunk.startswith(":")
                fields = dict(line.split(": ", 1) for line in chunk.strip().split("\n") if not line.startswith(":"))
                self.last_id = fields.get("id", self.last_id)
                if "event" in fields:
                    return Told(fields["event"], fields.get("id", ""), json.loads(fields["data"]))

    async def whats(self, number: int) -> list[str]:
        return [(await self.next()).what for _ in range(number)]

    async def until(self, what: str) -> Told:
        """The next event that says so."""
        while (told := await self.next()).what != what:
            pass
        return told

    async def until_at_rest(self) -> None:
        """Returns with the stream's position, once it has told what there was at its opening."""
        async with asyncio.timeout(10):
            while not self.last_id:
                chunk = (await anext(self._chunks)).decode()
                self.last_id = chunk.strip().removeprefix("id: ") if chunk.startswith("id:") else ""


@dataclass
class House:
    """A web process's news, hub and feed, without its HTTP."""

    settings: Settings
    news: News
    hub: Hub
    feed: CountedFeed

    def job(self, job: Job) -> Reader:
        return Reader(streams.of_job(self.hub, job, self.settings))

    def client(self, client_id: str = "acme", last_id: str | None = None) -> Reader:
        return Reader(ClientStream(self.hub, client_id, last_id, self.settings).chunks())


@asynccontextmanager
async def built(settings: Settings, pool: Pool) -> AsyncIterator[House]:
    news, feed = News(settings), CountedFeed(pool)
    hub = Hub(news, feed)
    await hub.start()
    await news.connected.wait()
    yield House(settings, news, hub, feed)
    await hub.stop()
    await news.stop()


@pytest.fixture
async def house(settings: Settings, pool: Pool) -> AsyncIterator[House]:
    async with built(settings, pool) as house:
        yield house


@pytest.fixture
def control(pool: Pool) -> ControlRepo:
    return ControlRepo(pool)


@pytest.fixture
async def far_news(settings: Settings, pool: Pool, wire: Proxy) -> AsyncIterator[House]:
    """One whose news comes over a wire that can be cut."""
    async with built(settings.model_copy(update={"postgres_url": wire.url}), pool) as house:
        yield house


async def inserted(repo: JobsRepo, **fields: Any) -> Job:
    return (await repo.insert_pending(submission(**fields))).job


async def claimed(repo: JobsRepo) -> Claim:
    claim = await repo.claim_next_pending(uuid4())
    assert claim is not None
    return claim


async def end(repo: JobsRepo, number: int, **fields: Any) -> list[str]:
    """New jobs that have ended."""
    await repo.insert_many([submission(**fields) for _ in range(number)])
    claims = await repo.claim(uuid4(), number)
    await repo.finish_many([(claim, answer()) for claim in claims])
    return sorted(claim.ix_id for claim in claims)


class TestJob:
    async def test_is_told_of_from_its_beginning_to_its_end(self, house: House, repo: JobsRepo) -> None:
        reader = house.job(await inserted(repo))
        assert await reader.whats(1) == ["pending"]
        claim = await claimed(repo)
        await house.feed.tell([(claim, Progress(ix_id=claim.ix_id, attempt=1, step="reading", done=1, of=2))])
        assert await reader.whats(1) == ["running"]
        assert (await reader.next()).data == {"ix_id": claim.ix_id, "attempt": 1, "step": "reading", "done": 1, "of": 2}
        await house.feed.tell([(claim, Progress(ix_id=claim.ix_id, attempt=1, step="asking"))])
        assert (await reader.next()).data == {"ix_id": claim.ix_id, "attempt": 1, "step": "asking"}
        await repo.mark_done(claim, answer())
        last = await reader.next()
        assert set(last.data) == set(JobHead.model_fields)
        assert (last.what, last.data["ix_id"], last.data["attempts"]) == ("done", claim.ix_id, 1)
        with pytest.raises(StopAsyncIteration):
            await reader.next()

    async def test_that_has_ended_is_told_of_once(self, house: House, repo: JobsRepo) -> None:
        [ix_id] = await end(repo, 1)
        job = await repo.get(ix_id)
        assert job is not None
        reader = house.job(job)
        told = await reader.next()
        assert (told.what, told.id) == ("done", streams.state_id(job))
        with pytest.raises(StopAsyncIteration):
            await reader.next()

    async def test_every_way_back_to_the_queue_is_told(self, house: House, repo: JobsRepo, control: ControlRepo) -> None:
        job = await inserted(repo, max_attempts=9)
        reader = house.job(job)
        assert await reader.whats(1) == ["pending"]

        async def run() -> Claim:
            claim = await claimed(repo)
            await house.feed.tell([(claim, Progress(ix_id=claim.ix_id, attempt=claim.attempts + 1))])
            assert await reader.whats(1) == ["running"]
            return claim

        await repo.release([await run()])
        assert await reader.whats(1) == ["pending"]
        await repo.postpone(await run(), "blinked", 0.0)
        assert await reader.whats(1) == ["scheduled"]
        await repo.promote()
        assert await reader.whats(1) == ["pending"]
        await run()
        await repo.sweep_orphans(15, 1)  # no engine has this job's id
        assert await reader.whats(1) == ["pending"]
        await control.cancel(job.ix_id)
        assert await reader.whats(1) == ["cancelled"]

    async def test_that_is_tried_again_before_its_end_was_told_goes_on(self, house: House, repo: JobsRepo, control: ControlRepo) -> None:
        job = await inserted(repo)
        await control.cancel(job.ix_id)
        await control.retry(job.ix_id)
        reader = house.job(job)
        assert await reader.whats(1) == ["pending"]
        await repo.mark_done(await claimed(repo), answer())
        assert await reader.until("done")

    async def test_that_is_erased_ends_with_that(self, house: House, repo: JobsRepo, control: ControlRepo) -> None:
        job = await inserted(repo)
        reader = house.job(job)
        await reader.next()
        await control.erase(job.ix_id)
        assert (await reader.next()).data == {"ix_id": job.ix_id}
        with pytest.raises(StopAsyncIteration):
            await reader.next()

    async def test_progress_of_an_earlier_attempt_is_not_told(self, house: House, repo: JobsRepo, pool: Pool) -> None:
        reader = house.job(await inserted(repo))
        await reader.next()
        await house.feed.looked.wait()
        house.feed.looked.clear()
        claim = await claimed(repo)
        stale = {"client_id": "acme", "jobs": [{"ix_id": claim.ix_id, "attempt": 7, "step": "dreaming"}]}
        for payload in ("nonsense", json.dumps(stale)):
            await pool.execute("SELECT pg_notify('ix_progress', $1)", payload)
        await house.feed.looked.wait()
        assert await reader.whats(1) == ["running"]
        await house.feed.tell([(claim, Progress(ix_id=claim.ix_id, attempt=1, step="reading"))])
        assert await reader.whats(1) == ["reading"]

    async def test_silence_is_filled_with_signs_of_life(self, settings: Settings, pool: Pool, repo: JobsRepo) -> None:
        async with built(settings.model_copy(update={"stream_heartbeat": 0.01}), pool) as house:
            job = await inserted(repo)
            chunks = streams.of_job(house.hub, job, house.settings)
            async with aclosing(chunks), asyncio.timeout(10):
                heard = [await anext(chunks) for _ in range(5)]
            assert heard.count(sse.KEEP_ALIVE) == 3

    async def test_what_happens_while_the_news_is_cut_off_is_told_after(
        self, far_news: House, repo: JobsRepo, wire: Proxy, log: Log
    ) -> None:
        reader = far_news.job(await inserted(repo))
        await reader.next()
        wire.cut()
        await log.until("listener lost")
        await repo.mark_done(await claimed(repo), answer())
        wire.mend()
        assert await reader.whats(1) == ["done"]

    async def test_a_killed_listener_loses_nothing(self, house: House, repo: JobsRepo, pool: Pool, log: Log) -> None:
        for _ in range(5):
            reader = house.job(await inserted(repo))
            await reader.next()
            await house.news.connected.wait()
            await pool.execute(KILL)
            await repo.mark_done(await claimed(repo), answer())
            assert await reader.until("done")

    async def test_streams_share_their_looks_and_a_connection_and_are_forgotten(self, house: House, repo: JobsRepo, pool: Pool) -> None:
        jobs = [outcome.job for outcome in await repo.insert_many([submission() for _ in range(200)])]
        readers = [house.job(job) for job in jobs]
        for reader in readers:
            await reader.next()
        tails = [asyncio.create_task(reader.until("done")) for reader in readers]
        claims = await repo.claim(uuid4(), 200)
        await repo.finish_many([(claim, answer()) for claim in claims])
        assert [told.data["ix_id"] for told in await asyncio.gather(*tails)] == [job.ix_id for job in jobs]
        assert house.feed.looks < 20
        assert (
            await pool.fetchval("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ix web' AND datname = current_database()")
            == 1
        )
        for reader in readers:
            with pytest.raises(StopAsyncIteration):
                await reader.next()
        assert house.hub._of_jobs == {}


class TestClient:
    async def test_is_told_of_its_own_jobs_and_no_others(self, house: House, repo: JobsRepo) -> None:
        reader = house.client()
        await reader.until_at_rest()
        jobs = [await inserted(repo, client="other"), await inserted(repo), await inserted(repo)]
        for job in jobs:
            house.hub.accepted(job)
        told = [await reader.next() for _ in range(2)]
        for claim in await repo.claim(uuid4(), 3):
            await repo.mark_done(claim, answer())
        told += [await reader.next() for _ in range(2)]
        assert {(each.what, each.data["ix_id"]) for each in told} == {(what, job.ix_id) for what in ("pending", "done") for job in jobs[1:]}

    async def test_begins_with_the_jobs_that_run(self, house: House, repo: JobsRepo) -> None:
        await end(repo, 3)
        job = await inserted(repo)
        await claimed(repo)
        told = await house.client().next()
        assert (told.what, told.data["ix_id"], told.id) == ("running", job.ix_id, "")

    async def test_a_job_that_has_ended_is_not_told_as_accepted_after(self, house: House, repo: JobsRepo) -> None:
        reader = house.client()
        await reader.until_at_rest()
        job = await inserted(repo)
        await repo.mark_done(await claimed(repo), answer())
        assert await reader.whats(1) == ["done"]
        house.hub.accepted(job)
        await end(repo, 1)
        assert (await reader.next()).data["ix_id"] != job.ix_id

    async def test_goes_on_where_it_was_cut_off_page_by_page(self, house: House, repo: JobsRepo) -> None:
        first = house.client()
        await first.until_at_rest()
        before = await end(repo, 1)
        assert (await first.next()).data["ix_id"] == before[0]
        missed = await end(repo, 250)
        await end(repo, 3, client="other")
        again = house.client(last_id=first.last_id)
        told = [await again.next() for _ in range(251)]
        assert sorted(each.data["ix_id"] for each in told) == sorted(before + missed)
        moments = [each.data["finished_at"] for each in told]
        assert moments == sorted(moments)

    async def test_a_cut_in_the_middle_of_what_was_missed_loses_nothing(
        self, settings: Settings, pool: Pool, repo: JobsRepo, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(streams, "COMMIT_SECONDS", 0.0)
        async with built(settings.model_copy(update={"statement_timeout": 1e-6}), pool) as house:
            reader = house.client()
            await reader.until_at_rest()
            missed, found = await end(repo, 50), list[str]()
            while len(set(found)) < 50:
                reader = house.client(last_id=reader.last_id)
                found += [(await reader.next()).data["ix_id"] for _ in range(10 if len(set(found)) < 40 else 2)]
        assert sorted(set(found)) == missed
        assert len(found) < 80

    async def test_a_commit_that_is_seen_late_is_not_lost(self, house: House, repo: JobsRepo, database_url: str) -> None:
        reader = house.client()
        await reader.until_at_rest()
        late, quick = await inserted(repo), await inserted(repo)
        await repo.claim(uuid4(), 2)
        slow = await asyncpg.connect(database_url)
        transaction = slow.transaction()
        await transaction.start()
        await slow.execute(FINISH, late.ix_id, answer().model_dump_json())
        other = await asyncpg.connect(database_url)
        await other.execute(FINISH, quick.ix_id, answer().model_dump_json())
        await other.execute("SELECT pg_notify('ix_ended', $1)", quick.ix_id)
        assert (await reader.next()).data["ix_id"] == late.ix_id  # the running ones first
        told = await reader.until("done")
        assert told.data["ix_id"] == quick.ix_id
        await transaction.commit()
        again = house.client(last_id=told.id)
        assert {(await again.next()).data["ix_id"] for _ in range(2)} == {late.ix_id, quick.ix_id}
        await slow.close()
        await other.close()

    async def test_what_ends_while_the_news_is_cut_off_is_told_after_and_once(
        self, far_news: House, repo: JobsRepo, wire: Proxy, log: Log
    ) -> None:
        reader = far_news.client()
        await reader.until_at_rest()
        [before] = await end(repo, 1)
        assert (await reader.next()).data["ix_id"] == before
        wire.cut()
        await log.until("listener lost")
        missed = await end(repo, 5)
        wire.mend()
        assert sorted([(await reader.next()).data["ix_id"] for _ in range(5)]) == missed
        after = await end(repo, 1)
        assert (await reader.next()).data["ix_id"] == after[0]

    async def test_a_slow_reader_takes_no_memory_and_loses_no_end(self, house: House, repo: JobsRepo) -> None:
        stream = ClientStream(house.hub, "acme", None, house.settings)
        reader = Reader(stream.chunks())
        await reader.until_at_rest()
        [first] = await end(repo, 1)
        assert (await reader.next()).data["ix_id"] == first
        most, ix_ids = 0, list[str]()
        for _ in range(8):
            ix_ids += await end(repo, 100)
            most = max(most, len(stream._mailbox))
        assert most <= WAITING_LIMIT
        told = [(await reader.next()).data["ix_id"] for _ in range(800)]
        assert (sorted(told), len(stream._mailbox._said) <= REMEMBERED) == (sorted(ix_ids), True)

    async def test_more_news_than_can_be_noted_is_read_from_the_table(
        self, house: House, repo: JobsRepo, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("ix.api.hub.NOTED_LIMIT", 10)
        reader = house.client()
        await reader.until_at_rest()
        async with house.hub.reading:
            ix_ids = await end(repo, 30)
        assert sorted([(await reader.next()).data["ix_id"] for _ in range(30)]) == sorted(ix_ids)

    @pytest.mark.parametrize("last_id", ["nonsense", "-1", "9" * 18, "done-1-1795659656625166"])
    async def test_a_position_that_no_stream_gave_is_refused(self, house: House, last_id: str) -> None:
        with pytest.raises(InvalidInput, match="Last-Event-ID"):
            house.client(last_id=last_id)

    async def test_no_statement_reads_the_whole_table(self, pool: Pool, repo: JobsRepo) -> None:
        response = answer().model_dump_json()
        await pool.execute(ENDED_JOBS, {"documents": [], "options": {}}, response.encode())
        await pool.execute("ANALYZE jobs")
        plans = {name: await generic_plan(pool, getattr(FeedRepo, name)) for name in ("_TELL", "_HEADS", "_ENDED", "_RUNNING")}
        assert [name for name, plan in plans.items() if "Seq Scan on jobs" in plan] == []
        assert "jobs_ended_of_client" in plans["_ENDED"]
        assert "jobs_by_engine" in plans["_RUNNING"]


class TestEnd:
    async def test_a_reader_that_has_left_is_forgotten(self, house: House, repo: JobsRepo) -> None:
        job = await inserted(repo)
        chunks = [streams.of_job(house.hub, job, house.settings), ClientStream(house.hub, "acme", None, house.settings).chunks()]
        for stream in chunks:
            await anext(stream)
            await anext(stream)
        assert (set(house.hub._of_jobs), set(house.hub._of_clients)) == ({job.ix_id}, {"acme"})
        for stream in chunks:
            await stream.aclose()
        assert (house.hub._of_jobs, house.hub._of_clients) == ({}, {})
        await end(repo, 1)
        assert house.feed.looks <= 1

    async def test_every_stream_ends_when_the_process_does_and_new_ones_at_once(self, house: House, repo: JobsRepo) -> None:
        job = await inserted(repo)
        readers = [house.job(job), house.client()]
        await readers[0].next()
        await readers[1].until_at_rest()
        house.hub.let_go()
        readers.append(house.client())
        for reader in readers:
            with pytest.raises(StopAsyncIteration):
                await reader.next()
