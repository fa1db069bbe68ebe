"""Gives every request an id and its place in a trace, so that all that is logged and done for it can be found again;
and an answer, whatever is raised on the way to one.

The id is the client's `X-Request-Id` where it is short and plain, else a new one, and the answer carries it back.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from random import getrandbits
from typing import Any

from starlette.requests import Request
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ix.api.problems import answer_error
from ix.api.routing import header, headers
from ix.telemetry import traceparent, tracing
from ix.telemetry.log import Event, bound, log
from ix.telemetry.traceparent import Trace
from ix.telemetry.tracing import Span

HEADER = b"x-request-id"
# it goes back in a field and into the log: nothing that could end either
_PLAIN = re.compile(rb"[A-Za-z0-9._~+/=:@-]{1,128}")


class RequestIdMiddleware:
    """ASGI middleware around all of the app. Answers what is raised inside it, unless an answer has begun."""

    def __init__(self, app: ASGIApp, routes: Iterable[BaseRoute]) -> None:
        self.app = app
        self._paths: Mapping[Any, str] = {route.endpoint: route.path for route in routes if isinstance(route, Route)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on under its id, in a span of its own, and sees to its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # sixteen hex digits, as an ix_id has; it tells requests apart and need not be unguessable
        request_id = _given_id(scope) or b"%016x" % getrandbits(64)
        caller = _callers_trace(scope)
        with bound(http_request=request_id.decode()):
            if not tracing.concerns(caller):
                await self._answer(scope, receive, send, request_id, None)
                return
            with tracing.start_span(scope["method"], "server", caller, _attributes(scope)) as span:
                await self._answer(scope, receive, send, request_id, span)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, request_id: bytes, span: Span | None) -> None:
        started, status = time.perf_counter(), 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (HEADER, request_id)]
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        except Exception as error:
            # the head is gone already: all that is left is to break the answer off
            if status:
                raise
            await (await answer_error(Request(scope, receive), error))(scope, receive, send_with_id)
        finally:
            self._report(scope, span, status, time.perf_counter() - started)

    def _report(self, scope: Scope, span: Span | None, status: int, seconds: float) -> None:
        """Attributes and name after OpenTelemetry's conventions for HTTP server spans
        (https://opentelemetry.io/docs/specs/semconv/http/http-spans/): a route's path, never a job's."""
        method, route = scope["method"], self._paths.get(scope.get("endpoint"))
        if span is not None:
            # 0: no answer began
            span.set(http__route=route, http__response__status_code=status or None)
            if route is not None:
                span.name(f"{method} {route}")
            if status >= 500:
                span.fail(str(status))
        log(Event.REQUEST_ANSWERED, method=method, route=route, status=status, ms=seconds * 1000)


def _attributes(scope: Scope) -> dict[str, str]:
    return {"http.request.method": scope["method"], "url.path": scope["path"], "url.scheme": scope["scheme"]}


def _given_id(scope: Scope) -> bytes | None:
    given = header(scope, HEADER)
    return given if given and _PLAIN.fullmatch(given) else None


def _callers_trace(scope: Scope) -> Trace | None:
    parents = headers(scope, b"traceparent")
    if not parents:
        return None
    return traceparent.read(_texts(parents), _texts(headers(scope, b"tracestate")))


def _texts(values: Iterable[bytes]) -> list[str]:
    return [value.decode("latin-1") for value in values]
