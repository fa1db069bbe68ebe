"""Measures the pages against their budget, and prints a table: what travels until a view is drawn, how long it takes
to open a list of 100,000 jobs, a document of 300 pages and a review, and to walk them by keys.

python -m tests.console.figures
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack

import httpx
from playwright.async_api import Page

from tests import databases, processes
from tests.console import browser
from tests.console.browser import Tab
from tests.console.drills import crowd
from tests.console.pictures import submitted
from tests.console.test_job_long import COUNTS, long_job

JOBS = 100_000
REPEATS = 7
KEYS = 20
TRAVELLED = """() => {
    const all = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
    const counts = name => !/\\/api\\/|\\/i18n\\//.test(name) && !name.endsWith(".svg");
    return all.filter(one => counts(one.name))
        .filter(one => one.startTime < performance.getEntriesByName("ready")[0].startTime)
        .reduce((sum, one) => sum + one.encodedBodySize, 0);
}"""
READY = """new MutationObserver((_, watching) => {
    if (!document.documentElement?.hasAttribute("data-ready")) return;
    performance.mark("ready");
    watching.disconnect();
}).observe(document, { attributes: true, subtree: true, attributeFilter: ["data-ready"] });"""
KEY_TO_PAINT = """async key => {
    const since = performance.now();
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
    await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
    return performance.now() - since;
}"""


def main() -> None:
    """Prints the table."""
    if reason := browser.missing():
        raise SystemExit(f"nothing to measure with: {reason}")
    with ExitStack() as running:
        server = running.enter_context(databases.server(in_memory=True))
        url = running.enter_context(databases.clone(server, running.enter_context(databases.template(server))))
        address = running.enter_context(processes.service(url, IX_OCR="ppocr", IX_REVIEW_SAMPLE="0"))
        invoice, *_ = submitted(address)
        with httpx.Client(base_url=address, timeout=120, trust_env=False) as api:
            book = asyncio.run(long_job(api, url))
        crowd(url, "many", JOBS)
        asyncio.run(measure(address, invoice, book))


async def measure(address: str, invoice: str, book: str) -> None:
    """Opens each view several times."""
    async with browser.chromium() as context:
        await context.add_init_script(READY)
        tab = Tab(await context.new_page(), address)
        await tab.reset()
        print(
            "| what | bytes until drawn | opened in ms, median (worst) | nodes | key to paint in ms, median (worst) |"
        )
        print("|---|---|---|---|---|")
        await row(tab, f"list of {JOBS:,} jobs", "jobs?client_id=many", "j")
        await row(tab, "document of 300 pages", f"jobs/{book}", "j")
        await row(tab, "invoice", f"jobs/{invoice}", "j")
        await row(tab, "review of the invoice", f"review/{invoice}?field=invoice_number", "ArrowDown")
        for view in ("try", "exports", "system"):
            await row(tab, view, view, "")


async def row(tab: Tab, name: str, path: str, key: str) -> None:
    """One view: opened again and again, then walked."""
    opened = await taken(lambda: tab.open(f"/console/{path}"), REPEATS)
    page = tab.page
    travelled, (nodes, *_) = await page.evaluate(TRAVELLED), await page.evaluate(COUNTS)
    walked = ""
    if key:
        walked = said([await page.evaluate(KEY_TO_PAINT, key) for _ in range(KEYS)])
    print(f"| {name} | {travelled:,} | {said(opened)} | {nodes:,} | {walked} |", flush=True)


async def taken(act: Callable[[], Awaitable[Page]], times: int) -> list[float]:
    """Milliseconds of each time."""
    found = []
    for _ in range(times):
        since = time.perf_counter()
        await act()
        found.append(1000 * (time.perf_counter() - since))
    return found


def said(milliseconds: list[float]) -> str:
    """The median, and the worst."""
    return f"{statistics.median(milliseconds):.0f} ({max(milliseconds):.0f})"


if __name__ == "__main__":
    main()
