"""The parts of an engine over a database of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest

from ix.api.live.notifications import Notifications
from ix.api.live.waiters import Waiters
from ix.config import Settings
from ix.database.connect import Pool
from ix.database.jobs import Jobs
from ix.job import Job
from tests import logs, proxy
from tests.cases import Gate
from tests.logs import Log
from tests.proxy import Proxy

HOUR = 3600.0
Ended = Callable[..., Awaitable[list[Job]]]


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Nothing is looked for from time to time, so that only what a test does can wake anything."""
    return Settings(postgres_url=database_url, engine_slots=4, ocr="off", poll_interval=HOUR, drain_seconds=0.5)


@pytest.fixture
def log() -> Iterator[Log]:
    with logs.heard() as log:
        yield log


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
async def wire(database_url: str) -> AsyncIterator[Proxy]:
    async with proxy.proxied(database_url) as wire:
        yield wire


@pytest.fixture
async def ended(settings: Settings, jobs: Jobs) -> AsyncIterator[Ended]:
    """Waits until jobs have ended."""
    news = Notifications(settings)
    waiters = Waiters(news, jobs, settings.pool_size)

    async def wait(*ix_ids: str) -> list[Job]:
        stored = [await jobs.get(ix_id) for ix_id in ix_ids]
        return [await waiters.wait(job, 10) for job in stored if job is not None]

    yield wait
    await news.stop()


async def insert_silently(pool: Pool, use_case: str = "test") -> str:
    """Inserts a job of which no notification tells."""
    return str(
        await pool.fetchval(
            "INSERT INTO jobs (client_id, request_id, use_case, fingerprint, max_attempts, request) "
            "VALUES ('acme', gen_random_uuid()::text, $1, sha256(''), 3, $2) RETURNING ix_id",
            use_case,
            {"documents": [], "options": {}},
        )
    )
