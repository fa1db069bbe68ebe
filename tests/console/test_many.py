"""Many jobs at once: those of a page, and all that match, done by the service while the page tells how far it is."""

from __future__ import annotations

import asyncio

import pytest

pytest.importorskip("playwright.async_api", reason="playwright is not installed")

from playwright.async_api import Page, expect

from tests.console.browser import Tab
from tests.console.drills import crowd, new_client
from tests.console.test_jobs import ROWS

MATCHING = 140


async def left(page: Page, tab: Tab, client: str, status: str) -> int:
    """How many jobs of the client are in a state."""
    counts = await (await page.request.get(f"{tab.address}/jobs/counts?client_id={client}")).json()
    return int(counts["status"].get(status, 0))


async def test_all_that_match_are_erased_once_their_number_was_typed(tab: Tab, console_database: str) -> None:
    client, neighbour = new_client(), new_client()
    await asyncio.to_thread(crowd, console_database, client, MATCHING)
    await asyncio.to_thread(crowd, console_database, neighbour, 2)
    page = await tab.open(f"/console/jobs?client_id={client}&status=done")
    await expect(page.locator(".foot")).to_contain_text("100 of 137")
    await page.locator("thead input").check()
    await page.get_by_role("button", name="Choose all 137 that match").click()
    await expect(page.locator(".bulk b")).to_have_text("All 137 that match")
    await page.get_by_role("button", name="Erase …").click()
    dialog = page.locator("dialog[open]")
    await expect(dialog.locator("h1")).to_have_text("Erase all 137 jobs that match for good?")
    yes = dialog.get_by_role("button", name="Erase …")
    await dialog.get_by_label("Type 137 to go on").fill("13")
    await expect(yes).to_be_disabled()
    await dialog.get_by_label("Type 137 to go on").fill("137")
    await yes.click()
    await expect(page.locator(".toast")).to_have_text("137 jobs were erased.", timeout=20_000)
    await expect(page.get_by_text("No job is like this.")).to_be_visible()
    assert await left(page, tab, client, "done") == 0
    assert await left(page, tab, client, "error") == 3
    assert await left(page, tab, neighbour, "done") == 1


async def test_what_is_chosen_is_run_again(tab: Tab, console_database: str) -> None:
    client = new_client()
    await asyncio.to_thread(crowd, console_database, client, 51)
    page = await tab.open(f"/console/jobs?client_id={client}&status=error")
    await expect(page.locator(ROWS)).to_have_count(2)
    await page.locator("thead input").check()
    await page.locator('.bulk [data-act="retry"]').click()
    await page.locator("dialog[open]").get_by_role("button", name="Run again").click()
    await expect(page.locator(".toast")).to_have_text("2 jobs run again.", timeout=20_000)
    await expect(page.get_by_text("No job is like this.")).to_be_visible()
    assert await left(page, tab, client, "error") == 0


async def test_counts_stand_on_the_chips_and_failures_lead_to_their_jobs(tab: Tab, console_database: str) -> None:
    client = new_client()
    await asyncio.to_thread(crowd, console_database, client, 120)
    page = await tab.open(f"/console/jobs?client_id={client}")
    for chip, number in (("all", "120"), ("done", "117"), ("error", "3"), ("running", "0")):
        await expect(page.locator(f'[data-chip="{chip}"] span')).to_have_text(number)
    await page.locator("[data-pulse=failures] a", has_text="drill failed").click()
    await page.wait_for_url("**/console/jobs?status=error&error=drill_failed")
    await expect(page.locator(ROWS).first).to_contain_text("drill failed")
    await expect(page.locator(".filters .b.sm")).to_contain_text("drill failed")
