"""Who calls: from a request's bearer key (RFC 6750) to a `Caller`, for every route but those that say nothing of
anybody's jobs.

While no key was ever made the service is open, on a loopback address only. A browser on the same machine is kept out of
an open service: pages of other sites may not call it, under its own name or (DNS rebinding) under theirs."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import lru_cache
from time import monotonic

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ix.api.live.notifications import Notifications
from ix.api.problems import Problem, invalid
from ix.api.routing import field
from ix.background.actor import Actor
from ix.config import Settings
from ix.database.channels import KEYS_CHANNEL
from ix.database.connect import DATABASE_ERRORS
from ix.database.keys import EVERYBODY, Caller, Keyring
from ix.errors import InvalidInput, Overloaded
from ix.telemetry.log import Event, log

PUBLIC = frozenset({"/healthz", "/livez", "/readyz", "/openapi.json", "/docs"})
"""Paths that need no key."""
CHALLENGE = {"www-authenticate": "Bearer"}
RING_SECONDS = 5.0
"""How long the keys are remembered where no notification tells that they have changed."""
AGAIN_SECONDS = 0.5
"""How soon an unknown key may cause another look, so that a new key works at once and a wrong one costs few
statements."""

RETRY_SECONDS = 1.0
"""Pause after a look at the keys that the database did not answer."""

Read = Callable[[], Awaitable[Keyring]]


class Revoked(Problem):
    """401 for a caller who was let in, and would not be any more."""

    def __init__(self) -> None:
        super().__init__(401, "the key is not valid any more", headers=CHALLENGE)


class Authenticator(Actor):
    """Tells who calls; remembers the keys that `read` gives for a while, or until the `news` say that they have
    changed. Then it also sees out those who stay."""

    def __init__(
        self,
        settings: Settings,
        read: Read,
        clock: Callable[[], float] = monotonic,
        notifications: Notifications | None = None,
    ) -> None:
        super().__init__()
        self._read = read
        self._clock = clock
        self._notifications = notifications
        self._changed_at = float("-inf")
        self._staying: dict[asyncio.Timeout, Scope] = {}
        self._awake = asyncio.Event()
        self._on_loopback = is_loopback(settings.host)
        self._ring = Keyring({}, False)
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()
        self._failures = 0
        if notifications is not None:
            notifications.subscribers.append(self)

    async def start(self) -> None:
        """Starts seeing out, and the news if nobody has yet."""
        await super().start()
        if self._notifications is not None:
            await self._notifications.start()

    async def admit(self, scope: Scope) -> Caller:
        """The caller. Raises `Problem` 401, or 403 for a browser's page that calls an open service."""
        ring = await self._newer_than(RING_SECONDS)
        if ring.open:
            return self._anybody(scope)
        if self._task is None:
            await self.start()
        key = _bearer(scope)
        caller = ring.caller(key) or (await self._newer_than(AGAIN_SECONDS)).caller(key)
        if caller is None:
            raise _unauthorized("the key is not valid" if key else "send an API key: Authorization: Bearer ix_…")
        return caller

    @asynccontextmanager
    async def staying(self, scope: Scope) -> AsyncIterator[None]:
        """For an answer that is held open: its block ends when the caller would not be let in any more. Raises
        `Revoked` then, and what `admit` raises where that is so already."""
        await self.start()
        try:
            async with asyncio.timeout(None) as limit:
                self._staying[limit] = scope
                try:
                    await self.admit(scope)
                    yield
                finally:
                    self._staying.pop(limit, None)
        except TimeoutError:
            if limit.expired():
                raise Revoked from None
            raise

    def heard(self, channel: str, payload: str) -> None:
        """The keys may have changed."""
        if channel == KEYS_CHANNEL:
            self.missed()

    def missed(self) -> None:
        """They may have changed unheard."""
        self._changed_at = self._clock()
        self._awake.set()

    async def look(self) -> None:
        """Nothing is heard."""
        self.missed()

    async def run(self) -> None:
        """Sees out for ever, whenever the keys have changed."""
        while True:
            await self._awake.wait()
            self._awake.clear()
            try:
                await self._see_out()
            except DATABASE_ERRORS as error:
                log(Event.DATABASE_UNREACHABLE, who="keys", error=error)
                await asyncio.sleep(RETRY_SECONDS)
                self._awake.set()

    async def _see_out(self) -> None:
        for limit, scope in list(self._staying.items()):
            try:
                await self.admit(scope)
            except Problem:
                if self._staying.pop(limit, None) is not None:
                    limit.reschedule(0)

    def _anybody(self, scope: Scope) -> Caller:
        if not self._on_loopback:
            raise _unauthorized(
                "no key was made yet, and without one ix serves loopback addresses only: run `ix keys add CLIENT`"
            )
        if field(scope, b"sec-fetch-site") not in (None, b"none", b"same-origin") or not _is_local_host(
            field(scope, b"host") or b""
        ):
            raise Problem(
                403, "pages of other sites may not call a service that has no keys; make one: `ix keys add CLIENT`"
            )
        return EVERYBODY

    async def _newer_than(self, seconds: float) -> Keyring:
        if self._is_older_than(seconds):
            failures = self._failures
            async with self._reading:
                # the look that this one waited for failed: to look again, one after the other, would take each of them
                # as long
                if self._failures > failures:
                    raise Overloaded("the keys cannot be read now")
                if self._is_older_than(seconds):
                    await self._look()
        return self._ring

    def _is_older_than(self, seconds: float) -> bool:
        return self._clock() - self._read_at > seconds or self._read_at <= self._changed_at

    async def _look(self) -> None:
        asked_at = self._clock()
        try:
            self._ring = await self._read()
        except Exception:
            self._failures += 1
            raise
        self._read_at = asked_at


