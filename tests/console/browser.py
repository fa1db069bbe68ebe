"""A real Chromium for tests of the pages: it reaches this machine only, and tells of everything that went wrong."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, ConsoleMessage, Page

HERE = Path(__file__).parent
AXE = HERE / "node_modules" / "axe-core" / "axe.min.js"
WIDE, PHONE = (1440, 900), (390, 844)
THEMES = ("light", "dark")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]
WAIT_MILLISECONDS = 30_000
"""How long anything may take: others work on the machine, too."""


def missing() -> str:
    """What there is not, of what a browser needs; empty where all of it is there."""
    try:
        import playwright.async_api  # noqa: F401
    except ImportError:
        return "playwright is not installed"
    return "" if executable() else "there is no Chromium: apt install chromium"


def executable() -> str | None:
    """The browser of the system."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@asynccontextmanager
async def chromium() -> AsyncIterator[BrowserContext]:
    """A context of a browser of its own."""
    from playwright.async_api import async_playwright, expect

    expect.set_options(timeout=WAIT_MILLISECONDS)
    async with async_playwright() as p:
        browser = await p.chromium.launch(
            executable_path=executable(), headless=True, chromium_sandbox=False, args=ARGUMENTS
        )
        try:
            context = await browser.new_context(locale="en-GB", viewport={"width": WIDE[0], "height": WIDE[1]})
            context.set_default_timeout(WAIT_MILLISECONDS)
            yield context
        finally:
            await browser.close()


class Tab:
    """A page of the console under test. `problems` are errors of scripts, messages of the browser's console (those of
    the content security policy among them) and requests to other hosts: there are to be none but those that a test has
    `expected` by a part of their text."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.problems: list[str] = []
        self.expected = ["/favicon.ico"]
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("request", lambda request: self._asked(request.url))

    async def reset(self) -> None:
        """Makes the tab as if it were new."""
        page = self.page
        await page.unroute_all(behavior="ignoreErrors")
        await self.shape(WIDE, "light")
        if page.url.startswith(self.address):
            await page.evaluate("localStorage.clear()")
        # what the page of the test before still asks for is not this one's
        await page.goto("about:blank")
        self.problems.clear()
        self.expected = ["/favicon.ico"]

    async def shape(self, size: tuple[int, int], theme: str) -> None:
        """Width and height of the window, and the system's theme."""
        # neither has a limit of its own
        async with asyncio.timeout(WAIT_MILLISECONDS / 1000):
            await self.page.set_viewport_size({"width": size[0], "height": size[1]})
            await self.page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")

    async def open(self, path: str, **remembered: Any) -> Page:
        """Opens a view and waits until it is drawn. `remembered` is put into the browser's memory before:
        `lang="de"`."""
        if remembered:
            if not self.page.url.startswith(self.address):
                await self.page.goto(f"{self.address}/livez")
            await self.page.evaluate(
                "given => Object.entries(given).forEach(([name, value]) =>"
                " localStorage.setItem(`ix.${name}`, JSON.stringify(value)))",
                remembered,
            )
        await self.page.goto(f"{self.address}{path}")
        await self.page.wait_for_selector("html[data-ready]")
        return self.page

    async def violations(self, *rules: str) -> list[str]:
        """What axe finds wrong with the page as it is now, by some rules: without any, by those of WCAG 2.2 A and AA
        and of good practice."""
        if not await self.page.evaluate("() => typeof axe !== 'undefined'"):
            await self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = await self.page.evaluate(
            """async runOnly => {
                const found = await axe.run(document, {runOnly, resultTypes: ["violations"]});
                const told = (one, node) =>
                    `${one.id}: ${one.help}: ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ""}`;
                return found.violations.flatMap(one => one.nodes.map(node => told(one, node)));
            }""",
            {"type": "rule", "values": rules} if rules else {"type": "tag", "values": RULES},
        )
        return list(found)

    async def violations_everywhere(self) -> dict[str, list[str]]:
        """What axe finds in two widths and two themes. Of a theme nothing depends but the contrast of colours, which
        takes axe longest: in the dark it alone is looked at."""
        found = {}
        for size in (WIDE, PHONE):
            await self.shape(size, "light")
            found[f"{size[0]} light"] = await self.violations()
            await self.shape(size, "dark")
            found[f"{size[0]} dark"] = await self.violations("color-contrast")
        return {at: violations for at, violations in found.items() if violations}

    async def overflow(self) -> list[str]:
        """What is wider than the window, and makes the page scroll sideways."""
        found = await self.page.evaluate(
            """() => {
                const width = document.documentElement.clientWidth;
                if (document.documentElement.scrollWidth <= width) return [];
                const scrolls = one => one !== document.body && getComputedStyle(one).overflowX !== "visible";
                const isInside = one => {
                    for (let above = one.parentElement; above; above = above.parentElement)
                        if (scrolls(above)) return true;
                    return false;
                };
                const isWider = one => one.getBoundingClientRect().right > width + 1 && !isInside(one);
                const found = [...document.querySelectorAll("body *")].filter(isWider);
                return [`${document.documentElement.scrollWidth} of ${width}`,
                    ...found.slice(0, 5).map(one => one.outerHTML.slice(0, 160))];
            }"""
        )
        return list(found)

    def unexpected(self) -> list[str]:
        """The problems that the test has not named."""
        return [one for one in self.problems if not any(part in one for part in self.expected)]

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(f"{message.type}: {message.text} {message.location.get('url', '')}")

    def _asked(self, url: str) -> None:
        if not url.startswith((f"{self.address}/", "data:", "about:")):
            self.problems.append(f"another host: {url}")
