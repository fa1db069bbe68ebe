"""Who calls: from a request's bearer key (RFC 6750) to a `Caller`, for every route but those that say nothing of anybody's jobs.

While no key was ever made the service is open, on a loopback address only. A browser on the same machine is kept out of an open service:
pages of other sites may not call it, under its own name or (DNS rebinding) under theirs.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable
from functools import lru_cache
from time import monotonic

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ix.api.problems import Problem, invalid
from ix.api.routing import field
from ix.config import Settings
from ix.errors import InvalidInput, Overloaded
from ix.keys import EVERYBODY, Caller, Keyring

PUBLIC = frozenset({"/healthz", "/livez", "/readyz", "/openapi.json", "/docs"})
"""Paths that need no key."""
RING_SECONDS = 5.0
"""How long the keys are remembered: a revoked key is refused, and a service with its first key closed, at most so much later."""
AGAIN_SECONDS = 0.5
"""How soon an unknown key may cause another look, so that a new key works at once and a wrong one costs few statements."""

Read = Callable[[], Awaitable[Keyring]]


class Gatekeeper:
    """Tells who calls; remembers the keys that `read` gives for a while."""

    def __init__(self, settings: Settings, read: Read, clock: Callable[[], float] = monotonic) -> None:
        self._read = read
        self._clock = clock
        self._on_loopback = is_loopback(settings.host)
        self._ring = Keyring({}, False)
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()
        self._failures = 0

    async def admit(self, scope: Scope) -> Caller:
        """The caller. Raises `Problem` 401, or 403 for a browser's page that calls an open service."""
        ring = await self._newer_than(RING_SECONDS)
        if ring.open:
            return self._anybody(scope)
        key = _bearer(scope)
        caller = ring.caller(key) or (await self._newer_than(AGAIN_SECONDS)).caller(key)
        if caller is None:
            raise _unauthorized("the key is not valid" if key else "send an API key: Authorization: Bearer ix_…")
        return caller

    def _anybody(self, scope: Scope) -> Caller:
        if not self._on_loopback:
            raise _unauthorized("no key was made yet, and without one ix serves loopback addresses only: run `ix keys add CLIENT`")
        if field(scope, b"sec-fetch-site") not in (None, b"none", b"same-origin") or not _is_local_host(field(scope, b"host") or b""):
            raise Problem(403, "pages of other sites may not call a service that has no keys; make one: `ix keys add CLIENT`")
        return EVERYBODY

    async def _newer_than(self, seconds: float) -> Keyring:
        if self._clock() - self._read_at > seconds:
            failures = self._failures
            async with self._reading:
                # the look that this one waited for failed: to look again, one after the other, would take each of them as long
                if self._failures > failures:
                    raise Overloaded("the keys cannot be read now")
                if self._clock() - self._read_at > seconds:
                    await self._look()
        return self._ring

    async def _look(self) -> None:
        asked_at = self._clock()
        try:
            self._ring = await self._read()
        except Exception:
            self._failures += 1
            raise
        self._read_at = asked_at


class Gate:
    """The ASGI middleware that lets nobody through whom the `Gatekeeper` does not know."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on, with the caller in the scope. Raises `Problem`."""
        if scope["type"] != "http" or scope["path"] in PUBLIC:
            await self._app(scope, receive, send)
            return
        scope["ix.caller"] = await scope["app"].state.services.gatekeeper.admit(scope)
        await self._app(scope, receive, send)


def caller(request: Request) -> Caller:
    """Who calls."""
    found: Caller = request.scope["ix.caller"]
    return found


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
    """Whether a Host header's name is an address or has no dot: names that a site elsewhere can make lead here always have one."""
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
    return Problem(401, detail, headers={"www-authenticate": "Bearer"})
