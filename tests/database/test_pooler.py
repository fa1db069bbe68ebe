"""ix behind a pooler: what notices it, what works through it, and what takes the place of what cannot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from uuid import uuid4

import pytest

from ix.api.live.notifications import Notifications
from ix.api.live.waiters import Waiters
from ix.config import Settings
from ix.database import listener as listening_module
from ix.database.connect import Pool
from ix.database.documents import Documents
from ix.database.engines import Engines
from ix.database.jobs import Finish, Jobs
from ix.database.migrate import migrate
from ix.database.pool import open_pool, ping
from ix.engine.engine import Engine
from ix.engine.listener import EngineListener
from ix.job import Request, Status
from tests import logs, pooler
from tests.factories import answer, submission
from tests.logs import Log
from tests.proxy import Proxy, proxied

HOUR = 3600.0
OUR_LOCKS = """
    SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 26936
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
MISSING = "notifications do not arrive"
HELD = """
    SELECT count(*) FROM pg_locks JOIN engines ON objid::bigint = lock_key
    WHERE locktype = 'advisory' AND classid = 26936
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
KEPT = "SELECT count(*) FROM pg_prepared_statements"
with_pgbouncer = pytest.mark.skipif(pooler.PROGRAM is None, reason="no pgbouncer on the PATH")


@pytest.fixture
def log() -> Iterator[Log]:
    with logs.heard() as log:
        yield log


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Nothing but the poll in place of notifications looks for work."""
    return settings.model_copy(update={"poll_interval": HOUR, "heartbeat_interval": 0.3, "sweep_interval": HOUR})


@pytest.fixture
def through(database_url: str) -> Iterator[str]:
    with pooler.bouncer(database_url) as url:
        yield url


@pytest.fixture
async def wire(database_url: str) -> AsyncIterator[Proxy]:
    async with proxied(database_url) as wire:
        yield wire


@asynccontextmanager
async def pool_of(settings: Settings) -> AsyncIterator[Pool]:
    pool = await open_pool(settings)
    try:
        yield pool
    finally:
        pool.terminate()


@asynccontextmanager
async def listening(settings: Settings, pool: Pool) -> AsyncIterator[EngineListener]:
    listener = EngineListener(settings, uuid4(), lambda: None, dict, ping=partial(ping, pool, 5.0))
    await listener.start()
    await listener.connected.wait()
    try:
        yield listener
    finally:
        await listener.stop()


async def until(pool: Pool, sql: str, value: object) -> None:
    async with asyncio.timeout(10):
        while await pool.fetchval(sql) != value:
            await asyncio.sleep(0.02)


class TestDirect:
    async def test_statements_are_kept_prepared_and_no_pooler_is_seen(self, pool: Pool, jobs: Jobs, log: Log) -> None:
        await jobs.get("00000000000000ff")
        assert await pool.fetchval(KEPT) > 0
        assert (
            await pool.fetchval("SELECT current_setting('plan_cache_mode') || current_setting('jit')")
            == "force_generic_planoff"
        )
        assert not any("pooler" in line for line in log.lines)

    async def test_a_ping_arrives_and_nothing_is_said(self, settings: Settings, pool: Pool, log: Log) -> None:
        async with listening(settings, pool) as listener:
            async with asyncio.timeout(10):
                await listener._pinged.wait()
            assert listener.hears
            assert listener.owns_session
        assert not any("notifications" in line for line in log.lines)


