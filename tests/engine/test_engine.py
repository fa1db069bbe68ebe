"""The engine as a whole: how soon it takes a job, whatever happens to its connections, and how it starts and stops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from ix.config import Settings
from ix.database.connect import Pool
from ix.database.jobs import Jobs
from ix.database.metrics import Metrics
from ix.engine import runner
from ix.engine.engine import Engine
from ix.extraction.pipeline import Extractor
from ix.job import Request, Response, Status
from ix.use_cases import Context, UseCase
from tests.cases import Case, Gate
from tests.engine.conftest import Ended, insert_silently
from tests.factories import submission
from tests.logs import Log
from tests.proxy import Proxy

CUT_ALL = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""

LISTENERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE application_name = 'ix engine' AND datname = current_database()"""


async def echo(request: Request, context: Context) -> Response:
    return Response(result={"attempt": context.attempt})


ECHO = {"test": Case(echo)}


@asynccontextmanager
async def running(settings: Settings, log: Log, cases: Mapping[str, UseCase] = ECHO) -> AsyncIterator[Engine]:
    """An engine that hears notifications."""
    engine = Engine(settings, cases=cases)
    await engine.start()
    try:
        await log.until('listener connected who="ix engine"')
        yield engine
    finally:
        await engine.stop()


async def insert(jobs: Jobs, **fields: Any) -> str:
    return (await jobs.insert_pending(submission(use_case="test", **fields))).job.ix_id


class TestPickUp:
    async def test_a_notification_wakes_at_once(self, settings: Settings, jobs: Jobs, log: Log, ended: Ended) -> None:
        async with running(settings, log):
            for _ in range(5):
                [job] = await ended(await insert(jobs))
                assert job.status is Status.DONE
                assert job.started_at is not None
                assert (job.started_at - job.created_at).total_seconds() < 1

    async def test_what_no_notification_tells_is_found_by_the_periodic_look(
        self, settings: Settings, pool: Pool, log: Log, ended: Ended
    ) -> None:
        async with running(settings.model_copy(update={"poll_interval": 0.1}), log):
            for _ in range(3):
                [job] = await ended(await insert_silently(pool))
                assert job.status is Status.DONE

    async def test_what_waited_before_the_start_is_found(
        self, settings: Settings, pool: Pool, log: Log, ended: Ended
    ) -> None:
        ix_ids = [await insert_silently(pool) for _ in range(10)]
        async with running(settings, log):
            assert {job.status for job in await ended(*ix_ids)} == {Status.DONE}

    async def test_a_job_inserted_while_the_listener_is_away_is_found_when_it_is_back(
        self, settings: Settings, pool: Pool, log: Log, ended: Ended
    ) -> None:
        async with running(settings, log):
            await pool.execute(CUT_ALL)
            ix_id = await insert_silently(pool)
            [job] = await ended(ix_id)
        assert job.status is Status.DONE

    async def test_two_engines_share_the_work_and_do_each_job_once(
        self, settings: Settings, jobs: Jobs, log: Log, gate: Gate, ended: Ended
    ) -> None:
        cases = {"test": Case(gate.case)}
        async with running(settings, log, cases), running(settings, log, cases):
            ix_ids = [await insert(jobs) for _ in range(8)]
            assert sorted(await gate.entered(8)) == ix_ids
            gate.open()
            stored = await ended(*ix_ids)
        assert len(gate.order) == 8
        assert {(job.status, job.attempts) for job in stored} == {(Status.DONE, 1)}


class TestOutage:
    async def test_an_engine_may_start_before_its_database(
        self, settings: Settings, jobs: Jobs, wire: Proxy, log: Log, ended: Ended
    ) -> None:
        wire.cut()
        engine = Engine(settings.model_copy(update={"postgres_url": wire.url}), cases=ECHO)
        await engine.start()
        await log.until("listener lost")
        connected = [engine.is_connected]
        ix_id = await insert(jobs)
        wire.mend()
        [job] = await ended(ix_id)
        connected.append(engine.is_connected)
        assert connected == [False, True]
        assert job.status is Status.DONE
        await engine.stop()

    async def test_a_result_that_ends_in_an_outage_is_kept(
        self, settings: Settings, jobs: Jobs, wire: Proxy, log: Log, gate: Gate, ended: Ended
    ) -> None:
        # no one else sweeps here, so the engine that comes back still owns its jobs
        async with running(settings.model_copy(update={"postgres_url": wire.url}), log, {"test": Case(gate.case)}):
            ix_ids = [await insert(jobs) for _ in range(3)]
            await gate.entered(3)
            wire.cut()
            gate.open()
            await log.until("finish delayed")
            wire.mend()
            stored = await ended(*ix_ids)
        assert {(job.status, job.attempts) for job in stored} == {(Status.DONE, 1)}


