"""What a submission says of its documents beside their bytes, in every way in: which pages are to be read, and what
opens them."""

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
from ix.database.jobs import Jobs
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
    async def test_are_stored_in_one_way(self, client: httpx.AsyncClient) -> None:
        text, url = {"text": "hello"}, {"url": "https://example.com/a.pdf"}
        answer = await send(client, {**text, "pages": " 5, 1-2,3"}, {**url, "pages": "2-"}, {**text, "pages": "1-"})
        assert answer.status_code == 201, answer.text
        assert pages_of(answer.json()) == ["1-3,5", "2-", ""]
        # another order is the same, another range is not
        assert (await send(client, {**text, "pages": "1-3,5"}, {**url, "pages": "2-"}, text)).status_code == 200
        assert (await send(client, {**text, "pages": "1-3"}, {**url, "pages": "2-"}, text)).status_code == 422

    async def test_that_are_not_said_leave_nothing_behind(self, client: httpx.AsyncClient) -> None:
        job = (await send(client, {"text": "hello"})).json()
        assert "pages" not in job["request"]["documents"][0]

    async def test_that_are_none_are_named(self, client: httpx.AsyncClient) -> None:
        for pages in ("0", "3-1", "-", "all", "1" * 201, 3, None):
            answer = await send(client, {"text": "hello"}, {"text": "hello", "pages": pages})
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "documents.1.pages"), answer.text

    async def test_of_a_form_stand_beside_each_file(self, client: httpx.AsyncClient) -> None:
        for name in (b"pages", b"pages[]"):
            said = [forms.field(name, text) for text in (b"", b"2 - 3")]
            answer = await send_form(client, *said, *[file()] * 3, name=name)
            assert answer.status_code == 201, answer.text
            assert pages_of(answer.json()) == ["", "2-3", ""]
        empty = await send_form(client, *[forms.field(b"pages", b"")] * 3, file())
        assert pages_of(empty.json()) == [""], empty.text

    async def test_of_a_form_that_are_none_are_named(self, client: httpx.AsyncClient) -> None:
        for said, field in (
            ([b"", b"3-1"], "pages.1"),
            ([b"", b"", b"1"], "pages"),
            ([b"\xed\xa0\x80"], "pages.0"),
        ):
            answer = await send_form(client, *[forms.field(b"pages", text) for text in said], *[file()] * 2)
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), answer.text


SECRETS = ["open sesame", "Schl\xfcssel \u20ac", "x" * 127]


def told(answer: httpx.Response) -> list[bool]:
    """Which documents of a new job came with a password, none of which is in the answer."""
    assert answer.status_code == 201, answer.text
    assert not any(json.dumps(secret)[1:-1] in answer.text or secret in answer.text for secret in SECRETS)
    return [document.get("with_password", False) for document in answer.json()["request"]["documents"]]


async def stored(jobs: Jobs, answer: httpx.Response) -> dict[int, str]:
    return await jobs.passwords(answer.json()["ix_id"])


