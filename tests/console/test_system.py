"""The system: parts, engines, a use case that is paused and goes on, and what was done."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

pytest.importorskip("playwright.async_api", reason="playwright is not installed")

from playwright.async_api import expect

from tests.console.browser import Tab
from tests.console.drills import drills, ended, new_client


async def test_parts_engines_and_settings_are_shown(tab: Tab) -> None:
    page = await tab.open("/console/system")
    await expect(page.locator("[data-card=health]")).to_contain_text("postgres")
    await expect(page.locator("[data-card=engines] tbody tr")).to_have_count(1)
    await expect(page.locator("[data-card=engines]")).to_contain_text("of 2 slots in use")
    changed = page.locator("[data-card=settings] table").first
    await expect(changed).to_contain_text("IX_ENGINE_SLOTS")
    await expect(changed).to_contain_text("IX_POSTGRES_URL")
    await expect(page.locator("[data-card=keys]")).to_contain_text("There are no keys")


async def test_a_paused_use_case_is_told_among_the_jobs_and_goes_on_from_there(tab: Tab) -> None:
    page = await tab.open("/console/system")
    await page.locator("[data-pause=custom]").click()
    await expect(page.locator("tr", has=page.locator("[data-pause=custom]"))).to_contain_text("paused")
    page = await tab.open("/console/jobs")
    note = page.locator(".note", has_text="custom is paused")
    await note.get_by_role("button", name="Go on").click()
    await expect(note).to_have_count(0)
    answer = await page.request.get(f"{tab.address}/use-cases/custom")
    assert (await answer.json())["paused"] is False


async def test_the_log_says_what_was_done_to_which_job(tab: Tab, api: httpx.Client) -> None:
    ids = drills(api, new_client(), {}, {})
    ended(api, ids)
    page = await tab.open("/console/system")
    for ix_id in ids:
        assert (await page.request.delete(f"{tab.address}/jobs/{ix_id}?erase=true")).status == 204
    await page.get_by_label("What", exact=True).select_option("job.erase")
    log = page.locator("[data-card=audit] tbody")
    for ix_id in ids:
        await expect(log).to_contain_text(ix_id)
    await expect(log.locator("tr").first).to_contain_text("erased a job")
    await page.get_by_label("By").fill("nobody of this name")
    await page.get_by_role("button", name="Show").click()
    await expect(page.locator("[data-card=audit]")).to_contain_text("Nothing like this was done.")


async def test_caps_and_terms_are_shown_with_what_was_used(tab: Tab, api: httpx.Client, said: str) -> None:
    drills(api, said, {})
    page = await tab.open("/console/system")
    row = page.locator("[data-card=caps] tr", has_text=said)
    await expect(row.locator("td")).to_have_text([said, "1", "1,234", "0", "no cap"])
    row = page.locator("[data-card=retention] tr", has_text="receipt")
    await expect(row.locator("td")).to_have_text(["receipt", "30 days", "for ever", "for ever"])
    await expect(page.locator("[data-card=retention]")).to_contain_text("What was done: for ever")
    assert await tab.overflow() == []


@pytest.fixture
def said(api: httpx.Client) -> Iterator[str]:
    """A client that has a cap, while receipts have a term."""
    client = new_client()
    api.put("/caps", params={"client_id": client}, json={"jobs": 1234}).raise_for_status()
    api.put("/retention", params={"use_case": "receipt"}, json={"documents": 30}).raise_for_status()
    yield client
    api.delete("/caps", params={"client_id": client}).raise_for_status()
    api.delete("/retention", params={"use_case": "receipt"}).raise_for_status()
