"""Serves the app with uvicorn: uvloop, the fast HTTP parser, and a socket bound before anything else so that port 0 works."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

from ix.api.services import let_go
from ix.config import Settings
from ix.errors import ConfigError, IxError
from ix.events import Event, say

DRAIN_SECONDS = 3
"""How long open requests may take after SIGTERM."""


def serve(app: Starlette, settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT. Raises `ConfigError` where the address cannot be bound, `IxError` where the app
    does not start."""
    bound = _bind(settings)
    host, port = bound.getsockname()[:2]
    say(Event.WEB_LISTENING, address=f"http://{host}:{port}")
    config = uvicorn.Config(
        app,
        http="httptools",
        loop="auto",
        lifespan="on",
        log_config=None,
        # its tracebacks carry the messages of errors, which may carry a document's text; ix says itself what happened
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    server = Server(config, lambda: let_go(app))
    server.run(sockets=[bound])
    if not server.started:
        raise IxError("the web process did not start; the line above says why")
    say(Event.WEB_STOPPED)


class Server(uvicorn.Server):
    """uvicorn, but a signal that asked it to stop is not raised again once it has stopped: an orderly end is exit code 0. Requests that are
    held open are let go before it drains."""

    def __init__(self, config: uvicorn.Config, let_go: Callable[[], None]) -> None:
        super().__init__(config)
        self._let_go = let_go

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drains."""
        self._let_go()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stops on SIGTERM and SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.handle_exit)
        yield


def _bind(settings: Settings) -> socket.socket:
    try:
        return socket.create_server((settings.host, settings.port), backlog=2048, reuse_port=False)
    except OSError as error:
        raise ConfigError(f"IX_PORT: cannot listen on {settings.host}:{settings.port} ({error.strerror}); choose another") from None
