"""A service with keys."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import NamedTuple, TypeVar

import httpx

from ix.config import Settings
from ix.database.connect import Pool
from ix.database.keys import Keys
from ix.database.pool import open_pool

Repo = TypeVar("Repo")


class Keyed(NamedTuple):
    """A service with keys, by name: acme, other, admin."""

    url: str
    database: str
    keys: dict[str, str]

    def client(self, name: str = "", key: str = "") -> httpx.AsyncClient:
        """A client with one of the keys, or with that one."""
        headers = {"authorization": f"Bearer {key or self.keys[name]}"}
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=30, trust_env=False)


@asynccontextmanager
async def repo_of(database: str, make: Callable[[Pool], Repo]) -> AsyncIterator[Repo]:
    """A seam to the database for a while."""
    pool = await open_pool(Settings(postgres_url=database))
    try:
        yield make(pool)
    finally:
        await pool.close()


async def made_keys(database: str, whose: Mapping[str, str | None]) -> dict[str, str]:
    """New keys by name, of these clients, or of an admin."""
    async with repo_of(database, Keys) as repo:
        return {name: await repo.add(client_id) for name, client_id in whose.items()}
