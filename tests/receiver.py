"""A real HTTP server that records what it is sent and answers what the test says."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, TypeVar


class Received(NamedTuple):
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


Answer = Callable[["Handler"], None]
R = TypeVar("R", bound="Receiver")


class Receiver(ThreadingHTTPServer):
    """Gives the `answers` in turn, then for ever the one that it gives `otherwise`."""

    daemon_threads = True

    def __init__(self, otherwise: Answer) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.otherwise = otherwise
        self.received: list[Received] = []
        self.answers: deque[Answer] = deque()
        self.over = threading.Event()
        self._news = threading.Condition()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}/hook"

    def note(self, received: Received) -> Answer:
        with self._news:
            self.received.append(received)
            self._news.notify_all()
            return self.answers.popleft() if self.answers else self.otherwise

    def until(self, number: int, seconds: float = 10) -> list[Received]:
        """The requests, once there are as many."""
        with self._news:
            assert self._news.wait_for(lambda: len(self.received) >= number, seconds), (
                f"{len(self.received)} of {number} requests"
            )
            return list(self.received)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no news."""


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_GET(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server.note(Received(self.command, self.path, headers, self.rfile.read(length)))
        with suppress(OSError):
            answer(self)
        self.close_connection = True

    do_POST = do_GET  # noqa: N815 - the name that http.server looks for

    def log_message(self, format: str, *args: object) -> None:
        pass


def status(code: int, body: bytes = b"", **headers: str) -> Answer:
    """An answer with a body."""

    def answer(handler: Handler) -> None:
        handler.send_response(code)
        for name, value in {"content-length": str(len(body)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def hang(handler: Handler) -> None:
    """No answer."""
    handler.server.over.wait(30)


def half(handler: Handler) -> None:
    """An answer that ends in the middle of its body."""
    handler.wfile.write(b'HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{"message": {"con')


def huge(handler: Handler) -> None:
    """An answer of a gibibyte."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n")
    for _ in range(1024):
        handler.wfile.write(bytes(1 << 20))


def drip(handler: Handler) -> None:
    """An answer whose body comes byte by byte and never ends."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
    while not handler.server.over.wait(0.02):
        handler.wfile.write(b"x")


def drip_headers(handler: Handler) -> None:
    """An answer whose headers never end."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while not handler.server.over.wait(0.02):
        handler.wfile.write(b"x: y\r\n")


@contextmanager
def receiver(otherwise: Answer | None = None) -> Iterator[Receiver]:
    """A receiver that listens on a port of its own, and answers 200 unless told otherwise."""
    with listening(Receiver(otherwise or status(200))) as server:
        yield server


@contextmanager
def listening(server: R) -> Iterator[R]:
    """The same receiver, at work until the block ends."""
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
