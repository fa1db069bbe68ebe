"""What the stream says of a job changes its page at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.chaos.fleet import patiently
from tests.console.browser import Tab
from tests.console.papers import cancelled

if TYPE_CHECKING:
    from playwright.async_api import Page

TELL = """([name, data]) => new BroadcastChannel("ix-stream").postMessage({kind: "event", name, data, id: ""})"""
"""Passes an event on as the tab does that holds the stream."""


@pytest.fixture
def running(api: httpx.Client) -> Iterator[dict[str, Any]]:
    """A job that runs as long as it is looked at."""
    asked = {
        "client_id": "me",
        "request_id": "long",
        "use_case": "drill",
        "options": {"action": "sleep", "seconds": 60},
    }
    job: dict[str, Any] = api.post("/jobs", json=asked | {"documents": []}).raise_for_status().json()
    for _ in patiently(20):
        if api.get(f"/jobs/{job['ix_id']}").json()["status"] == "running":
            break
    yield job
    api.delete(f"/jobs/{job['ix_id']}?erase=true").raise_for_status()


async def tell(page: Page, name: str, data: dict[str, Any]) -> None:
    await page.evaluate(TELL, [name, data])


async def test_progress_comes_into_the_page_without_a_call(tab: Tab, running: dict[str, Any]) -> None:
    ix_id = running["ix_id"]
    page = await tab.open(f"/console/jobs/{ix_id}")
    assert "An engine reads it." in await page.inner_text("#pane")
    await tell(page, "progress", {"ix_id": "00000000deadbeef", "step": "reading", "done": 9, "of": 9})
    await tell(page, "progress", {"ix_id": ix_id, "attempt": 1, "step": "reading", "done": 2, "of": 5})
    bar = page.locator("#pane [role=progressbar]")
    await bar.wait_for()
    assert (await bar.get_attribute("aria-valuenow"), await bar.get_attribute("aria-valuemax")) == ("2", "5")
    assert "2 / 5" in await page.inner_text(".head .state")


async def test_an_end_that_is_told_is_shown(tab: Tab, running: dict[str, Any], api: httpx.Client) -> None:
    page = await tab.open(f"/console/jobs/{running['ix_id']}")
    cancelled(api, running["ix_id"])
    await tell(page, "status", {"ix_id": running["ix_id"], "status": "cancelled"})
    await page.wait_for_selector("#pane h2:has-text('This job was cancelled.')")


async def test_a_job_that_others_erase_is_gone_from_the_page(tab: Tab, running: dict[str, Any]) -> None:
    page = await tab.open(f"/console/jobs/{running['ix_id']}")
    await tell(page, "erased", {"ix_id": running["ix_id"]})
    await page.wait_for_selector(".empty:has-text('This job was erased.')")
    assert await page.locator(".work").count() == 0
