"""The event stream of one job, in the test's own process: what a reader is told, in which order, and how it ends."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from uuid import uuid4

import pytest

from ix.api.live import sse, streams
from ix.api.live.streams import ClientStream
from ix.config import Settings
from ix.database.connect import Pool
from ix.database.jobs import Jobs
from ix.job import Claim, JobHead, Progress
from tests.api.streaming import Live, built, claimed, end, inserted
from tests.factories import answer, submission
from tests.logs import Log
from tests.proxy import Proxy

OF_WEB = "FROM pg_stat_activity WHERE application_name = 'ix web' AND datname = current_database()"
KILL = f"SELECT pg_terminate_backend(pid) {OF_WEB}"
CONNECTIONS = f"SELECT count(*) {OF_WEB}"


class TestJob:
    async def test_is_told_of_from_its_beginning_to_its_end(self, live: Live, jobs: Jobs) -> None:
        reader = live.job(await inserted(jobs))
        assert await reader.whats(1) == ["pending"]
        claim = await claimed(jobs)
        await live.jobs.tell_progress([(claim, Progress(ix_id=claim.ix_id, attempt=1, step="reading", done=1, of=2))])
        assert await reader.whats(1) == ["running"]
        assert (await reader.next()).data == {"ix_id": claim.ix_id, "attempt": 1, "step": "reading", "done": 1, "of": 2}
        await live.jobs.tell_progress([(claim, Progress(ix_id=claim.ix_id, attempt=1, step="asking"))])
        assert (await reader.next()).data == {"ix_id": claim.ix_id, "attempt": 1, "step": "asking"}
        await jobs.mark_done(claim, answer())
        last = await reader.next()
        # left out where it is null
        absent = {name for name, field in JobHead.model_fields.items() if field.exclude_if}
        assert set(last.data) == set(JobHead.model_fields) - absent
        assert (last.what, last.data["ix_id"], last.data["attempts"]) == ("done", claim.ix_id, 1)
        with pytest.raises(StopAsyncIteration):
            await reader.next()

    async def test_that_has_ended_is_told_of_once(self, live: Live, jobs: Jobs) -> None:
        [ix_id] = await end(jobs, 1)
        job = await jobs.get(ix_id)
        assert job is not None
        reader = live.job(job)
        told = await reader.next()
        assert (told.what, told.id) == ("done", streams.state_id(job))
        with pytest.raises(StopAsyncIteration):
            await reader.next()

    async def test_every_way_back_to_the_queue_is_told(self, live: Live, jobs: Jobs) -> None:
        job = await inserted(jobs, max_attempts=9)
        reader = live.job(job)
        assert await reader.whats(1) == ["pending"]

        async def run() -> Claim:
            claim = await claimed(jobs)
            await live.jobs.tell_progress([(claim, Progress(ix_id=claim.ix_id, attempt=claim.attempts + 1))])
            assert await reader.whats(1) == ["running"]
            return claim

        await jobs.release([await run()])
        assert await reader.whats(1) == ["pending"]
        await jobs.postpone(await run(), "blinked", 0.0)
        assert await reader.whats(1) == ["scheduled"]
        await jobs.promote()
        assert await reader.whats(1) == ["pending"]
        await run()
        await jobs.sweep_orphans(15, 1)  # no engine has this job's id
        assert await reader.whats(1) == ["pending"]
        await jobs.cancel(job.ix_id)
        assert await reader.whats(1) == ["cancelled"]

    async def test_that_is_tried_again_before_its_end_was_told_goes_on(self, live: Live, jobs: Jobs) -> None:
        job = await inserted(jobs)
        await jobs.cancel(job.ix_id)
        await jobs.retry(job.ix_id)
        reader = live.job(job)
        assert await reader.whats(1) == ["pending"]
        await jobs.mark_done(await claimed(jobs), answer())
        assert await reader.until("done")

    async def test_that_is_erased_ends_with_that(self, live: Live, jobs: Jobs) -> None:
        job = await inserted(jobs)
        reader = live.job(job)
        await reader.next()
        await jobs.erase(job.ix_id)
        assert (await reader.next()).data == {"ix_id": job.ix_id}
        with pytest.raises(StopAsyncIteration):
            await reader.next()

    async def test_progress_of_an_earlier_attempt_is_not_told(self, live: Live, jobs: Jobs, pool: Pool) -> None:
        reader = live.job(await inserted(jobs))
        await reader.next()
        await live.jobs.was_read.wait()
        live.jobs.was_read.clear()
        claim = await claimed(jobs)
        stale = {"client_id": "acme", "jobs": [{"ix_id": claim.ix_id, "attempt": 7, "step": "dreaming"}]}
        for payload in ("nonsense", json.dumps(stale)):
            await pool.execute("SELECT pg_notify('ix_progress', $1)", payload)
        await live.jobs.was_read.wait()
        assert await reader.whats(1) == ["running"]
        await live.jobs.tell_progress([(claim, Progress(ix_id=claim.ix_id, attempt=1, step="reading"))])
        assert await reader.whats(1) == ["reading"]

    async def test_silence_is_filled_with_signs_of_life(self, settings: Settings, pool: Pool, jobs: Jobs) -> None:
        async with built(settings.model_copy(update={"stream_heartbeat": 0.01}), pool) as live:
            job = await inserted(jobs)
            chunks = streams.of_job(live.broadcast, job, live.settings)
            async with aclosing(chunks), asyncio.timeout(10):
                heard = [await anext(chunks) for _ in range(5)]
            assert heard.count(sse.KEEP_ALIVE) == 3

    async def test_what_happens_while_the_news_is_cut_off_is_told_after(
        self, far_live: Live, jobs: Jobs, wire: Proxy, log: Log
    ) -> None:
        reader = far_live.job(await inserted(jobs))
        await reader.next()
        wire.cut()
        await log.until("listener lost")
        await jobs.mark_done(await claimed(jobs), answer())
        wire.mend()
        assert await reader.whats(1) == ["done"]

    async def test_a_killed_listener_loses_nothing(self, live: Live, jobs: Jobs, pool: Pool, log: Log) -> None:
        for _ in range(5):
            reader = live.job(await inserted(jobs))
            await reader.next()
            await live.notifications.connected.wait()
            await pool.execute(KILL)
            await jobs.mark_done(await claimed(jobs), answer())
            assert await reader.until("done")

    async def test_streams_share_their_reads_and_a_connection_and_are_forgotten(
        self, live: Live, jobs: Jobs, pool: Pool
    ) -> None:
        submitted = [outcome.job for outcome in await jobs.insert_many([submission() for _ in range(200)])]
        readers = [live.job(job) for job in submitted]
        for reader in readers:
            await reader.next()
        tails = [asyncio.create_task(reader.until("done")) for reader in readers]
        claims = await jobs.claim(uuid4(), 200)
        await jobs.finish_many([(claim, answer()) for claim in claims])
        assert [told.data["ix_id"] for told in await asyncio.gather(*tails)] == [job.ix_id for job in submitted]
        assert live.jobs.reads < 20
        assert await pool.fetchval(CONNECTIONS) == 1
        for reader in readers:
            with pytest.raises(StopAsyncIteration):
                await reader.next()
        assert live.broadcast._of_jobs == {}


class TestEnd:
    async def test_a_reader_that_has_left_is_forgotten(self, live: Live, jobs: Jobs) -> None:
        job = await inserted(jobs)
        chunks = [
            streams.of_job(live.broadcast, job, live.settings),
            ClientStream(live.broadcast, "acme", None, live.settings).chunks(),
        ]
        for stream in chunks:
            await anext(stream)
            await anext(stream)
        assert (set(live.broadcast._of_jobs), set(live.broadcast._of_clients)) == ({job.ix_id}, {"acme"})
        for stream in chunks:
            await stream.aclose()
        assert (live.broadcast._of_jobs, live.broadcast._of_clients) == ({}, {})
        await end(jobs, 1)
        assert live.jobs.reads <= 1

    async def test_every_stream_ends_when_the_process_does_and_new_ones_at_once(self, live: Live, jobs: Jobs) -> None:
        job = await inserted(jobs)
        readers = [live.job(job), live.client()]
        await readers[0].next()
        await readers[1].until_at_rest()
        live.broadcast.close_all()
        readers.append(live.client())
        for reader in readers:
            with pytest.raises(StopAsyncIteration):
                await reader.next()
