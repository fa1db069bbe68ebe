"""What a submission says of its documents beside their bytes, in every way in: which pages are to be read."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from ix.api.app import create_app
from ix.config import Settings
from ix.database.connect import Pool
from tests.abuse import forms
from tests.api.conftest import client_of

ASKED = {"client_id": "acme", "use_case": "drill"}
LARGE = base64.b64encode(bytes(300_000)).decode()


@pytest.fixture
async def client(settings: Settings, pool: Pool) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(create_app(settings=settings, pool=pool)) as client:
        yield client


async def send(client: httpx.AsyncClient, *documents: dict[str, Any], name: str = "1") -> httpx.Response:
    return await client.post("/jobs", json={**ASKED, "request_id": name, "documents": documents})


async def send_form(client: httpx.AsyncClient, *parts: forms.Part, name: bytes = b"form") -> httpx.Response:
    body = forms.written([*forms.fields(name), *parts]) + forms.END
    return await client.post("/jobs", content=body, headers={"content-type": forms.TYPE})


def file(content: bytes = b"hello") -> forms.Part:
    return forms.field(b"documents", content, b"; filename=a.txt")


def pages_of(job: dict[str, Any]) -> list[str]:
    return [document.get("pages", "") for document in job["request"]["documents"]]


class TestPages:
    @pytest.mark.parametrize("source", [{"text": "hello"}, {"url": "https://example.com/a.pdf"}])
    async def test_are_stored_in_one_way(self, client: httpx.AsyncClient, source: dict[str, str]) -> None:
        answer = await send(client, {**source, "pages": " 5, 1-2,3"}, source, {**source, "pages": "1-"})
        assert answer.status_code == 201, answer.text
        assert pages_of(answer.json()) == ["1-3,5", "", ""]
        # another order is the same, another range is not
        assert (await send(client, {**source, "pages": "1-3,5"}, source, source)).status_code == 200
        assert (await send(client, {**source, "pages": "1-3"}, source, source)).status_code == 422

    async def test_that_are_not_said_leave_nothing_behind(self, client: httpx.AsyncClient) -> None:
        job = (await send(client, {"text": "hello"})).json()
        assert "pages" not in job["request"]["documents"][0]

    async def test_of_a_batch(self, client: httpx.AsyncClient) -> None:
        jobs = [
            {**ASKED, "request_id": str(number), "documents": [{"data": data, "pages": pages}]}
            for number, (data, pages) in enumerate([("aGVsbG8=", "2-"), (LARGE, "0"), (LARGE, "3")])
        ]
        made, refused, of_large = (await client.post("/jobs/batch", json={"jobs": jobs})).json()["jobs"]
        assert [pages_of(made["job"]), pages_of(of_large["job"])] == [["2-"], ["3"]]
        assert refused["problem"]["errors"][0]["field"] == "documents.0.pages"

    @pytest.mark.parametrize("pages", ["0", "3-1", "-", "all", "1" * 201, 3, None])
    async def test_that_are_none_are_named(self, client: httpx.AsyncClient, pages: Any) -> None:
        answer = await send(client, {"text": "hello"}, {"text": "hello", "pages": pages})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "documents.1.pages"), answer.text

    @pytest.mark.parametrize(("name", "content"), [(b"pages", b"hello"), (b"pages[]", bytes(300_000))])
    async def test_of_a_form_stand_beside_each_file(
        self, client: httpx.AsyncClient, name: bytes, content: bytes
    ) -> None:
        said = [forms.field(name, text) for text in (b"", b"2 - 3")]
        answer = await send_form(client, *said, *[file(content)] * 3)
        assert answer.status_code == 201, answer.text
        assert pages_of(answer.json()) == ["", "2-3", ""]

    @pytest.mark.parametrize(
        ("said", "field"), [([b"", b"3-1"], "pages.1"), ([b"", b"", b"1"], "pages"), ([b"\xed\xa0\x80"], "pages.0")]
    )
    async def test_of_a_form_that_are_none_are_named(
        self, client: httpx.AsyncClient, said: list[bytes], field: str
    ) -> None:
        answer = await send_form(client, *[forms.field(b"pages", text) for text in said], *[file()] * 2)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), answer.text
        assert json.dumps(said[-1].decode("latin-1")) not in answer.text

    async def test_of_a_form_whose_fields_are_empty_are_all(self, client: httpx.AsyncClient) -> None:
        answer = await send_form(client, *[forms.field(b"pages", b"")] * 3, file())
        assert pages_of(answer.json()) == [""], answer.text
