"""The database, for commands that need no service: the one that is named, else the embedded one, started for as long
unless it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from ix.cli.up import database, unreachable
from ix.config import Settings
from ix.database.connect import DATABASE_ERRORS, UNMIGRATED, Pool
from ix.database.pool import open_pool
from ix.errors import IxError

T = TypeVar("T")


def with_pool(act: Callable[[Pool], Awaitable[T]]) -> T:
    """What `act` gives. Raises `IxError` that tells what to do where the database cannot be used."""
    settings = Settings.from_env()
    if settings.postgres_url:
        return asyncio.run(_with_pool(settings, act))
    with database(settings) as url:
        return asyncio.run(_with_pool(settings.model_copy(update={"postgres_url": url}), act))


async def _with_pool(settings: Settings, act: Callable[[Pool], Awaitable[T]]) -> T:
    pool = await open_pool(settings)
    try:
        return await act(pool)
    except UNMIGRATED:
        raise IxError("the database lacks tables of this ix: run `ix migrate`") from None
    except DATABASE_ERRORS as error:
        raise unreachable(error) from None
    finally:
        await pool.close()