class Authentication:
    """The ASGI middleware that lets nobody through whom the `Authenticator` does not know."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on, with the caller in the scope. Raises `Problem`."""
        if scope["type"] != "http" or scope["path"] in PUBLIC:
            await self._app(scope, receive, send)
            return
        scope["ix.authenticator"] = authenticator = scope["app"].state.services.authenticator
        scope["ix.caller"] = await authenticator.admit(scope)
        await self._app(scope, receive, send)


def caller(request: Request) -> Caller:
    """Who calls."""
    found: Caller = request.scope["ix.caller"]
    return found


def staying(scope: Scope) -> AbstractAsyncContextManager[None]:
    """See `Authenticator.staying`."""
    keeper: Authenticator = scope["ix.authenticator"]
    return keeper.staying(scope)


def whose(request: Request) -> str | None:
    """Whose jobs a request is about: the caller's own, or those of the `client_id` it asks for; None is everybody's.

    Raises `Problem` 403 where they are neither."""
    own, asked = caller(request).client_id, request.query_params.get("client_id")
    if own is not None and asked not in (None, own):
        raise invalid(InvalidInput("client_id", "is not the one of this key; leave it out"), 403)
    return own or asked


def require_admin(request: Request) -> None:
    """Raises `Problem` 403 for a caller who may not see what is everybody's."""
    if caller(request).client_id is not None:
        raise Problem(403, "this needs an admin key: `ix keys add --admin`")


def is_loopback(host: str) -> bool:
    """Whether an address that web listens on is reached from this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@lru_cache(maxsize=256)
def _is_local_host(header: bytes) -> bool:
    """Whether a Host header's name is an address or has no dot: names that a site elsewhere can make lead here always
    have one."""
    scope = {"type": "http", "path": "/", "query_string": b"", "headers": [(b"host", header)]}
    name = Request(scope).url.hostname or ""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return "." not in name
    return True


def _bearer(scope: Scope) -> str:
    scheme, _, key = (field(scope, b"authorization") or b"").decode("latin-1").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def _unauthorized(detail: str) -> Problem:
    return Problem(401, detail, headers=CHALLENGE)
