"""A job's fields and pages are one: what is looked at on one side is lit on the other, and the address says it."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.console.browser import Tab
from tests.console.papers import invoice

if TYPE_CHECKING:
    from playwright.async_api import Page

ROW, MARK = '.f[data-id="tax_total"]', '.mark[data-id="tax_total"]'


@pytest.fixture
def job(api: httpx.Client) -> dict[str, Any]:
    return invoice(api)


async def asked(page: Page, name: str) -> str | None:
    """What the address asks for. The page itself is asked: the driver hears of addresses later."""
    found: str | None = await page.evaluate("name => new URLSearchParams(location.search).get(name)", name)
    return found


async def opened(tab: Tab, job: dict[str, Any]) -> Page:
    """The job's view, once its words have come and said how large a page is."""
    page = await tab.open(f"/console/jobs/{job['ix_id']}")
    await page.wait_for_selector(".sheet-text", state="attached")
    return page


async def test_what_the_pointer_is_on_is_lit_on_the_other_side(tab: Tab, job: dict[str, Any]) -> None:
    page = await opened(tab, job)
    await page.hover(ROW)
    assert await page.locator(f"{MARK}.hot").count() == 1
    await page.hover("h1")
    assert await page.locator(".mark.hot").count() == 0
    await page.locator(MARK).scroll_into_view_if_needed()
    await page.hover(MARK)
    assert await page.locator(f"{ROW}.hot").count() == 1


async def test_a_field_that_is_chosen_is_brought_into_view(tab: Tab, job: dict[str, Any]) -> None:
    page = await opened(tab, job)
    await page.evaluate("document.querySelector('.stage').scrollTop = 0")
    await page.click(ROW)
    assert await page.locator(f"{MARK}.on").count() == 1
    assert await page.get_attribute(ROW, "aria-current") == "true"
    assert await asked(page, "field") == "tax_total"
    box, stage = await page.locator(MARK).bounding_box(), await page.locator(".stage").bounding_box()
    assert box
    assert stage
    assert stage["y"] + 0.1 * stage["height"] < box["y"] < stage["y"] + 0.8 * stage["height"]
    assert await page.locator(".thread").evaluate("one => getComputedStyle(one).visibility") == "visible"


async def test_a_box_that_is_clicked_chooses_its_field(tab: Tab, job: dict[str, Any]) -> None:
    page = await opened(tab, job)
    cell = '.mark[data-id="lines.1.unit_price"]'
    await page.locator(cell).scroll_into_view_if_needed()
    await page.click(cell)
    assert await page.locator('td[data-id="lines.1.unit_price"].on').count() == 1
    assert await asked(page, "field") == "lines.1.unit_price"


async def test_each_click_on_a_place_that_several_fields_share_is_the_next_of_them(
    tab: Tab, job: dict[str, Any]
) -> None:
    page = await opened(tab, job)
    assert job["response"]["evidence"]["due_amount"]["boxes"] == job["response"]["evidence"]["grand_total"]["boxes"]
    mark = page.locator('.mark[data-id="due_amount"]')
    await mark.scroll_into_view_if_needed()
    chosen = []
    for _ in range(3):
        box = await mark.bounding_box()
        assert box
        await page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        chosen.append(await asked(page, "field"))
    assert chosen[0] == chosen[2]
    assert set(chosen) == {"due_amount", "grand_total"}


async def test_an_address_leads_to_the_field_and_back_to_where_one_was(tab: Tab, job: dict[str, Any]) -> None:
    page = await tab.open("/console/jobs?status=done")
    await page.goto(f"{tab.address}/console/jobs/{job['ix_id']}?field=lines.3.line_total")
    await page.wait_for_selector("html[data-ready]")
    assert await page.locator('.mark.on[data-id="lines.3.line_total"]').count() == 1
    assert await page.locator('td.on[data-id="lines.3.line_total"]').is_visible()
    await page.keyboard.press("k")
    await page.click("#tab-timeline")
    assert await asked(page, "tab") == "timeline"
    # walking was no step: one back is the list as it was
    await page.go_back()
    assert page.url == f"{tab.address}/console/jobs?status=done"


