"""Nobody sees what is not theirs, and nothing tells a secret."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import secrets
import statistics
import time
import uuid
from collections import Counter
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from ix.api.middleware.auth import PUBLIC
from ix.database.keys import Caller, Keyring, Keys
from tests import databases, processes
from tests.abuse.conftest import HURRY
from tests.abuse.keyed import Keyed, made_keys, repo_of
from tests.abuse.texts import TEXTS
from tests.accounts import connected
from tests.blackbox.test_keys import UNKNOWN, calls
from tests.rows import Limit, Row, Size

AT_ONCE = 2.0
"""Seconds; far below those for which keys are remembered."""


@pytest.fixture(scope="module")
def keyed(server_url: str, template_name: str) -> Iterator[Keyed]:
    with databases.clone(server_url, template_name) as database, processes.web(database) as url:
        yield Keyed(url, database, asyncio.run(made_keys(database, {"acme": "acme", "other": "other", "admin": None})))


DRILLS: dict[str, dict[str, Any]] = {
    "done": {"options": {"result": {"secret": "canary"}}},
    "error": {"options": {"action": "fail"}},
    "running": {"options": {"action": "hang"}},
    "scheduled": {"run_at": "2999-01-01T00:00:00Z"},
}


@pytest.fixture
def engine(keyed: Keyed) -> Iterator[None]:
    with processes.engine(keyed.database, **HURRY):
        yield


@pytest.mark.long
async def test_another_clients_jobs(row: Row, keyed: Keyed, engine: None) -> None:
    """For jobs in every state what `tests/blackbox/test_keys.py`, its short form, does for one."""
    queries = ("", "?erase=true", "?wait=0.01", "?client_id=acme")
    walks = [(*call, query) for call, query in itertools.product(calls(), queries) if "{ix_id}" in call[1]]
    row.did(
        "every route with another client's id, and with one of nobody", f"{len(walks)} calls x jobs {', '.join(DRILLS)}"
    )
    differences = []
    async with keyed.client("acme") as acme, keyed.client("other") as other:
        for status, more in DRILLS.items():
            body = {"request_id": uuid.uuid4().hex, "use_case": "drill", "callback_url": "https://example.com/", **more}
            job = (
                await acme.post("/jobs", json=body, params={"wait": 30 if status in ("done", "error") else 0})
            ).json()
            for method, path, query in walks:
                async with asyncio.timeout(20):  # a stream that is let through has no end
                    theirs = await other.request(method, path.format(ix_id=job["ix_id"]) + query)
                unknown = await other.request(method, path.format(ix_id=UNKNOWN) + query)
                if (theirs.status_code, theirs.content, [*theirs.headers]) != (
                    unknown.status_code,
                    unknown.content,
                    [*unknown.headers],
                ):
                    differences.append((status, method, path, query))
            after = (await acme.get(f"/jobs/{job['ix_id']}")).json()
            assert after["response"] == job["response"]
            await acme.delete(f"/jobs/{job['ix_id']}?erase=true")
    row.found(f"{len(differences)} answers differ", "no job was touched")
    assert not differences


CHANGES = "every route, 2 streams, 1 held answer"


async def test_a_revoked_key_is_refused_at_once(row: Row, limit: Limit, keyed: Keyed) -> None:
    row.did("a key is revoked while its caller asks, waits and reads streams", CHANGES)
    [key] = (await made_keys(keyed.database, {"mine": "mine"})).values()
    async with keyed.client(key=key) as mine, keyed.client("other") as other, repo_of(keyed.database, Keys) as repo:
        told = await _changed(mine, other, repo.revoke(key.split("_")[1]))
    row.found(*[f"{what} after {seconds * 1000:.0f} ms" for what, seconds in told.items()], "another's stream goes on")
    assert max(told.values()) < limit(AT_ONCE)


@pytest.fixture
def open_url(database_url: str) -> Iterator[str]:
    """A service that has no keys yet."""
    with processes.web(database_url) as url:
        yield url


@pytest.mark.long
async def test_the_first_key_closes_the_service_at_once(
    row: Row, limit: Limit, database_url: str, open_url: str
) -> None:
    """In short, `tests/api/middleware/test_auth.py` does this in one process."""
    row.did("the first key is made while somebody asks, waits and reads streams without", CHANGES)
    async with (
        httpx.AsyncClient(base_url=open_url, timeout=30, trust_env=False) as mine,
        repo_of(database_url, Keys) as repo,
    ):
        told = await _changed(mine, None, repo.add("other"))
    row.found(*[f"{what} after {seconds * 1000:.0f} ms" for what, seconds in told.items()])
    assert max(told.values()) < limit(AT_ONCE)


async def _changed(
    mine: httpx.AsyncClient, theirs: httpx.AsyncClient | None, change: Coroutine[Any, Any, object]
) -> dict[str, float]:
    """Seconds from the commit of the change to the end of each thing that the caller has begun before."""
    async with AsyncExitStack() as stack:
        readers, held = await _begun(stack, mine, theirs)
        await change
        changed, told = time.monotonic(), {}
        for method, path in calls():
            address = path.format(ix_id=UNKNOWN, name="drill", id="act_0", batch_id="b")
            while path not in PUBLIC and (await mine.request(method, address)).status_code != 401:
                assert time.monotonic() - changed < 10, (method, path)
        told["every route refuses"] = time.monotonic() - changed
        async with asyncio.timeout(10):
            for what in ("a client's stream", "a job's stream"):
                told[f"{what} ended"] = await readers[what].task - changed
            assert (await held).status_code == 401
        told["the held answer came"] = time.monotonic() - changed
        if theirs is not None:
            assert not readers["theirs"].task.done()
            await readers["theirs"].leave()
    return told


async def _begun(
    stack: AsyncExitStack, mine: httpx.AsyncClient, theirs: httpx.AsyncClient | None
) -> tuple[dict[str, Stream], asyncio.Task[httpx.Response]]:
    """Streams that are read, and an answer that is waited for."""
    body = {"client_id": "mine", "request_id": uuid.uuid4().hex, "use_case": "drill", "options": {"action": "hang"}}
    ix_id = (await mine.post("/jobs", json=body)).raise_for_status().json()["ix_id"]
    held = asyncio.create_task(mine.get(f"/jobs/{ix_id}?wait=30"))
    asked = {"a client's stream": (mine, "/events?client_id=mine"), "a job's stream": (mine, f"/jobs/{ix_id}/events")}
    if theirs is not None:
        asked["theirs"] = theirs, "/events"
    readers = {
        what: Stream(await stack.enter_async_context(client.stream("GET", path)))
        for what, (client, path) in asked.items()
    }
    for reader in readers.values():
        await reader.begun.wait()
    assert not held.done()
    assert not any(reader.task.done() for reader in readers.values())
    return readers, held


class Stream:
    """Reads an event stream to its end, and says when that was."""

    def __init__(self, stream: httpx.Response) -> None:
        self.begun = asyncio.Event()
        self.task = asyncio.create_task(self._read(stream))

    async def _read(self, stream: httpx.Response) -> float:
        async for _ in stream.aiter_raw():
            self.begun.set()
        return time.monotonic()

    async def leave(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


def test_keys_are_compared_in_constant_time(
    row: Row, size: Size, limit: Limit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the clock can see is a search through the keys, which takes longer the later a key stands; a comparison that
    stops at the first difference is a few nanoseconds of noise here. So that is shown by what is compared: SHA-256
    digests, of which nobody can choose a prefix, by `compare_digest`, once for each key that is tried, whether or not
    its id is known."""
    count, tries = 2_000, size(20_000, 1_500)
    made = [f"ix_{secrets.token_hex(6)}_{secrets.token_urlsafe(32)}" for _ in range(count)]
    ring = Keyring({key.split("_")[1]: (Caller("acme"), hashlib.sha256(key.encode()).digest()) for key in made}, False)
    first, last = made[0], made[-1]
    asked = {
        "nothing in common": first[:16] + secrets.token_urlsafe(32),
        "all but one letter": first[:-1] + ("A" if first[-1] != "A" else "B"),
        "of the last key": last[:16] + secrets.token_urlsafe(32),
        "unknown id": f"ix_{secrets.token_hex(6)}_{secrets.token_urlsafe(32)}",
        "right, first": first,
        "right, last": last,
    }
    row.did(
        f"keys with more and less in common with the right one, among {count}",
        f"{tries} tries of each of {len(asked)} kinds, interleaved",
    )
    medians = {kind: statistics.median(times) for kind, times in _timed(ring, asked, tries).items()}
    ratio = max(medians.values()) / min(medians.values())
    compared = _compared(ring, [*asked.values(), "", "nonsense"], monkeypatch)
    row.found(
        f"medians {min(medians.values())} to {max(medians.values())} ns, ratio {ratio:.2f}",
        "each compared once, as digests",
    )
    assert ratio < limit(1.5)
    assert all(len(pairs) == 1 and {len(side) for side in pairs[0]} == {32} for pairs in compared)


