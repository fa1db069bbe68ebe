"""The event stream of a client, in the test's own process: what a reader is told, and that nothing is lost whatever is
cut off."""

from __future__ import annotations

from uuid import uuid4

import asyncpg
import pytest

from ix.api.live import streams
from ix.api.live.streams import ClientStream
from ix.api.live.subscription import REMEMBERED, WAITING_LIMIT
from ix.config import Settings
from ix.database.connect import Pool
from ix.database.jobs import Jobs
from ix.errors import InvalidInput
from tests.api.streaming import Live, Reader, built, claimed, end, inserted
from tests.database.test_jobs import generic_plan
from tests.factories import answer
from tests.logs import Log
from tests.proxy import Proxy

FINISH = """
    UPDATE jobs SET status = 'done', finished_at = clock_timestamp(), attempts = 1, engine_id = NULL, response = $2
    WHERE ix_id = $1"""
ENDED_JOBS = """
    INSERT INTO jobs (
        client_id, request_id, use_case, fingerprint, max_attempts, request, status, finished_at, response, attempts
    )
    SELECT 'c' || n % 3, n::text, 'drill', sha256(''), 3, $1, 'done', clock_timestamp(), $2, 1
    FROM generate_series(1, 20000) AS n"""


class TestClient:
    async def test_is_told_of_its_own_jobs_and_no_others(self, live: Live, jobs: Jobs) -> None:
        reader = live.client()
        await reader.until_at_rest()
        submitted = [await inserted(jobs, client="other"), await inserted(jobs), await inserted(jobs)]
        for job in submitted:
            live.broadcast.accepted(job)
        told = [await reader.next() for _ in range(2)]
        for claim in await jobs.claim(uuid4(), 3):
            await jobs.mark_done(claim, answer())
        told += [await reader.next() for _ in range(2)]
        assert {(each.what, each.data["ix_id"]) for each in told} == {
            (what, job.ix_id) for what in ("pending", "done") for job in submitted[1:]
        }

    async def test_begins_with_the_jobs_that_run(self, live: Live, jobs: Jobs) -> None:
        await end(jobs, 3)
        job = await inserted(jobs)
        await claimed(jobs)
        told = await live.client().next()
        assert (told.what, told.data["ix_id"], told.id) == ("running", job.ix_id, "")

    async def test_a_job_that_has_ended_is_not_told_as_accepted_after(self, live: Live, jobs: Jobs) -> None:
        reader = live.client()
        await reader.until_at_rest()
        job = await inserted(jobs)
        await jobs.mark_done(await claimed(jobs), answer())
        assert await reader.whats(1) == ["done"]
        live.broadcast.accepted(job)
        await end(jobs, 1)
        assert (await reader.next()).data["ix_id"] != job.ix_id

    async def test_goes_on_where_it_was_cut_off_page_by_page(self, live: Live, jobs: Jobs) -> None:
        first = live.client()
        await first.until_at_rest()
        before = await end(jobs, 1)
        assert (await first.next()).data["ix_id"] == before[0]
        missed = await end(jobs, 250)
        await end(jobs, 3, client="other")
        again = live.client(last_id=first.last_id)
        told = [await again.next() for _ in range(251)]
        assert sorted(each.data["ix_id"] for each in told) == sorted(before + missed)
        moments = [each.data["finished_at"] for each in told]
        assert moments == sorted(moments)

    async def test_a_cut_in_the_middle_of_what_was_missed_loses_nothing(
        self, settings: Settings, pool: Pool, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(streams, "COMMIT_SECONDS", 0.0)
        async with built(settings.model_copy(update={"statement_timeout": 1e-6}), pool) as live:
            reader = live.client()
            await reader.until_at_rest()
            missed, found = await end(jobs, 50), list[str]()
            while len(set(found)) < 50:
                reader = live.client(last_id=reader.last_id)
                found += [(await reader.next()).data["ix_id"] for _ in range(10 if len(set(found)) < 40 else 2)]
        assert sorted(set(found)) == missed
        assert len(found) < 80

    async def test_a_commit_that_is_seen_late_is_not_lost(self, live: Live, jobs: Jobs, database_url: str) -> None:
        reader = live.client()
        await reader.until_at_rest()
        late, quick = await inserted(jobs), await inserted(jobs)
        await jobs.claim(uuid4(), 2)
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
        again = live.client(last_id=told.id)
        assert {(await again.next()).data["ix_id"] for _ in range(2)} == {late.ix_id, quick.ix_id}
        await slow.close()
        await other.close()

    async def test_what_ends_while_the_news_is_cut_off_is_told_after_and_once(
        self, far_live: Live, jobs: Jobs, wire: Proxy, log: Log
    ) -> None:
        reader = far_live.client()
        await reader.until_at_rest()
        [before] = await end(jobs, 1)
        assert (await reader.next()).data["ix_id"] == before
        wire.cut()
        await log.until("listener lost")
        missed = await end(jobs, 5)
        wire.mend()
        assert sorted([(await reader.next()).data["ix_id"] for _ in range(5)]) == missed
        after = await end(jobs, 1)
        assert (await reader.next()).data["ix_id"] == after[0]

    async def test_a_slow_reader_takes_no_memory_and_loses_no_end(self, live: Live, jobs: Jobs) -> None:
        stream = ClientStream(live.broadcast, "acme", None, live.settings)
        reader = Reader(stream.chunks())
        await reader.until_at_rest()
        [first] = await end(jobs, 1)
        assert (await reader.next()).data["ix_id"] == first
        most, ix_ids = 0, list[str]()
        for _ in range(8):
            ix_ids += await end(jobs, 100)
            most = max(most, len(stream._subscription))
        assert most <= WAITING_LIMIT
        told = [(await reader.next()).data["ix_id"] for _ in range(800)]
        assert (sorted(told), len(stream._subscription._sent) <= REMEMBERED) == (sorted(ix_ids), True)

    async def test_more_news_than_can_be_noted_is_read_from_the_table(
        self, live: Live, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("ix.api.live.broadcast.NOTED_LIMIT", 10)
        reader = live.client()
        await reader.until_at_rest()
        async with live.broadcast.reading:
            ix_ids = await end(jobs, 30)
        assert sorted([(await reader.next()).data["ix_id"] for _ in range(30)]) == sorted(ix_ids)

    @pytest.mark.parametrize("last_id", ["nonsense", "-1", "9" * 18, "done-1-1795659656625166"])
    async def test_a_position_that_no_stream_gave_is_refused(self, live: Live, last_id: str) -> None:
        with pytest.raises(InvalidInput, match="Last-Event-ID"):
            live.client(last_id=last_id)

    async def test_no_statement_reads_the_whole_table(self, pool: Pool, jobs: Jobs) -> None:
        response = answer().model_dump_json()
        await pool.execute(ENDED_JOBS, {"documents": [], "options": {}}, response.encode())
        await pool.execute("ANALYZE jobs")
        plans = {
            name: await generic_plan(pool, getattr(Jobs, name))
            for name in ("_TELL", "_HEADS", "_ENDED_OF_CLIENT", "_RUNNING")
        }
        assert [name for name, plan in plans.items() if "Seq Scan on jobs" in plan] == []
        assert "jobs_ended_of_client" in plans["_ENDED_OF_CLIENT"]
        assert "jobs_by_engine" in plans["_RUNNING"]
