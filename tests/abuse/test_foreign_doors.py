"""A service without keys is its own machine's: every way to come from elsewhere, at every route. And with keys, what
strangers say of themselves changes nothing."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import httpx
import pytest

from ix.api.app import ROUTES
from ix.api.middleware.admission import ALWAYS
from ix.api.middleware.auth import PUBLIC
from ix.client import AsyncClient, StatusEvent
from tests import databases, processes
from tests.abuse import raw
from tests.abuse.conftest import Service
from tests.abuse.keyed import made_keys
from tests.api.middleware.test_loopback import FOREIGN_HOSTS, ODD, PROXIED, STRANGERS
from tests.forwarding import forwarding
from tests.rows import Row, Size

UNKNOWN = "/nowhere"
# a pause, let go on by another call at that moment, is another answer
ROUTED = sorted(
    {
        (method, route.path_format)
        for route in ROUTES
        for method in route.methods or ()
        if not route.path_format.endswith("/pause")
    }
    - {("HEAD", "/docs")}
)
_PARTS = {"ix_id": "0" * 16, "name": "receipt", "batch_id": "b", "id": "act_0", "document": 0, "page": 1}
# the stream of everybody has no end
CALLS = [(method, path.format(**_PARTS).replace("/events", "/events?client_id=")) for method, path in ROUTED] + [
    *((method, UNKNOWN) for method in ("GET", "POST", "OPTIONS")),
    *((method, "/jobs") for method in ("OPTIONS", "PUT", "HEAD")),
]
BODY = b'{"client_id": "foreigner", "request_id": "r", "use_case": "drill"}'
HOST = b"host: localhost"
PROXY = "127.0.0.2"


class Strange(NamedTuple):
    """A way to come from elsewhere: the target's beginning, and lines of the head."""

    lines: tuple[bytes, ...]
    target: bytes = b""
    version: bytes = b"1.1"


def by_fields() -> Iterator[Strange]:
    for name in PROXIED:
        yield Strange((HOST, name.encode() + b": 127.0.0.1"))
    for fields in STRANGERS:
        yield Strange((HOST, *(f"{name}: {value}".encode("latin-1") for name, value in fields)))


def by_hosts() -> Iterator[Strange]:
    for host in FOREIGN_HOSTS:
        # the parser refuses what is no field at all
        if host not in ODD and "\0" not in host:
            yield Strange((b"host: " + host.encode("latin-1"),))
    for target in (b"http://evil.example", b"https://localhost.evil.example:80", b"http://localhost@evil.example"):
        yield Strange((HOST,), target)
    yield Strange((HOST,), b"//evil.example")
    yield Strange(())
    yield Strange((), version=b"1.0")
    for second in (b"Host: evil.example", b"host: localhost", b"HOST:", b"host : evil.example"):
        yield Strange((HOST, second))
        yield Strange((second, HOST))


WAYS = [*by_fields(), *by_hosts()]


class Door(NamedTuple):
    """A web process, what is sent along to be let in, and the database below."""

    url: str
    key: tuple[bytes, ...]


@pytest.fixture(scope="module")
def open_door(service: Service) -> Door:
    return Door(service.url, ())


@pytest.fixture(scope="module")
def keyed_door(server_url: str, template_name: str) -> Iterator[Door]:
    """One with keys, which trusts a proxy that is not there yet."""
    with databases.clone(server_url, template_name) as database:
        key = asyncio.run(made_keys(database, {"admin": None}))["admin"]
        with processes.web(database, IX_TRUSTED_PROXIES=PROXY) as url:
            yield Door(url, (f"authorization: Bearer {key}".encode(),))


def written(method: str, path: str, way: Strange, more: Iterable[bytes] = ()) -> bytes:
    body = BODY if method == "POST" else b""
    extra = (b"content-type: application/json", b"content-length: %d" % len(body), b"connection: close", *more)
    start = b"%s %s HTTP/%s" % (method.encode(), way.target + path.encode(), way.version)
    return b"\r\n".join([start, *way.lines, *extra, b"", body])


async def status(door: Door, request: bytes) -> int:
    async with raw.connection(door.url) as connection:
        await connection.send(request)
        answer = await connection.closed()
    return int(answer.split(maxsplit=2)[1]) if answer else 0


async def statuses(door: Door, requests: Iterable[bytes]) -> list[int]:
    """The answers' statuses; some requests at a time, as one web process takes them."""
    permits = asyncio.Semaphore(8)

    async def one(request: bytes) -> int:
        async with permits:
            return await status(door, request)

    return await asyncio.gather(*map(one, requests))


def chosen(size: Size) -> list[tuple[str, str, Strange]]:
    """Every way at every route; in short, each way at one and each route by some."""
    every = [(method, path, way) for way in WAYS for method, path in CALLS if path not in ALWAYS]
    # no divisor of the number of routes, so that each of them has its turn
    step = 1 if size(len(every), 0) else 29
    return every[::step]


