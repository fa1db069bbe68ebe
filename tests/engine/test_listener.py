"""The engine's listener: what wakes it, what proves that the engine lives, and how it comes back whatever happens to
its connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from ix.config import Settings
from ix.database.connect import Pool
from ix.database.engines import Engines
from ix.database.jobs import Jobs
from ix.database.metrics import Metrics
from ix.engine.listener import EngineListener
from ix.engine.maintenance.heartbeat import Heartbeat
from tests.factories import submission
from tests.logs import Log
from tests.proxy import Proxy

KILL = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'ix engine' AND datname = current_database()"""


class Sleeper:
    """Counts how often it is woken."""

    def __init__(self) -> None:
        self._wakes: asyncio.Queue[None] = asyncio.Queue()

    def wake(self) -> None:
        self._wakes.put_nowait(None)

    async def woken(self) -> None:
        async with asyncio.timeout(10):
            await self._wakes.get()

    @property
    def wakes_left(self) -> int:
        return self._wakes.qsize()


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A heartbeat that only a test which needs it makes quicker."""
    return settings.model_copy(update={"heartbeat_interval": 60.0})


@pytest.fixture
def sleeper() -> Sleeper:
    return Sleeper()


@asynccontextmanager
async def listening(settings: Settings, sleeper: Sleeper) -> AsyncIterator[EngineListener]:
    """A listener that has woken its worker once, as it does after each connection."""
    listener = EngineListener(settings, uuid4(), sleeper.wake, lambda: {"ocr": "ok"})
    await listener.start()
    await sleeper.woken()
    yield listener
    await listener.stop()


async def test_every_notification_wakes(settings: Settings, jobs: Jobs, sleeper: Sleeper) -> None:
    async with listening(settings, sleeper):
        for _ in range(3):
            await jobs.insert_pending(submission())
            await sleeper.woken()
        assert sleeper.wakes_left == 0


async def test_the_heartbeat_carries_health_and_a_lock_that_goes_with_the_connection(
    settings: Settings, metrics: Metrics, pool: Pool, sleeper: Sleeper
) -> None:
    held = """
        SELECT count(*) FROM pg_locks JOIN engines ON objid::bigint = lock_key
        WHERE locktype = 'advisory' AND classid = 26936
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
    async with listening(settings, sleeper):
        assert await metrics.health() == [{"ocr": "ok"}]
        assert await pool.fetchval(held) == 1
    async with asyncio.timeout(5):
        while await pool.fetchval(held):
            await asyncio.sleep(0.01)


async def test_after_its_backend_was_killed_it_listens_first_and_wakes_second(
    settings: Settings, jobs: Jobs, pool: Pool, sleeper: Sleeper, log: Log
) -> None:
    async with listening(settings, sleeper):
        for _ in range(3):
            await pool.execute(KILL)
            await log.until("listener lost")
            await sleeper.woken()
            await jobs.insert_pending(submission())
            await sleeper.woken()


@pytest.mark.parametrize("outage", ["freeze", "swallow_answers"])
async def test_a_connection_that_only_looks_alive_is_found_by_the_heartbeat(
    settings: Settings, jobs: Jobs, wire: Proxy, sleeper: Sleeper, log: Log, outage: str
) -> None:
    quick = {"postgres_url": wire.url, "heartbeat_interval": 0.05, "heartbeat_timeout": 0.3, "acquire_timeout": 0.5}
    async with listening(settings.model_copy(update=quick), sleeper):
        getattr(wire, outage)()
        await log.until("listener lost.*error=TimeoutError")
        wire.mend()
        await sleeper.woken()
        await jobs.insert_pending(submission())
        await sleeper.woken()


async def test_it_comes_back_when_the_database_does(
    settings: Settings, wire: Proxy, sleeper: Sleeper, log: Log
) -> None:
    async with listening(settings.model_copy(update={"postgres_url": wire.url}), sleeper) as listener:
        wire.cut()
        for _ in range(3):
            await log.until("listener lost")
        assert not listener.connected.is_set()
        wire.mend()
        await sleeper.woken()
        assert listener.connected.is_set()


async def test_an_engine_that_was_taken_for_dead_registers_again_and_says_so(
    settings: Settings, metrics: Metrics, pool: Pool, sleeper: Sleeper, log: Log
) -> None:
    async with listening(settings.model_copy(update={"heartbeat_interval": 0.05}), sleeper):
        await pool.execute("DELETE FROM engines")
        await log.until("taken for dead")
        assert await metrics.health() == [{"ocr": "ok"}]


async def test_an_engine_whose_listener_is_cut_off_lives_on_by_the_pool(
    settings: Settings, pool: Pool, wire: Proxy, sleeper: Sleeper, log: Log
) -> None:
    settings = settings.model_copy(update={"listen_url": wire.url, "heartbeat_interval": 0.05})
    async with listening(settings, sleeper) as listener:
        pulse = Heartbeat(settings, listener, pool)
        await pulse.start()
        wire.cut()
        await log.until("listener lost")
        for _ in range(2):
            await engine_row(
                pool, "lock_key IS NULL AND heartbeat_at > $1", await pool.fetchval("SELECT clock_timestamp()")
            )
        wire.mend()
        await engine_row(
            pool, "lock_key IS NOT NULL AND heartbeat_at > $1", await pool.fetchval("SELECT clock_timestamp()")
        )
        await pulse.stop()


async def test_a_lock_that_an_earlier_session_still_holds_is_told_of_once_it_is_its_own(
    settings: Settings, pool: Pool, sleeper: Sleeper
) -> None:
    """When that session ends, and nobody holds the lock for a moment, the others would take the engine for dead."""
    settings = settings.model_copy(update={"heartbeat_interval": 0.05})
    listener = EngineListener(settings, uuid4(), sleeper.wake, lambda: {"ocr": "ok"})
    async with pool.acquire() as earlier:
        assert await Engines.hold_lock(earlier, listener._lock_key)
        await listener.start()
        for _ in range(2):
            await engine_row(
                pool, "lock_key IS NULL AND heartbeat_at > $1", await pool.fetchval("SELECT clock_timestamp()")
            )
        assert await earlier.fetchval("SELECT pg_advisory_unlock(26936, $1)", listener._lock_key)
        await engine_row(
            pool, "lock_key IS NOT NULL AND heartbeat_at > $1", await pool.fetchval("SELECT clock_timestamp()")
        )
    await listener.stop()


async def engine_row(pool: Pool, state: str, *arguments: object) -> None:
    """Returns when the engine's row is as described."""
    async with asyncio.timeout(10):
        while not await pool.fetchval(f"SELECT count(*) FROM engines WHERE {state}", *arguments):
            await asyncio.sleep(0.01)


async def test_a_database_without_tables_says_what_to_do(empty_database_url: str, log: Log) -> None:
    listener = EngineListener(Settings(postgres_url=empty_database_url), uuid4(), lambda: None, dict)
    await listener.start()
    assert "ix migrate" in await log.until("listener lost")
    await listener.stop()


@pytest.mark.parametrize("moment", range(10))
async def test_it_stops_even_in_the_moment_in_which_its_connection_breaks(
    settings: Settings, wire: Proxy, sleeper: Sleeper, moment: int
) -> None:
    async with listening(settings.model_copy(update={"postgres_url": wire.url}), sleeper) as listener:
        wire.cut()
        for _ in range(moment):
            await asyncio.sleep(0)
        stopping = asyncio.create_task(listener.stop())
        await asyncio.wait([stopping], timeout=5)
        assert stopping.done()
