"""Serves the app with uvicorn: uvloop, the fast HTTP parser, and a socket bound before anything else so that port 0
works."""

from __future__ import annotations

import resource
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

import uvicorn
from starlette.applications import Starlette

from ix.api.server.protocol import SPARE_CONNECTIONS, GuardedProtocol
from ix.background.eventloop import collect_garbage_seldom, run_to_its_end
from ix.config import Settings
from ix.errors import ConfigError, IxError
from ix.telemetry.log import Event, log

DRAIN_SECONDS = 3
"""How long open requests may take after SIGTERM."""
KEEP_ALIVE_SECONDS = 75
"""How long a connection may idle between requests, as nginx has it. Clients' pools keep them for less (httpx 5 s):
where both ends close at the same time, a request is lost on its way."""
RESERVED_FILES = 64
"""Files that the process opens beside connections of clients and the pool's."""


def serve(app: Starlette, settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT. Raises `ConfigError` where the address cannot be bound, `IxError` where the app
    does not start."""
    bound = _bind(settings)
    # an IPv6 address has two members more
    host, port = bound.getsockname()[:2]
    log(Event.WEB_LISTENING, address=f"http://{host}:{port}")
    collect_garbage_seldom()
    server = Server(_config(app, settings), lambda: app.state.services.end_held_requests())
    server.run(sockets=[bound])
    if not server.started:
        raise IxError("the web process did not start; the line above says why")
    log(Event.WEB_STOPPED)


class Server(uvicorn.Server):
    """uvicorn, but a signal that asked it to stop is not raised again once it has stopped: an orderly end is exit code
    0. Before it drains, `end_held_requests` ends what would keep it waiting."""

    def __init__(self, config: uvicorn.Config, end_held_requests: Callable[[], None]) -> None:
        super().__init__(config)
        self._end_held_requests = end_held_requests

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serves until it is asked to stop; the process is to end then (`ix.cli.processes`)."""
        run_to_its_end(self.serve(sockets))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends what is held, then waits for what is in flight, at most `DRAIN_SECONDS`."""
        self._end_held_requests()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stops on SIGTERM and SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.handle_exit)
        yield


def _config(app: Starlette, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=partial(GuardedProtocol, _within_open_files(settings)),  # type: ignore[arg-type]
        ws="none",
        loop="auto",
        lifespan="on",
        log_config=None,
        # its tracebacks carry the messages of errors, which may carry a document's text; ix says itself what happened
        log_level="critical",
        access_log=False,
        server_header=False,
        # nothing here asks for the address or the scheme that a proxy tells of
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )


def _within_open_files(settings: Settings) -> Settings:
    """Asks the system for as many open files as it allows, and takes no more connections than they suffice for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    if soft == resource.RLIM_INFINITY:
        return settings
    most = max(1, soft - settings.pool_size - SPARE_CONNECTIONS - RESERVED_FILES)
    return settings.model_copy(update={"max_connections": min(settings.max_connections, most)})


def _bind(settings: Settings) -> socket.socket:
    try:
        # no more than the system allows (net.core.somaxconn), and as many as uvicorn itself asks for
        return socket.create_server((settings.host, settings.port), backlog=2048, reuse_port=settings.share_port)
    except ValueError:
        raise ConfigError("IX_SHARE_PORT: this system cannot share a port; leave it out") from None
    except OSError as error:
        raise ConfigError(
            f"IX_PORT: cannot listen on {settings.host}:{settings.port} ({error.strerror}); choose another"
        ) from None
