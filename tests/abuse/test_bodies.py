"""Bodies that are wrong in every way: one of five answers, soon, naming the field; and what is stored reads back equal.

Times are the service's own, as its log says them; a body that took longer than it should is sent again, a few times,
since a machine that is busy with other things delays any of them."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any, TypeVar

import httpx
import psutil
import pytest

from tests.abuse import forms, raw
from tests.abuse.conftest import Service
from tests.abuse.raw import FRESH, SOON, Answer
from tests.abuse.texts import TEXTS, VALUES
from tests.accounts import connected
from tests.rows import Row, Size

ALLOWED = {201, 400, 413, 415, 422}
MIB = 1024 * 1024
T = TypeVar("T")


def some(size: Size, all_of: dict[str, T]) -> dict[str, T]:
    """All, or every fifth for the short form."""
    return dict(list(all_of.items())[:: 5 - size(4, 0)])


class Seen:
    """What came of the bodies of one row."""

    def __init__(self) -> None:
        self.statuses: Counter[int] = Counter()
        self.slowest = ("", 0.0)
        self.equal = 0
        self.faults: list[str] = []

    def note(self, name: str, answer: Answer, milliseconds: float, *fields: str) -> None:
        """Judges an answer: its status, its time, and, where the fault lies in one of these `fields`, whether it names
        that."""
        self.statuses[answer.status] += 1
        self.slowest = max(self.slowest, (name, milliseconds), key=lambda one: one[1])
        self.expect(answer.status in ALLOWED, f"{name}: {answer.status}")
        self.expect(milliseconds < SOON, f"{name}: {milliseconds:.0f} ms")
        if answer.status in (400, 422):
            named = answer.fields
            self.expect(
                bool(named) and (not fields or any(one.startswith(fields) for one in named)), f"{name}: names {named}"
            )

    def expect(self, true: bool, otherwise: str) -> None:
        if not true:
            self.faults.append(otherwise)

    def same(self, name: str, sent: object, read: object) -> None:
        """Judges what reads back."""
        self.equal += 1
        self.expect(sent == read, f"{name}: reads back as {str(read)[:80]!r}")

    def tell(self, row: Row) -> None:
        statuses = ", ".join(f"{count} x {status}" for status, count in sorted(self.statuses.items()))
        row.found(
            f"{statuses}; slowest {self.slowest[1]:.0f} ms ({self.slowest[0]})", f"{self.equal} read back, all equal"
        )
        assert not self.faults, "\n".join(self.faults)


@pytest.fixture
async def client(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=service.url, timeout=60, trust_env=False) as client:
        yield client


def submission(options: bytes, request_id: bytes = FRESH) -> bytes:
    """A drill with these options."""
    return b'{"client_id": "abuse", "request_id": "%s", "use_case": "drill", "options": %s}' % (request_id, options)


async def stored(client: httpx.AsyncClient, answer: Answer) -> Any:
    """The job that an answer names, as it reads back once it has ended."""
    found = await client.get(f"/jobs/{answer.json()['ix_id']}", params={"wait": 30})
    return found.raise_for_status().json()


PLACES = {
    "a value": b'{"result": {"x": %s}}',
    "a value in a list": b'{"result": {"x": [0, %s]}}',
    "an unknown field": b'{"x": %s}',
}


@pytest.mark.parametrize("place", PLACES)
async def test_values(row: Row, size: Size, service: Service, client: httpx.AsyncClient, place: str) -> None:
    row.did(f"JSON values that are none, or too much, as {place}", f"{len(values := some(size, VALUES))} bodies")
    seen = Seen()
    for name, value in values.items():
        answer, took = await raw.timed(service.web, service.url, submission(PLACES[place] % value))
        seen.note(name, answer, took, "options", "body")
        if answer.status == 201:
            job = await stored(client, answer)
            sent = json.loads(PLACES[place] % value)
            seen.same(name, sent, job["request"]["options"])
            seen.expect(job["status"] == "done", f"{name}: {job['status']}, {job['response']['error']}")
            seen.same(name, sent["result"]["x"], (job["response"]["result"] or {}).get("x"))
    seen.tell(row)


async def test_keys(row: Row, size: Size, service: Service, client: httpx.AsyncClient) -> None:
    """Every value that is a text, as a key."""
    texts = {name: value for name, value in VALUES.items() if value.startswith(b'"')}
    row.did("the texts among them as keys", f"{len(texts)} bodies")
    seen = Seen()
    for name, text in texts.items():
        options = b'{"result": {%s: 1}}' % text
        answer, took = await raw.timed(service.web, service.url, submission(options))
        seen.note(name, answer, took, "options", "body")
        if answer.status == 201:
            seen.same(name, json.loads(options), (await stored(client, answer))["request"]["options"])
    seen.tell(row)


async def test_values_in_batches(row: Row, size: Size, service: Service, client: httpx.AsyncClient) -> None:
    """What makes the body no JSON is 400; every other fault is its own submission's, beside which a good one is
    taken."""
    row.did("the same values in a batch, beside a good submission", f"{len(values := some(size, VALUES))} bodies")
    seen = Seen()
    for name, value in values.items():
        answer, took = await raw.timed(service.web, service.url, _beside_a_good_one(value), path="/jobs/batch")
        if answer.status == 200:
            told = answer.json()["jobs"]
            seen.expect(told[0]["status"] == 201, f"{name}: the good one got {told[0]['status']}")
            inner = told[1].get("problem") or told[1]["job"]
            answer = answer._replace(status=told[1]["status"], body=json.dumps(inner).encode())
        seen.note(name, answer, took, "options", "body")
        if answer.status == 201:
            seen.same(name, json.loads(value), (await stored(client, answer))["request"]["options"]["result"]["x"])
    seen.tell(row)


def _beside_a_good_one(value: bytes) -> bytes:
    return b'{"jobs": [%s, %s]}' % (submission(b"{}", FRESH + b"-good"), submission(b'{"result": {"x": %s}}' % value))


async def test_values_in_every_field(row: Row, size: Size, service: Service) -> None:
    """A value is in place of each member of a submission in turn."""
    members = ["client_id", "request_id", "use_case", "options", "callback_url", "priority", "run_at", "documents"]
    inner = ["name", "media_type", "data", "text", "url"]
    short = some(size, {name: value for name, value in VALUES.items() if len(value) < 100})
    row.did(
        "the shorter of them in every field, and in every field of a document",
        f"{len(short) * (len(members) + len(inner))} bodies",
    )
    seen = Seen()
    for name, value in short.items():
        bodies = [(field, _with(field, value)) for field in members]
        bodies += [
            ("documents", _with("documents", b'[{"text": "a", "%s": %s}]' % (field.encode(), value))) for field in inner
        ]
        for field, body in bodies:
            answer, took = await raw.timed(service.web, service.url, body)
            seen.note(f"{name} in {field}", answer, took, field, "body", "use_case")
    seen.tell(row)


def _with(field: str, value: bytes) -> bytes:
    given = {"client_id": b'"abuse"', "request_id": b'"%s"' % FRESH, "use_case": b'"drill"'} | {field: value}
    return b"{%s}" % b", ".join(b'"%s": %s' % (name.encode(), one) for name, one in given.items())


async def test_texts_come_back(row: Row, size: Size, service: Service, client: httpx.AsyncClient) -> None:
    row.did(
        "texts of SQL, markup and odd letters in every field",
        f"{len(texts := some(size, TEXTS))} texts x 7 fields, and looked up by them",
    )
    seen = Seen()
    for name, text in texts.items():
        documents = [{"text": text, "name": text[:255], "media_type": text[:100]}]
        asked = {
            "client_id": text,
            "request_id": text[:150] + FRESH.decode(),
            "use_case": "drill",
            "options": {"result": {text: [text]}},
            "documents": documents,
        }
        answer, took = await raw.timed(service.web, service.url, json.dumps(asked).encode())
        seen.note(name, answer, took)
        if answer.status == 201:
            job = await stored(client, answer)
            [document] = job["request"]["documents"]
            seen.same(f"{name} in ids", (text, text[:150]), (job["client_id"], job["request_id"][: len(text[:150])]))
            seen.same(f"{name} in options", asked["options"], job["request"]["options"])
            seen.same(f"{name} in a result", [text], job["response"]["result"].get(text))
            seen.same(f"{name} in a name", (text[:255], text[:100]), (document["name"], document["media_type"]))
            seen.same(f"{name} in a document", text.encode(), await _bytes(service, document["sha256"]))
            found = (await client.get("/jobs", params={"client_id": text, "request_id": job["request_id"]})).json()
            seen.same(f"{name} as a query", job["ix_id"], found.get("ix_id"))
            listed = (await client.get("/jobs", params={"client_id": text, "use_case": "drill", "limit": 1})).json()
            seen.same(f"{name} as a list's query", job["ix_id"], listed["jobs"][0]["ix_id"])
        again = json.dumps({**asked, "use_case": text}).encode()
        answer, took = await raw.timed(service.web, service.url, again)
        seen.note(f"{name} as use case", answer, took, "use_case")
    async with connected(service.database) as connection:
        tables = await connection.fetchval(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
        )
    seen.expect(tables >= 8, f"{tables} tables are left")
    seen.tell(row)


async def _bytes(service: Service, sha256: str) -> bytes | None:
    async with connected(service.database) as connection:
        found: bytes | None = await connection.fetchval(
            "SELECT bytes FROM documents WHERE sha256 = $1", bytes.fromhex(sha256)
        )
        return found


async def test_bytes_that_are_no_json(row: Row, size: Size, service: Service) -> None:
    good = submission(b"{}")
    bodies = {
        "BOM": b"\xef\xbb\xbf" + good,
        "UTF-16": good.decode().encode("utf-16"),
        "UTF-32": good.decode().encode("utf-32"),
        "latin-1": good.replace(b'"abuse"', b'"abus\xe9"'),
        "two of them": good + good,
        "cut off": good[:-10],
        "nothing": b"",
        "NULs": b"\x00" * 1000,
        "a list": b"[" + good + b"]",
        "null": b"null",
        "a number": b"1",
        "gzip": b"\x1f\x8b\x08\x00" + bytes(100),
        "a form's body": b"client_id=a&request_id=b",
        "white space": b" " * 1_000_000,
        "commas": b"[" + b"," * 100_000,
    }
    types = [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/xml",
        "application/jsonp",
        "",
        "*/*",
        "multipart/mixed; boundary=a",
        "application/json, text/plain",
        "application/json;charset=utf-16",
        "APPLICATION/JSON; charset=\xff",
        "a" * 20_000,
    ]
    row.did(
        "bodies that are no JSON, and good ones declared to be something else",
        f"{len(bodies)} bodies, {len(types)} types",
    )
    seen = Seen()
    for name, body in bodies.items():
        for path in ("/jobs", "/jobs/batch"):
            seen.note(
                f"{name} to {path}",
                *await raw.timed(service.web, service.url, body, path=path),
                "body",
                "jobs",
                "client_id",
            )
    for each in types:
        answer, took = await raw.timed(service.web, service.url, submission(b"{}"), content_type=each)
        seen.note(each[:30] or "no type", answer, took)
        expected = 201 if each.lower().startswith("application/json;") else 415
        seen.expect(answer.status == expected, f"{each[:30]}: {answer.status}, not {expected}")
    seen.tell(row)


async def test_framing(row: Row, service: Service) -> None:
    """How long a body is: said wrongly, twice, or not at all. Some are refused before they are a request, so the
    client's time counts."""
    good, other, kind = submission(b"{}", b"framed"), submission(b"{}", b"framed-2"), {"content_type": raw.JSON}
    chunked = raw.head(**kind, transfer_encoding="chunked")
    cases: dict[str, tuple[set[int], list[bytes]]] = {
        "chunked": ({201}, [chunked, b"".join(b"%x\r\n%s\r\n" % (1, bytes([one])) for one in good), b"0\r\n\r\n"]),
        "chunked with extensions and a trailer": (
            {201},
            [chunked, b"%x;a=b\r\n%s\r\n0\r\nx: y\r\n\r\n" % (len(other), other)],
        ),
        "a chunk's size is no number": ({400}, [chunked, b"zz\r\n", good]),
        "a chunk's size is negative": ({400}, [chunked, b"-5\r\n", good]),
        "a chunk's size is beyond 64 bits": ({400}, [chunked, b"f" * 40 + b"\r\n", good]),
        "a chunk is longer than it says": ({400}, [chunked, b"5\r\n", good]),
        "neither length nor chunks": ({0, 400}, [raw.head(**kind), good]),
        "length and chunks": ({400}, [raw.head(**kind, content_length=5, transfer_encoding="chunked"), b"0\r\n\r\n"]),
        "two lengths": ({400}, [raw.head(**kind, content_length="5\r\ncontent-length: 6"), good]),
        "length is negative": ({400}, [raw.head(**kind, content_length=-1), good]),
        "length is no number": ({400}, [raw.head(**kind, content_length="0x10"), good]),
        "length has 5,000 digits": ({400}, [raw.head(**kind, content_length="9" * 5000), good]),
        "length is 2^63": ({400, 413}, [raw.head(**kind, content_length=2**63), good]),
        "an unknown coding": ({400}, [raw.head(**kind, transfer_encoding="gzip, chunked"), b"0\r\n\r\n"]),
        "compressed": ({400}, [raw.whole(b"\x1f\x8b\x08\x00" + bytes(100), content_encoding="gzip")]),
        "cut off": ({0, 400}, [raw.head(**kind, content_length=len(good) + 10), good]),
        "cut off, chunked": ({0, 400}, [chunked, b"%x\r\n%s" % (len(good), good[:-9])]),
    }
    row.did("bodies whose length is said wrongly, twice or not at all", f"{len(cases)} requests")
    seen = Seen()
    for name, (expected, pieces) in cases.items():
        answer = await raw.exchange(service.url, *pieces, ends="cut off" in name)
        seen.expect(answer.status in expected, f"{name}: {answer.status} {answer.body[:100]!r}")
        if answer.status:
            seen.statuses[answer.status] += 1
            seen.slowest = max(seen.slowest, (name, answer.seconds * 1000), key=lambda one: one[1])
    seen.tell(row)