class TestPasswords:
    async def test_are_stored_apart(self, client: httpx.AsyncClient, jobs: Jobs) -> None:
        documents = [{"text": "a", "password": SECRETS[0]}, {"text": "b"}, {"text": "c", "password": SECRETS[1]}]
        answer = await send(client, *documents)
        assert told(answer) == [True, False, True]
        assert await stored(jobs, answer) == {0: SECRETS[0], 2: SECRETS[1]}
        assert (await send(client, *documents)).status_code == 200
        documents[0]["password"] = SECRETS[2]
        assert (await send(client, *documents)).json()["errors"][0]["field"] == "request_id"
        assert "with_password" not in (await send(client, {"text": "a"}, name="2")).text

    async def test_of_a_form_stand_beside_each_file(self, client: httpx.AsyncClient, jobs: Jobs) -> None:
        for name in (b"password", b"password[]"):
            said = [forms.field(name, text.encode()) for text in ("", *SECRETS[1:])]
            answer = await send_form(client, *said, *[file()] * 4, name=name)
            assert told(answer) == [False, True, True, False]
            assert await stored(jobs, answer) == {1: SECRETS[1], 2: SECRETS[2]}

    async def test_of_large_bodies_go_through_their_reader(self, client: httpx.AsyncClient, jobs: Jobs) -> None:
        secrets = [*SECRETS, "x" * 128]
        asked = [
            {**ASKED, "request_id": str(number), "documents": [{"data": LARGE, "password": secret, "pages": "4,3"}]}
            for number, secret in enumerate(secrets)
        ]
        answer = await client.post("/jobs/batch", json={"jobs": asked})
        again = await client.post("/jobs/batch", json={"jobs": asked})
        *made, refused = answer.json()["jobs"]
        assert [await jobs.passwords(one["job"]["ix_id"]) for one in made] == [{0: secret} for secret in SECRETS]
        assert [pages_of(one["job"]) for one in made] == [["3-4"]] * 3
        assert refused["problem"]["errors"][0]["field"] == "documents.0.password"
        assert not any(secret in answer.text + again.text for secret in SECRETS)
        assert [one["status"] for one in again.json()["jobs"]] == [200, 200, 200, 422]
        said = [forms.field(b"pages", b"2-"), forms.field(b"password", SECRETS[0].encode())]
        form = await send_form(client, *said, file(bytes(300_000)))
        assert (told(form), pages_of(form.json()), await stored(jobs, form)) == ([True], ["2-"], {0: SECRETS[0]})

    async def test_are_no_member_that_makes_a_large_job_unreadable(self, client: httpx.AsyncClient) -> None:
        document = {"text": "a", "pages": "2", "password": SECRETS[0]}
        options = {"result": {"a": "y" * 70_000}}
        asked = {**ASKED, "request_id": "1", "documents": [document], "options": options}
        made = await client.post("/jobs", json=asked)
        assert told(made) == [True]
        job = (await client.get(f"/jobs/{made.json()['ix_id']}")).json()
        assert (pages_of(job), job["request"]) == (["2"], made.json()["request"])

    async def test_that_are_none_are_named_and_not_repeated(self, client: httpx.AsyncClient) -> None:
        for secret in ("", "x" * 128, "\u20ac" * 43, "a\x00b", "a\nb", "a\x7fb", "\ud800", 5, ["a"]):
            body = json.dumps({**ASKED, "request_id": "1", "documents": [{"text": "a", "password": secret}]})
            answer = await client.post("/jobs", content=body, headers={"content-type": "application/json"})
            # what is no text at all is refused as JSON
            assert answer.status_code in (400, 422), answer.text
            assert "password" in answer.json()["errors"][0]["field"] or secret == "\ud800"
            assert "xxx" not in answer.text
        for secrets in ([b"x" * 128], [b"", b"a\x01"], [b"a"] * 3):
            form = await send_form(client, *[forms.field(b"password", one) for one in secrets], *[file()] * 2)
            assert form.status_code == 422, form.text
            assert form.json()["errors"][0]["field"].startswith("password")


class TestRetry:
    """Of a job whose second document came with a password."""

    @pytest.fixture
    async def path(self, client: httpx.AsyncClient) -> str:
        ix_id = (await send(client, {"text": "a"}, {"text": "b", "password": SECRETS[0]})).json()["ix_id"]
        await client.delete(f"/jobs/{ix_id}")
        return f"/jobs/{ix_id}/retry"

    async def test_asks_for_it_again(self, client: httpx.AsyncClient, path: str) -> None:
        for body in (
            b"",
            b"{}",
            b'{"passwords": []}',
            b'{"passwords": ["a"]}',
            b'{"passwords": ["a", "b"]}',
            b'{"passwords": [null, ""]}',
            b'{"passwords": [null, "a", "b"]}',
            b'{"passwords": "ab"}',
            b'{"password": 1}',
        ):
            answer = await client.post(path, content=body, headers={"content-type": "application/json"})
            assert answer.status_code == 422, answer.text
            assert answer.json()["errors"][0]["field"].startswith("password")
        assert (await client.get(path.removesuffix("/retry"))).json()["status"] == "cancelled"

    async def test_takes_it(self, client: httpx.AsyncClient, jobs: Jobs, path: str) -> None:
        answer = await client.post(path, json={"passwords": [None, SECRETS[1]]})
        assert (answer.status_code, answer.json()["status"]) == (202, "pending")
        assert SECRETS[1] not in answer.text
        assert await stored(jobs, answer) == {1: SECRETS[1]}
        assert (await client.post(path, json={"passwords": [None, SECRETS[1]]})).status_code == 409

    async def test_of_a_job_without_takes_none(self, client: httpx.AsyncClient) -> None:
        ix_id = (await send(client, {"text": "a"})).json()["ix_id"]
        await client.delete(f"/jobs/{ix_id}")
        refused = await client.post(f"/jobs/{ix_id}/retry", json={"passwords": ["a"]})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "passwords")
        assert (await client.post(f"/jobs/{ix_id}/retry", json={})).status_code == 202

    async def test_whose_body_cannot_be_read_is_refused(self, client: httpx.AsyncClient, path: str) -> None:
        assert (await client.post(path, content=b"a=b")).status_code == 415
        head = {"content-type": "application/json"}
        assert (await client.post(path, content=b"{", headers=head)).status_code == 400
        assert (await client.post(path, content=b" " * 70_000 + b"{}", headers=head)).status_code == 413
