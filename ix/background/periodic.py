"""Loops that look at something in the database from time to time: pause, look, pause, look, whatever happens."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable
from typing import ClassVar

from ix.background.actor import Actor
from ix.telemetry.log import Event, log

RETRY_SECONDS = 1.0
"""Pause after a look that the database did not answer, where the usual pause does not say when to look again."""


class PeriodicActor(Actor):
    """Pauses and looks, again and again. A look that ends in one of `unreachable` is logged under the name `who`; then
    come `recover` and the next pause."""

    who: ClassVar[str]
    unreachable: ClassVar[tuple[type[BaseException], ...]]
    """What the database raises when it does not answer: this package knows no database."""
    looks_at_once: bool = False
    """Whether the first look comes before the first pause."""

    @abstractmethod
    async def pause(self) -> None:
        """Returns when it is time for the next look."""

    @abstractmethod
    async def look(self) -> None:
        """One look, and what follows from it."""

    async def recover(self) -> None:
        """What else a look in vain asks for, before the next pause; by default nothing."""

    async def run(self) -> None:
        """The loop: pause, look, pause, look."""
        if self.looks_at_once:
            await self._look_or_recover()
        while True:
            await self.pause()
            await self._look_or_recover()

    async def _look_or_recover(self) -> None:
        if not await self.reaches(self.look):
            await self.recover()

    async def reaches(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Does the work. False where the database did not answer, which is logged."""
        try:
            await work()
        # anything else is a fault of the code: `Actor` tells of it and begins the loop anew
        except self.unreachable as error:
            log(Event.DATABASE_UNREACHABLE, who=self.who, error=error)
            return False
        return True