class TestMutedWire:
    """Locks work, and no notification arrives: the part that can be tried everywhere."""

    async def test_a_job_is_started_and_its_waiter_answered_all_the_same(
        self, settings: Settings, wire: Proxy, log: Log
    ) -> None:
        wire.mute()
        settings = settings.model_copy(update={"postgres_url": wire.url})
        async with pool_of(settings) as pool:
            engine, jobs = Engine(settings), Jobs(pool)
            news = Notifications(settings, partial(ping, pool, 5.0))
            waiters = Waiters(news, jobs, settings.pool_size)
            await engine.start()
            assert "IX_LISTEN_URL" in await log.until(MISSING)
            job = (await jobs.insert_pending(submission())).job
            assert (await waiters.wait(job, 10)).status is Status.DONE
            await engine.stop()
            await news.stop()

    async def test_all_waiters_share_one_query(
        self, settings: Settings, wire: Proxy, log: Log, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        wire.mute()
        monkeypatch.setattr(Notifications, "pace", 0.2)
        settings = settings.model_copy(update={"postgres_url": wire.url})
        async with pool_of(settings) as pool:
            jobs = Counting(pool)
            news = Notifications(settings, partial(ping, pool, 5.0))
            waiters = Waiters(news, jobs, settings.pool_size)
            submitted = [(await jobs.insert_pending(submission())).job for _ in range(20)]
            waits = [asyncio.create_task(waiters.wait(job, 20)) for job in submitted]
            await log.until(MISSING)
            while not jobs.asked:
                await asyncio.sleep(0.01)
            assert (len(jobs.asked[-1]), jobs.reads) == (20, 20)
            for claim in await jobs.claim(uuid4(), 20):
                await jobs.mark_done(claim, answer())
            assert {job.status for job in await asyncio.gather(*waits)} == {Status.DONE}
            await news.stop()

    async def test_it_says_so_when_notifications_arrive_again(
        self, settings: Settings, wire: Proxy, pool: Pool, log: Log, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(listening_module, "TEST_SECONDS", 0.0)
        monkeypatch.setattr(listening_module, "PING_SECONDS", 0.3)
        wire.mute()
        async with listening(settings.model_copy(update={"postgres_url": wire.url}), pool) as listener:
            await log.until(MISSING)
            wire.mend()
            await log.until("notifications arrive again")
            assert listener.hears

    async def test_a_ping_that_cannot_be_sent_proves_nothing(self, settings: Settings, pool: Pool, log: Log) -> None:
        async def fail(channel: str, payload: str) -> None:
            raise OSError

        listener = EngineListener(settings, uuid4(), lambda: None, dict, ping=fail)
        await listener.start()
        await log.until("listener connected")
        await until(pool, "SELECT count(*) > 0 FROM engines WHERE heartbeat_at > started_at", True)
        assert listener.hears
        await listener.stop()


class Counting(Jobs):
    """Counts what is asked."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool)
        self.asked: list[list[str]] = []
        self.reads = 0

    async def ended(self, ix_ids: object) -> list[str]:
        self.asked.append(list(ix_ids))  # type: ignore[call-overload]
        return await super().ended(ix_ids)  # type: ignore[arg-type]

    async def get(self, ix_id: str) -> object:  # type: ignore[override]
        self.reads += 1
        return await super().get(ix_id)


@with_pgbouncer
class TestPgBouncer:
    async def test_statements_work_however_sessions_change_under_them(
        self, settings: Settings, through: str, log: Log
    ) -> None:
        async with pool_of(settings.model_copy(update={"postgres_url": through})) as pool:
            jobs, engine_id = Jobs(pool), uuid4()
            async with pool.acquire() as connection:
                await Engines.heartbeat(connection, engine_id, None, "test", {})

            async def one(number: int) -> Finish:
                await jobs.insert_pending(submission(document=str(number).encode(), options={"number": number}))
                claim = await jobs.claim_next_pending(engine_id)
                assert claim is not None
                assert await Documents(pool).read([str(ref.sha256) for ref in (claim.request or Request()).documents])
                return await jobs.mark_done(claim, answer(number=number))

            assert set(await asyncio.gather(*(one(number) for number in range(60)))) == {Finish.STORED}
            assert await pool.fetchval(KEPT) == 0
        assert [line for line in log.lines if "pooler" in line] == [
            "INFO a pooler stands between ix and PostgreSQL; statements are not kept prepared who=ix"
        ]

    async def test_an_engine_without_a_lock_is_not_taken_for_dead(
        self, settings: Settings, through: str, pool: Pool, jobs: Jobs, log: Log
    ) -> None:
        async with (
            pool_of(settings.model_copy(update={"postgres_url": through})) as own,
            listening(settings.model_copy(update={"postgres_url": through}), own) as listener,
        ):
            await log.until(MISSING)
            await jobs.insert_pending(submission())
            assert await jobs.claim_next_pending(listener._engine_id)
            for _ in range(3):
                assert await jobs.sweep_orphans(15.0, 0.0) == []
            assert await pool.fetchval("SELECT lock_key IS NULL AND missing_since IS NULL FROM engines")
            assert await pool.fetchval(OUR_LOCKS) == 0
        assert [orphan.last_error for orphan in await jobs.sweep_orphans(0.0, 0.0)] == [
            "the engine gave no sign of life"
        ]

    async def test_a_direct_address_for_the_listener_brings_back_notifications_and_the_lock(
        self, settings: Settings, through: str, pool: Pool, log: Log
    ) -> None:
        both = settings.model_copy(update={"postgres_url": through, "listen_url": settings.postgres_url})
        async with pool_of(both) as own, listening(both, own) as listener:
            async with asyncio.timeout(10):
                await listener._pinged.wait()
            assert listener.hears
            assert await pool.fetchval(HELD) == 1
        assert not any(MISSING in line for line in log.lines)

    async def test_a_pooler_that_lends_sessions_for_good_passes_for_direct(
        self, settings: Settings, database_url: str, pool: Pool
    ) -> None:
        with pooler.bouncer(database_url, "session") as through:
            settings = settings.model_copy(update={"postgres_url": through})
            async with (
                pool_of(settings.model_copy(update={"pool_size": 1})) as own,
                listening(settings, own) as listener,
            ):
                await until(pool, HELD, 1)
                assert listener.hears

    async def test_migrations_run_through_it(self, empty_database_url: str) -> None:
        with pooler.bouncer(empty_database_url) as through:
            await migrate(through)
            assert "Applied: 0" not in await migrate(through, "status")
