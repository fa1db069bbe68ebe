"""Server-sent events (WHATWG HTML, section 9.2): as bytes, and the response that sends them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from ix.api.middleware.admission import while_held
from ix.api.middleware.auth import Revoked, while_authorized
from ix.telemetry.log import Event, log

KEEP_ALIVE = b": keep-alive\n\n"
"""A comment: it keeps proxies from giving up, and finds out a reader that is gone."""
RETRY_MILLISECONDS = 1000, 3000
"""How long a reader waits before it comes back; not the same for each, so that they do not come back together."""
STUCK_SECONDS = 60.0
"""How long one write may wait for a reader that takes nothing; it is dropped then, and may come back for the rest."""


def opening() -> bytes:
    """What every stream begins with."""
    return f"retry: {random.randint(*RETRY_MILLISECONDS)}\n\n".encode()


def position(last_id: str) -> bytes:
    """Sets the id that a reader comes back with; without data it is no event."""
    return f"id: {last_id}\n\n".encode()


def event(name: str, data: str, last_id: str | None = None) -> bytes:
    """One event; `data` is one line."""
    return (f"event: {name}\n" + (f"id: {last_id}\n" if last_id else "") + f"data: {data}\n\n").encode()


class EventStream(Response):
    """Sends what a generator gives, until it ends or the reader has gone. A reader that takes nothing holds up its own
    generator only."""

    media_type = "text/event-stream"

    def __init__(self, chunks: AsyncGenerator[bytes, None], client_id: str) -> None:
        """`client_id`: whose jobs the events are of."""
        # nginx would collect the events otherwise
        self.init_headers({"cache-control": "no-store", "x-accel-buffering": "no"})
        # Starlette's own constructor is left out: it would say a content-length
        self.status_code = 200
        self._chunks = chunks
        self._client_id = client_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the stream. Raises `Problem`, before anything is sent: 503 where too many are held already, 429 where
        the client has its share of them, 401 where the key is revoked by now. When it is revoked later, the stream
        ends."""
        began = False

        async def noting_send(message: Message) -> None:
            nonlocal began
            began = True
            await send(message)

        with while_held(Request(scope), self._client_id):
            try:
                async with while_authorized(scope):
                    await self._send_until_gone(scope, receive, noting_send)
            except Revoked:
                if not began:
                    raise
                await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_until_gone(self, scope: Scope, receive: Receive, send: Send) -> None:
        sending = asyncio.create_task(self._send_or_break_off(scope, send), name="event stream")
        leaving = asyncio.create_task(_until_gone(receive), name="event stream's reader")
        try:
            await asyncio.wait([sending, leaving], return_when=asyncio.FIRST_COMPLETED)
        finally:
            # waits for both, so that the generator has let go of its subscription when this returns
            sending.cancel()
            leaving.cancel()
            await asyncio.wait([sending, leaving])

    async def _send_or_break_off(self, scope: Scope, send: Send) -> None:
        """Whatever goes wrong once the answer has begun, all that is left is to break it off."""
        try:
            await self._send(scope, send)
        except Exception as error:
            log(Event.STREAM_BROKEN_OFF, path=scope["path"], error=error)

    async def _send(self, scope: Scope, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async with aclosing(self._chunks) as chunks:
            # Starlette serves HEAD with every GET: an answer without content (RFC 9110, 9.3.2), which has to end
            if scope["method"] != "HEAD":
                async for chunk in chunks:
                    # uvicorn's send waits while the reader lags
                    async with asyncio.timeout(STUCK_SECONDS):
                        await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_gone(receive: Receive) -> None:
    # first comes the request's body, be it an empty one
    while (await receive())["type"] != "http.disconnect":
        pass
