"""The way out leads to public hosts and those that the settings name, follows nobody's lead, and does not wait for
ever."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ix.config import Settings
from ix.errors import DocumentError, InvalidInput
from ix.outbound import Outbound, Refused, check_address
from tests.outbound.fetching import fetched
from tests.receiver import Answer, Receiver, drip, drip_headers, hang, receiver, status

SETTINGS = Settings(
    allow_hosts=("good.test", "Mixed.Test", "127.0.0.1:9", "port.test:80", "secure.test:443", "[::1]:8000", "::2")
)


@pytest.mark.parametrize(
    "url",
    [
        "http://good.test/x",
        "https://GOOD.test:8443/",
        "HTTP://good.TEST",
        "http://mixed.test/",
        "http://MIXED.TEST:81/",
        "http://127.0.0.1:9/hook",
        "http://port.test/",
        "http://port.test:80/",
        "https://secure.test/",
        "http://[::1]:8000/",
        "http://[::2]:8000/",
        "http://good.test/a@b?c=d@e#f@g",
        "https://example.com/",
        "http://example.com:8443/",
        "http://8.8.8.8/",
        "http://[2606:4700::1111]/",
    ],
)
def test_public_and_named_hosts_pass(url: str) -> None:
    check_address(url, SETTINGS)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/",
        "http://localhost./",
        "http://a.localhost/",
        "http://127.0.0.1/",
        "http://127.0.0.1./",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://169.254.169.254/latest",
        "http://[::ffff:127.0.0.1]/",
        "http://127.0.0.1:10/",
        "http://127.0.0.1:0/",
        "http://[::1]/",
        "http://[::1]:8001/",
        "ftp://good.test/",
        "file:///etc/passwd",
        "http://user:pass@good.test/",
        "http://user@good.test/",
        "http://@good.test/",
        "http://:pass@good.test/",
        "http://good.test\\@bad.test/",
        "http://good.test:port/",
        "http://good.test:99999/",
        "http://good.test\n.bad.test/",
        "http://go\tod.test/",
        " http://good.test/",
        "http://good.test/\r\nhost: bad.test",
        "//good.test/",
        "http:good.test/",
        "http:///x",
        "http://[::1",
        "good.test",
        "",
    ],
    ids=ascii,
)
def test_what_is_no_address_or_spells_one_inside_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput):
        check_address(url, SETTINGS)


PARTS = st.sampled_from(
    [
        "http://",
        "https://",
        "good.test",
        "bad.test",
        "@",
        ":",
        "/",
        "\\",
        "#",
        "?",
        "%40",
        "%2e",
        "[",
        "]",
        "80",
        " ",
        "\t",
        "\n",
        ".",
        "\u2044",
        "//",
    ]
)


@given(st.lists(PARTS, max_size=8).map("".join))
def test_readers_of_whatever_passes_agree_on_its_host(url: str) -> None:
    try:
        check_address(url, SETTINGS)
        read = httpx.URL(url).host
    except (InvalidInput, httpx.InvalidURL):
        return
    assert read.rstrip(".") == (urlsplit(url).hostname or "").rstrip(".")


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as there:
        yield there


@pytest.fixture
async def outbound() -> AsyncIterator[Outbound]:
    settings = Settings(allow_hosts=("127.0.0.1",), callback_timeout=0.3, fetch_timeout=0.3, max_document_bytes=1000)
    outbound = Outbound(settings)
    yield outbound
    await outbound.aclose()


async def test_the_door_itself_refuses_too(outbound: Outbound) -> None:
    with pytest.raises(Refused, match="IX_ALLOW_HOSTS"):
        await outbound.post("http://127.0.0.2/", b"{}")
    with pytest.raises(DocumentError, match="IX_ALLOW_HOSTS"):
        await fetched(outbound, "http://127.0.0.2/")


async def test_a_post_is_json_and_a_fetch_gives_the_bytes(outbound: Outbound, there: Receiver) -> None:
    there.answers += [status(204), status(200, b"\x00bytes")]
    assert (await outbound.post(there.url, b'{"a": 1}', {"content-type": "application/json"}))[0] == 204
    assert await fetched(outbound, there.url) == b"\x00bytes"
    posted, asked = there.received
    assert (posted.method, posted.json(), posted.headers["content-type"]) == ("POST", {"a": 1}, "application/json")
    assert (asked.method, asked.body) == ("GET", b"")


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(outbound: Outbound, there: Receiver, code: int) -> None:
    there.answers += [status(code, location=f"{there.url}/elsewhere")] * 2
    assert (await outbound.post(there.url, b"{}"))[0] == code
    with pytest.raises(DocumentError, match=f"answered {code}"):
        await fetched(outbound, there.url)
    assert [received.path for received in there.received] == ["/hook"] * 2


async def test_proxies_of_the_environment_are_ignored(there: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")
    outbound = Outbound(Settings(allow_hosts=("127.0.0.1",)))
    await outbound.post(there.url, b"{}")
    await outbound.aclose()
    assert len(there.received) == 1


async def test_a_body_is_capped_at_the_largest_document(outbound: Outbound, there: Receiver) -> None:
    there.answers += [status(200, b"x" * 1000), status(200, b"x" * 1001)]
    assert len(await fetched(outbound, there.url)) == 1000
    with pytest.raises(DocumentError) as raised:
        await fetched(outbound, there.url)
    assert raised.value.code == "document_too_large"


async def test_a_body_that_swells_when_it_is_unpacked_is_capped_too(outbound: Outbound, there: Receiver) -> None:
    there.answers.append(status(200, gzip.compress(b"x" * 100_000), **{"content-encoding": "gzip"}))
    with pytest.raises(DocumentError) as raised:
        await fetched(outbound, there.url)
    assert raised.value.code == "document_too_large"


@pytest.mark.parametrize("answer", [hang, drip_headers], ids=["hang", "drip_headers"])
async def test_a_post_has_a_deadline_for_the_whole(outbound: Outbound, there: Receiver, answer: Answer) -> None:
    there.answers.append(answer)
    async with asyncio.timeout(5):
        with pytest.raises(Refused, match=r"within 0\.3 s"):
            await outbound.post(there.url, b"{}")


@pytest.mark.parametrize("answer", [hang, drip_headers, drip], ids=["hang", "drip_headers", "drip"])
async def test_a_fetch_has_a_deadline_for_the_whole(outbound: Outbound, there: Receiver, answer: Answer) -> None:
    there.answers.append(answer)
    async with asyncio.timeout(5):
        with pytest.raises(DocumentError, match=r"within 0\.3 s") as raised:
            await fetched(outbound, there.url)
    assert (raised.value.code, raised.value.retryable) == ("document_unreachable", True)


async def test_the_body_of_a_callbacks_answer_is_not_waited_for(outbound: Outbound, there: Receiver) -> None:
    there.answers.append(drip)
    await outbound.post(there.url, b"{}")


async def test_a_receiver_that_is_not_there_is_said_without_a_word_of_the_address(outbound: Outbound) -> None:
    with pytest.raises(Refused, match=r"^ConnectError$"):
        await outbound.post("http://127.0.0.1:1/secret", b"{}")
    with pytest.raises(DocumentError, match=r"failed: ConnectError$"):
        await fetched(outbound, "http://127.0.0.1:1/secret")


async def test_cookies_of_one_receiver_are_not_kept(outbound: Outbound, there: Receiver) -> None:
    there.answers.append(status(200, b"", **{"set-cookie": "a=b"}))
    await outbound.post(there.url, b"{}")
    await outbound.post(there.url, b"{}")
    assert "cookie" not in there.received[1].headers
