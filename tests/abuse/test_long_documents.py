"""Documents of many pages: they are read within a memory that does not grow with their number."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from tests import databases
from tests.abuse.serving import Service, Watch, service
from tests.extraction import pdfs
from tests.extraction.pdfs import PARAGRAPH, Sheet, line, pdf
from tests.rows import Row, Size

MB = 1_000_000
MOST_GROWTH = 120 * MB
"""Beside a service that has read a page of each kind: words of 500 pages, and the largest of them at work."""
MOST_PAGES = 500


@pytest.fixture(scope="module")
def running(server_url: str, template_name: str) -> Iterator[Service]:
    # the core alone has no models
    engine = "ppocr" if find_spec("rapidocr") else "tesseract"
    limits: dict[str, Any] = {"IX_MAX_PAGES": str(MOST_PAGES), "IX_JOB_TIMEOUT": "1800", "IX_OCR": engine}
    with databases.clone(server_url, template_name) as url, service(url, **limits) as running:
        yield running


def of_text(pages: int) -> bytes:
    return pdf(*(Sheet(PARAGRAPH + line(f"page {number}", y=100)) for number in range(pages)))


def of_scans(pages: int) -> bytes:
    """Each page is a picture of its own."""
    sheets = []
    for number in range(pages):
        image = Image.new("L", (300, 150), "white")
        ImageDraw.Draw(image).text((20, 40), f"Sheet {number}", "black", ImageFont.load_default(36))
        sheets.append(Sheet("q 300 0 0 150 0 0 cm /Im Do Q", (300, 150), resources={"Im": pdfs.image(image)}))
    return pdf(*sheets)


def read(running: Service, data: bytes) -> dict[str, Any]:
    """The ended job, however long it takes."""
    documents = [{"data": base64.b64encode(data).decode()}]
    job: dict[str, Any] = running.submit(use_case="receipt", documents=documents).json()
    while job["status"] not in ("done", "error"):
        job = running.client.get(f"/jobs/{job['ix_id']}", params={"wait": 30}).json()
    return job


@pytest.mark.long
@pytest.mark.parametrize(("kind", "make"), [("text", of_text), ("scans", of_scans)])
def test_many_pages_take_the_memory_of_few(
    running: Service, row: Row, size: Size, kind: str, make: Callable[[int], bytes]
) -> None:
    pages = size(MOST_PAGES, 20)
    row.did(f"a document of {kind}", f"{pages} pages")
    # so that all processes are warm
    read(running, make(2))
    with Watch(running) as watch:
        job = read(running, make(pages))
    row.found(f"{job['status']}, {job['response']['usage'].get('pages')} pages", f"at most +{watch.growth / MB:.0f} MB")
    assert (job["status"], job["response"]["usage"]["pages"]) == ("done", pages)
    assert watch.growth < MOST_GROWTH
