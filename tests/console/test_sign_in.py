"""The way in, and what a key of little right sees: a web process of its own, since its first key closes the service."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from typing import NamedTuple

import pytest
import pytest_asyncio

pytest.importorskip("playwright.async_api", reason="playwright is not installed")

from playwright.async_api import expect

from tests import databases, processes
from tests.console import browser
from tests.console.browser import Tab
from tests.console.drills import crowd


class Closed(NamedTuple):
    """A service that has keys: its address, and an admin's key and a client's."""

    address: str
    admin: str
    acme: str


@pytest.fixture(scope="module")
def closed(server_url: str, template_name: str) -> Iterator[Closed]:
    if reason := browser.missing():
        pytest.skip(reason)
    with databases.clone(server_url, template_name) as url, processes.web(url, IX_LOG_LEVEL="INFO") as address:
        keys = [processes.run_ix(url, "keys", "add", *of) for of in (("--admin", "--name", "Anna Weber"), ("acme",))]
        crowd(url, "acme", 3)
        crowd(url, "other", 3)
        yield Closed(address, *(re.findall(r"ix_\w+_[\w-]{43}", key)[0] for key in keys))


@pytest_asyncio.fixture(loop_scope="session")
async def door(tab: Tab, closed: Closed) -> AsyncIterator[Tab]:
    """The tab before that service, with nobody signed in."""
    before, tab.address = tab.address, closed.address
    tab.expected.append("401")
    try:
        yield tab
        # first: a page that asks without its cookie leads to the sign-in, in place of this one. And what it asks of the
        # one before, while it is at this one, would be another host
        await tab.page.goto("about:blank")
        await tab.page.context.clear_cookies()
    finally:
        tab.address = before


async def test_a_key_leads_where_somebody_wanted_to_go(door: Tab, closed: Closed) -> None:
    page = door.page
    await page.goto(f"{closed.address}/console/jobs?status=done&client_id=acme")
    await page.wait_for_url("**/console/sign-in?to=**")
    await page.get_by_label("API key").fill("ix_000000000000_" + "x" * 43)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_have_text("This key is not valid.")
    await page.get_by_label("API key").fill(closed.admin)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/console/jobs?status=done&client_id=acme")
    await page.wait_for_selector("table.jobs tbody tr")
    assert closed.admin not in await page.evaluate("JSON.stringify(localStorage) + document.cookie")
    await page.get_by_role("button", name="You and this page").click()
    await expect(page.locator("#person")).to_contain_text("Anna Weber")
    await page.get_by_role("button", name="Sign out").click()
    await page.wait_for_url("**/console/sign-in")
    await page.goto(f"{closed.address}/console/jobs")
    await page.wait_for_url("**/console/sign-in?to=**")


@pytest.mark.parametrize(
    "to", ["//evil.example/", "https://evil.example/", "/docs", "/console/../docs", "javascript:1"]
)
async def test_it_leads_to_the_console_only(door: Tab, closed: Closed, to: str) -> None:
    page = door.page
    await page.goto(f"{closed.address}/console/sign-in?to={to}")
    await page.get_by_label("API key").fill(closed.acme)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{closed.address}/console/jobs")


async def test_a_clients_key_sees_its_own_and_no_engines(door: Tab, closed: Closed) -> None:
    page = door.page
    await page.goto(f"{closed.address}/console/sign-in")
    await page.get_by_label("API key").fill(closed.acme)
    await page.keyboard.press("Enter")
    await page.wait_for_selector("html[data-ready][data-view=jobs]")
    clients = await page.locator("td.nm .small").all_inner_texts()
    assert len(clients) == 3
    assert all(text.startswith("acme") for text in clients)
    await expect(page.locator("[data-pulse=engines]")).to_be_hidden()
    await expect(page.locator("[data-pulse=queue]")).to_be_visible()
    await expect(page.get_by_label("Client")).to_have_count(0)
    await page.goto(f"{closed.address}/console/system")
    await page.wait_for_selector("html[data-ready][data-view=system]")
    cards = await page.eval_on_selector_all("[data-card]", "all => all.map(one => one.dataset.card)")
    assert cards == ["health", "me", "uses"]
    await expect(page.locator("[data-pause]")).to_have_count(0)


async def test_a_session_that_is_over_leads_to_the_sign_in_and_back_to_the_address(door: Tab, closed: Closed) -> None:
    page = door.page
    await page.goto(f"{closed.address}/console/sign-in")
    await page.get_by_label("API key").fill(closed.acme)
    await page.keyboard.press("Enter")
    await page.wait_for_selector("html[data-ready][data-view=jobs]")
    # what the list asks for without a cookie would lead to the sign-in, too, and back to another address
    await page.goto("about:blank")
    await page.context.clear_cookies()
    await page.goto(f"{closed.address}/console/jobs?status=done")
    await page.wait_for_url("**/console/sign-in?to=**status%3Ddone")
