"""Who calls: from a request's bearer key (RFC 6750), or below `/console/api` from a browser's session, to a `Caller`,
for every route but those that say nothing of anybody's jobs. `AuthenticationMiddleware` asks for every request,
`Authenticator` decides.

While no key was ever made the service is open, to its own machine only (see `ix.api.middleware.loopback`)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from time import monotonic

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ix.api.console.mount import API, CONSOLE, PAGES
from ix.api.console.origin import require_own_page
from ix.api.console.sessions import SESSION, Found, SignedIn
from ix.api.live.notifications import Notifications
from ix.api.middleware import loopback
from ix.api.middleware.admission import ALWAYS
from ix.api.middleware.last_use import LastUse
from ix.api.middleware.memory import MAX_AGE_SECONDS, RECHECK_SECONDS, Memory
from ix.api.problems import Problem, invalid
from ix.api.routing import header
from ix.background.periodic import RETRY_SECONDS, PeriodicActor
from ix.config import Settings
from ix.database.channels import KEYS_CHANNEL
from ix.database.connect import DATABASE_ERRORS
from ix.database.keys import EVERYBODY, Caller, Keyring, reads_as_key
from ix.errors import InvalidInput

PUBLIC = ALWAYS | {"/openapi.json", "/docs"}
"""Paths that need no key. While there is none, the last two are as open as the service."""
TOLD_SECONDS = 0.02
"""How long a notification may take behind the statement that sent it."""
# each 401 must carry one (RFC 9110, 15.5.2)
CHALLENGE = {"www-authenticate": "Bearer"}
ReadKeys = Callable[[], Awaitable[Keyring]]


class Revoked(Problem):
    """401 for a caller who was let in, and would not be any more."""

    def __init__(self) -> None:
        super().__init__(401, "the key or the session is not valid any more", headers=CHALLENGE)


class Authenticator(PeriodicActor):
    """Decides who calls. Remembers the keys that `read_keys` gives for a while, or until a notification says that they
    have changed; then it also ends the held answers of callers who would not be let in any more."""

    who = "keys"
    unreachable = DATABASE_ERRORS

    def __init__(
        self,
        settings: Settings,
        read_keys: ReadKeys,
        clock: Callable[[], float] = monotonic,
        notifications: Notifications | None = None,
        last_use: LastUse | None = None,
        sessions: SignedIn | None = None,
    ) -> None:
        super().__init__()
        self.last_use = last_use
        self.sessions = sessions
        self._notifications = notifications
        self._held: dict[asyncio.Timeout, Scope] = {}
        self._awake = asyncio.Event()
        self._settings = settings
        self._has_keys = False
        # where people sign in elsewhere, somebody has decided who may call: that closes the service as a key does
        is_open = not (settings.console and settings.oidc_issuer)

        async def read() -> Keyring:
            ring = await read_keys()
            return ring if is_open else ring._replace(open=False)

        self._keys = Memory("the keys", read, clock, Keyring({}, False))
        if notifications is not None:
            notifications.subscribers.append(self)

    async def start(self) -> None:
        """Starts to check held answers again whenever the keys change, and the notifications if nobody has yet."""
        await super().start()
        if self._notifications is not None:
            await self._notifications.start()

    async def stop(self) -> None:
        """Ends the loop, and those of the notes of last uses."""
        await super().stop()
        for last_use in (self.last_use, self.sessions and self.sessions.last_use):
            if last_use:
                await last_use.stop()

    async def authenticate(self, scope: Scope) -> Caller:
        """The caller. Raises `Problem` 401, also for a key that has expired, or 403 for a stranger who calls an open
        service, and for another site's page that calls with a session."""
        # mostly known: no coroutine then
        keyring = await self._keys.fresh(MAX_AGE_SECONDS) if self._keys.is_stale(MAX_AGE_SECONDS) else self._keys.value
        if keyring.open:
            if refusal := loopback.refusal(scope, self._settings):
                raise refusal
            return EVERYBODY
        # there are keys: from now on their changes are listened for
        if not self.is_started:
            await self.start()
        if scope.get(CONSOLE) == API:
            return await self.by_session(scope)
        if not (key := _bearer_key(scope)):
            raise _unauthorized("send an API key: Authorization: Bearer ix_…")
        return await self.by_key(key)

    async def by_key(self, key: str) -> Caller:
        """Whose key it is. Raises `Problem` 401, the same for one that is wrong and one that was revoked."""
        caller = self._keys.value.caller(key) or await self._new_caller(key)
        if caller is None:
            raise _unauthorized("the key is not valid")
        # only whoever has the whole key is told more than that it is not valid
        if self.seconds_left(caller) <= 0:
            raise _unauthorized("the key has expired; make another, or let this one go on: `ix keys change --expires`")
        return caller

    async def _new_caller(self, key: str) -> Caller | None:
        """Whose key it is that nobody knew until now; None where there is none such."""
        # it may be newer than the last read: whoever makes a key and calls with it at once waits for the notification
        # that tells of it, or for the next read where nobody would tell, and so does whoever guesses
        if reads_as_key(key):
            wait = RECHECK_SECONDS - self._keys.age
            await asyncio.sleep(max(0.0, min(wait, TOLD_SECONDS) if self._notifications else wait))
        return (await self._keys.fresh(RECHECK_SECONDS)).caller(key)

    async def by_session(self, scope: Scope) -> Caller:
        """Whose session a request came with, which is in its scope then. Raises `Problem` 401, or 403 for another
        site's page."""
        require_own_page(scope)
        await self._keys.fresh(MAX_AGE_SECONDS)
        found = await self.sessions.find(scope) if self.sessions else None
        caller = await self._caller(found) if found else None
        if found is None or caller is None:
            raise _unauthorized("sign in: there is no session, or it has ended")
        # it ends with its key at the latest
        scope[SESSION] = found._replace(seconds_left=min(found.seconds_left, self.seconds_left(caller)))
        return caller

    async def _caller(self, found: Found) -> Caller | None:
        """Whose session it is; None where that may not call any more."""
        if found.session.person:
            return self.sessions.caller_of(found.session.person) if self.sessions else None
        known = self._keys.value.keys.get(found.session.key_id)
        # the key may be as new as the session
        known = known or (await self._keys.fresh(RECHECK_SECONDS)).keys.get(found.session.key_id)
        return known[0] if known and self.seconds_left(known[0]) > 0 else None

    async def has_keys(self) -> bool:
        """Whether a key was ever made. Once one was, that stays so, and nobody is asked any more."""
        self._has_keys = self._has_keys or not (await self._keys.fresh(MAX_AGE_SECONDS)).open
        return self._has_keys

    async def admit(self, scope: Scope) -> None:
        """Lets pass who wants the description alone. Raises what `authenticate` raises while the service is open."""
        # the cheap question first: what this machine asks needs no database
        if (refusal := loopback.refusal(scope, self._settings)) and not await self.has_keys():
            raise refusal

    @asynccontextmanager
    async def while_authorized(self, scope: Scope) -> AsyncIterator[None]:
        """For an answer that is held: its block is cancelled when the caller would not be let in any more, be it that
        the key expires. Raises `Revoked` then, and what `authenticate` raises where that is so already."""
        await self.start()
        try:
            # a timeout that cancels this block alone; `look` gives it a time that is over
            async with asyncio.timeout(None) as limit:
                # before it is looked at: a key that is revoked in between ends it
                self._held[limit] = scope
                try:
                    self._limit(limit, await self._seconds_for(scope))
                    yield
                finally:
                    self._held.pop(limit, None)
        except TimeoutError:
            # another TimeoutError is the block's own
            if limit.expired():
                raise Revoked from None
            raise

    def heard(self, channel: str, payload: str) -> None:
        """The keys, or the sessions, may have changed."""
        if channel == KEYS_CHANNEL:
            self.missed()

    def missed(self) -> None:
        """The keys, or the sessions, may have changed, unheard."""
        self._keys.changed()
        if self.sessions:
            self.sessions.changed()
        self._awake.set()

    async def poll(self) -> None:
        """Takes the keys for changed, since nothing would tell."""
        self.missed()

    async def pause(self) -> None:
        """Waits until the keys have changed."""
        await self._awake.wait()
        # before the look: a change that is heard during it asks for another one
        self._awake.clear()

    async def look(self) -> None:
        """Ends held answers whose callers would not be let in any more."""
        # a list: answers come and go while the keys are read
        for limit, scope in list(self._held.items()):
            try:
                seconds = await self._seconds_for(scope)
            except Problem:
                # an answer that ended meanwhile has no timeout any more that could be moved
                if self._held.pop(limit, None) is not None and not limit.expired():
                    limit.reschedule(0)
            else:
                # its expiry may have been moved
                if limit in self._held:
                    self._limit(limit, seconds)

    async def recover(self) -> None:
        """Looks again after a while: the keys have changed, and nobody will say so again."""
        await asyncio.sleep(RETRY_SECONDS)
        self._awake.set()

    def _limit(self, limit: asyncio.Timeout, left: float) -> None:
        """Ends a held answer in so many seconds."""
        # one that is over, or about to be, cannot be moved
        if not limit.expired():
            limit.reschedule(asyncio.get_running_loop().time() + left if left < float("inf") else None)

    async def _seconds_for(self, scope: Scope) -> float:
        """Seconds for which the caller of a request is let in. Raises what `authenticate` raises."""
        caller = await self.authenticate(scope)
        return min(self.seconds_left(caller), scope[SESSION].seconds_left if SESSION in scope else float("inf"))

    def seconds_left(self, caller: Caller) -> float:
        """Seconds for which a caller's key is valid; infinite where it does not expire."""
        left = self._keys.value.left.get(caller.key_id)
        return float("inf") if left is None else left - self._keys.age


