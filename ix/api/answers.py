"""Answers that may be large: written in pieces, each of which waits until the client has read enough of those before
it, and counted like the body of a request for as long."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ix.api.middleware.admission import Admission

PIECE = 256 * 1024
"""Bytes of an answer that are written at once."""


def has_already(request: Request, etag: str) -> bool:
    """Whether the client has what bears this tag (`If-None-Match`, RFC 9110, 13.1.2). Weakly compared: a proxy that
    compresses the answer may have made the tag a weak one."""
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    return etag in known or "*" in known


class JsonAnswer(Response):
    """JSON in bytes. Written without Starlette's search for what the headers lack."""

    def __init__(
        self,
        parts: Sequence[bytes],
        status: int = 200,
        headers: Sequence[tuple[bytes, bytes]] = (),
        media_type: bytes = b"application/json",
    ) -> None:
        self.status_code, self.background = status, None
        self._parts = parts
        self._size = sum(map(len, parts))
        self.raw_headers = [
            *headers,
            (b"content-length", b"%d" % self._size),
            (b"content-type", media_type),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Writes the answer. Raises `Problem` 503 where too much is being written already."""
        head = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        if self._size <= PIECE:
            await send(head)
            await send({"type": "http.response.body", "body": b"".join(self._parts)})
            return
        admission: Admission = scope["ix.admission"]
        admission.count_answer(self._size)
        await send(head)
        for part in self._parts:
            for start in range(0, len(part), PIECE):
                await send({"type": "http.response.body", "body": part[start : start + PIECE], "more_body": True})
        await send({"type": "http.response.body"})
