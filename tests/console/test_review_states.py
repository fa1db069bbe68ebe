"""How a review looks in each of its states: to axe, in both themes, wide and narrow, in German."""

from __future__ import annotations

import httpx
import pytest
from playwright.async_api import Page

from tests.console import reviews
from tests.console.browser import PHONE, WIDE, Tab
from tests.console.reviews import on, press

WIDTHS = (360, 390, 768, 1280, 1920)
SHAPES = [(WIDE, "light"), (WIDE, "dark"), (PHONE, "light"), (PHONE, "dark")]


@pytest.fixture(autouse=True)
def _expected(tab: Tab) -> None:
    tab.expected += reviews.BEFORE_OTHERS


@pytest.mark.usefixtures("axe")
async def test_every_state_is_accessible(tab: Tab, api: httpx.Client) -> None:
    ix_id = reviews.submit(api, "axe", reviews.schema(api, "buyer_name", "due_amount"), name="Rechnung.pdf")
    page = await tab.open(f"/console/review/{ix_id}?client_id=axe")
    await on(page, "buyer_name")
    await page.wait_for_selector(".snip")
    found = [f"open, {shape}: {one}" for shape in SHAPES for one in await _violations(tab, shape)]
    for turn, (state, reach) in enumerate(STATES.items()):
        await reach(tab, page, ix_id)
        # the states in each theme and width by turns
        shape = SHAPES[turn % len(SHAPES)]
        found += [f"{state}, {shape}: {one}" for one in await _violations(tab, shape)]
    assert found == [], "\n".join(found)


async def _asking(tab: Tab, page: Page, ix_id: str) -> None:
    await page.locator('input[data-id="tax_total"]').focus()
    await page.keyboard.type("1")
    await press(page, "Enter")
    await page.locator(".ask").wait_for()


async def _picking(tab: Tab, page: Page, ix_id: str) -> None:
    await press(page, "Escape", "Escape", "Alt+p")
    await page.wait_for_selector(".hint")


async def _lines(tab: Tab, page: Page, ix_id: str) -> None:
    await press(page, "Escape")
    await page.locator('input[data-id="lines.1.line_total"]').focus()
    await page.keyboard.type("x")
    await page.wait_for_selector(".cell-about .bad")


async def _rejecting(tab: Tab, page: Page, ix_id: str) -> None:
    await press(page, "Escape", "Alt+r")
    await page.wait_for_selector("dialog[open]")


async def _help(tab: Tab, page: Page, ix_id: str) -> None:
    await press(page, "Escape", "F1")
    await page.wait_for_selector("dialog[open]")


async def _nothing(tab: Tab, page: Page, ix_id: str) -> None:
    await press(page, "Escape")
    await tab.open("/console/review?client_id=nobody")


async def _gone(tab: Tab, page: Page, ix_id: str) -> None:
    tab.expected.append("0000000000000000")
    await tab.open("/console/review/0000000000000000")


STATES = {
    "asking": _asking,
    "picking": _picking,
    "lines": _lines,
    "rejecting": _rejecting,
    "help": _help,
    "nothing": _nothing,
    "gone": _gone,
}


async def _violations(tab: Tab, shape: tuple[tuple[int, int], str]) -> list[str]:
    await tab.shape(*shape)
    return await tab.violations()


async def test_german_fits_a_phone(tab: Tab, api: httpx.Client) -> None:
    """Nothing scrolls sideways, and every message is there: one that is missing is an error of the page."""
    wanted = reviews.schema(api, "buyer_name", "due_amount", invoice_number={"expected": True})
    ix_id = reviews.submit(api, "german", wanted)
    page = await tab.open(f"/console/review/{ix_id}?client_id=german", lang="de")
    await on(page, "buyer_name")
    assert "von 2 Punkten erledigt" in await page.locator(".head").inner_text()
    wide = []
    for width in WIDTHS:
        await tab.shape((width, 780), "light")
        wide += await tab.overflow()
    assert wide == []
    await page.locator('input[data-id="tax_total"]').focus()
    # as a German types it
    await page.keyboard.type("1.234")
    assert "das ist 1.234,00" in await page.locator('.rf[data-id="tax_total"]').inner_text()
    await press(page, "Enter")
    asked = await page.locator(".ask").inner_text()
    assert "Trotzdem behalten?" in asked
    assert await tab.overflow() == []


async def test_hostile_values_are_text(tab: Tab, api: httpx.Client) -> None:
    """What would turn or hide other text is marked; what looks like markup, or is long, is a value like others."""
    ix_id = reviews.submit(api, "hostile", reviews.schema(api, "buyer_name"))
    long = "x" * 9_000
    reviews.change(api, ix_id, buyer_name="<img src=x onerror=alert(1)>\u202e", seller_name=long)
    page = await tab.open(f"/console/review/{ix_id}?client_id=hostile&field=buyer_name")
    await on(page, "buyer_name")
    assert await reviews.value(page) == "<img src=x onerror=alert(1)>‹202E›"
    assert await page.locator('input[data-id="seller_name"]').input_value() == long
    assert await tab.overflow() == []


async def test_an_erased_document_says_so(tab: Tab, api: httpx.Client) -> None:
    ix_id = reviews.submit(api, "erased", reviews.schema(api, "buyer_name"))
    page = await tab.open(f"/console/review/{ix_id}?client_id=erased")
    await on(page, "buyer_name")
    tab.expected.append(f"/jobs/{ix_id}/")
    reviews.erase(api, ix_id)
    await press(page, "Enter")
    await page.wait_for_selector("text=This document is not there, or was erased.")


async def test_what_failed_says_so(tab: Tab, api: httpx.Client) -> None:
    """A job without an answer has nothing to review; a service that does not answer is told, and tried again."""
    ix_id = reviews.submit(api, "failing", reviews.schema(api, "buyer_name"))
    tab.expected += [f"/jobs/{ix_id}/review", "ERR_FAILED"]
    await tab.page.route("**/review", lambda route: route.abort())
    page = await tab.open(f"/console/review/{ix_id}?client_id=failing")
    await page.wait_for_selector("text=The document cannot be opened.")
    await page.unroute_all()
    await page.get_by_role("button", name="Try again").click()
    await on(page, "buyer_name")
