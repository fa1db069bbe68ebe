"""What the stream brings: rows change where they stand, and new ones come in only where nobody is in the middle of
something. Events come as from the tab that holds the stream, so that each moment is the test's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

pytest.importorskip("playwright.async_api", reason="playwright is not installed")

from playwright.async_api import Page, expect

from tests.console.browser import Tab
from tests.console.drills import crowd, drills, new_client
from tests.console.test_jobs import ROWS, shown

LAST = "f" * 14
Events = list[tuple[str, Mapping[str, Any]]]


@pytest.fixture(scope="module")
def some(address: str, console_database: str) -> tuple[str, list[str]]:
    """A client with thirty jobs, and their ids, newest first."""
    client = new_client()
    return client, list(crowd(console_database, client, 30))


async def tell(page: Page, *events: tuple[str, Mapping[str, Any]]) -> None:
    """Events, as another tab passes them on."""
    await page.evaluate(
        """events => {
            const channel = new BroadcastChannel("ix-stream");
            for (const [name, data] of events) channel.postMessage({kind: "event", name, data, id: ""});
            channel.close();
        }""",
        list(events),
    )


def head(client: str, ix_id: str, **members: Any) -> dict[str, Any]:
    """A job as events carry it."""
    given = {"ix_id": ix_id, "client_id": client, "request_id": ix_id, "use_case": "drill", "status": "pending"}
    return {
        **given,
        "attempts": 0,
        "created_at": "2026-11-30T10:00:00Z",
        "started_at": None,
        "finished_at": None,
        **members,
    }


async def at_list(tab: Tab, client: str, more: str = "") -> Page:
    """The client's list, with the pointer elsewhere and its own stream open: what that says of itself would else come
    after what a test tells."""
    page = await tab.open(f"/console/jobs?client_id={client}{more}")
    await expect(page.locator(".live")).to_have_text("Live")
    await page.mouse.move(5, 5)
    return page


async def test_new_jobs_come_in_at_the_top_while_nobody_looks_closer(tab: Tab, some: tuple[str, list[str]]) -> None:
    client, ids = some
    page = await at_list(tab, client)
    await tell(page, ("status", head(client, f"{LAST}01")), ("status", head("another", f"{LAST}02")))
    await expect(page.locator(ROWS)).to_have_count(31)
    assert await shown(page) == [f"{LAST}01", *ids]


@pytest.mark.parametrize("busy", ["walked", "chosen", "held", "pointed at", "scrolled"])
async def test_they_wait_behind_a_button_while_somebody_does(tab: Tab, some: tuple[str, list[str]], busy: str) -> None:
    client, ids = some
    page = await at_list(tab, client)
    match busy:
        case "walked":
            await page.keyboard.press("j")
        case "chosen":
            await page.locator(f"{ROWS} input").nth(3).check()
            await page.mouse.move(5, 5)
        case "held":
            await page.keyboard.press(".")
        case "pointed at":
            await page.locator(ROWS).nth(4).hover()
        case "scrolled":
            await page.evaluate("document.querySelector('.list').scrollTop = 200")
    await tell(page, ("status", head(client, f"{LAST}01")), ("status", head(client, f"{LAST}02")))
    await expect(page.locator(".fresh button")).to_have_text("2 new")
    assert await shown(page) == ids
    await page.keyboard.press("n")
    await expect(page.locator(ROWS)).to_have_count(32)
    assert (await shown(page))[:2] == [f"{LAST}02", f"{LAST}01"]


async def test_a_row_changes_where_it_stands(tab: Tab, some: tuple[str, list[str]]) -> None:
    client, _ = some
    page = await at_list(tab, client, "&status=done")
    done = await shown(page)
    row = page.locator(f'tr[data-id="{done[3]}"]')
    await tell(page, ("status", head(client, done[3], status="running")))
    await tell(page, ("progress", {"ix_id": done[3], "step": "reading", "done": 2, "of": 5}))
    await expect(row).to_contain_text("reading 2 / 5")
    assert await row.locator("[role=progressbar]").get_attribute("aria-valuenow") == "2"
    # the filter does not match it any more: it stays, dimmed
    await expect(row).to_have_class("gone")
    failed = head(client, done[3], status="error", error_code="document_encrypted")
    await tell(page, ("status", failed), ("erased", {"ix_id": done[5]}))
    await expect(row).to_contain_text("it is behind a password")
    await expect(page.locator(f'tr[data-id="{done[5]}"]')).to_have_count(0)
    assert await shown(page) == [ix_id for ix_id in done if ix_id != done[5]]
    await tell(page, ("review", {"ix_id": done[0], "review": "needed", "points": 3, "version": 1}))
    await expect(page.locator(f'tr[data-id="{done[0]}"]')).to_contain_text("to check")


async def test_a_thousand_events_leave_rows_still_and_keys_quick(tab: Tab, some: tuple[str, list[str]]) -> None:
    client, ids = some
    page = await at_list(tab, client)
    await page.locator(ROWS).nth(4).hover()
    top = await page.locator(ROWS).nth(4).bounding_box()
    heads = [head(client, f"{number:016x}" if number % 2 else ids[number % 30], status="running") for number in RUSH]
    calm, rushed = await page.evaluate(KEYS_TO_PAINT, [[], 1]), await page.evaluate(KEYS_TO_PAINT, [heads, 10])
    await expect(page.locator(".fresh button")).to_have_text("500 new")
    assert await shown(page) == ids
    assert await page.locator(ROWS).nth(4).bounding_box() == top
    # beside itself without events: others work on the machine, too
    assert rushed < 10 * calm + 100


KEYS_TO_PAINT = """async ([heads, parts]) => {
    const channel = new BroadcastChannel("ix-stream"), took = [];
    const frame = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
    for (let part = 0; part < Math.max(parts, 5); part += 1) {
        for (const data of heads.slice(100 * part, 100 * part + 100))
            channel.postMessage({kind: "event", name: "status", data, id: ""});
        const since = performance.now();
        document.body.dispatchEvent(new KeyboardEvent("keydown", {key: part % 2 ? "k" : "j", bubbles: true}));
        await frame();
        took.push(performance.now() - since);
    }
    channel.close();
    return took.sort((one, other) => one - other)[Math.floor(took.length / 2)];
}"""
RUSH = range(0xFFFF_0000, 0xFFFF_0000 + 1000)


async def test_a_lost_connection_is_told_and_actions_wait(tab: Tab, some: tuple[str, list[str]]) -> None:
    client, _ = some
    page = await at_list(tab, client)
    lost = "{kind: 'state', state: {state: 'lost', since: Date.now() - 5000, retryAt: Date.now() + 8000}}"
    await page.evaluate(f"new BroadcastChannel('ix-stream').postMessage({lost})")
    await expect(page.locator(".note:visible")).to_contain_text("The connection is lost.")
    await expect(page.locator(".note:visible")).to_contain_text("Next try in")
    await page.keyboard.press("r")
    await expect(page.locator("dialog")).to_have_count(0)
    live = "{kind: 'state', state: {state: 'live', since: Date.now(), retryAt: 0}}"
    await page.evaluate(f"new BroadcastChannel('ix-stream').postMessage({live})")
    await expect(page.locator(".note:visible")).to_have_count(0)
    await expect(page.locator(".live")).to_have_text("Live")
    await page.keyboard.press("r")
    await expect(page.locator("dialog[open]")).to_have_count(1)


async def test_what_the_service_does_is_seen_as_it_happens(tab: Tab, api: httpx.Client) -> None:
    client = new_client()
    page = await at_list(tab, client)
    await expect(page.get_by_text("No job is like this.")).to_be_visible()
    (ix_id,) = drills(api, client, {"action": "hang"})
    row = page.locator(f'tr[data-id="{ix_id}"]')
    await expect(row).to_be_visible()
    await expect(page.get_by_text("No job is like this.")).to_have_count(0)
    await expect(row).to_contain_text("running")
    await expect(row.locator("[role=progressbar]")).to_be_visible()
    assert (await page.request.delete(f"{tab.address}/jobs/{ix_id}")).status == 200
    await expect(row).to_contain_text("cancelled")
    assert (await page.request.delete(f"{tab.address}/jobs/{ix_id}?erase=true")).status == 204
    await expect(row).to_have_count(0)
