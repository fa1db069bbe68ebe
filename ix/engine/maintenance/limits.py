"""Limits: how many jobs of a use case may run at once, in all engines together.

They stand in the database, and the engine that started last has brought those that hold."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping

from ix.background.actor import jittered
from ix.background.periodic import PeriodicActor
from ix.config import Settings
from ix.database.connect import DATABASE_ERRORS
from ix.database.limits import Limits
from ix.errors import ConfigError
from ix.use_cases import UseCase

LOOK_SECONDS = 30.0
"""Time between looks for limits that another engine may have brought, jittered."""
START_RETRY_SECONDS = 0.5
"""Pause between tries to put limits into force: no work begins before that."""


class LimitsKeeper(PeriodicActor):
    """Calls `claim_among_queues` with whether any use case has a limit."""

    who = "limits"
    unreachable = DATABASE_ERRORS

    def __init__(self, settings: Settings, limits: Limits, claim_among_queues: Callable[[bool], None]) -> None:
        super().__init__()
        self._settings = settings
        self._limits = limits
        self._claim_among_queues = claim_among_queues

    async def put_into_force(self) -> None:
        """Returns when this engine's limits hold, however long the database takes to answer."""
        while not await self.reaches(self._put_into_force):  # noqa: ASYNC110 (no event tells that it answers)
            await asyncio.sleep(jittered(START_RETRY_SECONDS))

    async def pause(self) -> None:
        await asyncio.sleep(jittered(LOOK_SECONDS))

    async def look(self) -> None:
        """Finds out whether there are limits."""
        self._claim_among_queues(await self._limits.exist())

    async def _put_into_force(self) -> None:
        await self._limits.set(self._settings.limits)
        await self.look()


def check(settings: Settings, use_cases: Mapping[str, UseCase]) -> None:
    """Raises `ConfigError` for the limit of a use case that there is not."""
    for name in _limited(settings):
        if name not in use_cases:
            raise ConfigError(f"IX_LIMITS: there is no use case {name}; choose from {', '.join(sorted(use_cases))}")


def _limited(settings: Settings) -> Iterable[str]:
    return (name for limit in settings.limits for name in limit.use_cases)
