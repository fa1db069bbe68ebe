"""One connection, guarded against slow and hostile clients: uvicorn's fast HTTP protocol with deadlines and caps.

uvicorn waits for ever for a request that never ends, and its parser buffers a header for as long as it grows. Here a
header must be complete within `header_timeout` and the body after it within `request_timeout`, however steadily they
trickle, and a client that lags must read within `request_timeout` what is written to it. A client that is itself kept
waiting, for a held answer or because nobody reads its body yet, is not cut off."""

from __future__ import annotations

import re
from asyncio import AbstractEventLoop, BaseTransport, TimerHandle
from itertools import chain
from typing import Any, cast

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from ix.api.middleware.admission import shedding_load
from ix.api.problems import RETRY_AFTER_SECONDS, Problem
from ix.api.server.cycle import AnswerTransport, Cycle, fill_in
from ix.api.server.places import Entrance, Phase, Places
from ix.telemetry.log import Event, log

MAX_HEADER_BYTES = 32 * 1024
"""Address and fields of one request together, and the trailer of a chunked body."""
MAX_HEADER_FIELDS = 100
"""Fields of one request, as Apache has it; browsers send about twenty."""
LINGER_SECONDS = 0.5
"""How long a client that is still sending may take to read the answer that ends its connection (RFC 9112, 9.6)."""
MAX_PIPELINED = 100
"""Requests that may stand behind one whose answer is not complete."""

_NO_HTTP = Problem(400, "the request is no HTTP/1.1")
_TOO_LARGE = Problem(
    431, f"the header is larger than {MAX_HEADER_BYTES} bytes or has more than {MAX_HEADER_FIELDS} fields"
)
_NOT_READ = Problem(400, "the connection carries more than is read from it")
_GAVE_WAY = Problem(
    408, "the request came too slowly, and its place was needed", headers={"retry-after": RETRY_AFTER_SECONDS}
)


