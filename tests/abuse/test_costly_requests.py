"""Requests inside every limit on bytes that ask for a great deal of time or memory: meanwhile web answers others.

How long others wait depends on the machine too; so it is also looked at how much processor time web's own process takes
for them, and how much memory. What its child processes take is theirs, and limited."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import asyncpg
import httpx
import psutil
import pytest

from tests.abuse import forms
from tests.abuse.conftest import Service
from tests.rows import Limit, Row, Size

MIB = 1024 * 1024
MOST_PAUSE = 5.0
"""Seconds that others may wait on a machine that does other things too; measured alone it is a twentieth of that."""
MOST_CPU = 1.0
"""Seconds of web's own processor time for one such request: with one that held it, it was 10 and more."""


class Watch:
    """While its block runs: how long `/livez` takes at most, and what web takes, since the last `reset`."""

    def __init__(self, service: Service) -> None:
        self._web, self._over = psutil.Process(service.web.pid), threading.Event()
        self._client = httpx.Client(base_url=service.url, timeout=60, trust_env=False)
        self._thread = threading.Thread(target=self._probe)
        self._memory = self._web.memory_info().rss
        self.pause, self.grown = 0.0, 0.0
        self.reset()

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._client.close()

    def reset(self) -> None:
        """Forgets what was seen of pauses and processor time; not of memory."""
        self.pause, self._before = 0.0, sum(self._web.cpu_times()[:2])

    @property
    def cpu(self) -> float:
        """Seconds of processor time of web's own process."""
        return float(sum(self._web.cpu_times()[:2]) - self._before)

    def _probe(self) -> None:
        while not self._over.wait(0.01):
            started = time.perf_counter()
            self._client.get("/livez").raise_for_status()
            self.pause = max(self.pause, time.perf_counter() - started)
            self.grown = max(self.grown, (self._web.memory_info().rss - self._memory) / MIB)


@pytest.fixture
async def client(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=service.url, timeout=120, trust_env=False) as client:
        yield client


def asked(use_case: str, options: bytes) -> bytes:
    return b'{"client_id": "costly", "request_id": "%s", "use_case": "%s", "options": %s}' % (
        uuid.uuid4().hex.encode(),
        use_case.encode(),
        options,
    )


def schemas() -> Iterator[dict[str, Any]]:
    """Schemas of a few kilobytes that unfold to millions of nodes, characters or labels; and some that are merely
    large."""
    for fan in (8, 32):
        levels = {f"d{n}": {"anyOf": [{"$ref": f"#/$defs/d{n + 1}"}] * fan} for n in range(3)}
        yield _object({"a": {"$ref": "#/$defs/d0"}}, {**levels, "d3": {"type": "string"}})
        wide = {f"p{n}": {"$ref": "#/$defs/r"} for n in range(fan)}
        yield _object(wide, {"r": {"properties": {name: {"$ref": "#/$defs/s"} for name in wide}}, "s": {}})
    for shared in (
        {"description": "x" * 100_000},
        {"enum": [f"c{n}" for n in range(4000)]},
        {"x-ix": {"labels": [f"label {n}" for n in range(400)]}},
        {f"k{n}": n for n in range(4000)},
    ):
        yield _object({f"p{n}": {"$ref": "#/$defs/x"} for n in range(150)}, {"x": shared})
    yield _object({"a": {"$ref": "#/properties/a"}}, {})
    yield _object({"a": {"$ref": "#/" + "x/" * 50_000}}, {})


def _object(properties: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "$defs": definitions}