AT_ONCE = 0.2
"""Seconds in which a declared size is refused."""


async def test_100_mb(row: Row, size: Size, service: Service) -> None:
    """Declared, it is refused before it comes. Without a length it is read until it is too much, in full size only."""
    row.did("100 MB, declared; and without a length", "as JSON and as a form")
    web = psutil.Process(service.web.pid)
    before, piece = web.memory_info().rss, b"x" * MIB
    starts = {raw.JSON: b'"', forms.TYPE: forms.written([forms.file(b"")])[:-2]}
    answers = [
        await raw.exchange(service.url, raw.head(content_type=kind, content_length=100 * MIB), start, *[piece] * 100)
        for kind, start in starts.items()
    ]
    if size(1, 0):
        answers += [
            await raw.exchange(
                service.url,
                raw.head(content_type=kind, transfer_encoding="chunked"),
                *map(raw.chunk, [start, *[piece] * 100]),
            )
            for kind, start in starts.items()
        ]
    grown = (web.memory_info().rss - before) / MIB
    told = [f"{answer.status} after {answer.sent / MIB:.0f} MiB, {answer.seconds:.2f} s" for answer in answers]
    row.found(*told, f"memory of web afterwards + {grown:.0f} MiB")
    assert [answer.status for answer in answers] == [413] * len(answers)
    # what a loopback takes before the refusal is read says nothing where that came at once
    assert all(answer.sent < 10 * MIB or answer.seconds < AT_ONCE for answer in answers[:2])
    assert all(answer.sent < 80 * MIB for answer in answers)
    assert all(b"IX_MAX_BODY_BYTES" in answer.body for answer in answers)


