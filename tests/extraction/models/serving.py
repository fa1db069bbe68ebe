"""Small HTTP servers for tests, over real sockets."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """The address of `app`, served by a thread."""
    with listening() as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield address(listener)
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def listening() -> Iterator[socket.socket]:
    """A socket that takes connections, on a free port, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def address(listener: socket.socket) -> str:
    """Its address."""
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def dead_address() -> str:
    """An address where nothing listens."""
    with listening() as listener:
        return address(listener)
