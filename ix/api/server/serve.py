"""Serves the app with uvicorn: uvloop, the fast HTTP parser, TLS if the settings name a certificate, and a socket bound
before anything else so that port 0 works."""

from __future__ import annotations

import asyncio
import resource
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import uvicorn
from starlette.applications import Starlette

from ix.api.server.places import SPARE, Places
from ix.api.server.protocol import GuardedProtocol
from ix.api.server.tls import LOOK_SECONDS, Certificate
from ix.background.eventloop import collect_garbage_seldom, run_to_its_end
from ix.config import Settings
from ix.errors import ConfigError, IxError
from ix.telemetry.log import Event, log

DRAIN_SECONDS = 3
"""How long open requests may take after SIGTERM."""
KEEP_ALIVE_SECONDS = 75
"""How long a connection may idle between requests, as nginx has it. Clients' pools keep them for less (httpx 5 s):
where both ends close at the same time, a request is lost on its way."""
CLOSE_SECONDS = 1.0
"""How long a client may take to take leave (TLS: close_notify)."""
TICKS = 10
"""How often uvicorn calls `on_tick`, a second."""
RESERVED_FILES = 64
"""Files that the process opens beside connections of clients and the pool's."""


def serve(app: Starlette, settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT. Raises `ConfigError` where the address cannot be bound, `IxError` where the app
    does not start."""
    certificate = Certificate(settings) if settings.tls_cert else None
    bound = _bind(settings)
    # an IPv6 address has two members more
    host, port = bound.getsockname()[:2]
    log(Event.WEB_LISTENING, address=settings.model_copy(update={"host": host, "port": port}).own_address)
    collect_garbage_seldom()
    server = Server(_config(app, settings), lambda: app.state.services.end_held_requests(), certificate)
    server.run(sockets=[bound])
    if not server.started:
        raise IxError("the web process did not start; the line above says why")
    log(Event.WEB_STOPPED)


class Server(uvicorn.Server):
    """uvicorn, but a signal that asked it to stop is not raised again once it has stopped: an orderly end is exit code
    0. Before it drains, `end_held_requests` ends what would keep it waiting. With a `certificate` it speaks TLS."""

    def __init__(
        self,
        config: uvicorn.Config,
        end_held_requests: Callable[[], None],
        certificate: Certificate | None = None,
    ) -> None:
        super().__init__(config)
        self._end_held_requests = end_held_requests
        self._certificate = certificate
        self._was_told_to_renew = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts the app, then listens."""
        if self._certificate is None:
            await super().startup(sockets)
            return
        # without sockets uvicorn starts the app alone: it would let a handshake take as long as it likes
        await super().startup([])
        protocol: Any = self.config.http_protocol_class
        connect = partial(
            protocol,
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )
        for bound in sockets or ():
            server = await asyncio.get_running_loop().create_server(
                connect,
                sock=bound,
                backlog=self.config.backlog,
                ssl=self._certificate.context,
                ssl_handshake_timeout=self._certificate.handshake_seconds,
                ssl_shutdown_timeout=CLOSE_SECONDS,
            )
            self.servers.append(server)

    async def on_tick(self, counter: int) -> bool:
        """What uvicorn does ten times a second, and a look at the certificate's files now and then."""
        if self._certificate is not None:
            if self._was_told_to_renew:
                self._was_told_to_renew = False
                self._certificate.renew()
            elif counter % round(TICKS * LOOK_SECONDS) == 0:
                self._certificate.look()
        return await super().on_tick(counter)

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serves until it is asked to stop; the process is to end then (`ix.cli.processes`)."""
        run_to_its_end(self.serve(sockets))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends what is held, then waits for what is in flight, at most `DRAIN_SECONDS`."""
        self._end_held_requests()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stops on SIGTERM and SIGINT; with TLS, SIGHUP has the certificate read anew."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.handle_exit)
        if self._certificate is not None:
            signal.signal(signal.SIGHUP, self._handle_hangup)
        yield

    def _handle_hangup(self, number: int, frame: object) -> None:
        self._was_told_to_renew = True


def _config(app: Starlette, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=partial(GuardedProtocol, Places(_within_open_files(settings))),  # type: ignore[arg-type]
        ws="none",
        loop="auto",
        lifespan="on",
        log_config=None,
        # its tracebacks carry the messages of errors, which may carry a document's text; ix says itself what happened
        log_level="critical",
        access_log=False,
        server_header=False,
        # what proxies tell is judged by `ix.api.middleware.proxies`
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
    most = max(1, soft - settings.pool_size - SPARE - RESERVED_FILES)
    return settings.model_copy(update={"max_connections": min(settings.max_connections, most)})


def _bind(settings: Settings) -> socket.socket:
    host = settings.host
    try:
        found = {one[0] for one in socket.getaddrinfo(host or None, settings.port, type=socket.SOCK_STREAM)}
        # a name of both is that of IPv4, as it always was
        family = socket.AF_INET if socket.AF_INET in found else socket.AF_INET6
        # no more than the system allows (net.core.somaxconn), and as many as uvicorn itself asks for
        return socket.create_server(
            (host, settings.port),
            family=family,
            backlog=2048,
            reuse_port=settings.share_port,
            # all addresses are those of IPv4 too
            dualstack_ipv6=host == "::" and socket.has_dualstack_ipv6(),
        )
    except ValueError:
        raise ConfigError("IX_SHARE_PORT: this system cannot share a port; leave it out") from None
    except socket.gaierror:
        raise ConfigError(f"IX_HOST: {settings.host} is no address of this machine") from None
    except OSError as error:
        raise ConfigError(
            f"IX_PORT: cannot listen on {settings.host}:{settings.port} ({error.strerror}); choose another"
        ) from None
