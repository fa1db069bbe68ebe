"""The web application in the test's own process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette

from ix.config import Settings
from ix.database.connect import Pool
from tests import logs, proxy
from tests.api.streaming import Live, built
from tests.logs import Log
from tests.proxy import Proxy


@pytest.fixture
def log() -> Iterator[Log]:
    with logs.heard() as log:
        yield log


@pytest.fixture
async def wire(database_url: str) -> AsyncIterator[Proxy]:
    async with proxy.proxied(database_url) as wire:
        yield wire


@pytest.fixture
async def live(settings: Settings, pool: Pool) -> AsyncIterator[Live]:
    async with built(settings, pool) as live:
        yield live


@pytest.fixture
async def far_live(settings: Settings, pool: Pool, wire: Proxy) -> AsyncIterator[Live]:
    """One whose notifications come over a wire that can be cut."""
    async with built(settings.model_copy(update={"postgres_url": wire.url}), pool) as live:
        yield live


@asynccontextmanager
async def client_of(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the app between its start-up and its end."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=30) as client,
    ):
        yield client
