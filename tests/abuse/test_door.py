"""The door out: addresses that lead inside, given as callbacks and as documents to real jobs, with a sink at the place
they mean."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests import databases
from tests.abuse.resolving import ANSWERS
from tests.abuse.serving import Service, service
from tests.abuse.sink import Sink, sink
from tests.receiver import Receiver, receiver, status
from tests.rows import Row, Size

HOSTS = (
    *(
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
    ),
    *(
        "[2002:7f00:1::]",
        "169.254.169.254",
        "224.0.0.1",
        "LOCALHOST",
        "localhost.",
        "a.localhost",
        "127.0.0.2",
        "127.0.1",
        "0x7f.1",
    ),
    *(
        "017700000001",
        "0",
        "0.0.0.0",
        "[::]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[::ffff:0:127.0.0.1]",
        "[64:ff9b:1::7f00:1]",
    ),
    *(
        "[2001:0:7f00:1::]",
        "[fe80::1]",
        "[fc00::1]",
        "[fec0::1]",
        "[ff02::1]",
        "[5f00::1]",
        "10.0.0.1",
        "100.64.0.1",
        "172.16.0.1",
    ),
    *("192.168.0.1", "192.0.0.1", "198.18.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "192.88.99.1"),
    *(
        "\uff11\uff12\uff17.0.0.1",
        "127\u30020\u30020\u30021",
        "\u2460\u2461\u2466.0.0.1",
        "\u24db\u24de\u24d2alhost",
        "\uff4cocalhost",
    ),
)
"""Forms of loopback, and addresses that are nobody's on the internet. The last are what IDNA makes ASCII of (RFC 3490,
RFC 5895)."""
SPELLINGS = (
    *(
        "http://user@{0}/",
        "http://user:key@{0}/",
        "http://good.test@{0}/",
        "http://{0}\\@good.test/",
        "http://good.test\\@{0}/",
    ),
    *(
        "http:\\\\{0}/",
        "http:/\\{0}/",
        "http:{0}/",
        "//{0}/",
        "http:///{0}/",
        "http://{0}\t/",
        "http://\n{0}/",
        "http://good.test#@{0}/ ",
    ),
    *(
        "ftp://{0}/",
        "file:///etc/passwd",
        "gopher://{0}/",
        "dict://{0}/",
        "ws://{0}/",
        "unix://{0}/",
        "data:text/plain,x",
        "jar:http://{0}/",
    ),
)
"""Addresses that readers disagree about, and other schemes; `{0}` is the sink."""
LEADS = (
    "/elsewhere",
    "http://{0}/",
    "http://{1}/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[::1]:{2}/",
    "//{0}/",
    "file:///etc/passwd",
)
CODES = (301, 302, 303, 307, 308)


@pytest.fixture(scope="module")
def there() -> Iterator[Sink]:
    with sink() as there:
        yield there


@pytest.fixture(scope="module")
def leading() -> Iterator[Receiver]:
    """A receiver that the settings allow, and that leads its callers on."""
    with receiver() as leading:
        yield leading


@pytest.fixture(scope="module")
def running(server_url: str, template_name: str, there: Sink, leading: Receiver) -> Iterator[Service]:
    """A service whose web lets every host pass, so that the engine's door is what holds, with the sink as its proxy."""
    proxies = dict.fromkeys(("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"), there.url)
    settings = {
        "IX_CALLBACK_TIMEOUT": "2",
        "IX_FETCH_TIMEOUT": "2",
        "IX_RETRY_DELAY": "0.05",
        "IX_ALLOW_HOSTS": leading.host,
        **proxies,
    }
    named = [(urlsplit(f"http://{host}/").hostname or "").rstrip(".") for host in (*HOSTS, *ANSWERS)]
    lenient = {"IX_ALLOW_HOSTS": ",".join([leading.host, *named])}
    with (
        databases.clone(server_url, template_name) as url,
        service(url, "tests.abuse.resolving", lenient, **settings) as running,
    ):
        yield running


def test_no_address_leads_inside(running: Service, there: Sink, row: Row, size: Size) -> None:
    urls = [f"http://{host}:{there.port}/" for host in HOSTS[: min(size(len(HOSTS), 12), len(HOSTS))]]
    row.did("addresses that lead inside", f"{len(urls)} forms, as callback and document")
    _sent(running, there, row, urls)


def test_no_name_leads_inside(running: Service, there: Sink, row: Row) -> None:
    urls = [f"http://{name}:{there.port}/" for name in ANSWERS for _ in range(2)]
    row.did("names that lead inside, or both ways, or change their mind", f"{len(urls)} jobs, as callback and document")
    _sent(running, there, row, urls)
    asked = {line.rpartition("=")[2] for line in running.engine.lines if line.startswith("resolver asked")}
    assert asked >= ANSWERS.keys()


def test_no_spelling_leads_inside(running: Service, there: Sink, row: Row) -> None:
    urls = [spelling.format(there.host) for spelling in SPELLINGS]
    row.did("addresses that readers disagree about", f"{len(urls)} forms, as callback and document")
    _sent(running, there, row, urls)


def test_no_redirect_leads_inside(running: Service, there: Sink, leading: Receiver, row: Row, size: Size) -> None:
    leads = [(code, lead.format(there.host, "metadata.test", there.port)) for lead in LEADS for code in CODES]
    leads = leads[: min(size(len(leads), 3), len(leads))]
    row.did("redirects of an allowed receiver", f"{len(leads)}, for callback and document")
    leading.answers += [status(code, location=lead) for code, lead in leads for _ in range(2)]
    already = len(leading.received)
    _sent(running, there, row, [leading.url] * len(leads))
    assert len(leading.received) - already == 2 * len(leads)
    assert {received.path for received in leading.received} == {"/hook"}


def _sent(running: Service, there: Sink, row: Row, urls: list[str]) -> None:
    """Each address as a callback and as a document: refused at once, or tried by the engine and not reached."""
    found: Counter[str] = Counter()
    jobs: list[tuple[str, dict[str, Any]]] = []
    for url in urls:
        for answer in (
            running.submit(use_case="drill", callback_url=url),
            running.submit(use_case="receipt", documents=[{"url": url}]),
        ):
            found["refused at once"] += answer.status_code == 422
            if answer.status_code == 201:
                jobs.append((url, answer.json()))
            else:
                assert answer.status_code == 422, answer.text
    reached = [url for url, job in jobs if not _failed(running, job, found)]
    row.found(*(f"{count} {what}" for what, count in found.items()), f"{there.count} connections to the sink")
    assert reached == []
    assert there.count == 0


def _failed(running: Service, job: dict[str, Any], found: Counter[str]) -> bool:
    """Whether the address was tried, to no end."""
    ended = running.ended(job)
    if not job["callback_url"]:
        error = ended["response"]["error"] or {"code": "document read"}
        found[error["code"]] += 1
        return bool(error["code"] == "document_unreachable")
    deadline = time.monotonic() + 20
    while not (delivery := running.client.get(f"/jobs/{job['ix_id']}/deliveries").json()["deliveries"][-1])["outcome"]:
        assert time.monotonic() < deadline, delivery
        time.sleep(0.02)
    found["callbacks failed" if delivery["status"] != "delivered" else "callbacks delivered"] += 1
    return bool(delivery["status"] != "delivered")
