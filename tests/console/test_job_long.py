"""Three hundred pages: there at once, with pictures near the view only."""

from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING

import asyncpg
import httpx

from tests.console.browser import Tab
from tests.console.papers import stored
from tests.extraction.pdfs import Sheet, line, pdf

if TYPE_CHECKING:
    from playwright.async_api import Page

PAGES = 100
MOST_NODES = 3_000
SECONDS = 1.5
PATIENCE = 4
"""How much longer than alone it may take beside other tests."""
COUNTS = """() => [
    document.querySelectorAll("*").length, document.querySelectorAll(".sheet").length,
    document.querySelectorAll(".sheet > img").length, document.querySelectorAll(".rail img").length,
]"""


_COPIES = """
    INSERT INTO pages SELECT ix_id, document, copy, sha256, reader, width, height, rotation, source, warnings, hidden,
        confidence, words
    FROM pages CROSS JOIN generate_series(2, $2) AS copy WHERE ix_id = $1 AND page = 1"""


def book_of(api: httpx.Client) -> str:
    """A job of three documents with a hundred pages each, of which one is read."""
    book = [pdf(*(Sheet(line(f"Total {at + 1}.50")) for at in range(PAGES))) for _ in range(3)]
    documents = [{"data": base64.b64encode(one).decode(), "name": "book.pdf", "pages": "1"} for one in book]
    asked = {"client_id": "me", "request_id": "book", "use_case": "receipt", "documents": documents}
    return str(stored(api, api.post("/jobs?wait=30", json=asked).raise_for_status().json())["ix_id"])


async def long_job(api: httpx.Client, database_url: str) -> str:
    """A job of three hundred pages. What was read of one is taken for what all of them say: to read them would take
    longer than all of the test."""
    ix_id = book_of(api)
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(_COPIES, ix_id, PAGES)
    finally:
        await connection.close()
    return ix_id


async def counts(page: Page) -> list[int]:
    found: list[int] = await page.evaluate(COUNTS)
    return found


async def test_three_hundred_pages(tab: Tab, api: httpx.Client, console_database: str) -> None:
    ix_id = await long_job(api, console_database)
    began = time.perf_counter()
    page = await tab.open(f"/console/jobs/{ix_id}")
    seconds = time.perf_counter() - began
    await page.wait_for_selector(".sheet > img")
    nodes, sheets, pictures, thumbnails = await counts(page)
    assert sheets == 300
    assert nodes < MOST_NODES
    assert pictures <= 4
    assert thumbnails < 40
    assert seconds < SECONDS * PATIENCE
    await page.focus(".stage")
    await page.keyboard.press("End")
    await page.wait_for_selector('.sheet[data-at="299"] > img')
    assert "Page 300 of 300" in await page.inner_text(".where")
    assert (await counts(page))[2] <= 12
    await page.keyboard.press("[")
    await page.wait_for_function("() => new URLSearchParams(location.search).get('page') === '299'")
