"""One request and its answer: uvicorn's cycle, whose answer takes half the time to write.

uvicorn looks through every name and value of a head by itself, and writes head and body apart. Here a head is looked
through once, and leaves together with the body that comes in the same tick of the loop, which halves the system calls
and packets of most answers."""

from __future__ import annotations

import re
from asyncio import AbstractEventLoop, Event, Transport
from collections.abc import Callable
from itertools import chain
from typing import Any, cast
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

_finds_control = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]").search
"""Finds what no field may hold, since it might end the field (RFC 9110, 5.5)."""
_WITHOUT_CONTENT = frozenset((204, 304))
"""Statuses whose answers end with their head (RFC 9112, 6.3)."""


class AnswerTransport:
    """The transport as answers see it: it closes gently, and keeps a head until the end of the tick."""

    __slots__ = ("_close", "_head", "_loop", "_write", "is_closing")

    def __init__(self, loop: AbstractEventLoop, transport: Transport, close: Callable[[], None]) -> None:
        """`close` is what closes it in place of its own."""
        self._loop = loop
        self._write = transport.write
        self._close = close
        self._head = b""
        self.is_closing = transport.is_closing

    def keep(self, head: bytes) -> None:
        """Writes a head with what comes in this tick."""
        self._head = head
        self._loop.call_soon(self._flush)

    def write(self, data: bytes) -> None:
        """Writes at once, after a head that is kept."""
        if self._head:
            data, self._head = self._head + data, b""
        self._write(data)

    def close(self) -> None:
        """Ends the connection after what was written."""
        self._flush()
        self._close()

    def _flush(self) -> None:
        if self._head:
            self.write(b"")


def fill_in(scope: Any, parser: httptools.HttpRequestParser, target: bytes) -> None:
    """Puts into the scope what the line of a request says. Raises `httptools.HttpParserError`, or `ValueError`, for a
    target that is no address."""
    found = httptools.parse_url(target)
    path = found.path.decode("ascii")
    scope["method"], scope["http_version"] = parser.get_method().decode("ascii"), parser.get_http_version()
    scope["path"], scope["raw_path"] = unquote(path) if "%" in path else path, found.path
    scope["query_string"] = found.query or b""


class Cycle(RequestResponseCycle):
    """A request whose header is complete, on its way through the app."""

    def __init__(self, protocol: HttpToolsProtocol, transport: AnswerTransport) -> None:
        super().__init__(
            scope=protocol.scope,
            transport=cast(Any, transport),
            flow=protocol.flow,
            logger=protocol.logger,
            access_logger=protocol.access_logger,
            access_log=False,
            default_headers=protocol.server_state.default_headers,
            message_event=Event(),
            expect_100_continue=protocol.expect_100_continue,
            keep_alive=protocol.scope["http_version"] != "1.0" and protocol.parser.should_keep_alive(),
            on_response=protocol.on_response_complete,
        )
        self._keep = transport.keep

    async def send(self, message: Any) -> None:
        """Writes the next part of the answer; waits before while the client lags. Raises `RuntimeError` for a part that
        cannot come next, or is not as long as was said."""
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        if self.response_complete or message["type"] != _EXPECTED[self.response_started]:
            raise RuntimeError(f"{message['type']} cannot come now")
        if self.response_started:
            self._write_body(message.get("body", b""), message.get("more_body", False))
        else:
            self._write_head(message["status"], message.get("headers", ()))

    def _write_head(self, status: int, headers: Any) -> None:
        fields = [*self.default_headers, *headers]
        if _finds_control(b"".join(chain.from_iterable(fields))):
            raise RuntimeError("a field of the answer holds what might end it")
        self.response_started, self.waiting_for_100_continue = True, False
        says_close = False
        for name, value in headers:
            if name == b"content-length":
                self.chunked_encoding, self.expected_content_length = False, int(value)
            elif name == b"connection" and b"close" in value.lower():
                says_close = True
        if self.chunked_encoding is None and status not in _WITHOUT_CONTENT and self.scope["method"] != "HEAD":
            self.chunked_encoding = True
            fields.append((b"transfer-encoding", b"chunked"))
        if says_close:
            self.keep_alive = False
        elif not self.keep_alive:
            fields.append((b"connection", b"close"))
        self._keep(b"".join([STATUS_LINE[status], *[b"%s: %s\r\n" % field for field in fields], b"\r\n"]))

    def _write_body(self, body: bytes, more: bool) -> None:
        if self.scope["method"] == "HEAD":
            body, self.expected_content_length = b"", 0
        elif self.chunked_encoding:
            body = (b"%x\r\n%s\r\n" % (len(body), body) if body else b"") + (b"" if more else b"0\r\n\r\n")
        else:
            self.expected_content_length -= len(body)
        if self.expected_content_length < 0 or (self.expected_content_length and not more):
            raise RuntimeError("the answer is not as long as it says")
        self.transport.write(body)
        if not more:
            self.response_complete = True
            self.message_event.set()
            if not self.keep_alive:
                self.transport.close()
            self.on_response()


_EXPECTED = ("http.response.start", "http.response.body")
"""What the app sends at first, and then."""