class AuthenticationMiddleware:
    """The ASGI middleware that lets nobody through whom the `Authenticator` does not know."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on with its caller in the scope. Raises `Problem` 400, 401 or 403."""
        if scope["type"] != "http" or scope["path"] in ALWAYS:
            await self._app(scope, receive, send)
            return
        loopback.require_host(scope)
        authenticator: Authenticator = scope["app"].state.services.authenticator
        if scope["path"] in PUBLIC or scope.get(CONSOLE) == PAGES:
            await authenticator.admit(scope)
        else:
            scope["ix.authenticator"] = authenticator
            scope["ix.caller"] = caller = await authenticator.authenticate(scope)
            if caller.identity:
                await _note(scope, caller, authenticator)
        await self._app(scope, receive, send)


async def _note(scope: Scope, caller: Caller, authenticator: Authenticator) -> None:
    """Counts a request for its key's client, and as a use of the key and of the session."""
    # a client's keys have one share: more of them are not more of it
    owner = caller.identity if caller.client_id is None else f"client {caller.client_id}"
    scope["ix.admission"].belongs_to(owner)
    # a request that came: answers that are held, and looked at again, are no further use
    if authenticator.last_use is not None and caller.key_id:
        await authenticator.last_use.note(caller.key_id)
    if SESSION in scope and authenticator.sessions is not None:
        await authenticator.sessions.note_use(scope)


def caller_of(request: Request) -> Caller:
    """Who sent a request, as the middleware has found."""
    caller: Caller = request.scope["ix.caller"]
    return caller


def while_authorized(scope: Scope) -> AbstractAsyncContextManager[None]:
    """`Authenticator.while_authorized` for a request that the middleware has let through: cancels its block, and raises
    `Revoked`, when the caller would not be let in any more."""
    authenticator: Authenticator = scope["ix.authenticator"]
    return authenticator.while_authorized(scope)


def requested_client(request: Request) -> str | None:
    """Whose jobs a request is about: the caller's own, or those of the `client_id` it asks for; None is everybody's.

    Raises `Problem` 403 where they are neither."""
    own, asked = caller_of(request).client_id, request.query_params.get("client_id")
    if own is not None and asked not in (None, own):
        raise invalid(InvalidInput("client_id", "is not the one of this key; leave it out"), 403)
    return own or asked


def _bearer_key(scope: Scope) -> str:
    # latin-1 reads any byte that a field may hold (RFC 9110, 5.5); the scheme's case does not matter (11.1)
    scheme, _, key = (header(scope, b"authorization") or b"").decode("latin-1").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def _unauthorized(detail: str) -> Problem:
    return Problem(401, detail, headers=CHALLENGE)
