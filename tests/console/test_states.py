"""Every state of jobs, system and sign-in, looked at by axe in two widths and two themes, and for what does not fit in
German, on the narrowest phone and elsewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

pytest.importorskip("playwright.async_api", reason="playwright is not installed")

from playwright.async_api import Page, Route

from tests.console.browser import Tab
from tests.console.drills import crowd, new_client

SMALLEST = (360, 780)
State = Callable[[Tab, str], Awaitable[Page]]
LOST = "{kind: 'state', state: {state: 'lost', since: Date.now() - 5000, retryAt: Date.now() + 60000}}"


async def listed(tab: Tab, client: str) -> Page:
    page = await tab.open(f"/console/jobs?client_id={client}")
    await page.wait_for_selector("table.jobs tbody tr")
    return page


async def chosen(tab: Tab, client: str) -> Page:
    page = await listed(tab, client)
    await page.keyboard.press("x")
    return page


async def asked(tab: Tab, client: str) -> Page:
    page = await listed(tab, client)
    await page.keyboard.press("j")
    await page.keyboard.press("r")
    await page.wait_for_selector("dialog[open]")
    return page


async def told(tab: Tab, client: str) -> Page:
    page = await listed(tab, client)
    await page.keyboard.press("?")
    await page.wait_for_selector("dialog[open]")
    return page


async def lost(tab: Tab, client: str) -> Page:
    page = await listed(tab, client)
    # the stream's own state would come after this one else
    await page.wait_for_selector(".live:not(.off)")
    await page.evaluate(f"new BroadcastChannel('ix-stream').postMessage({LOST})")
    await page.wait_for_selector(".note:visible")
    return page


async def nothing_like_it(tab: Tab, client: str) -> Page:
    return await tab.open(f"/console/jobs?client_id={client}&status=cancelled")


async def empty(tab: Tab, client: str) -> Page:
    async with answering(tab, 200, '{"jobs": [], "next": null}'):
        return await tab.open("/console/jobs")


async def failed(tab: Tab, client: str) -> Page:
    tab.expected.append("503")
    async with answering(tab, 503, '{"title": "Service Unavailable", "detail": "the database does not answer"}'):
        page = await tab.open("/console/jobs")
        # it would try again by itself while it is looked at
        await page.evaluate("for (let timer = 1; timer < 10_000; timer++) clearTimeout(timer)")
        return page


async def loading(tab: Tab, client: str) -> Page:
    page = await listed(tab, client)
    # shown over a list that is there after two seconds; over none at once
    await page.evaluate("document.querySelector('table.jobs tbody').replaceChildren()")
    await page.route("**/console/api/jobs?**", lambda route: None)
    await page.goto(f"{tab.address}/console/jobs", wait_until="commit")
    await page.wait_for_selector(".bones")
    return page


async def system(tab: Tab, client: str) -> Page:
    return await tab.open("/console/system")


async def person(tab: Tab, client: str) -> Page:
    page = await listed(tab, client)
    await page.locator("[popovertarget=person]").click()
    return page


async def signing_in(tab: Tab, client: str) -> Page:
    tab.expected.append("401")
    async with answering(tab, 401, '{"title": "Unauthorized", "detail": "sign in", "oidc": true}', "**/session"):
        return await tab.open("/console/sign-in?error=oidc_no_role")


STATES: dict[str, State] = {
    "listed": listed,
    "chosen": chosen,
    "asked": asked,
    "told": told,
    "lost": lost,
    "nothing_like_it": nothing_like_it,
    "empty": empty,
    "failed": failed,
    "loading": loading,
    "system": system,
    "person": person,
    "signing_in": signing_in,
}


@asynccontextmanager
async def answering(tab: Tab, status: int, body: str, path: str = "**/console/api/jobs?**") -> AsyncIterator[None]:
    """What the service answers within the block, in its place."""

    async def answer(route: Route) -> None:
        await route.fulfill(status=status, body=body, content_type="application/json")

    await tab.page.route(path, answer)
    yield
    await tab.page.unroute(path)


@pytest.fixture(scope="module")
def client(address: str, console_database: str) -> str:
    """A client with jobs that ended well and in error."""
    name = new_client()
    crowd(console_database, name, 4)
    return name


@pytest.mark.parametrize("state", STATES)
async def test_axe_finds_nothing_and_german_fits(tab: Tab, axe: None, client: str, state: str) -> None:
    await tab.page.goto(f"{tab.address}/livez")
    await tab.page.evaluate("localStorage.setItem('ix.lang', '\"de\"')")
    page = await STATES[state](tab, client)
    assert await page.locator("html").get_attribute("lang") == "de"
    assert await tab.violations_everywhere() == {}
    for size in (SMALLEST, (900, 700), (1920, 1080)):
        await tab.shape(size, "light")
        assert await tab.overflow() == []
