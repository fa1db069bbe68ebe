"""What an address says of itself: the door out opens to public hosts and to those that the settings name."""

from __future__ import annotations

import pytest

from ix.config import Settings
from ix.errors import DocumentError, InvalidInput
from ix.outbound import Outbound, Refused, check_address

SETTINGS = Settings(allow_hosts=("good.test", "127.0.0.1:9"))


@pytest.mark.parametrize(
    "url", ["http://good.test/x", "https://GOOD.test:8443/", "http://127.0.0.1:9/hook", "https://example.com/", "http://8.8.8.8/"]
)
def test_public_and_named_hosts_pass(url: str) -> None:
    check_address(url, SETTINGS)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/",
        "http://a.localhost/",
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest",
        "http://127.0.0.1:10/",
        "ftp://good.test/",
        "file:///etc/passwd",
        "http://user:pass@good.test/",
        "http://good.test\\@bad.test/",
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
        await outbound.post("http://127.0.0.1/", b"{}")
    with pytest.raises(DocumentError, match="IX_ALLOW_HOSTS"):
        await outbound.fetch("http://127.0.0.1/")
    await outbound.aclose()
