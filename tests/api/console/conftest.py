"""The web application as a browser sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from ix.api.app import create_app
from ix.config import Settings
from ix.database.connect import Pool
from ix.database.keys import Grant, Keys

SITE = "https://ix.example"
OWN = {"sec-fetch-site": "same-origin"}
"""What a browser says of a call of the console's own page."""


class Browser(httpx.AsyncClient):
    """One that keeps cookies, and says whose page is calling."""

    async def sign_in(self, key: str) -> httpx.Response:
        return await self.post("/console/session", json={"key": key})


def browser(app: Starlette, site: str = SITE, address: str = "10.0.0.7", **headers: str) -> Browser:
    """A browser at this address, whose page is the console's own."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 5))
    given: Mapping[str, str] = {name.replace("_", "-"): value for name, value in headers.items()}
    return Browser(transport=transport, base_url=site, timeout=30, headers=given or OWN)


class Service:
    """Web processes over one database, each with browsers before it."""

    def __init__(self, settings: Settings, pool: Pool, stack: AsyncExitStack) -> None:
        self.settings, self.pool, self.keys = settings, pool, Keys(pool)
        self._stack = stack

    async def process(self, **changes: Any) -> Starlette:
        """One more web process."""
        app = create_app(settings=self.settings.model_copy(update=changes), pool=self.pool, probes={})
        await self._stack.enter_async_context(app.router.lifespan_context(app))
        return app

    async def open(self, app: Starlette, site: str = SITE, address: str = "10.0.0.7", **headers: str) -> Browser:
        """One more browser."""
        return await self._stack.enter_async_context(browser(app, site, address, **headers))

    async def key(self, client_id: str | None = None, **grant: Any) -> str:
        """A key that was just made."""
        return await self.keys.add(client_id, Grant(**grant))

    async def signed_in(self, app: Starlette, client_id: str | None = None, **grant: Any) -> Browser:
        """A browser with a session of a new key."""
        opened = await self.open(app)
        answer = await opened.sign_in(await self.key(client_id, **grant))
        assert answer.status_code == 200, answer.text
        return opened


@asynccontextmanager
async def serving(settings: Settings, pool: Pool) -> AsyncIterator[Service]:
    async with AsyncExitStack() as stack:
        yield Service(settings, pool, stack)


@pytest.fixture
async def service(settings: Settings, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    # how long an unknown cookie waits, and an unknown key is one, where web hears no notifications yet
    monkeypatch.setattr("ix.api.console.sessions.RECHECK_SECONDS", 0.05)
    monkeypatch.setattr("ix.api.middleware.auth.RECHECK_SECONDS", 0.0)
    async with serving(settings, pool) as service:
        yield service
