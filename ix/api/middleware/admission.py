"""Admission control and load shedding: how much one web process takes on at once. Beyond that it answers 503 with
Retry-After, at once rather than late.

A request is *in flight* while it is worked on and *held* while it only waits, for a job's end or for events to send.
Held ones cost next to nothing, so they have a limit of their own and take nothing from those in flight. Bodies count
from their first byte until their request is answered or held."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ix.api.problems import RETRY_AFTER_SECONDS, Problem
from ix.api.routing import header
from ix.config import Settings
from ix.telemetry.log import Event, log

ALWAYS = frozenset({"/healthz", "/livez", "/readyz"})
"""Paths that are answered however much there is to do."""
LOG_SECONDS = 10.0
"""Time between two log lines about refusals."""


class AdmissionControl:
    """The ASGI middleware that counts, outside of everything that may wait."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._refused = 0
        self._logged_at = float("-inf")
        self.in_flight = 0
        self.held = 0
        self.body_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on with its `Admission` in the scope. Raises `Problem` 413 or 503 for one too many."""
        if scope["type"] != "http" or scope["path"] in ALWAYS:
            await self._app(scope, receive, send)
            return
        if refusal := self._refusal(scope):
            raise refusal
        scope["ix.admission"] = admission = Admission(self, receive)
        self.in_flight += 1
        try:
            await self._app(scope, admission.receive, send)
        finally:
            self.in_flight -= 1
            admission.forget_body()

    def refuse(self, limit: str) -> Problem:
        """The refusal of one more request, naming the limit that it would exceed."""
        self._refused += 1
        if monotonic() - self._logged_at > LOG_SECONDS:
            self._log(limit)
        return overloaded(limit)

    def count_body(self, admission: Admission, size: int) -> None:
        """Counts a piece of a body. Raises `Problem`: 413 for one that is too large, 503 where it is too much with all
        others."""
        admission.body_bytes += size
        self.body_bytes += size
        if admission.body_bytes > self._settings.max_body_bytes:
            raise self._too_large()
        # a body that is the only one may be as large as any
        if self.body_bytes > self._settings.max_bodies_bytes and self.body_bytes > admission.body_bytes:
            raise self.refuse("IX_MAX_BODIES_BYTES")

    @property
    def limit_bodies(self) -> int:
        """Most bytes of bodies and of large answers at once."""
        return self._settings.max_bodies_bytes

    def can_hold_more(self) -> bool:
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
            # its body is not read to the end, so that no further request can be told from it (RFC 9110, 15.5.14)
            headers={"connection": "close"},
        )

    def _log(self, limit: str) -> None:
        log(
            Event.OVERLOADED,
            limit=limit,
            refused=self._refused,
            in_flight=self.in_flight,
            held=self.held,
            body_bytes=self.body_bytes,
        )
        self._refused, self._logged_at = 0, monotonic()


class Admission:
    """One admitted request: its share of what `control` counts."""

    __slots__ = ("_receive", "body_bytes", "control")

    def __init__(self, control: AdmissionControl, receive: Receive) -> None:
        self.control = control
        self._receive = receive
        self.body_bytes = 0

    async def receive(self) -> Message:
        """The next message, its body counted. Raises `Problem` 413 or 503."""
        message = await self._receive()
        if body := message.get("body"):
            self.control.count_body(self, len(body))
        return message

    def count_answer(self, size: int) -> None:
        """Counts a large answer until it is written, in place of the body. Raises `Problem` 503 where it is too much
        with all others."""
        self.forget_body()
        limit = self.control.limit_bodies
        if self.control.body_bytes and self.control.body_bytes + size > limit:
            raise self.control.refuse("IX_MAX_BODIES_BYTES")
        self.body_bytes = size
        self.control.body_bytes += size

    def forget_body(self) -> None:
        """Takes the body out of the count: it is not in memory any more."""
        self.control.body_bytes -= self.body_bytes
        self.body_bytes = 0


@contextmanager
def while_held(request: Request) -> Iterator[None]:
    """While its block runs, the request is held and not in flight. Raises `Problem` 503 where too many are held
    already."""
    admission: Admission = request.scope["ix.admission"]
    control = admission.control
    if not control.can_hold_more():
        raise control.refuse("IX_MAX_WAITERS")
    # whoever holds an answer has stored what came in the body
    admission.forget_body()
    control.in_flight -= 1
    control.held += 1
    try:
        yield
    finally:
        # back in flight, be that one too many: it is as good as answered
        control.held -= 1
        control.in_flight += 1


def shedding_load(app: ASGIApp) -> ASGIApp:
    """`app` for a connection too many: health is answered, everything else is 503."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in ALWAYS:
            await overloaded("IX_MAX_CONNECTIONS", close=True).answer()(scope, receive, send)
        else:
            await app(scope, receive, send)

    return answer


def overloaded(limit: str, close: bool = False) -> Problem:
    """503 that names the limit and says when to come again; with `close` the connection ends after it."""
    headers = {"retry-after": RETRY_AFTER_SECONDS, **({"connection": "close"} if close else {})}
    return Problem(503, f"ix is busy: {limit} is reached; try again soon", headers=headers)


def _declared_length(scope: Scope) -> int:
    # without a length, or with one that lies, the pieces are counted as they come
    declared = header(scope, b"content-length")
    return int(declared) if declared and declared.isdigit() else 0
