"""Three hundred pages: there at once, with pictures near the view only."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpx

from tests.console.browser import Tab
from tests.console.papers import submitted
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


async def counts(page: Page) -> list[int]:
    found: list[int] = await page.evaluate(COUNTS)
    return found


async def test_three_hundred_pages(tab: Tab, api: httpx.Client) -> None:
    book = [pdf(*(Sheet(line(f"Total {at + 1}.50")) for at in range(PAGES))) for _ in range(3)]
    job: dict[str, Any] = submitted(api, "book", "receipt", *book)
    began = time.perf_counter()
    page = await tab.open(f"/console/jobs/{job['ix_id']}")
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
    await page.wait_for_function("new URLSearchParams(location.search).get('page') === '299'")
