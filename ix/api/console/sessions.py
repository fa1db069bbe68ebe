"""Who is signed in: from a request's cookie to a session, remembered as keys are."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from typing import Any, NamedTuple

from starlette.types import Scope

from ix.api.console import cookies
from ix.api.console.roles import Roles
from ix.api.middleware.last_use import LastUse
from ix.api.middleware.memory import MAX_AGE_SECONDS, RECHECK_SECONDS, Memory
from ix.api.routing import header
from ix.config import Settings
from ix.database.keys import Caller
from ix.database.sessions import Book, Person, Session

SESSION = "ix.session"
"""Where the scope of a request that came with a session has it, as `Found`."""
IN_THE_BACKGROUND = b"x-ix-background"
"""A field by which a page says that no person is behind a request: it does not keep the session from ending."""


class Found(NamedTuple):
    """A session that has not ended, and the seconds until it does."""

    session: Session
    seconds_left: float


class SignedIn:
    """The sessions that there are. `hears` tells whether web is told of new ones at once; `last_use` notes which are
    used, by their digests in hex."""

    def __init__(
        self,
        settings: Settings,
        read: Callable[[], Awaitable[Book]],
        hears: Callable[[], bool],
        last_use: LastUse | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._book = Memory[Book]("the sessions", read, clock, {})
        self.last_use = last_use
        self._hears = hears
        self._roles = Roles(settings)

    def changed(self) -> None:
        """Some session has begun or ended."""
        self._book.changed()

    async def find(self, scope: Scope) -> Found | None:
        """The session that a request came with; None where it has none, or one that has ended."""
        # most calls of strangers have none, and cost nothing
        if not (token := cookies.read(scope)):
            return None
        digest = cookies.digest(token)
        await self._book.fresh(MAX_AGE_SECONDS)
        if found := self._known(digest):
            return found
        # it may be new, or was used through another process, which nobody may have told; many who ask share one read.
        # An answer that is held has a session that was known.
        if SESSION not in scope and not self._hears():
            await asyncio.sleep(max(0.0, RECHECK_SECONDS - self._book.age))
        await self._book.fresh(RECHECK_SECONDS)
        return self._known(digest)

    def person_of(self, claims: Mapping[str, Any]) -> Person:
        """Whom the verified claims of an OpenID provider are about."""
        return self._roles.person(claims)

    def caller_of(self, person: Person) -> Caller | None:
        """The person with the rights that its roles give now; None where they give none."""
        return self._roles.caller(person)

    async def note_use(self, scope: Scope) -> None:
        """A request came with a session; returns at once."""
        if self.last_use is not None and header(scope, IN_THE_BACKGROUND) is None:
            await self.last_use.note(scope[SESSION].session.digest.hex())

    def _known(self, digest: bytes) -> Found | None:
        session = self._book.value.get(digest)
        left = session.seconds_left - self._book.age if session else 0.0
        return Found(session, left) if session and left > 0 else None