async def test_nobody_from_elsewhere_is_served_without_a_key(open_door: Door, row: Row, size: Size) -> None:
    tried = chosen(size)
    row.did("no keys: proxies, foreign Hosts and Origins", f"{len(tried)} calls, {len(WAYS)} ways, {len(CALLS)} routes")
    found = await statuses(open_door, (written(*one) for one in tried))
    async with httpx.AsyncClient(base_url=open_door.url, trust_env=False) as own:
        jobs = (await own.get("/jobs", params={"client_id": "foreigner", "use_case": "drill"})).json()["jobs"]
    counted = Counter(found)
    row.found(*(f"{count} x {code}" for code, count in sorted(counted.items())), f"{len(jobs)} jobs made")
    # what begins with two slashes is a path all the same, of which there is none (RFC 9112, 3.2.1)
    usual = {b"//evil.example": {404}}
    answered = zip(tried, found, strict=True)
    assert [(one, code) for one, code in answered if code not in usual.get(one[2].target, {400, 403})] == []
    assert jobs == []


async def test_health_is_told_to_everybody(open_door: Door, row: Row, size: Size) -> None:
    tried = [written("GET", path, way) for way in WAYS if not way.target for path in sorted(ALWAYS)]
    tried = tried if size(len(tried), 0) else tried[::10]
    row.did("no keys: the same, to ask for health", f"{len(tried)} calls")
    found = Counter(await statuses(open_door, tried))
    row.found(*(f"{count} x {code}" for code, count in sorted(found.items())))
    # 503 where no engine has OCR; 400 is the parser's, for what is no field at all
    assert found.keys() <= {200, 400, 503}
    assert found[200] > len(tried) / 2


async def test_what_strangers_say_changes_nothing_with_keys(keyed_door: Door, row: Row, size: Size) -> None:
    ways = [way for way in by_fields() if not any(line.startswith(b"origin") for line in way.lines)]
    tried = [(method, path, way) for way in ways for method, path in CALLS if path not in PUBLIC]
    tried = tried if size(len(tried), 0) else tried[::29]
    row.did("keys: the word of strangers", f"{len(tried)} calls with a key, and without")
    plain = Strange((HOST,))
    usual = dict(zip(CALLS, await statuses(keyed_door, (written(*one, plain, keyed_door.key) for one in CALLS))))
    found = await statuses(keyed_door, (written(*one, keyed_door.key) for one in tried))
    without = await statuses(keyed_door, (written(*one) for one in tried))
    other = [(one, code) for one, code in zip(tried, found, strict=True) if code != usual[one[0], one[1]]]
    row.found(
        f"{len(other)} answers changed with a key", f"{sum(code != 401 for code in without)} answered without one"
    )
    # the first POST made the job, the others found it
    assert {(usual[one[:2]], code) for one, code in other} <= {(201, 200)}
    assert set(without) == {401}


async def test_a_trusted_proxy_is_believed_and_nobody_else(keyed_door: Door, row: Row) -> None:
    key = keyed_door.key[0].decode().rpartition(" ")[2]
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json", "x-forwarded-host": "evil.example"}
    row.did("addresses through a proxy", "trusted, and not")
    for address, root in ((PROXY, "/ix"), ("127.0.0.1", "")):
        async with (
            forwarding(keyed_door.url, "/ix", address) as proxy,
            httpx.AsyncClient(base_url=f"http://{proxy.host}/ix", headers=headers, trust_env=False) as client,
        ):
            made = await client.post("/jobs", content=BODY)
            described = await client.get("/openapi.json")
        assert made.headers["location"] == f"{root}/jobs/{made.json()['ix_id']}"
        assert described.json()["servers"] == [{"url": f"http://{proxy.host}/ix" if root else "http://ix.inside"}]
    row.found("the client's own with the one, those that web was asked under with the other")


async def test_the_client_works_through_a_proxy(keyed_door: Door, row: Row) -> None:
    key = keyed_door.key[0].decode().rpartition(" ")[2]
    row.did("the client, through a proxy", "submit, list by pages, a stream, cancel")
    async with (
        forwarding(keyed_door.url, "/ix", PROXY) as proxy,
        AsyncClient(f"http://{proxy.host}/ix", "proxied", key=key) as ix,
    ):
        made = [await ix.submit([], "drill", request_id=f"r{number}") for number in range(3)]
        listed = [job.ix_id async for job in ix.jobs(client_id="proxied", limit=1)]
        states = []
        async for event in ix.events(made[0]):
            assert isinstance(event, StatusEvent)
            states.append(event.job.status)
            if len(states) == 1:
                # seen only by whoever is sent each event as it comes
                await ix.cancel(made[0])
    row.found(f"{len(listed)} jobs listed, states {', '.join(states)}")
    assert listed == [job.ix_id for job in reversed(made)]
    assert states[-1] == "cancelled"
