"""Where a name leads is judged when it is used, once, and the connection goes to what was judged."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ix.config import Settings
from ix.errors import DocumentError
from ix.outbound import Outbound, Refused
from tests.outbound.fetching import fetched
from tests.receiver import Receiver, receiver

Resolve = Callable[..., None]


@pytest.fixture
def service() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch) -> Resolve:
    """Makes the resolver answer in turn, and with the last one for ever."""

    def answers(*turns: list[str]) -> None:
        left = list(turns)

        async def getaddrinfo(self: Any, host: str, port: int, **_: Any) -> list[Any]:
            found = left.pop(0) if len(left) > 1 else left[0]
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

        monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)

    return answers


@pytest.mark.parametrize("answers", [["127.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["169.254.169.254"], ["10.1.2.3"]])
async def test_a_name_that_leads_inside_is_refused(resolve: Resolve, service: Receiver, answers: list[str]) -> None:
    resolve(answers)
    outbound = Outbound(Settings())
    with pytest.raises(Refused, match="not public"):
        await outbound.post(f"http://receiver.test:{service.server_port}/", b"{}")
    with pytest.raises(DocumentError, match="not public"):
        await fetched(outbound, f"http://receiver.test:{service.server_port}/")
    await outbound.aclose()
    assert service.received == []


async def test_an_allowed_name_may_lead_inside_and_keeps_its_host(resolve: Resolve, service: Receiver) -> None:
    resolve(["127.0.0.1"])
    outbound = Outbound(Settings(allow_hosts=("receiver.test",)))
    await outbound.post(f"http://receiver.test:{service.server_port}/hook", b"{}")
    await outbound.aclose()
    assert service.received[0].headers["host"] == f"receiver.test:{service.server_port}"


async def test_a_name_that_changes_its_mind_between_check_and_use_gains_nothing(
    resolve: Resolve, service: Receiver
) -> None:
    """DNS rebinding: the first answer is public, every further one is not. There is no second look."""
    resolve(["192.0.2.1"], ["127.0.0.1"])
    outbound = Outbound(Settings(callback_timeout=0.5))
    with pytest.raises(Refused):
        await outbound.post(f"http://receiver.test:{service.server_port}/", b"{}")
    await outbound.aclose()
    assert service.received == []


async def test_a_second_address_is_tried_where_the_first_does_not_answer(resolve: Resolve, service: Receiver) -> None:
    resolve(["127.0.0.2", "127.0.0.1"])
    outbound = Outbound(Settings(allow_hosts=("receiver.test",)))
    await outbound.post(f"http://receiver.test:{service.server_port}/", b"{}")
    await outbound.aclose()
    assert len(service.received) == 1


async def test_a_name_that_leads_nowhere_is_refused() -> None:
    outbound = Outbound(Settings())
    with pytest.raises(Refused):
        await outbound.post("http://nowhere.invalid/", b"{}")
    await outbound.aclose()