async def test_keys_walk_and_zoom(tab: Tab, job: dict[str, Any]) -> None:
    page = await tab.open(f"/console/jobs/{job['ix_id']}?field=invoice_number")
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=tab.address)
    for key, field in [
        ("j", "issue_date"),
        ("ArrowDown", "due_date"),
        ("k", "issue_date"),
        ("ArrowUp", "invoice_number"),
    ]:
        await page.keyboard.press(key)
        assert await asked(page, "field") == field
        assert await page.evaluate("document.activeElement.dataset.id") == field
    await page.keyboard.press("y")
    await page.wait_for_selector(".toast")
    assert await page.evaluate("navigator.clipboard.readText()") == job["response"]["result"]["invoice_number"]
    level = page.locator(".lvl")
    for key, zoom in [("+", "125 %"), ("-", "100 %"), ("0", "100 %")]:
        await page.keyboard.press(key)
        assert await level.inner_text() == zoom
    stage, sheet = await page.locator(".stage").bounding_box(), await page.locator(".sheet").bounding_box()
    assert stage
    assert sheet
    assert sheet["height"] < stage["height"]
    await page.keyboard.press("b")
    assert await page.locator(".stage.noboxes").count() == 1


def output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout


async def test_a_job_is_copied_as_programs_that_run(tab: Tab, job: dict[str, Any]) -> None:
    page = await tab.open(f"/console/jobs/{job['ix_id']}?tab=raw")
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=tab.address)
    copied = {}
    for name in ("Copy as curl", "Copy as Python"):
        await page.click(f"#pane button:has-text('{name}')")
        copied[name] = await page.evaluate("navigator.clipboard.readText()")
    found = json.loads(output(*shlex.split(copied["Copy as curl"]), "-s"))
    assert found["ix_id"] == job["ix_id"]
    assert str(job["response"]["result"]["iban"]) in output(sys.executable, "-c", copied["Copy as Python"])


async def test_arrows_scroll_what_has_the_focus(tab: Tab, job: dict[str, Any]) -> None:
    page = await opened(tab, job)
    await page.focus(".stage")
    await page.keyboard.press("ArrowDown")
    await page.wait_for_function("() => document.querySelector('.stage').scrollTop > 0")
    assert await asked(page, "field") is None
    await page.click("#tab-raw")
    await page.focus("pre.json")
    await page.keyboard.press("ArrowDown")
    assert await asked(page, "tab") == "raw"


async def test_tabs_are_walked_by_arrows(tab: Tab, job: dict[str, Any]) -> None:
    page = await tab.open(f"/console/jobs/{job['ix_id']}?tab=timeline")
    await page.wait_for_selector(".time")
    assert await page.locator(".time li").count() >= 4
    await page.focus("#tab-timeline")
    await page.keyboard.press("End")
    await page.wait_for_selector("pre.json")
    assert job["ix_id"] in await page.inner_text("pre.json")
    await page.keyboard.press("ArrowRight")
    assert await page.evaluate("document.activeElement.id") == "tab-fields"
    await page.wait_for_selector(ROW)
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowRight")
    await page.wait_for_selector("#pane:has-text('callback')")


async def test_a_page_is_printed_with_its_fields_alone(tab: Tab, job: dict[str, Any]) -> None:
    page = await opened(tab, job)
    await page.wait_for_selector(".sheet > img")
    await page.emulate_media(media="print")
    try:
        assert await page.locator(ROW).is_visible()
        assert await page.locator(".sheet").is_visible()
        for gone in (".top", ".tools", ".tabs", ".buttons"):
            assert not await page.locator(gone).is_visible(), gone
    finally:
        await page.emulate_media(media="screen")
