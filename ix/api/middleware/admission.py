"""How much one web process takes on at once. Beyond that it answers 503 with Retry-After, at once rather than late.

A request is *in flight* while it is worked on and *held* while it only waits for news. Held ones cost next to nothing,
so they have a limit of their own and take no place of those in flight. Bodies count from their first byte until their
request is answered or held."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ix.api.problems import RETRY_AFTER_SECONDS, Problem
from ix.api.routing import field
from ix.config import Settings
from ix.telemetry.log import Event, log

ALWAYS = frozenset({"/healthz", "/livez", "/readyz"})
"""Paths that are answered however much there is to do."""
SAY_SECONDS = 10.0
"""Time between two log lines about refusals."""


class AdmissionControl:
    """The ASGI middleware that counts, outside of everything that may wait."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._refused = 0
        self._said_at = float("-inf")
        self.in_flight = 0
        self.held = 0
        self.body_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on, with the request's `Place` in the scope. Raises `Problem`."""
        if scope["type"] != "http" or scope["path"] in ALWAYS:
            await self._app(scope, receive, send)
            return
        if refusal := self._refusal(scope):
            raise refusal
        scope["ix.place"] = place = Place(self, receive)
        self.in_flight += 1
        try:
            await self._app(scope, place.receive, send)
        finally:
            self.in_flight -= 1
            place.forget_body()

    def refuse(self, limit: str) -> Problem:
        """The refusal of one request more, naming the limit."""
        self._refused += 1
        if monotonic() - self._said_at > SAY_SECONDS:
            log(
                Event.OVERLOADED,
                limit=limit,
                refused=self._refused,
                in_flight=self.in_flight,
                held=self.held,
                body_bytes=self.body_bytes,
            )
            self._refused, self._said_at = 0, monotonic()
        return overloaded(limit)

    def grow_body(self, place: Place, size: int) -> None:
        """Counts a piece of a body. Raises `Problem`: 413 for one that is too large, 503 where it is too much with all
        others."""
        place.body_bytes += size
        self.body_bytes += size
        if place.body_bytes > self._settings.max_body_bytes:
            raise self._too_large()
        # a body that is the only one may be as large as any
        if self.body_bytes > self._settings.max_bodies_bytes and self.body_bytes > place.body_bytes:
            raise self.refuse("IX_MAX_BODIES_BYTES")

    def has_room_to_hold(self) -> bool:
        """Whether one more answer may be held."""
        return self.held < self._settings.max_waiters

    def _refusal(self, scope: Scope) -> Problem | None:
        if _declared_length(scope) > self._settings.max_body_bytes:
            return self._too_large()
        if self.in_flight >= self._settings.max_in_flight:
            return self.refuse("IX_MAX_IN_FLIGHT")
        return None

    def _too_large(self) -> Problem:
        return Problem(
            413,
            f"the body is larger than {self._settings.max_body_bytes} bytes (IX_MAX_BODY_BYTES)",
            headers={"connection": "close"},
        )


class Place:
    """One request's part of what is counted."""

    __slots__ = ("_receive", "body_bytes", "limits")

    def __init__(self, limits: AdmissionControl, receive: Receive) -> None:
        self.limits = limits
        self._receive = receive
        self.body_bytes = 0

    async def receive(self) -> Message:
        """The next message, its body counted. Raises `Problem`."""
        message = await self._receive()
        if body := message.get("body"):
            self.limits.grow_body(self, len(body))
        return message

    def forget_body(self) -> None:
        """The body is not in memory any more."""
        self.limits.body_bytes -= self.body_bytes
        self.body_bytes = 0


@contextmanager
def held(request: Request) -> Iterator[None]:
    """While its block runs, the request waits for news and is not in flight. Raises `Problem` 503 where too many wait
    already."""
    place: Place = request.scope["ix.place"]
    limits = place.limits
    if not limits.has_room_to_hold():
        raise limits.refuse("IX_MAX_WAITERS")
    place.forget_body()
    limits.in_flight -= 1
    limits.held += 1
    try:
        yield
    finally:
        limits.held -= 1
        limits.in_flight += 1


def crowded(app: ASGIApp) -> ASGIApp:
    """`app` for a connection too many: it answers how it is, and nothing else."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in ALWAYS:
            await overloaded("IX_MAX_CONNECTIONS", close=True).answer()(scope, receive, send)
        else:
            await app(scope, receive, send)

    return answer


def overloaded(limit: str, close: bool = False) -> Problem:
    """503 and when to come again."""
    headers = {"retry-after": RETRY_AFTER_SECONDS, **({"connection": "close"} if close else {})}
    return Problem(503, f"ix is busy: {limit} is reached; try again soon", headers=headers)


def _declared_length(scope: Scope) -> int:
    declared = field(scope, b"content-length")
    return int(declared) if declared and declared.isdigit() else 0
