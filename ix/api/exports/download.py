"""The answer that sends a file while it is made: held like an event stream, and ended when its reader goes or its key
is worth nothing any more. What goes wrong once it has begun breaks it off: nobody takes a part for the whole."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from ix.api.exports.processes import ExportProcesses
from ix.api.live.sse import EventStream
from ix.api.middleware.auth import caller_of


class Download(EventStream):
    """A file of this name and media type, in the pieces that `chunks` gives."""

    def __init__(
        self,
        processes: ExportProcesses,
        chunks: Callable[[], AsyncGenerator[bytes, None]],
        name: str,
        media_type: str,
        client_id: str,
        fields: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """`client_id`: whose jobs it is about; `fields`: further ones of the header."""
        self.media_type = media_type
        self._processes, self._make = processes, chunks
        self.init_headers({**attachment(name), **fields, "cache-control": "no-store", "x-accel-buffering": "no"})
        self.status_code, self._client_id = 200, client_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the file. Raises `Problem` as an event stream does, and where as many files are written as may be."""
        caller = caller_of(Request(scope))
        with self._processes.place(caller.client_id or caller.key_id):
            # not before there is a place: a generator that is made has to be run
            self._chunks = self._make()
            await super().__call__(scope, receive, send)


def attachment(name: str) -> dict[str, str]:
    """The header fields of a file that is to be kept and never shown in place. `name` is made of fixed parts, without
    anything that a client or a document says."""
    return {
        "content-disposition": f"attachment; filename=\"{name}\"; filename*=UTF-8''{name}",
        "x-content-type-options": "nosniff",
    }


def file_name(what: str, ending: str) -> str:
    """What an export is called: what it holds, and the day."""
    return f"ix-{what}-{datetime.now(UTC):%Y-%m-%d}.{ending}"
