"""Files that are sent while they are made: whole or broken off, and no more at once than there are places."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import ExitStack
from typing import Any

import pytest
from starlette.types import Message

from ix.api.exports.download import Download
from ix.api.exports.processes import MOST_AT_ONCE, MOST_OF_CLIENT, ExportProcesses
from ix.api.middleware.admission import Admission, AdmissionControl
from ix.api.middleware.auth import Authenticator
from ix.api.problems import Problem
from ix.config import Settings
from ix.database.keys import Caller, Keyring
from tests.logs import Log


async def no_app(*_: object) -> None:
    raise AssertionError


async def no_keys() -> Keyring:
    return Keyring({}, open=True)


async def stays() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


@pytest.fixture
async def scope() -> AsyncIterator[dict[str, Any]]:
    authenticator = Authenticator(Settings(), no_keys)
    yield {
        "type": "http",
        "method": "GET",
        "path": "/exports",
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
        "scheme": "http",
        "ix.caller": Caller("acme"),
        "ix.admission": Admission(AdmissionControl(no_app, Settings()), stays),
        "ix.authenticator": authenticator,
    }
    await authenticator.stop()


async def sent(scope: dict[str, Any], processes: ExportProcesses, *pieces: bytes | Exception) -> list[Message]:
    """What a server is told of a file in these pieces."""
    messages: list[Message] = []

    async def chunks() -> AsyncGenerator[bytes, None]:
        for piece in pieces:
            if isinstance(piece, Exception):
                raise piece
            yield piece

    async def send(message: Message) -> None:
        messages.append(message)

    await Download(processes, chunks, "ix-a.csv", "text/csv", "acme")(scope, stays, send)
    return messages


async def test_a_file_is_an_attachment_and_whole(scope: dict[str, Any]) -> None:
    start, *bodies = await sent(scope, ExportProcesses(Settings()), b"a", b"b")
    fields = dict(start["headers"])
    assert fields[b"content-disposition"] == b"attachment; filename=\"ix-a.csv\"; filename*=UTF-8''ix-a.csv"
    assert (fields[b"x-content-type-options"], fields[b"cache-control"]) == (b"nosniff", b"no-store")
    assert [(one["body"], one["more_body"]) for one in bodies] == [(b"a", True), (b"b", True), (b"", False)]


async def test_what_goes_wrong_in_between_breaks_it_off(scope: dict[str, Any], log: Log) -> None:
    _, *bodies = await sent(scope, ExportProcesses(Settings()), b"a", OSError("gone"))
    # no end: a server closes the connection, and nobody takes a part for the whole
    assert [one["more_body"] for one in bodies] == [True]
    assert await log.until("broken off")


async def test_places_are_shared_out_and_given_back(scope: dict[str, Any]) -> None:
    processes = ExportProcesses(Settings())
    with ExitStack() as held:
        for _ in range(MOST_OF_CLIENT):
            held.enter_context(processes.place("greedy"))
        with pytest.raises(Problem) as refused:
            held.enter_context(processes.place("greedy"))
        assert (refused.value.status, refused.value.headers["retry-after"]) == (429, "1")
        for number in range(MOST_AT_ONCE - MOST_OF_CLIENT):
            held.enter_context(processes.place(str(number)))
        with pytest.raises(Problem) as full:
            await sent(scope, processes, b"a")
        assert full.value.status == 503
    assert len(await sent(scope, processes, b"a")) == 3
