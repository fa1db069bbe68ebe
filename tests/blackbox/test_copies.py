"""One job to take away: its text, its pages as a searchable PDF, and with its values marked."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
import pytest

from tests.chaos.fleet import patiently
from tests.extraction.pdfs import PARAGRAPH, Sheet, line, pdf

HIDDEN = line("confidential", y=380, before="1 1 1 rg")
LETTER = pdf(
    Sheet(PARAGRAPH + line("Total 12.50", y=400) + HIDDEN), Sheet(PARAGRAPH + line("second", y=300), (800, 600))
)


def submitted(client: httpx.Client, request_id: str, **form: str) -> str:
    given = {"client_id": "taker", "request_id": request_id, "use_case": "receipt", **form}
    posted = client.post("/jobs?wait=20", data=given, files={"documents": ("a.pdf", LETTER)}).raise_for_status()
    found: dict[str, Any] = posted.json()
    assert found["status"] == "done", found["response"]
    # pages are stored in their own time
    for _ in patiently(20):
        if len(client.get(f"/jobs/{found['ix_id']}/pages").json()["pages"]) == 2:
            return str(found["ix_id"])
    raise AssertionError("no pages")


@pytest.fixture
def job(client: httpx.Client) -> str:
    return submitted(client, "copies")


def made(client: httpx.Client, path: str) -> httpx.Response:
    for _ in patiently(30):
        if (answer := client.get(path)).status_code != 202:
            return answer
        assert answer.headers["retry-after"] == "1"
    raise AssertionError("it is not made")


def opened(content: bytes) -> pdfium.PdfDocument:
    """The file, of which every object is where its table says, so that no reader has to repair it."""
    [start] = map(int, re.findall(rb"startxref\n(\d+)\n%%EOF\n$", content))
    rows = content[start:].split(b"\n")[3:]
    for number, row in enumerate(rows[: rows.index(b"trailer")], 1):
        assert content[int(row[:10]) :].startswith(b"%d 0 obj\n" % number)
    return pdfium.PdfDocument(content)


def test_the_text_is_lines_with_a_form_feed_between_pages(client: httpx.Client, job: str) -> None:
    answer = client.get(f"/jobs/{job}/text")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert (
        answer.headers["content-disposition"] == f"attachment; filename=\"ix-{job}.txt\"; filename*=UTF-8''ix-{job}.txt"
    )
    first, second = answer.text.split("\f")
    assert first.splitlines()[0] == "line 0 has seven words of text"
    assert first.splitlines()[-1] == "Total 12.50"
    assert "second" in second


def test_a_searchable_pdf_has_the_words_where_they_are_printed(client: httpx.Client, job: str) -> None:
    answer = made(client, f"/jobs/{job}/searchable.pdf")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    document = opened(answer.content)
    assert [page.get_size() for page in document] == [(600, 800), (800, 600)]
    page = document[0]
    text = page.get_textpage()
    place = text.search("12.50").get_next()
    assert place is not None
    first, last = (text.get_charbox(place[0] + at, loose=True) for at in (0, 4))
    words = client.get(f"/jobs/{job}/pages/0/1/words").json()
    x0, y0, x1, y1 = next(word[1:5] for word in words if word[0] == "12.50")
    wanted = (x0 * 600, (1 - y1) * 800, x1 * 600, (1 - y0) * 800)
    assert (first[0], first[1], last[2], last[3]) == pytest.approx(wanted, abs=0.5)
    assert "confidential" not in text.get_text_bounded()
    # nothing of it is drawn: what is seen is the picture
    modes = [
        pdfium_c.FPDFTextObj_GetTextRenderMode(each.raw)
        for each in page.get_objects()
        if each.type == pdfium_c.FPDF_PAGEOBJ_TEXT
    ]
    assert set(modes) == {pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE}
    again = client.get(f"/jobs/{job}/searchable.pdf", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_an_annotated_pdf_has_its_values_beside_the_page(client: httpx.Client, job: str) -> None:
    document = opened(made(client, f"/jobs/{job}/annotated.pdf").content)
    width, height = document[0].get_size()
    # the legend is as wide as half of the page
    assert (width > 600 * 1.5, height > 800) == (True, True)
    text = document[0].get_textpage()
    place = text.search("12.50").get_next()
    assert place is not None
    left, bottom, right, _ = text.get_charbox(place[0], loose=True)
    image = document[0].render(scale=1).to_pil().convert("RGB")
    # a box of a colour of its own lies on it
    red, green, blue = image.getpixel((round((left + right) / 2), round(height - bottom - 1)))
    assert max(red, green, blue) - min(red, green, blue) > 20


def test_what_is_put_right_is_another_file(client: httpx.Client, job: str) -> None:
    first = made(client, f"/jobs/{job}/annotated.pdf")
    change = {"changes": [{"path": "company", "value": "Somebody else"}]}
    client.patch(f"/jobs/{job}/review", json=change, headers={"if-match": '"v0"'}).raise_for_status()
    second = made(client, f"/jobs/{job}/annotated.pdf")
    assert (second.status_code, second.headers["etag"] != first.headers["etag"]) == (200, True)
    # what is read of the pages is what it was
    assert made(client, f"/jobs/{job}/searchable.pdf").headers["etag"].endswith('-0"')


def test_what_another_attempt_answered_is_another_file(client: httpx.Client) -> None:
    ix_id = submitted(client, "again")
    first = made(client, f"/jobs/{ix_id}/annotated.pdf").headers["etag"]
    client.post(f"/jobs/{ix_id}/retry").raise_for_status()
    assert client.get(f"/jobs/{ix_id}", params={"wait": 20}).json()["status"] == "done"
    assert made(client, f"/jobs/{ix_id}/annotated.pdf").headers["etag"] != first


def test_erasing_a_job_erases_its_files(client: httpx.Client) -> None:
    ix_id = submitted(client, "gone")
    assert made(client, f"/jobs/{ix_id}/searchable.pdf").status_code == 200
    client.delete(f"/jobs/{ix_id}", params={"erase": "true"})
    assert client.get(f"/jobs/{ix_id}/searchable.pdf").status_code == 404


@pytest.mark.parametrize("what", ["text", "annotated.pdf", "searchable.pdf"])
def test_a_job_without_pages_has_nothing_to_take_away(client: httpx.Client, what: str) -> None:
    posted = client.post("/jobs?wait=20", json={"client_id": "taker", "request_id": "no pages", "use_case": "drill"})
    answer = client.get(f"/jobs/{posted.json()['ix_id']}/{what}")
    assert (answer.status_code, "no page" in answer.json()["detail"]) == (404, True)
