"""Puts the limits of use cases into force when the engine starts, and keeps the worker told whether there are any."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from ix.background.actor import Actor, jittered
from ix.config import Settings
from ix.database.connect import DATABASE_ERRORS
from ix.database.limits import Limits
from ix.errors import ConfigError
from ix.telemetry.log import Event, log
from ix.use_cases import UseCase

LOOK_SECONDS = 30.0
"""Time between looks at limits that another engine may have brought."""
AGAIN_SECONDS = 0.5


class LimitsKeeper(Actor):
    """Calls `tell` with whether any use case has a limit."""

    def __init__(self, settings: Settings, repo: Limits, tell: Callable[[bool], None]) -> None:
        super().__init__()
        self._settings = settings
        self._repo = repo
        self._tell = tell

    async def put_into_force(self) -> None:
        """Returns when this engine's limits hold, however long the database takes to answer."""
        while True:
            try:
                await self._repo.set(self._settings.limits)
                self._tell(await self._repo.exist())
                return
            except DATABASE_ERRORS as error:
                log(Event.DATABASE_UNREACHABLE, who="limiter", error=error)
            await asyncio.sleep(jittered(AGAIN_SECONDS))

    async def run(self) -> None:
        """Looks for ever."""
        while True:
            await asyncio.sleep(jittered(LOOK_SECONDS))
            try:
                self._tell(await self._repo.exist())
            except DATABASE_ERRORS as error:
                log(Event.DATABASE_UNREACHABLE, who="limiter", error=error)


def check(settings: Settings, use_cases: Mapping[str, UseCase]) -> None:
    """Raises `ConfigError` for the limit of a use case that there is not."""
    for name in (name for limit in settings.limits for name in limit.use_cases):
        if name not in use_cases:
            raise ConfigError(f"IX_LIMITS: there is no use case {name}; choose from {', '.join(sorted(use_cases))}")
