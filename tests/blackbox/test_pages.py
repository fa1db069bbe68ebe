"""Pages of a job: what was read of them, and how they look."""

from __future__ import annotations

import io
import zlib
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.chaos.fleet import patiently
from tests.extraction.pdfs import PARAGRAPH, Sheet, line, pdf

LETTER = pdf(Sheet(PARAGRAPH + line("Total 12.50", y=400)), Sheet(PARAGRAPH, (800, 600)))


@pytest.fixture
def job(client: httpx.Client) -> dict[str, Any]:
    form = {"client_id": "viewer", "request_id": "letter", "use_case": "receipt"}
    posted = client.post("/jobs?wait=20", data=form, files={"documents": ("a.pdf", LETTER)}).raise_for_status()
    found: dict[str, Any] = posted.json()
    assert found["status"] == "done", found["response"]
    # pages are stored in their own time
    for _ in patiently(20):
        if len(client.get(f"/jobs/{found['ix_id']}/pages").json()["pages"]) == 2:
            return found
    raise AssertionError("no pages")


def drawn(client: httpx.Client, path: str) -> httpx.Response:
    for _ in patiently(20):
        if (answer := client.get(path)).status_code != 202:
            return answer
        assert answer.headers["retry-after"] == "1"
    raise AssertionError("it is not drawn")


def test_pages_and_their_words(client: httpx.Client, job: dict[str, Any]) -> None:
    path = f"/jobs/{job['ix_id']}/pages"
    first, second = client.get(path).json()["pages"]
    assert {key: first[key] for key in ("document", "page", "width", "height", "rotation", "source", "hidden")} == {
        "document": 0,
        "page": 1,
        "width": 600,
        "height": 800,
        "rotation": 0,
        "source": "text",
        "hidden": 0,
    }
    assert (second["page"], second["width"]) == (2, 800)
    words = client.get(f"{path}/0/1/words").json()
    text, x0, y0, x1, y1, *_ = words[-1]
    assert text == "12.50"
    assert 0 < x0 < x1 < 1
    assert 0.45 < y0 < y1 < 0.55


def test_words_are_sent_as_they_are_stored_to_whoever_takes_that(client: httpx.Client, job: dict[str, Any]) -> None:
    path = f"/jobs/{job['ix_id']}/pages/0/1/words"
    with client.stream("GET", path, headers={"accept-encoding": "deflate"}) as packed:
        raw = b"".join(packed.iter_raw())
    plain = client.get(path, headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "deflate"
    assert "content-encoding" not in plain.headers
    assert zlib.decompress(raw) == plain.content


def test_a_page_is_drawn_when_it_is_asked_for(client: httpx.Client, job: dict[str, Any]) -> None:
    path = f"/jobs/{job['ix_id']}/pages/0/1/picture?width=400"
    answer = drawn(client, path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert Image.open(io.BytesIO(answer.content)).size == (480, 640)
    again = client.get(path, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", answer.headers["etag"])
    assert Image.open(io.BytesIO(drawn(client, path.replace("0/1", "0/2")).content)).size == (480, 360)


@pytest.mark.parametrize("page", ["0/3", "1/1", "0/0", "x/1", "0/99999999999999999999", "-1/1"])
def test_other_pages_are_404(client: httpx.Client, job: dict[str, Any], page: str) -> None:
    answers = [client.get(f"/jobs/{job['ix_id']}/pages/{page}/{what}") for what in ("words", "picture")]
    assert [answer.status_code for answer in answers] == [404, 404]


@pytest.mark.parametrize("width", ["0", "-5", "wide", "1.5"])
def test_a_width_that_is_none_is_422(client: httpx.Client, job: dict[str, Any], width: str) -> None:
    answer = client.get(f"/jobs/{job['ix_id']}/pages/0/1/picture", params={"width": width})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "width")


def test_erasing_a_job_erases_its_pictures(client: httpx.Client) -> None:
    form = {"client_id": "viewer", "request_id": "gone", "use_case": "receipt"}
    posted = client.post("/jobs?wait=20", data=form, files={"documents": ("a.pdf", pdf(Sheet(PARAGRAPH)))}).json()
    path = f"/jobs/{posted['ix_id']}/pages/0/1/picture"
    for _ in patiently(20):
        if client.get(path).status_code != 404:
            break
    assert drawn(client, path).status_code == 200
    client.delete(f"/jobs/{posted['ix_id']}", params={"erase": "true"})
    assert client.get(path).status_code == 404