def values(size: int) -> dict[str, bytes]:
    """JSON of so many bytes that is far larger in memory."""
    return {
        "lists": b"[" + b"[]," * (size // 3) + b"1]",
        "objects": b"[" + b"{}," * (size // 3) + b"1]",
        "numbers": b"[" + b"300," * (size // 4) + b"1]",
        "texts": b"[" + b'"",' * (size // 3) + b"1]",
        "keys": b"{" + b",".join(b'"%x":1' % n for n in range(size // 10)) + b"}",
    }


def requests(size: int) -> Iterator[tuple[str, str, bytes, dict[str, str]]]:
    """Name, path, body and headers of each."""
    as_json = {"content-type": "application/json"}
    for number, schema in enumerate(schemas()):
        yield f"schema {number}", "/jobs", asked("custom", json.dumps({"schema": schema}).encode()), as_json
    for name, value in values(size).items():
        yield name, "/jobs", asked("drill", b'{"result": {"a": %s}}' % value), as_json
    inner = [asked("drill", b'{"result": {"a": %s}}' % value) for value in values(size // 4).values()]
    yield "a batch of them", "/jobs/batch", b'{"jobs": [%s]}' % b",".join(inner), as_json
    each = [{**schema, "title": str(n)} for n in range(size // MIB * 12) for schema in schemas()]
    costly = [asked("custom", json.dumps({"schema": one}).encode()) for one in each if len(json.dumps(one)) < 20_000]
    yield "a batch of schemas", "/jobs/batch", b'{"jobs": [%s]}' % b",".join(costly), as_json
    bomb = gzip.compress(asked("drill", b'{"result": {"a": %s}}' % values(size * 3)["lists"]))
    yield "gzip", "/jobs", bomb, {**as_json, "content-encoding": "gzip"}
    edges = forms.written([*forms.fields(b"edges"), forms.file(b"\r\n--edg" * (size // 7))]) + forms.END
    yield "half boundaries", "/jobs", edges, {"content-type": forms.TYPE}
    false = forms.written([*forms.fields(b"false"), forms.file(b"\r\n--edge." * (size // 9))]) + forms.END
    yield "false boundaries", "/jobs", false, {"content-type": forms.TYPE}


async def test_costly_bodies(row: Row, size: Size, limit: Limit, service: Service, client: httpx.AsyncClient) -> None:
    megabytes = size(16, 1)
    tried = list(requests(megabytes * MIB))[:: 4 - size(3, 0)]
    row.did(f"schemas, JSON, gzip and forms that unfold, bodies up to {megabytes} MiB", f"{len(tried)} requests")
    statuses: Counter[int] = Counter()
    seen, faults = [], []
    with Watch(service) as watch:
        for name, path, body, headers in tried:
            watch.reset()
            answer = await client.post(path, content=body, headers=headers)
            statuses[answer.status_code] += 1
            seen.append((watch.pause, watch.cpu))
            if answer.status_code not in (200, 201, 413, 422) or max(
                watch.pause / MOST_PAUSE, watch.cpu / MOST_CPU
            ) > limit(1):
                faults.append(f"{name}: {answer.status_code}, {watch.pause:.2f} s, {watch.cpu:.2f} CPU s")
    pause, cpu = (max(column) for column in zip(*seen, strict=True))
    row.found(
        ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items())),
        f"others waited {pause * 1000:.0f} ms at most, one took {cpu:.2f} s of web's processor time",
        f"memory of web + {watch.grown:.0f} MiB at most",
    )
    assert not faults, "\n".join(faults)
    assert watch.grown < 5 * megabytes + 40


async def test_big_jobs_are_read_back(
    row: Row, size: Size, limit: Limit, service: Service, client: httpx.AsyncClient
) -> None:
    """By every way that gives a whole job."""
    megabytes, readers = size(16, 1), size(8, 1)
    row.did(f"a job whose answer has {megabytes} MiB of lists, read in every way", f"{readers} at once")
    submission = {"client_id": "costly", "request_id": uuid.uuid4().hex, "use_case": "drill"}
    job = (await client.post("/jobs", json=submission)).json()
    await client.get(f"/jobs/{job['ix_id']}", params={"wait": 30})
    count = await _swell(service, job["ix_id"], megabytes * MIB)
    ways: list[tuple[str, str, Any]] = [
        ("GET", f"/jobs/{job['ix_id']}", None),
        ("GET", f"/jobs/{job['ix_id']}?wait=1", None),
        ("GET", f"/jobs?client_id=costly&request_id={submission['request_id']}", None),
        ("POST", "/jobs", submission),
        ("POST", "/jobs/batch", {"jobs": [submission] * 2}),
    ]
    answers = []
    with Watch(service) as watch:
        for method, path, body in ways:
            asks = [client.request(method, path, json=body) for _ in range(readers)]
            answers += [(path, answer.status_code, answer.content) for answer in await asyncio.gather(*asks)]
    each = watch.cpu / len(answers)
    row.found(
        f"others waited {watch.pause * 1000:.0f} ms at most; each took {each:.2f} s of web's processor time",
        f"memory of web + {watch.grown:.0f} MiB at most",
    )
    for path, status, content in answers:
        assert status == 200, (path, status, content[:200])
        assert content.count(b"[]") >= count, path
    # to read and write as much takes ten times as long
    assert each < limit(0.1 + 0.05 * megabytes)
    assert watch.pause < limit(MOST_PAUSE)
    await client.delete(f"/jobs/{job['ix_id']}", params={"erase": "true"})


async def _swell(service: Service, ix_id: str, size: int) -> int:
    """Gives a job an answer of about so many bytes; of how many lists."""
    connection = await asyncpg.connect(service.database)
    count = size // 4
    swell = """UPDATE jobs SET response = jsonb_set(response, '{result}', $2::text::jsonb) WHERE ix_id = $1"""
    assert await connection.execute(swell, ix_id, f"[{','.join(['[]'] * count)}]") == "UPDATE 1"
    await connection.close()
    return count
