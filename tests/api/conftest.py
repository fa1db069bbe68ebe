"""The web application in the test's own process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette

from tests import logs, proxy
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


@asynccontextmanager
async def client_of(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the app between its start-up and its end."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=30) as client:
        yield client
