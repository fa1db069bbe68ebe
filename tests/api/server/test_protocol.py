"""One guarded connection at a time, over real sockets in the test's own loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from unittest.mock import ANY

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.server import ServerState

from ix.api.server import places
from ix.api.server.places import SPARE, Places
from ix.api.server.protocol import MAX_HEADER_BYTES, MAX_HEADER_FIELDS, GuardedProtocol
from ix.config import Settings

SETTINGS = Settings(header_timeout=0.3, request_timeout=0.4, max_body_bytes=300_000)
PATIENT = Settings(header_timeout=30, request_timeout=30, max_body_bytes=300_000)
GET = b"GET /short HTTP/1.1\r\nhost: localhost\r\n\r\n"
CHUNKED = b"POST /read HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n"
LARGE = 16 * 1024 * 1024
"""More than the system's own buffers hold, bytes."""


MISCOUNTS = {"/longer": -1, "/shorter": 1}
"""Bytes by which an answer is not as long as it says."""


class App:
    """Answers with the path, or obeys it. `held` is set to let held answers go; `gone` tells how many bodies never came
    whole."""

    def __init__(self) -> None:
        self.held = asyncio.Event()
        self.asked: asyncio.Queue[str] = asyncio.Queue()
        self.gone = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        self.asked.put_nowait(path)
        body = b"x" * LARGE if path == "/large" else path.encode()
        if path == "/held":
            await self.held.wait()
        if path == "/read":
            body = b"%d" % await self._read(receive)
        fields = [(b"content-length", b"%d" % (len(body) + MISCOUNTS.get(path, 0)))] if path != "/pieces" else []
        if path == "/forged":
            fields.append((b"location", b"/\r\nset-cookie: a=b"))
        await send({"type": "http.response.start", "status": 200, "headers": fields})
        if path == "/slow":
            await self.held.wait()
        if path == "/torn":
            raise RuntimeError
        await send({"type": "http.response.body", "body": body})

    async def _read(self, receive: Receive) -> int:
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.gone += 1
                return size
            size += len(message["body"])
            if not message["more_body"]:
                return size


class Served:
    """A listening server."""

    def __init__(self, app: App, port: int, state: ServerState) -> None:
        self.app = app
        self.port = port
        self.state = state
        self._connections: list[Connection] = []

    async def connect(self) -> Connection:
        connection = Connection(*await asyncio.open_connection("127.0.0.1", self.port))
        self._connections.append(connection)
        return connection

    async def outlast_deadlines(self) -> None:
        """Returns when a client whose body never comes, and came just now, has been cut off."""
        victim = await self.connect()
        victim.write(CHUNKED)
        assert (await victim.answer())[0] == 408

    async def close(self) -> None:
        for connection in self._connections:
            await connection.close()


