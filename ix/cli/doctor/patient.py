"""What checks are given, and what they give."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from typing import NamedTuple

from ix.config import Settings
from ix.database.connect import Pool
from ix.database.inspection import Inspection
from ix.database.pool import ensure_answers, open_pool
from ix.errors import IxError


class State(StrEnum):
    """How a part is: well; working, but somebody should see to it; not working; or not in use."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    OFF = "off"


class Finding(NamedTuple):
    """What a check found and, where the part is not well, what to do about it."""

    state: State
    found: str
    advice: str = ""


def ok(found: str) -> Finding:
    """A part that works as it should."""
    return Finding(State.OK, found)


def warn(found: str, advice: str) -> Finding:
    """A part that works, but somebody should see to it."""
    return Finding(State.WARN, found, advice)


def fail(found: str, advice: str) -> Finding:
    """A part that does not work."""
    return Finding(State.FAIL, found, advice)


def off(found: str) -> Finding:
    """A part that is not in use, or that cannot be checked here."""
    return Finding(State.OFF, found)


class Unreached(IxError):
    """No database answers. Its own check says why; the others that need it say only that."""


class Patient:
    """The ix to examine. `settings.postgres_url` is empty where no database is named and the embedded one is not
    running; `problems` are settings that were refused, whose defaults stand in for them."""

    def __init__(self, settings: Settings, problems: Sequence[str] = ()) -> None:
        self.settings = settings
        self.problems = problems
        self._pool: asyncio.Task[Pool] | None = None

    async def pool(self) -> Pool:
        """Connections to the database, tried once for all checks. Raises what the first of them met."""
        self._pool = self._pool or asyncio.create_task(self._open())
        # shielded: a check whose time is up must not take the connections from the others
        return await asyncio.shield(self._pool)

    async def inspection(self) -> Inspection:
        """The database, for a check that takes it for granted. Raises `Unreached`."""
        try:
            pool = await self.pool()
        except Exception:
            raise Unreached from None
        return Inspection(pool, self.settings.acquire_timeout)

    async def close(self) -> None:
        """Ends the connections, also those that are being opened."""
        if self._pool is not None:
            self._pool.cancel()
            for pool in await asyncio.gather(self._pool, return_exceptions=True):
                if not isinstance(pool, BaseException):
                    # not `close`, which waits for connections that a check may still hold
                    pool.terminate()

    async def _open(self) -> Pool:
        if not self.settings.postgres_url:
            raise Unreached
        pool = await open_pool(self.settings)
        await ensure_answers(pool, self.settings.acquire_timeout)
        return pool


class Check(NamedTuple):
    """One part. `seconds` is the time that looking at it may take."""

    name: str
    look: Callable[[Patient], Awaitable[Finding]]
    seconds: float = 8.0
