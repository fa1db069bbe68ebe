"""Forms: what `curl -F` may get wrong, each with the field named."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from ix.api.app import create_app
from ix.config import Settings
from ix.database.keys import Keyring
from tests.api.conftest import client_of

# nothing here comes as far as the database
SETTINGS = Settings(
    postgres_url="postgres://ix@127.0.0.1:1/ix?sslmode=disable",
    ocr="off",
    drill=True,
    max_documents=3,
    max_document_bytes=1000,
)
FIELDS = [("client_id", "acme"), ("request_id", "1"), ("use_case", "drill")]
TEXT = ("a.txt", b"hello", "text/plain")
BOUNDARY = "multipart/form-data; boundary=cut"


async def no_keys() -> Keyring:
    return Keyring({}, open=True)


async def send(content: bytes, content_type: str) -> httpx.Response:
    async with client_of(create_app(settings=SETTINGS, keys=no_keys)) as client:
        return await client.post("/jobs", content=content, headers={"content-type": content_type})


async def send_form(*parts: tuple[str, Any], without: str = "") -> httpx.Response:
    """A form of the usual fields and these: text, or a file as (name, bytes, media type)."""
    given = [*((name, value) for name, value in FIELDS if name != without), *parts]
    encoded = [(name, value if isinstance(value, tuple) else (None, value)) for name, value in given]
    request = httpx.Request("POST", "http://ix.test/jobs", files=encoded)
    return await send(request.read(), request.headers["content-type"])


@pytest.mark.parametrize(
    ("parts", "status", "field"),
    [
        ([("surprise", "1")], 422, "surprise"),
        ([("options", "{")], 422, "options"),
        ([("options", "[]")], 422, "options"),
        ([("options", '{"action": "dance"}')], 422, "options.action"),
        ([("options", '{"result": {"a": 1e400}}')], 422, "options.result.a"),
        ([("client_id", "someone else")], 422, "client_id"),
        ([("options", "{}"), ("options", '{"seconds": 1}')], 422, "options"),
        ([("callback_url", "http://127.0.0.1/")], 422, "callback_url"),
        ([("documents", "no file")], 422, "documents"),
        ([("surprise", TEXT)], 422, "surprise"),
        ([("client_id", TEXT)], 422, "client_id"),
        ([("documents", ("a.txt", b"", "text/plain"))], 422, "documents.0"),
        ([("documents", TEXT), ("documents", ("b.txt", b"", "text/plain"))], 422, "documents.1"),
        ([("documents", ("a.txt", b"", "text/plain"))] * 2, 422, "documents.0"),
        ([("documents", TEXT)] * 4, 422, "documents"),
        ([("documents", TEXT)] * 9, 422, "documents"),
        ([(f"field{number}", "x") for number in range(60)], 400, "body"),
    ],
    ids=str,
)
async def test_a_field_at_fault_is_named(parts: list[tuple[str, Any]], status: int, field: str) -> None:
    answer = await send_form(*parts)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["field"] == field, answer.text


@pytest.mark.parametrize("name", [name for name, _ in FIELDS])
async def test_a_field_that_is_missing_is_named(name: str) -> None:
    answer = await send_form(without=name)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, name)


async def test_a_file_that_is_too_large_is_413_and_named() -> None:
    answer = await send_form(("documents", TEXT), ("documents", ("b.bin", b"x" * 1001, "")))
    assert answer.status_code == 413
    assert answer.json()["detail"].startswith("documents.1: ")


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"", "multipart/form-data"),
        (b"client_id=acme", "multipart/form-data; boundary="),
        (b"client_id=acme", BOUNDARY),
        (b"--cut\r\nContent-Disposition: form-data\r\n\r\nx\r\n--cut--\r\n", BOUNDARY),
        (b"--cut\r\nno header at all\r\n\r\nx\r\n--cut--\r\n", BOUNDARY),
        (b"--cut\r\n" + b"x: y\r\n" * 50_000, BOUNDARY),
        (b"--cut\r\nContent-Disposition: form-data; name=" + b"n" * 100_000, BOUNDARY),
    ],
    ids=range(7),
)
async def test_what_is_no_form_is_400(content: bytes, content_type: str) -> None:
    answer = await send(content, content_type)
    assert answer.status_code in (400, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


async def test_a_form_cut_off_in_the_middle_is_refused() -> None:
    part = b'--cut\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    whole = b"".join(part % (name.encode(), value.encode()) for name, value in FIELDS)
    answer = await send(
        whole + b'--cut\r\nContent-Disposition: form-data; name="documents"; filename="a.txt"\r\n\r\nhalf of', BOUNDARY
    )
    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize("value", ["a\x00b", "\ud800"], ids=ascii)
async def test_text_that_cannot_be_stored_is_named(value: str) -> None:
    raw = value.encode("utf-8", "surrogatepass")
    content = b'--cut\r\nContent-Disposition: form-data; name="client_id"\r\n\r\n' + raw + b"\r\n--cut--\r\n"
    answer = await send(content, BOUNDARY)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] in ("client_id", "request_id")


@pytest.mark.parametrize(
    "moment",
    [5, "5", 1.5, True, "2026-01-01", "2026-01-01T00:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"],
    ids=str,
)
async def test_a_moment_that_none_can_be_sure_of_is_refused(moment: Any) -> None:
    answer = await send(json.dumps({**dict(FIELDS), "run_at": moment}).encode(), "application/json")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "run_at"), answer.text


async def test_json_is_as_strict() -> None:
    content = json.dumps({**dict(FIELDS), "options": {}, "surprise": 1}).encode()
    answer = await send(content, "application/json; charset=utf-8")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "surprise")
