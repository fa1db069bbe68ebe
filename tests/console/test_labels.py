"""Tags and batches in the pages: seen in rows and on a job, and ways to the others that have them."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

pytest.importorskip("playwright.async_api", reason="playwright is not installed")

from playwright.async_api import expect

from tests.console.browser import Tab
from tests.console.drills import drills, ended, new_client
from tests.console.test_jobs import ROWS


def labelled(api: httpx.Client, client: str) -> str:
    """Submits two jobs with a tag to a batch, which end, and one with neither, which waits. Returns an id of the
    two."""
    api.post("/batches", json={"client_id": client, "batch_id": "october"}).raise_for_status()
    drills(api, client, {}, run_at="2999-01-01T00:00:00Z")
    two = drills(api, client, {}, {}, batch_id="october", tags={"place": "<b>Köln</b>"})
    ended(api, two)
    return two[-1]


async def test_a_batch_and_tags_are_filters_and_the_batch_says_how_far_it_is(tab: Tab, api: httpx.Client) -> None:
    client = new_client()
    last = labelled(api, client)
    page = await tab.open(f"/console/jobs?client_id={client}")
    await expect(page.locator(ROWS)).to_have_count(3)
    await page.locator(ROWS).first.get_by_text("place: <b>Köln</b>").click()
    await expect(page.locator(ROWS)).to_have_count(2)
    assert parse_qs(urlsplit(page.url).query)["tag"] == ["place:<b>Köln</b>"]
    page = await tab.open(f"/console/jobs/{last}")
    await expect(page.get_by_text("place: <b>Köln</b>")).to_be_visible()
    await page.get_by_text("Batch october").click()
    await expect(page.locator(ROWS)).to_have_count(2)
    await expect(page.get_by_text("Batch october is open: 2 of 2 jobs have ended")).to_be_visible()
    await page.get_by_title("Take this filter away").click()
    await expect(page.locator(ROWS)).to_have_count(3)
    await expect(page.get_by_text("Batch october is")).to_have_count(0)
