"""Ways in that real clients use: what they write differently is read as they mean it."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import time
import zlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from ix.api.app import create_app
from ix.config import Settings
from ix.database.connect import Pool
from tests.abuse import forms
from tests.api.conftest import client_of

TEXT = b"Total 12.50\n" * 20
LINES = base64.encodebytes(TEXT).decode()
ASKED = {"client_id": "acme", "use_case": "drill"}


@pytest.fixture
async def client(settings: Settings, pool: Pool) -> AsyncIterator[httpx.AsyncClient]:
    small = settings.model_copy(update={"max_body_bytes": 1_000_000, "max_options_bytes": 5_000})
    async with client_of(create_app(settings=small, pool=pool)) as client:
        yield client


def only_document(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 201, answer.text
    [document] = answer.json()["request"]["documents"]
    return dict(document)


class TestBase64:
    @pytest.mark.parametrize(
        ("data", "media_type"),
        [
            (LINES, ""),
            (LINES.replace("\n", "\r\n"), ""),
            (f" {LINES} ", ""),
            (f"data:text/plain;base64,{LINES}", "text/plain"),
            (f"data:text/plain;charset=utf-8;base64,{LINES}", "text/plain;charset=utf-8"),
            (f"data:;base64,{LINES.replace('=', '%3D')}", ""),
            ("DATA:text/plain," + "".join(f"%{byte:02x}" for byte in TEXT), "text/plain"),
        ],
        ids=["lf", "crlf", "spaces", "data", "parameters", "escaped", "no base64"],
    )
    async def test_is_read_as_it_is_written(self, client: httpx.AsyncClient, data: str, media_type: str) -> None:
        document = only_document(
            await client.post("/jobs", json={**ASKED, "request_id": "1", "documents": [{"data": data}]})
        )
        assert (document["sha256"], document["media_type"]) == (hashlib.sha256(TEXT).hexdigest(), media_type)

    @pytest.mark.parametrize("strip", ["", "="])
    async def test_of_the_alphabet_for_addresses(self, client: httpx.AsyncClient, strip: str) -> None:
        data = base64.urlsafe_b64encode(bytes(range(251, 256))).decode().rstrip(strip)
        documents = [{"data": data, "media_type": "a/b"}]
        document = only_document(await client.post("/jobs", json={**ASKED, "request_id": "1", "documents": documents}))
        assert (document["size"], document["media_type"]) == (5, "a/b")

    @pytest.mark.parametrize("data", ["QUJD\u00a0", "QUI", "-_+/", "QUJD=QUJD", "data:text/plain;base64", "QU\x00JD"])
    async def test_that_is_none_is_named(self, client: httpx.AsyncClient, data: str) -> None:
        answer = await client.post("/jobs", json={**ASKED, "request_id": "1", "documents": [{"data": data}]})
        assert (answer.status_code, answer.json()["errors"][0]["field"][:11]) == (422, "documents.0"), answer.text


async def send_form(client: httpx.AsyncClient, *parts: forms.Part) -> httpx.Response:
    body = forms.written([*forms.fields(b"form"), *parts]) + forms.END
    return await client.post("/jobs", content=body, headers={"content-type": forms.TYPE})


def named(more: bytes, content: bytes = TEXT, name: bytes = b"documents") -> forms.Part:
    return forms.field(name, content, b"; " + more)


class TestForms:
    @pytest.mark.parametrize(
        ("more", "name"),
        [
            (b"filename*=UTF-8''Rechnung%20M%C3%BCller.txt", "Rechnung Müller.txt"),
            (b"filename=\"x.txt\"; filename*=UTF-8''Rechnung%20M%C3%BCller.txt", "Rechnung Müller.txt"),
            (b"filename*=iso-8859-1'de'M%FCller.txt; filename=x.txt", "Müller.txt"),
            (b"filename=x.txt; filename*=UTF-8''M%FC", "x.txt"),
            (b"filename*=nonsense", ""),
            ('filename="Müller.txt"'.encode(), "Müller.txt"),
            ('filename="Müller.txt"'.encode("latin-1"), "Müller.txt"),
            (rb'filename="a \"b\".txt"', 'a "b".txt'),
            (rb'filename="C:\scans\a.txt"', "a.txt"),
            (b"filename=a.txt", "a.txt"),
        ],
    )
    async def test_names_of_files(self, client: httpx.AsyncClient, more: bytes, name: str) -> None:
        assert only_document(await send_form(client, named(more)))["name"] == name

    @pytest.mark.parametrize("name", [b"documents[]", b"documents[0]", b"documents[12]"])
    async def test_names_of_lists(self, client: httpx.AsyncClient, name: bytes) -> None:
        answer = await send_form(
            client, named(b"filename=a", b"one", name), named(b"filename=b", b"two", b"documents[1]")
        )
        assert [one["name"] for one in answer.json()["request"]["documents"]] == ["a", "b"], answer.text

    async def test_fields_that_were_left_empty_are_none(self, client: httpx.AsyncClient) -> None:
        empty = [forms.field(name, b"") for name in (b"run_at", b"priority", b"options", b"callback_url")]
        nothing_chosen = named(b'filename=""', b"")
        answer = await send_form(client, *empty, nothing_chosen)
        assert answer.status_code == 201, answer.text
        assert answer.json()["request"] == {"documents": [], "options": {}}

    @pytest.mark.parametrize("more", [b"", b"; filename=options.json"])
    async def test_options_as_a_part_of_json(self, client: httpx.AsyncClient, more: bytes) -> None:
        head = forms.field(b"options", b"", more)[0] + b"\r\ncontent-type: application/json"
        answer = await send_form(client, (head, b'\xef\xbb\xbf{"seconds": 2}'))
        assert answer.status_code == 201, answer.text
        assert answer.json()["request"]["options"] == {"seconds": 2}

    @pytest.mark.parametrize(
        ("encoding", "content", "status"),
        [
            (b"base64", LINES.encode(), 201),
            (b"Binary", TEXT, 201),
            (b"quoted-printable", TEXT.replace(b".", b"=2E"), 201),
            (b"base64", b"!", 422),
            (b"uuencode", b"x", 422),
        ],
    )
    async def test_a_part_is_decoded(
        self, client: httpx.AsyncClient, encoding: bytes, content: bytes, status: int
    ) -> None:
        head = named(b"filename=a.txt")[0] + b"\r\ncontent-transfer-encoding: " + encoding
        answer = await send_form(client, (head, content))
        assert answer.status_code == status, answer.text
        if status == 201:
            assert only_document(answer)["sha256"] == hashlib.sha256(TEXT).hexdigest()
        else:
            assert answer.json()["errors"][0]["field"] == "documents.0"


class TestBodies:
    async def send(self, client: httpx.AsyncClient, content: bytes, encoding: str = "") -> httpx.Response:
        headers = {"content-type": "application/json", **({"content-encoding": encoding} if encoding else {})}
        return await client.post("/jobs", content=content, headers=headers)

    async def test_may_begin_with_a_mark(self, client: httpx.AsyncClient) -> None:
        answer = await self.send(client, b"\xef\xbb\xbf" + json.dumps({**ASKED, "request_id": "1"}).encode())
        assert answer.status_code == 201, answer.text

    async def test_may_be_packed(self, client: httpx.AsyncClient) -> None:
        await self.same(client, json.dumps({**ASKED, "request_id": "1"}).encode())

    async def same(self, client: httpx.AsyncClient, plain: bytes) -> None:
        packed = gzip.compress(plain[:50]) + gzip.compress(plain[50:])
        answers = [await self.send(client, packed, "gzip"), await self.send(client, plain)]
        assert [answer.status_code for answer in answers] == [201, 200], answers[0].text
        assert answers[0].json()["ix_id"] == answers[1].json()["ix_id"]

    async def test_that_are_large_are_read_alike(self, client: httpx.AsyncClient) -> None:
        """In a child process, which tells only where the files of a form stand."""
        large = bytes(range(256)) * 2000
        asked = {**ASKED, "request_id": "1", "options": {"result": {"a": 1e16, "e+1": "e+2"}}}
        documents = [{"data": base64.b64encode(one).decode(), "name": "ä"} for one in (large, TEXT)]
        await self.same(client, json.dumps({**asked, "documents": documents}).encode())
        options = forms.field(b"options", json.dumps(asked["options"]).encode())
        files = [named("filename=ä".encode(), one) for one in (large, TEXT)]
        body = forms.written([*forms.fields(b"2"), options, *files]) + forms.END
        form = (await client.post("/jobs", content=body, headers={"content-type": forms.TYPE})).json()
        asked_as_json = (await client.get("/jobs", params={"client_id": "acme", "request_id": "1"})).json()["request"]
        for document in asked_as_json["documents"]:
            document["media_type"] = ""
        assert form["request"] == asked_as_json
        bomb = await self.send(client, gzip.compress(b"[" * 1_000_001), "gzip")
        assert (bomb.status_code, "IX_MAX_BODY_BYTES" in bomb.text) == (413, True), bomb.text

    @pytest.mark.parametrize(
        ("content", "encoding", "status", "word"),
        [
            (b"x", "br", 415, "content-encoding"),
            (b"x", "gzip, gzip", 415, "content-encoding"),
            (b"{}", "gzip", 400, "gzip"),
            (gzip.compress(b"{}")[:-4], "gzip", 400, "gzip"),
            (gzip.compress(b"") * 50, "gzip", 400, "gzip"),
            (zlib.compress(b"{}"), "gzip", 400, "gzip"),
        ],
        ids=["br", "twice", "plain", "cut off", "members", "zlib"],
    )
    async def test_that_cannot_be_unpacked(
        self, client: httpx.AsyncClient, content: bytes, encoding: str, status: int, word: str
    ) -> None:
        answer = await self.send(client, content, encoding)
        assert (answer.status_code, word in answer.text) == (status, True), answer.text
        assert (answer.headers.get("accept-encoding") == "gzip") is (status == 415)

    async def test_options_have_a_size(self, client: httpx.AsyncClient) -> None:
        """As they are stored: a huge number is written out."""
        for result in ("x" * 5_000, [1e308] * 20):
            answer = await self.send(
                client, json.dumps({**ASKED, "request_id": "1", "options": {"result": {"a": result}}}).encode()
            )
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (413, "options"), answer.text


async def test_preferences_know_no_case(client: httpx.AsyncClient) -> None:
    """Nor in which of several fields they stand. No engine runs, so that the wait is for nothing."""
    job = (await client.post("/jobs", json={**ASKED, "request_id": "1"})).json()
    started = time.monotonic()
    await client.get(f"/jobs/{job['ix_id']}", headers=[("Prefer", "respond-async"), ("PREFER", 'Wait="0.2"')])
    assert time.monotonic() - started >= 0.2


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/jobs", "GET, HEAD, OPTIONS, POST"),
        ("/jobs/0000000000000000", "DELETE, GET, HEAD, OPTIONS"),
        ("/jobs/0000000000000000/retry", "OPTIONS, POST"),
        ("/livez", "GET, HEAD, OPTIONS"),
    ],
)
async def test_every_method_of_a_path_is_told(client: httpx.AsyncClient, path: str, allowed: str) -> None:
    answers = [await client.request(method, path) for method in ("OPTIONS", "PUT")]
    assert [(answer.status_code, answer.headers["allow"]) for answer in answers] == [(204, allowed), (405, allowed)]
