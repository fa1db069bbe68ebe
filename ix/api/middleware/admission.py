"""Admission control and load shedding: how much one web process takes on at once. Beyond that it answers 503 with
Retry-After, at once rather than late; a client that has its share of it is answered 429 while others still get in.

A request is *in flight* while it is worked on, *held* while it only waits, for a job's end or for events to send, and
*receiving* while the next piece of its body is not there. The latter two cost next to nothing, so they have limits of
their own and take nothing from those in flight; of bodies that trickle the slowest are cut off when there is no room.
Bodies count from their first byte until their request is answered or held.

Whose a request is, its key says. Without keys all come from one machine, and only what they say of themselves tells
clients apart: held answers and streams count by the client of their jobs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ix.api.middleware.shares import Arrival, Owners, Usage, costliest, share_of, slowest
from ix.api.problems import RETRY_AFTER_SECONDS, Problem
from ix.api.routing import header
from ix.config import Settings
from ix.telemetry.log import Event, log

ALWAYS = frozenset({"/healthz", "/livez", "/readyz"})
"""Paths that are answered however much there is to do."""
LOG_SECONDS = 10.0
"""Time between two log lines about refusals."""
CUT_PARTS = 20
"""Of bodies that are on their way one in so many is cut off at once: to find the slowest takes a look at all."""
CUT_SECONDS = 0.05
"""Time between two such looks."""


class AdmissionControl:
    """The ASGI middleware that counts, outside of everything that may wait."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings
        self.owners = Owners()
        self.total = Usage()
        self.receiving: dict[Admission, None] = {}
        self._refused = 0
        self._logged_at = self._cut_at = float("-inf")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on with its `Admission` in the scope. Raises `Problem` 413 or 503 for one too many."""
        if scope["type"] != "http" or scope["path"] in ALWAYS:
            await self.app(scope, receive, send)
            return
        if _declared_length(scope) > self.settings.max_body_bytes:
            raise self.too_large()
        if self.total.in_flight >= self.settings.max_in_flight:
            raise self.refuse("IX_MAX_IN_FLIGHT")
        scope["ix.admission"] = admission = Admission(self, receive)
        try:
            await self.app(scope, admission.receive, send)
        finally:
            admission.end()
            # it leads to the server's cycle of request and answer, and that to the scope: such a ring would stay in
            # memory until Python looks for garbage
            del scope["ix.admission"]

    def refuse(self, limit: str, share: bool = False) -> Problem:
        """The refusal of one more request, naming the limit that it would exceed, or its client's share of it."""
        self._refused += 1
        if monotonic() - self._logged_at > LOG_SECONDS:
            self._log(limit)
        return over_share(limit) if share else overloaded(limit)

    def make_room_for_body(self, now: float) -> None:
        """Cuts the slowest bodies off, some at once, where more are on their way than may be in flight. Where none has
        been slow yet, this is one more: most bodies come within milliseconds, and connections bound them all."""
        if len(self.receiving) < self.settings.max_in_flight or now - self._cut_at < CUT_SECONDS:
            return
        self._cut_at = now
        for one in slowest(self.receiving, now, len(self.receiving) // CUT_PARTS + 1):
            one.cut()
            self.receiving.pop(one, None)

    def make_room_for_bytes(self, own: Admission, now: float) -> None:
        """Cuts off bodies that keep much for long. Raises `Problem` 503 where that does not make room. A body that is
        the only one may be as large as any."""
        while self.total.body_bytes > self.settings.max_bodies_bytes and self.total.body_bytes > own.body_bytes:
            victim = costliest(self.receiving, now)
            if victim is None:
                raise self.refuse("IX_MAX_BODIES_BYTES")
            victim.cut()
            victim.forget_body()
            self.receiving.pop(victim, None)

    def too_large(self) -> Problem:
        """The refusal of a body that no request may have."""
        return Problem(
            413,
            f"the body is larger than {self.settings.max_body_bytes} bytes (IX_MAX_BODY_BYTES)",
            # its body is not read to the end, so that no further request can be told from it (RFC 9110, 15.5.14)
            headers={"connection": "close"},
        )

    def _log(self, limit: str) -> None:
        log(
            Event.OVERLOADED,
            limit=limit,
            refused=self._refused,
            in_flight=self.total.in_flight,
            held=self.total.held,
            body_bytes=self.total.body_bytes,
        )
        self._refused, self._logged_at = 0, monotonic()


class Admission(Arrival):
    """One admitted request: what it takes of all that `control` counts, and of its client's share."""

    __slots__ = ("_is_complete", "_is_held", "_receive", "_usages", "control", "owner")

    def __init__(self, control: AdmissionControl, receive: Receive) -> None:
        super().__init__()
        self.control = control
        self.owner = ""
        self._receive = receive
        self._usages: tuple[Usage, ...] = (control.total,)
        self._is_complete = self._is_held = False
        control.total.in_flight += 1

    def belongs_to(self, owner: str) -> None:
        """The request turns out to be this client's. Raises `Problem` 429 where the client has its share in flight,
        together with those whose bodies are on their way."""
        control = self.control
        usage = control.owners.enter(owner)
        self.owner, self._usages = owner, (control.total, usage)
        usage.in_flight += 1
        if usage.in_flight + usage.receiving > share_of(control.settings.max_in_flight):
            raise control.refuse("IX_MAX_IN_FLIGHT", share=True)

    def end(self) -> None:
        """Gives back all that the request has taken: it is answered."""
        for usage in self._usages:
            usage.in_flight -= 1
            usage.body_bytes -= self.body_bytes
        self.body_bytes = 0
        if self.owner:
            self.control.owners.leave(self.owner)

    async def receive(self) -> Message:
        """The next message, its body counted. Raises `Problem`: 408, 413, 429 or 503."""
        # one that is held waits for its client to leave, and not for a body
        waits = not (self._is_complete or self._is_held or _has_come(self._receive))
        message = await (self._piece() if waits else self._receive())
        if message["type"] == "http.request":
            self._is_complete = not message.get("more_body", False)
            if body := message.get("body"):
                self.count_body(len(body))
        return message

    @contextmanager
    def held(self) -> Iterator[None]:
        """While its block runs, the request is held and not in flight."""
        # whoever holds an answer has stored what came in the body
        self.forget_body()
        self._is_held = True
        self._add(in_flight=-1, held=1)
        try:
            yield
        finally:
            # back in flight, be that one too many: it is as good as answered
            self._is_held = False
            self._add(in_flight=1, held=-1)

    def count_answer(self, size: int) -> None:
        """Counts a large answer until it is written, in place of the body. Raises `Problem` 503 where it is too much
        with all others."""
        self.forget_body()
        others = self.control.total.body_bytes
        if others and others + size > self.control.settings.max_bodies_bytes:
            raise self.control.refuse("IX_MAX_BODIES_BYTES")
        self.body_bytes = size
        self._add(body_bytes=size)

    def forget_body(self) -> None:
        """Takes the body out of the count: it is not in memory any more."""
        for usage in self._usages if self.body_bytes else ():
            usage.body_bytes -= self.body_bytes
        self.body_bytes = 0

    async def _piece(self) -> Message:
        """The next piece of the body, while whose wait the request is not in flight."""
        control, now = self.control, asyncio.get_running_loop().time()
        control.make_room_for_body(now)
        self.since = min(self.since, now)
        control.receiving[self] = None
        self._add(in_flight=-1, receiving=1)
        try:
            async with asyncio.timeout(None) as limit:
                self.limit = limit
                message = await self._receive()
        except TimeoutError:
            raise _too_slow() from None
        finally:
            self.limit = None
            control.receiving.pop(self, None)
            self._add(in_flight=1, receiving=-1)
        # others may have taken the places meanwhile
        if control.total.in_flight > control.settings.max_in_flight:
            raise control.refuse("IX_MAX_IN_FLIGHT")
        return message

    def count_body(self, size: int) -> None:
        """Counts a piece of the body. Raises `Problem`: 413 for one that is too large, 429 where it is more than the
        client's share, 503 where it is too much with all others."""
        control, settings = self.control, self.control.settings
        self.body_bytes += size
        for usage in self._usages:
            usage.body_bytes += size
        if self.body_bytes > settings.max_body_bytes:
            raise control.too_large()
        own = self._usages[-1].body_bytes
        if self.owner and share_of(settings.max_bodies_bytes) < own > self.body_bytes:
            raise control.refuse("IX_MAX_BODIES_BYTES", share=True)
        if control.total.body_bytes > settings.max_bodies_bytes:
            control.make_room_for_bytes(self, asyncio.get_running_loop().time())

    def _add(self, in_flight: int = 0, held: int = 0, receiving: int = 0, body_bytes: int = 0) -> None:
        for usage in self._usages:
            usage.in_flight += in_flight
            usage.held += held
            usage.receiving += receiving
            usage.body_bytes += body_bytes


def _has_come(receive: Receive) -> bool:
    """Whether all of the body is there already, as it is of most requests: the server's own cycle of request and answer
    tells, and of any other it is not known."""
    return getattr(getattr(receive, "__self__", None), "more_body", True) is False


@contextmanager
def while_held(request: Request, client_id: str) -> Iterator[None]:
    """While its block runs, the request is held and not in flight; `client_id` is whose jobs it waits for. Raises
    `Problem` 503 where too many are held already, 429 where the client has its share of them."""
    admission: Admission = request.scope["ix.admission"]
    control, most = admission.control, admission.control.settings.max_waiters
    if control.total.held >= most:
        raise control.refuse("IX_MAX_WAITERS")
    # without keys it counts for the client that it says it is
    owner = admission.owner or f"says {client_id}"
    usage = control.owners.enter(owner)
    # one with a key is counted with its key's
    by_word = int(not admission.owner)
    try:
        if usage.held >= share_of(most):
            raise control.refuse("IX_MAX_WAITERS", share=True)
        usage.held += by_word
        try:
            with admission.held():
                yield
        finally:
            usage.held -= by_word
    finally:
        control.owners.leave(owner)


def shedding_load(app: ASGIApp, share: bool = False) -> ASGIApp:
    """`app` for a connection too many, or beyond its address's `share`: health is answered, everything else is 503, or
    429."""
    refusal = over_share if share else overloaded

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in ALWAYS:
            await refusal("IX_MAX_CONNECTIONS", close=True).answer()(scope, receive, send)
        else:
            await app(scope, receive, send)

    return answer


def overloaded(limit: str, close: bool = False) -> Problem:
    """503 that names the limit and says when to come again; with `close` the connection ends after it."""
    return Problem(503, f"ix is busy: {limit} is reached; try again soon", headers=_later(close))


def over_share(limit: str, close: bool = False) -> Problem:
    """429 that names the limit of which a client has its share, and says when to come again."""
    return Problem(429, f"this client has its share of {limit} at once; try again soon", headers=_later(close))


def _too_slow() -> Problem:
    # its body is not read to the end
    return Problem(408, "the body came too slowly, and its place was needed", headers=_later(True))


def _later(close: bool) -> dict[str, str]:
    return {"retry-after": RETRY_AFTER_SECONDS, **({"connection": "close"} if close else {})}


def _declared_length(scope: Scope) -> int:
    # without a length, or with one that lies, the pieces are counted as they come
    declared = header(scope, b"content-length")
    return int(declared) if declared and declared.isdigit() else 0
