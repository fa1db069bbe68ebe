"""What every view has: bar, help, languages, themes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.console.browser import Tab

if TYPE_CHECKING:
    from playwright.async_api import Browser, Route


async def test_help_lists_the_keys(tab: Tab) -> None:
    page = await tab.open("/console/jobs")
    await page.keyboard.press("?")
    assert await page.locator("dialog[open] h1").inner_text() == "Keyboard shortcuts"
    await page.keyboard.press("Escape")
    assert await page.locator("dialog[open]").count() == 0


async def test_a_service_that_comes_back_is_shown_without_anybody(tab: Tab) -> None:
    away = '{"title": "Service Unavailable", "detail": "the database does not answer now"}'
    pattern = "**/console/api/jobs?**"

    async def refuse(route: Route) -> None:
        await route.fulfill(status=503, body=away, content_type="application/problem+json")

    # a clock is of a whole context: this one is its own
    context = await browser_of(tab).new_context(locale="en-GB")
    try:
        page = await context.new_page()
        await page.route(pattern, refuse)
        await page.clock.install()
        await page.goto(f"{tab.address}/console/jobs")
        again = page.get_by_role("button", name="Try again")
        await again.wait_for()
        async with page.expect_request(pattern):
            await page.clock.run_for(8_000)
        # still away: it is said, and not read out once more
        await again.wait_for()
        assert await page.locator(".list [role=alert]").count() == 0
        await page.unroute(pattern)
        async with page.expect_response(pattern):
            await page.clock.run_for(8_000)
        await again.wait_for(state="detached")
    finally:
        await context.close()


def browser_of(tab: Tab) -> Browser:
    """The browser that the tab is of."""
    found = tab.page.context.browser
    assert found is not None
    return found
