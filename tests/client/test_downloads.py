"""Files that the client takes away: whole, or an error."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator

import httpx
import pypdfium2 as pdfium
import pytest

from ix.client import AsyncClient, Client, ClientError, NotFound
from ix.client.shells import TRIES
from tests.extraction.pdfs import PARAGRAPH, Sheet, line, pdf

Answers = Callable[[httpx.Request], httpx.Response]


def test_answers_and_pages_are_taken_away(ix: Client) -> None:
    page = pdf(Sheet(PARAGRAPH + line("Total 12.50", y=400)))
    job = ix.wait(ix.submit([("a.pdf", page)], "receipt"))
    lines, text, file = io.BytesIO(), io.BytesIO(), io.BytesIO()
    assert ix.export(lines, format="jsonl", client_id=job.client_id) == len(lines.getvalue())
    assert json.loads(lines.getvalue())["ix_id"] == job.ix_id
    # pages are stored in their own time, within a moment of the job's end
    for last in [False] * 50 + [True]:
        try:
            ix.take(job, "searchable.pdf", file)
            break
        except NotFound:
            assert not last
    ix.take(job, "text", text)
    assert text.getvalue().decode().splitlines()[-1] == "Total 12.50"
    assert "Total 12.50" in pdfium.PdfDocument(file.getvalue())[0].get_textpage().get_text_bounded()


async def test_the_one_for_asyncio_does_likewise(service_url: str) -> None:
    async with AsyncClient(service_url, client_id="nobody") as client:
        into = io.BytesIO()
        assert await client.export(into, format="csv", use_case="receipt", client_id="nobody") > 0
        assert into.getvalue().decode("utf-8-sig").startswith("ix_id,")
        with pytest.raises(NotFound):
            await client.take("0" * 16, "text", into)


def served(answers: Answers) -> Client:
    client = Client("http://127.0.0.1:1")
    client._http = httpx.Client(base_url="http://127.0.0.1:1", transport=httpx.MockTransport(answers))
    client._pause = lambda number, answer: 0.0  # type: ignore[method-assign]
    return client


def test_one_that_breaks_off_is_an_error_and_not_tried_again() -> None:
    asked: list[httpx.Request] = []

    def broken(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, stream=Broken())

    with served(broken) as client, pytest.raises(ClientError, match="not whole"):
        client.export(io.BytesIO())
    assert len(asked) == 1


class Broken(httpx.SyncByteStream):
    """An answer that ends too early."""

    def __iter__(self) -> Iterator[bytes]:
        yield b"a part"
        raise httpx.RemoteProtocolError("incomplete chunked read")


def test_one_in_the_making_is_waited_for_and_a_busy_service_tried_again() -> None:
    statuses = [202] * (TRIES + 1) + [429, 200]

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(statuses.pop(0), content=b"file")

    with served(answer) as client:
        into = io.BytesIO()
        assert client.take("0" * 16, "searchable.pdf", into) == 4
        assert (into.getvalue(), statuses) == (b"file", [])


def test_one_that_is_not_made_in_time_is_an_error() -> None:
    with served(lambda request: httpx.Response(202)) as client, pytest.raises(ClientError, match="not made yet"):
        client.take("0" * 16, "searchable.pdf", io.BytesIO(), seconds=0)