class TestJobs:
    async def test_one_that_runs_over_its_time_leaves_its_slot(
        self, settings: Settings, jobs: Jobs, log: Log, ended: Ended, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(runner, "STUBBORN_SECONDS", 0.05)
        released = asyncio.Event()

        async def stubborn(request: Request, context: Context) -> Response:
            while not released.is_set():
                with suppress(asyncio.CancelledError):
                    await released.wait()
            return Response()

        cases = {"test": Case(stubborn, timeout=0.1), "echo": Case(echo, name="echo")}
        async with running(settings.model_copy(update={"engine_slots": 1}), log, cases):
            late, next_ = await insert(jobs, max_attempts=1), await insert_other(jobs, "echo")
            stored = await ended(late, next_)
            released.set()
        assert [job.response.error.code if job.response and job.response.error else None for job in stored] == [
            "time_limit",
            None,
        ]

    async def test_a_use_case_that_cancels_itself_ends_in_error_and_does_not_hang_in_running(
        self, settings: Settings, jobs: Jobs, log: Log, ended: Ended
    ) -> None:
        async def give_up(request: Request, context: Context) -> Response:
            raise asyncio.CancelledError

        async with running(settings, log, {"test": Case(give_up)}):
            [job] = await ended(await insert(jobs))
        assert job.status is Status.ERROR

    async def test_one_of_a_use_case_that_this_engine_does_not_know_ends_in_error(
        self, settings: Settings, jobs: Jobs, log: Log, ended: Ended
    ) -> None:
        async with running(settings, log, {}):
            [job] = await ended(await insert(jobs))
        assert job.response is not None
        assert job.response.error is not None
        assert job.response.error.code == "unknown_use_case"


class TestStartAndStop:
    async def test_starting_twice_is_starting_once(self, settings: Settings, jobs: Jobs, pool: Pool, log: Log) -> None:
        async with running(settings, log) as engine:
            await engine.start()
            assert await pool.fetchval(LISTENERS) == 1
        assert "\n".join(log.lines).count("engine started") == 1

    async def test_stopping_leaves_nothing_behind_however_often_it_is_asked(
        self, settings: Settings, metrics: Metrics, pool: Pool, log: Log
    ) -> None:
        before = asyncio.all_tasks()
        engine = Engine(settings, cases=ECHO)
        await engine.stop()
        await engine.start()
        await log.until("listener connected")
        assert await metrics.health() == [{"ocr": "off"}]
        nobody = {"waiting": 0, "oldest_seconds": 0.0}
        assert (await metrics.read())["waits"] == {"ocr": nobody, "model": nobody}
        await asyncio.gather(engine.stop(), engine.stop())
        await engine.stop()
        assert asyncio.all_tasks() == before
        assert await metrics.health() == []
        assert "\n".join(log.lines).count("engine stopped") == 1

    async def test_a_stop_gives_running_jobs_back(self, settings: Settings, jobs: Jobs, log: Log, gate: Gate) -> None:
        async with running(settings.model_copy(update={"drain_seconds": 0.05}), log, {"test": Case(gate.case)}):
            ix_id = await insert(jobs)
            await gate.entered()
        job = await jobs.get(ix_id)
        assert job is not None
        assert (job.status, job.attempts) == (Status.PENDING, 0)

    async def test_a_stop_in_an_outage_comes_to_its_end(
        self, settings: Settings, jobs: Jobs, wire: Proxy, log: Log
    ) -> None:
        quick = {"postgres_url": wire.url, "statement_timeout": 0.3, "acquire_timeout": 0.3}
        async with asyncio.timeout(8), running(settings.model_copy(update=quick), log):
            wire.freeze()

    async def test_settings_that_cannot_work_are_refused(self, settings: Settings) -> None:
        with pytest.raises(Exception, match="IX_POSTGRES_URL"):
            await Engine(settings.model_copy(update={"postgres_url": ""}), cases=ECHO).start()

    async def test_a_pool_that_is_given_stays_open(self, settings: Settings, pool: Pool, log: Log) -> None:
        engine = Engine(settings, pool=pool, cases=ECHO, extractor=Extractor.create(settings))
        await engine.start()
        await log.until("listener connected")
        await engine.stop()
        assert await pool.fetchval("SELECT 1") == 1


async def insert_other(jobs: Jobs, use_case: str) -> str:
    return (await jobs.insert_pending(submission(use_case=use_case))).job.ix_id


async def test_a_document_of_the_job_reaches_the_extraction(
    settings: Settings, jobs: Jobs, log: Log, ended: Ended
) -> None:
    schema = {
        "type": "object",
        "properties": {"total": {"type": "number", "x-ix": {"kind": "money", "labels": ["total"]}}},
    }

    async def read(request: Request, context: Context) -> Response:
        context.progress("reading")
        return await context.extract(schema, "")

    async with running(settings, log, {"test": Case(read)}):
        [job] = await ended(await insert(jobs, document=b"Corner Shop\nTotal 12.50\n"))
    assert job.response is not None
    assert job.response.result == {"total": 12.5}
