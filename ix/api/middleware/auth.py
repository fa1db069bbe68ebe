"""Who calls: from a request's bearer key (RFC 6750) to a `Caller`, for every route but those that say nothing of
anybody's jobs. `AuthenticationMiddleware` asks for every request, `Authenticator` decides.

While no key was ever made the service is open, to its own machine only (see `ix.api.middleware.loopback`)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from time import monotonic

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ix.api.live.notifications import Notifications
from ix.api.middleware import loopback
from ix.api.middleware.admission import ALWAYS
from ix.api.middleware.last_use import LastUse
from ix.api.problems import Problem, invalid
from ix.api.routing import header
from ix.background.periodic import RETRY_SECONDS, PeriodicActor
from ix.config import Settings
from ix.database.channels import KEYS_CHANNEL
from ix.database.connect import DATABASE_ERRORS
from ix.database.keys import EVERYBODY, Caller, Keyring
from ix.errors import InvalidInput, Overloaded

PUBLIC = ALWAYS | {"/openapi.json", "/docs"}
"""Paths that need no key. While there is none, the last two are as open as the service."""
# each 401 must carry one (RFC 9110, 15.5.2)
CHALLENGE = {"www-authenticate": "Bearer"}
MAX_AGE_SECONDS = 5.0
"""How long the keys are remembered where no notification tells that they have changed."""
RECHECK_SECONDS = 0.5
"""How old the keys must be for an unknown key to have them read again, so that a new key works at once and a wrong one
costs few statements."""

ReadKeys = Callable[[], Awaitable[Keyring]]


class Revoked(Problem):
    """401 for a caller who was let in, and would not be any more."""

    def __init__(self) -> None:
        super().__init__(401, "the key is not valid any more", headers=CHALLENGE)


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
    ) -> None:
        super().__init__()
        self.last_use = last_use
        self._read_keys = read_keys
        self._clock = clock
        self._notifications = notifications
        self._changed_at = float("-inf")
        self._held: dict[asyncio.Timeout, Scope] = {}
        self._awake = asyncio.Event()
        self._settings = settings
        self._has_keys = False
        self._keyring = Keyring({}, False)
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()
        self._failures = 0
        if notifications is not None:
            notifications.subscribers.append(self)

    async def start(self) -> None:
        """Starts to check held answers again whenever the keys change, and the notifications if nobody has yet."""
        await super().start()
        if self._notifications is not None:
            await self._notifications.start()

    async def stop(self) -> None:
        """Ends the loop, and that of the notes of last uses."""
        await super().stop()
        if self.last_use is not None:
            await self.last_use.stop()

    async def authenticate(self, scope: Scope) -> Caller:
        """The caller. Raises `Problem` 401, also for a key that has expired, or 403 for a stranger who calls an open
        service."""
        # mostly known: no coroutine then
        keyring = await self._keys(MAX_AGE_SECONDS) if self._is_stale(MAX_AGE_SECONDS) else self._keyring
        if keyring.open:
            if refusal := loopback.refusal(scope, self._settings):
                raise refusal
            return EVERYBODY
        # there are keys: from now on their changes are listened for
        if not self.is_started:
            await self.start()
        key = _bearer_key(scope)
        # a key that is not known may be new
        caller = keyring.caller(key) or (await self._keys(RECHECK_SECONDS)).caller(key)
        if caller is None:
            raise _unauthorized("the key is not valid" if key else "send an API key: Authorization: Bearer ix_…")
        # only whoever has the whole key is told more than that it is not valid
        if self._seconds_left(caller) <= 0:
            raise _unauthorized("the key has expired; make another, or let this one go on: `ix keys change --expires`")
        return caller

    async def has_keys(self) -> bool:
        """Whether a key was ever made. Once one was, that stays so, and nobody is asked any more."""
        self._has_keys = self._has_keys or not (await self._keys(MAX_AGE_SECONDS)).open
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
                    self._limit(limit, await self.authenticate(scope))
                    yield
                finally:
                    self._held.pop(limit, None)
        except TimeoutError:
            # another TimeoutError is the block's own
            if limit.expired():
                raise Revoked from None
            raise

    def heard(self, channel: str, payload: str) -> None:
        """The keys may have changed."""
        if channel == KEYS_CHANNEL:
            self.missed()

    def missed(self) -> None:
        """The keys may have changed, unheard."""
        self._changed_at = self._clock()
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
                caller = await self.authenticate(scope)
            except Problem:
                # an answer that ended meanwhile has no timeout any more that could be moved
                if self._held.pop(limit, None) is not None and not limit.expired():
                    limit.reschedule(0)
            else:
                # its expiry may have been moved
                if limit in self._held:
                    self._limit(limit, caller)

    async def recover(self) -> None:
        """Looks again after a while: the keys have changed, and nobody will say so again."""
        await asyncio.sleep(RETRY_SECONDS)
        self._awake.set()

    def _limit(self, limit: asyncio.Timeout, caller: Caller) -> None:
        """Ends a held answer when its key expires."""
        left = self._seconds_left(caller)
        # one that is over, or about to be, cannot be moved
        if not limit.expired():
            limit.reschedule(asyncio.get_running_loop().time() + left if left < float("inf") else None)

    def _seconds_left(self, caller: Caller) -> float:
        left = self._keyring.left.get(caller.key_id)
        return float("inf") if left is None else left - (self._clock() - self._read_at)

    async def _keys(self, max_age: float) -> Keyring:
        """The keys as they were read at most so many seconds ago, and after the last change that was heard of."""
        if self._is_stale(max_age):
            failures = self._failures
            async with self._reading:
                # the read that this one waited for failed: to read again, one after the other, would take each of them
                # as long
                if self._failures > failures:
                    raise Overloaded("the keys cannot be read now")
                if self._is_stale(max_age):
                    await self._refresh()
        return self._keyring

    def _is_stale(self, max_age: float) -> bool:
        # a read that began at the moment of the change may have missed it
        return self._clock() - self._read_at > max_age or self._read_at <= self._changed_at

    async def _refresh(self) -> None:
        # the time before the read, so that a change during it makes what was read stale
        asked_at = self._clock()
        try:
            self._keyring = await self._read_keys()
        except Exception:
            self._failures += 1
            raise
        self._read_at = asked_at


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
        if scope["path"] in PUBLIC:
            await authenticator.admit(scope)
        else:
            scope["ix.authenticator"] = authenticator
            scope["ix.caller"] = caller = await authenticator.authenticate(scope)
            if caller.key_id:
                await _note(scope, caller, authenticator)
        await self._app(scope, receive, send)


async def _note(scope: Scope, caller: Caller, authenticator: Authenticator) -> None:
    """Counts a request for its key's client, and as a use of the key."""
    # a client's keys have one share: more of them are not more of it
    owner = f"key {caller.key_id}" if caller.client_id is None else f"client {caller.client_id}"
    scope["ix.admission"].belongs_to(owner)
    # a request that came: answers that are held, and looked at again, are no further use
    if authenticator.last_use is not None:
        await authenticator.last_use.note(caller.key_id)


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