async def test_forms(row: Row, size: Size, service: Service, client: httpx.AsyncClient) -> None:
    cases = some(size, forms.cases())
    row.did("forms: cut off, with 10,000 parts, with odd heads and texts", f"{len(cases)} forms")
    seen = Seen()
    for name, case in cases.items():
        body, content_type = case.made(FRESH)
        answer, took = await raw.timed(service.web, service.url, body, content_type=content_type)
        seen.note(name, answer, took)
        seen.expect(answer.status in case.expected, f"{name}: {answer.status} {answer.body[:200]!r}")
        if answer.status == 201:
            documents = (await stored(client, answer))["request"]["documents"]
            for document in documents:
                seen.same(name, case.content, await _bytes(service, document["sha256"]))
    seen.tell(row)


async def test_documents_that_are_no_base64(row: Row, service: Service, client: httpx.AsyncClient) -> None:
    good = base64.b64encode(b"Total 12.50").decode()
    cases = {
        "no padding": good.rstrip("="),
        "both alphabets": "-_+/",
        "a data: address without a comma": "data:text/plain;base64" + good,
        "other white space": good[:4] + "\u00a0" + good[4:],
        "odd letters": "äöü=",
        "NUL": "\x00",
        "empty": "",
    }
    row.did("documents whose data is no base64, empty, or wrong", f"{len(cases)} bodies")
    seen = Seen()
    for name, data in cases.items():
        asked = {"client_id": "abuse", "request_id": FRESH.decode(), "use_case": "drill", "documents": [{"data": data}]}
        answer, took = await raw.timed(service.web, service.url, json.dumps(asked).encode())
        seen.note(name, answer, took, "documents.0")
        seen.expect(answer.status == 422, f"{name}: {answer.status}")
    seen.tell(row)
