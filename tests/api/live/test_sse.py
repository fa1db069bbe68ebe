"""Server-sent events on the wire: readers that leave, and readers that take nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import pytest
from starlette.types import Message

from ix.api.live import sse
from ix.api.live.sse import EventStream
from ix.api.middleware.admission import Admission, AdmissionControl
from ix.api.middleware.auth import Authenticator
from ix.config import Settings
from ix.database.keys import Keyring
from tests.logs import Log


async def no_app(*_: object) -> None:
    raise AssertionError


async def no_message() -> Message:
    raise AssertionError


async def no_keys() -> Keyring:
    return Keyring({}, open=True)


ADMISSION = Admission(AdmissionControl(no_app, Settings()), no_message)
SCOPE: dict[str, Any] = {
    "type": "http",
    "method": "GET",
    "path": "/events",
    "query_string": b"",
    "headers": [(b"host", b"localhost")],
    "scheme": "http",
    "ix.admission": ADMISSION,
}


@pytest.fixture(autouse=True)
async def authenticator(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """One who lets everybody in."""
    permissive = Authenticator(Settings(), no_keys)
    monkeypatch.setitem(SCOPE, "ix.authenticator", permissive)
    yield
    await permissive.stop()


async def test_a_reader_that_leaves_ends_its_stream() -> None:
    left, ended = asyncio.Event(), asyncio.Event()

    async def chunks() -> AsyncGenerator[bytes, None]:
        try:
            yield sse.KEEP_ALIVE
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def receive() -> Message:
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message.get("body"):
            left.set()

    async with asyncio.timeout(5):
        await EventStream(chunks(), "acme")(SCOPE, receive, send)
    assert ended.is_set()


async def test_a_reader_that_takes_nothing_is_dropped(monkeypatch: pytest.MonkeyPatch, log: Log) -> None:
    monkeypatch.setattr(sse, "STUCK_SECONDS", 0.05)
    sent: list[Message] = []

    async def chunks() -> AsyncGenerator[bytes, None]:
        while True:
            yield sse.KEEP_ALIVE

    async def send(message: Message) -> None:
        sent.append(message)
        if len(sent) == 3:
            await asyncio.Event().wait()

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async with asyncio.timeout(5):
        await EventStream(chunks(), "acme")(SCOPE, receive, send)
    assert len(sent) == 3
    await log.until("an event stream was broken off")


async def test_head_gets_headers_and_no_stream() -> None:
    sent: list[Message] = []

    async def chunks() -> AsyncGenerator[bytes, None]:
        yield sse.KEEP_ALIVE

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    await EventStream(chunks(), "acme")({**SCOPE, "method": "HEAD"}, receive, send)
    assert [(message["type"], message.get("body")) for message in sent] == [
        ("http.response.start", None), ("http.response.body", b""),
    ]  # fmt: skip
