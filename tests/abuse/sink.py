"""A place that nobody should ever reach: it counts every connection."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress


class Sink:
    """Listeners on one port of several addresses of this machine."""

    def __init__(self, listeners: Sequence[socket.socket]) -> None:
        self.port = int(listeners[0].getsockname()[1])
        self.addresses = [str(listener.getsockname()[0]) for listener in listeners]
        self.count = 0
        self._threads = [threading.Thread(target=self._take, args=(listener,), daemon=True) for listener in listeners]
        for thread in self._threads:
            thread.start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def _take(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                self.count += 1
                connection.close()


@contextmanager
def sink() -> Iterator[Sink]:
    """A sink on 127.0.0.1, on another loopback address, and on ::1 where there is one."""
    with ExitStack() as stack:
        first = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        port = first.getsockname()[1]
        listeners = [first]
        for family, address in ((socket.AF_INET, "127.0.0.2"), (socket.AF_INET6, "::1")):
            with suppress(OSError):
                listeners.append(stack.enter_context(socket.create_server((address, port), family=family)))
        for listener in listeners:
            stack.callback(listener.shutdown, socket.SHUT_RDWR)
        yield Sink(listeners)