class Connection:
    """A client's end. Every wait has an end, so that what never comes fails the test."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def write(self, *data: bytes) -> None:
        self._writer.write(b"".join(data))

    async def drained(self) -> None:
        async with asyncio.timeout(5):
            await self._writer.drain()

    async def answer(self) -> tuple[int, bytes]:
        """Status and body of the next answer."""
        async with asyncio.timeout(5):
            head = await self.head()
            fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if line)
            return int(head.split()[1]), await self.body(int(fields[b"content-length"]))

    async def head(self) -> bytes:
        async with asyncio.timeout(5):
            return await self._reader.readuntil(b"\r\n\r\n")

    async def body(self, size: int) -> bytes:
        async with asyncio.timeout(5):
            return await self._reader.readexactly(size)

    async def rest(self) -> bytes:
        """What comes until the server closes."""
        async with asyncio.timeout(5):
            try:
                return await self._reader.read()
            except ConnectionResetError:
                return b""

    async def close(self) -> None:
        self._writer.transport.abort()
        with suppress(OSError):
            await self._writer.wait_closed()


@asynccontextmanager
async def serving(
    settings: Settings, keep_alive: float = 30, around: Callable[[ASGIApp], ASGIApp] = lambda app: app
) -> AsyncIterator[Served]:
    """A server of an app; `around` puts something around that."""
    app, state, loop, kept = App(), ServerState(), asyncio.get_running_loop(), Places(settings)
    config = uvicorn.Config(around(app), log_config=None, log_level="critical", lifespan="off", ws="none")
    config.timeout_keep_alive = keep_alive  # type: ignore[assignment]
    config.load()
    server = await loop.create_server(lambda: GuardedProtocol(kept, config, state, {}, loop), "127.0.0.1", 0)
    served = Served(app, server.sockets[0].getsockname()[1], state)
    try:
        yield served
    finally:
        app.held.set()
        server.close()
        await served.close()
        for connection in list(state.connections):
            connection.transport.abort()
        await asyncio.gather(*state.tasks, return_exceptions=True)
        await server.wait_closed()


@pytest.fixture
async def quick() -> AsyncIterator[Served]:
    async with serving(SETTINGS) as served:
        yield served


@pytest.fixture
async def patient() -> AsyncIterator[Served]:
    async with serving(PATIENT) as served:
        yield served


async def trickle(connection: Connection, piece: bytes) -> None:
    """Sends a piece again and again, until the server has had enough."""
    while True:
        connection.write(piece)
        await connection.drained()
        await asyncio.sleep(0.02)


async def trickled(connection: Connection, piece: bytes) -> bytes:
    """What the server says to one who trickles for ever."""
    trickling = asyncio.create_task(trickle(connection, piece))
    try:
        return await connection.rest()
    finally:
        trickling.cancel()
        await asyncio.gather(trickling, return_exceptions=True)


class TestHeads:
    async def test_one_whose_body_is_not_there_yet_does_not_wait_for_it(self, patient: Served) -> None:
        connection = await patient.connect()
        connection.write(GET.replace(b"/short", b"/slow"))
        assert (await connection.head()).startswith(b"HTTP/1.1 200 ")
        patient.app.held.set()
        assert await connection.body(5) == b"/slow"

    async def test_one_whose_body_never_comes_is_sent_before_the_connection_ends(self, patient: Served) -> None:
        connection = await patient.connect()
        connection.write(GET.replace(b"/short", b"/torn"))
        assert (await connection.rest()).startswith(b"HTTP/1.1 200 ")

    async def test_a_field_that_would_end_early_is_not_sent(self, patient: Served) -> None:
        connection = await patient.connect()
        connection.write(GET.replace(b"/short", b"/forged"))
        said = await connection.rest()
        assert said.startswith(b"HTTP/1.1 500 ")
        assert b"cookie" not in said

    @pytest.mark.parametrize("path", [b"/longer", b"/shorter"])
    async def test_one_that_is_wrong_about_its_body_is_the_last_of_its_connection(
        self, patient: Served, path: bytes
    ) -> None:
        connection = await patient.connect()
        connection.write(GET.replace(b"/short", path), GET)
        assert (await connection.rest()).count(b"HTTP/1.1 ") == 1

    async def test_without_a_length_of_its_body_that_comes_in_chunks(self, patient: Served) -> None:
        connection = await patient.connect()
        connection.write(GET.replace(b"/short", b"/pieces"))
        assert b"transfer-encoding: chunked" in await connection.head()
        assert await connection.body(17) == b"7\r\n/pieces\r\n0\r\n\r\n"

    async def test_a_client_that_asks_first_is_told_to_go_on(self, patient: Served) -> None:
        connection = await patient.connect()
        connection.write(b"POST /read HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n")
        assert (await connection.head()).startswith(b"HTTP/1.1 100 ")
        connection.write(b"hello")
        assert await connection.answer() == (200, b"5")


class TestDeadlines:
    async def test_a_silent_client_is_closed_without_a_word(self, quick: Served) -> None:
        connection = await quick.connect()
        assert await connection.rest() == b""

    @pytest.mark.parametrize(
        ("start", "piece", "part"),
        [
            (b"GE", b"", b"header"),
            (GET[:-2], b"x: y\r\n", b"header"),
            (b"", b"\r\n", b"header"),
            (b"POST /read HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9999\r\n\r\n", b"x", b"body"),
            (CHUNKED, b"1\r\nx\r\n", b"body"),
        ],
        ids=["stalled header", "trickled header", "empty lines", "trickled body", "trickled chunks"],
    )
    async def test_a_trickle_does_not_move_them(self, quick: Served, start: bytes, piece: bytes, part: bytes) -> None:
        connection = await quick.connect()
        connection.write(start)
        said = await trickled(connection, piece)
        assert said.startswith(b"HTTP/1.1 408 ")
        assert b"application/problem+json" in said
        assert b"the %s did not come in 0." % part in said

    async def test_an_app_that_reads_learns_that_the_client_is_gone(self, quick: Served) -> None:
        connection = await quick.connect()
        connection.write(CHUNKED, b"1\r\nx\r\n")
        await connection.rest()
        await asyncio.gather(*quick.state.tasks)
        assert quick.app.gone == 1

    async def test_a_connection_that_is_kept_has_the_whole_time_for_each_request(self, quick: Served) -> None:
        connection = await quick.connect()
        connection.write(GET)
        assert await connection.answer() == (200, b"/short")
        await quick.outlast_deadlines()
        connection.write(GET)
        assert await connection.answer() == (200, b"/short")
        connection.write(GET[:9])
        assert (await connection.answer())[0] == 408

    async def test_a_held_answer_outlives_them(self, quick: Served) -> None:
        connection = await quick.connect()
        connection.write(GET.replace(b"/short", b"/held"))
        await quick.app.asked.get()
        await quick.outlast_deadlines()
        quick.app.held.set()
        assert await connection.answer() == (200, b"/held")

    async def test_a_request_that_waits_behind_a_held_answer_is_not_blamed(self, quick: Served) -> None:
        connection = await quick.connect()
        connection.write(
            GET.replace(b"/short", b"/held"), b"POST /read HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\n\r\na"
        )
        await quick.app.asked.get()
        await quick.outlast_deadlines()
        quick.app.held.set()
        connection.write(b"bc")
        assert [await connection.answer() for _ in range(2)] == [(200, b"/held"), (200, b"3")]

    async def test_an_answer_that_is_not_read_is_given_up(self, quick: Served) -> None:
        connection = await quick.connect()
        connection.write(GET.replace(b"/short", b"/large"))
        await quick.app.asked.get()
        async with asyncio.timeout(5):
            while quick.state.connections:
                await asyncio.sleep(0.01)
        assert len(await connection.rest()) < LARGE

    async def test_an_answer_that_is_read_is_whole(self, patient: Served) -> None:
        connection = await patient.connect()
        connection.write(GET.replace(b"/short", b"/large"))
        assert len((await connection.answer())[1]) == LARGE


class TestCaps:
    @pytest.mark.parametrize(
        "start",
        [
            b"GET /" + b"a" * MAX_HEADER_BYTES + b" HTTP/1.1\r\n\r\n",
            b"GET /short HTTP/1.1\r\na: " + b"a" * MAX_HEADER_BYTES + b"\r\n\r\n",
            b"GET /short HTTP/1.1\r\n" + b"a" * MAX_HEADER_BYTES + b": a\r\n\r\n",
            b"GET /short HTTP/1.1\r\n" + b"a: %s\r\n" % (b"a" * 1000) * 40 + b"\r\n",
            b"GET /short HTTP/1.1\r\n" + b"a: b\r\n" * (MAX_HEADER_FIELDS + 1) + b"\r\n",
            b"GET /short HTTP/1.1\r\nhost: localhost\r\na: " + b"a" * MAX_HEADER_BYTES,
            b"\r\n" * MAX_HEADER_BYTES,
        ],
        ids=["address", "value", "name", "sum", "fields", "unfinished", "empty lines"],
    )
    async def test_a_header_that_is_too_large_is_431(self, patient: Served, start: bytes) -> None:
        connection = await patient.connect()
        connection.write(start)
        assert (await connection.answer())[0] == 431
        assert await connection.rest() == b""
        assert patient.app.asked.empty()

    async def test_one_that_is_just_large_enough_is_served(self, patient: Served) -> None:
        connection = await patient.connect()
        fields = b"a: %s\r\n" % (b"a" * 300) * MAX_HEADER_FIELDS
        for _ in range(3):
            connection.write(b"GET /short HTTP/1.1\r\n", fields, b"\r\n")
            assert await connection.answer() == (200, b"/short")

    @pytest.mark.parametrize("piece", [b"a" * 50_000, b"a: b\r\n" * 10_000], ids=["one field", "many"])
    async def test_an_endless_header_is_not_kept(self, patient: Served, piece: bytes) -> None:
        connection = await patient.connect()
        connection.write(b"GET /short HTTP/1.1\r\na: ")
        assert (await trickled(connection, piece)).startswith(b"HTTP/1.1 431 ")

    @pytest.mark.parametrize("piece", [b"a" * 50_000, b"a: b\r\n" * 10_000], ids=["one field", "many"])
    async def test_nor_an_endless_trailer(self, patient: Served, piece: bytes) -> None:
        connection = await patient.connect()
        connection.write(CHUNKED, b"1\r\nx\r\n0\r\na: ")
        assert (await trickled(connection, piece)).startswith(b"HTTP/1.1 431 ")

    async def test_a_body_that_nobody_reads_is_not_taken_for_ever(self, patient: Served) -> None:
        connection = await patient.connect()
        connection.write(CHUNKED.replace(b"/read", b"/short"))
        assert await connection.answer() == (200, b"/short")
        assert await trickled(connection, b"ffff\r\n" + b"x" * 0xFFFF + b"\r\n") == b""

    async def test_requests_do_not_pile_up_behind_a_held_answer(self, patient: Served) -> None:
        connection = await patient.connect()
        connection.write(GET.replace(b"/short", b"/held"), GET * 200)
        assert await connection.rest() == b""
        patient.app.held.set()

    async def test_a_connection_too_many_may_ask_for_health_only_and_far_too_many_not_even_that(self) -> None:
        async with serving(PATIENT.model_copy(update={"max_connections": 1})) as served:
            first, second = await served.connect(), await served.connect()
            # one that waits for its answer makes no room
            first.write(GET.replace(b"/short", b"/held"))
            second.write(GET)
            status, said = await second.answer()
            assert (status, b"IX_MAX_CONNECTIONS" in said) == (503, True)
            assert await second.rest() == b""
            third = await served.connect()
            third.write(GET.replace(b"/short", b"/livez"))
            assert await third.answer() == (200, b"/livez")
            more = [await served.connect() for _ in range(SPARE + 1)]
            assert await more[-1].rest() == b""
            served.app.held.set()
            assert await first.answer() == (200, b"/held")

    async def test_the_longest_idle_makes_room(self) -> None:
        async with serving(PATIENT.model_copy(update={"max_connections": 3})) as served:
            held = await served.connect()
            held.write(GET.replace(b"/short", b"/held"))
            idle = [await served.connect() for _ in range(2)]
            for connection in (idle[1], idle[0]):
                connection.write(GET)
                assert await connection.answer() == (200, b"/short")
            newest = await served.connect()
            newest.write(GET)
            assert await newest.answer() == (200, b"/short")
            # closed without a word: it would look like the answer to what is asked next
            assert await idle[1].rest() == b""
            idle[0].write(GET)
            assert await idle[0].answer() == (200, b"/short")
            served.app.held.set()
            assert await held.answer() == (200, b"/held")

    async def test_a_body_that_trickles_makes_room(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(places, "GRACE_SECONDS", 0.0)
        async with serving(PATIENT.model_copy(update={"max_connections": 1})) as served:
            slow = await served.connect()
            slow.write(CHUNKED, b"1\r\nx\r\n")
            assert await served.app.asked.get() == "/read"
            newest = await served.connect()
            newest.write(GET)
            assert await newest.answer() == (200, b"/short")
            assert await slow.answer() == (408, ANY)
            assert await slow.rest() == b""
            assert served.app.gone == 1


class TestKeepAlive:
    async def test_the_idle_are_closed_and_those_who_wait_for_an_answer_are_not(self) -> None:
        # long enough for the second request to come in time on any machine
        async with serving(PATIENT, keep_alive=1) as served:
            held, idle = [await served.connect() for _ in range(2)]
            held.write(GET)
            assert await held.answer() == (200, b"/short")
            held.write(GET.replace(b"/short", b"/held"))
            idle.write(GET)
            assert await idle.answer() == (200, b"/short")
            # its time began after that of the other one
            assert await idle.rest() == b""
            served.app.held.set()
            assert await held.answer() == (200, b"/held")
            assert await held.rest() == b""


class TestOrdinaryClients:
    async def test_pipelined_requests_are_answered_in_order(self, quick: Served) -> None:
        connection = await quick.connect()
        posts = [
            b"POST /read HTTP/1.1\r\nhost: localhost\r\ncontent-length: %d\r\n\r\n%s" % (n, b"x" * n)
            for n in range(1, 20)
        ]
        connection.write(GET, *posts, GET)
        answers = [await connection.answer() for _ in range(21)]
        assert answers == [(200, b"/short"), *[(200, b"%d" % n) for n in range(1, 20)], (200, b"/short")]

    async def test_a_body_in_pieces_arrives_whole_and_the_connection_stays(self, quick: Served) -> None:
        connection = await quick.connect()
        for _ in range(2):
            connection.write(b"POST /read HTTP/1.1\r\nhost: localhost\r\ncontent-length: 200000\r\n\r\n")
            for _ in range(4):
                connection.write(b"x" * 50_000)
                await connection.drained()
            assert await connection.answer() == (200, b"200000")

    async def test_what_is_no_http_is_a_problem_document(self, quick: Served) -> None:
        connection = await quick.connect()
        connection.write(b"\x00\x01 nonsense\r\n\r\n")
        assert (await connection.rest()).startswith(b"HTTP/1.1 400 ")

    async def test_a_bad_request_gets_no_answer_that_could_be_taken_for_the_one_before(self, quick: Served) -> None:
        connection = await quick.connect()
        connection.write(GET.replace(b"/short", b"/held"), b"nonsense\r\n\r\n")
        assert await connection.rest() == b""
        quick.app.held.set()