class GuardedProtocol(HttpToolsProtocol):
    """One connection: uvicorn's protocol with a deadline for each `Phase` and caps on what it keeps."""

    def __init__(
        self,
        places: Places,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._places = places
        settings = places.settings
        self._max_body_bytes = settings.max_body_bytes
        self._seconds = {
            Phase.HEADER: settings.header_timeout,
            Phase.BODY: settings.request_timeout,
            Phase.LINGER: LINGER_SECONDS,
        }
        self._phase = Phase.NOTHING
        self._has_moved = False
        self._deadline: TimerHandle | None = None
        self._drain: TimerHandle | None = None
        self._is_silent = True
        self._swallowed_bytes = 0
        self._discarded_bytes = 0
        self._awaited: Phase | None = None
        self._awaited_since = 0.0
        self._body_bytes = 0
        self._refusal = _NO_HTTP

    def connection_made(self, transport: BaseTransport) -> None:
        """A silent client has the header's time too."""
        super().connection_made(cast(Any, transport))
        self._answer_transport = AnswerTransport(self.loop, self.transport, self.close)
        entrance = self._places.enter(self, self.client[0] if self.client else "")
        if entrance is Entrance.NONE:
            self.transport.abort()
        elif entrance is not Entrance.WELCOME:
            # uvicorn keeps the app for each connection: those of the others stay as they are
            self.app = shedding_load(self.app, share=entrance is Entrance.OVER_SHARE)
        self._phase = Phase.HEADER
        self._set_deadline()
        self._note_wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancels the timers: nobody is left to be cut off."""
        for timer in (self._deadline, self._drain, self.timeout_keep_alive_task):
            if timer is not None:
                timer.cancel()
        self._places.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feeds the parser, in pieces of a header's size at most: the fields of an endless one take far more
        memory than its bytes."""
        if len(data) <= MAX_HEADER_BYTES:
            self._feed(data)
        else:
            for start in range(0, len(data), MAX_HEADER_BYTES):
                self._feed(data[start : start + MAX_HEADER_BYTES])

    def _feed(self, data: bytes) -> None:
        """The parser may not swallow more than a header's size without passing it on: it would be buffering it."""
        if self._is_over():
            return
        if self._phase is Phase.NOTHING:
            self._move_to(Phase.HEADER)
        self._is_silent = False
        self._swallowed_bytes += len(data)
        self._parse(data)
        if self._is_over():
            return
        if self._swallowed_bytes > MAX_HEADER_BYTES:
            self._refuse(_TOO_LARGE)
        elif self._has_moved:
            self._set_deadline()
            self._note_wait()

    def _parse(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # the request is served as it is: no other protocol is spoken here (RFC 9110, 7.8)
            pass
        except httptools.HttpParserError:
            # the parser's own, or that of a callback below
            self._refuse(self._refusal)

    def on_message_begin(self) -> None:
        """The first byte of a request has come."""
        super().on_message_begin()
        if self._phase is not Phase.HEADER:
            self._move_to(Phase.HEADER)

    def on_headers_complete(self) -> None:
        """The request is passed on to the app, while its body may still come."""
        if (
            len(self.headers) > MAX_HEADER_FIELDS
            or len(self.url) + sum(map(len, chain.from_iterable(self.headers))) > MAX_HEADER_BYTES
        ):
            # httptools hands it to `_parse` as a fault of the parser
            raise self._refused(_TOO_LARGE)
        if not self.url.startswith(b"/"):
            self._take_host_of_target()
        self._begin_cycle()
        # the parser has passed on what it was buffering
        self._swallowed_bytes = self._discarded_bytes = self._body_bytes = 0
        self._move_to(Phase.BODY)
        if len(self.pipeline) > MAX_PIPELINED:
            raise self._refused(_NOT_READ)

    def _begin_cycle(self) -> None:
        """Does what uvicorn does, but for what ix never asks of it: WebSockets, a path's prefix, a limit."""
        fill_in(self.scope, self.parser, self.url)
        behind_another = self._owes_answer()
        self.cycle = Cycle(self, self._answer_transport)
        if behind_another:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))
        else:
            self._start(self.cycle, self.app)

    def _start(self, cycle: RequestResponseCycle, app: Any) -> None:
        task = self.loop.create_task(cycle.run_asgi(app))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    def _take_host_of_target(self) -> None:
        """A whole address in place of a path says which host is meant, whatever Host says (RFC 9112, 3.2.2)."""
        _, _, rest = self.url.partition(b"://")
        others = [field for field in self.headers if field[0] != b"host"]
        # in place: the scope has this very list
        self.headers[:] = [(b"host", re.split(rb"[/?#]", rest, maxsplit=1)[0]), *others]

    def on_chunk_header(self) -> None:
        """The size of a chunk has come."""
        self._swallowed_bytes = 0

    def on_body(self, body: bytes) -> None:
        """A piece of the body has come. What comes after the answer is complete is discarded, and limited."""
        self._swallowed_bytes = 0
        self._body_bytes += len(body)
        if self.cycle.response_complete:
            self._discarded_bytes += len(body)
            if self._discarded_bytes > self._max_body_bytes:
                raise self._refused(_NOT_READ)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request has been received: no deadline runs while it is answered."""
        self._swallowed_bytes = 0
        self._move_to(Phase.NOTHING)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The answer is written, though the client may not have read it."""
        self.server_state.total_requests += 1
        self._note_wait()
        if self.transport.is_closing():
            self._expect_drain()
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start(*self.pipeline.pop())
        elif self.timeout_keep_alive_task is None:
            self._look_later(self.timeout_keep_alive)

    def _look_later(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def pause_writing(self) -> None:
        """The client reads more slowly than it is written to."""
        super().pause_writing()
        self._expect_drain()

    def resume_writing(self) -> None:
        """The client has read enough to be written to again."""
        super().resume_writing()
        if self._drain is not None and not self.transport.is_closing():
            self._drain.cancel()
            self._drain = None

    def timeout_keep_alive_handler(self) -> None:
        """Closes where no further request came, once what is left has been read. One timer does for all requests of a
        connection: to set and cancel one for each costs twenty times a look at the clock."""
        idle = self.loop.time() - self._awaited_since if self._awaited is Phase.NOTHING else 0.0
        if idle < self.timeout_keep_alive:
            self._look_later(self.timeout_keep_alive - idle)
        else:
            super().timeout_keep_alive_handler()
            self._expect_drain()

    def lags(self) -> bool:
        """Whether the client has not read all that it was answered."""
        return self.transport.get_write_buffer_size() > 0

    def waited(self) -> tuple[float, int] | None:
        """How long the client has been waited for, and what came meanwhile; None where its body is not read."""
        return None if self.flow.read_paused else (self.loop.time() - self._awaited_since, self._body_bytes)

    def give_way(self) -> None:
        """Closes: others need the place. Says so only where something of a request has come: to a client that has asked
        nothing it would look like the answer to what it asks next."""
        if self._phase is not Phase.NOTHING and self._may_answer():
            self.transport.write(_raw(_GAVE_WAY))
        self._let_go()
        self.transport.close()
        self._expect_drain()

    def _note_wait(self) -> None:
        """Tells the places whether the client is waited for."""
        awaits_ix = self._phase is Phase.LINGER or (self._phase is not Phase.BODY and self._owes_answer())
        awaited = None if awaits_ix else self._phase
        if awaited is not self._awaited or awaited is Phase.NOTHING:
            self._awaited, self._awaited_since = awaited, self.loop.time()
            self._places.wait(self, awaited)

    def _is_over(self) -> bool:
        return self._phase is Phase.LINGER or self.transport.is_closing()

    def _move_to(self, phase: Phase) -> None:
        self._phase = phase
        self._has_moved = True

    def _set_deadline(self) -> None:
        self._has_moved = False
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if self._phase is not Phase.NOTHING:
            self._deadline = self.loop.call_later(self._seconds[self._phase], self._miss_deadline)

    def _miss_deadline(self) -> None:
        if self._phase is Phase.LINGER:
            self.transport.abort()
        elif self.flow.read_paused or (self._phase is Phase.HEADER and self._owes_answer()):
            # not the client's fault: its body is not read, or its next request waits for the answer before it
            self._set_deadline()
        else:
            self._refuse(Problem(408, f"the {self._phase.value} did not come in {self._seconds[self._phase]:g} s"))

    def _owes_answer(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _refused(self, problem: Problem) -> Problem:
        self._refusal = problem
        return problem

    def _refuse(self, problem: Problem) -> None:
        """Closes; answers before where the client cannot take the answer for that of another request."""
        if problem is not _NO_HTTP:
            log(Event.CLIENT_REFUSED, status=problem.status, reason=problem.detail)
        answers = self._may_answer()
        self._let_go()
        if answers:
            self.transport.write(_raw(problem))
            self._linger()
        else:
            self.transport.close()
            self._expect_drain()

    def _let_go(self) -> None:
        # what was kept of a header that is too large goes at once, not with the connection
        self.headers = []
        if self._owes_answer():
            # the app learns of it when it reads on
            self.cycle.disconnected = True
            self.cycle.message_event.set()

    def _linger(self) -> None:
        # the client sees the end of what it is sent, while what it still sends is read and thrown away; TLS knows no
        # half-closed connection
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._phase = Phase.LINGER
        self._set_deadline()
        self._note_wait()
        # what is left unread at the close would reset the connection, and the answer with it (RFC 9112, 9.6)
        self.flow.resume_reading()

    def _may_answer(self) -> bool:
        # in the body of a request: only that request's answer may come next
        if self._phase is Phase.BODY:
            return not self.cycle.response_started and not self.pipeline
        return not self._is_silent and not self._owes_answer()

    def close(self) -> None:
        """Ends the connection after an answer. One whose request is still coming lingers: to close it would reset it,
        and the client might lose the answer."""
        if self._phase is Phase.BODY:
            self._linger()
        else:
            self.transport.close()

    def _expect_drain(self) -> None:
        if self._drain is None and self.transport.get_write_buffer_size() > 0:
            self._drain = self.loop.call_later(self._seconds[Phase.BODY], self.transport.abort)


def _raw(problem: Problem) -> bytes:
    """A whole answer after which the connection closes."""
    answer = problem.answer()
    fields = b"".join(b"%s: %s\r\n" % field for field in answer.raw_headers)
    return STATUS_LINE[problem.status] + fields + b"connection: close\r\n\r\n" + bytes(answer.body)
