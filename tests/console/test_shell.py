"""What every view has: bar, help, languages, themes."""

from __future__ import annotations

from tests.console.browser import Tab


async def test_help_lists_the_keys(tab: Tab) -> None:
    page = await tab.open("/console/jobs")
    await page.keyboard.press("?")
    assert await page.locator("dialog[open] h1").inner_text() == "Keyboard shortcuts"
    await page.keyboard.press("Escape")
    assert await page.locator("dialog[open]").count() == 0