def _timed(ring: Keyring, asked: dict[str, str], tries: int) -> dict[str, list[int]]:
    times: dict[str, list[int]] = {kind: [] for kind in asked}
    for _ in range(tries):
        for kind, key in asked.items():
            began = time.perf_counter_ns()
            ring.caller(key)
            times[kind].append(time.perf_counter_ns() - began)
    return times


def _compared(ring: Keyring, asked: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> list[list[tuple[bytes, bytes]]]:
    """What `compare_digest` is given for each of the keys."""
    compared: list[list[tuple[bytes, bytes]]] = []
    really = hmac.compare_digest

    def compare(one: bytes, other: bytes) -> bool:
        compared[-1].append((one, other))
        return really(one, other)

    with monkeypatch.context() as patch:
        patch.setattr(hmac, "compare_digest", compare)
        for key in asked:
            compared.append([])
            ring.caller(key)
    return compared


@pytest.mark.long
async def test_sql_in_addresses_and_headers(row: Row, keyed: Keyed) -> None:
    """Texts in bodies come back as they are (`test_bodies.py`, also its short form); here they stand wherever else
    something is read."""
    texts = {
        name: text for name, text in TEXTS.items() if "SQL" in name or name in ("quotes", "LIKE", "array", "format")
    }
    plain = {name: text.encode("ascii", "ignore").decode().replace("\n", " ") for name, text in texts.items()}
    row.did(
        "SQL in paths, queries, headers and keys", f"{len(texts)} texts x {len(calls())} routes, and 9 other places"
    )
    counted = "SELECT (SELECT count(*) FROM jobs), (SELECT count(*) FROM api_keys), (SELECT count(*) FROM pg_tables)"
    async with connected(keyed.database) as connection, keyed.client("admin") as admin:
        before, answers = await connection.fetchrow(counted), Counter[int]()
        for text in texts.values():
            for method, path in calls():
                filled = path.format(ix_id=quote(text, safe=""), name=quote(text, safe=""))
                if (method, path) not in {("GET", "/events"), ("GET", "/docs")}:
                    answers[(await admin.request(method, filled, timeout=30)).status_code] += 1
            for name in ("client_id", "request_id", "status", "use_case", "created_after", "limit", "before", "wait"):
                answers[(await admin.get("/jobs", params={"client_id": "x", name: text})).status_code] += 1
            for name, path in itertools.product(("q", "error_code", "review", "use_case"), ("/jobs", "/jobs/counts")):
                answers[(await admin.get(path, params={name: text})).status_code] += 1
        for text in plain.values():
            for headers in (
                {"last-event-id": text},
                {"prefer": f"wait={text}"},
                {"x-request-id": text},
                {"traceparent": text},
            ):
                answers[(await admin.get("/jobs", headers=headers)).status_code] += 1
            answers[(await admin.get("/events?client_id=x", headers={"last-event-id": text})).status_code] += 1
            answers[(await admin.get("/jobs", headers={"authorization": f"Bearer {text}"})).status_code] += 1
        after = await connection.fetchrow(counted)
    row.found(
        ", ".join(f"{count} x {status}" for status, count in sorted(answers.items())),
        f"jobs, keys, tables: {tuple(after)}",
    )
    assert max(answers) < 500
    assert before == after
