"""The door out opens only to hosts that the settings name."""

from __future__ import annotations

import pytest

from ix.config import Settings
from ix.errors import DocumentError, InvalidInput
from ix.outbound import Outbound, Refused, check_address

SETTINGS = Settings(allow_hosts=("good.test", "127.0.0.1:9"))


@pytest.mark.parametrize("url", ["http://good.test/x", "https://GOOD.test:8443/", "http://127.0.0.1:9/hook"])
def test_named_hosts_pass(url: str) -> None:
    check_address(url, SETTINGS)


@pytest.mark.parametrize(
    "url",
    [
        "http://bad.test/",
        "http://127.0.0.1/",
        "http://127.0.0.1:10/",
        "ftp://good.test/",
        "file:///etc/passwd",
        "http://user:pass@good.test/",
        "http://good.test\\@bad.test/",
        "http://good.test.bad.test/",
        "http:///x",
        "http://[::1",
        "good.test",
        "",
    ],
)
def test_everything_else_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput):
        check_address(url, SETTINGS)


async def test_the_door_itself_refuses_too() -> None:
    outbound = Outbound(SETTINGS)
    with pytest.raises(Refused, match="IX_ALLOW_HOSTS"):
        await outbound.post("http://bad.test/", b"{}")
    with pytest.raises(DocumentError, match="IX_ALLOW_HOSTS"):
        await outbound.fetch("http://bad.test/")
    await outbound.aclose()
