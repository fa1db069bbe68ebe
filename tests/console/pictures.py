"""Makes the pictures of the pages in `docs/img`: a service of its own, fed with the documents of `examples/` alone, as
Chromium shows it.

python -m tests.console.pictures [folder]
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import ExitStack
from pathlib import Path

import httpx
from playwright.async_api import Page

from tests import databases, processes
from tests.console import browser
from tests.console.browser import PHONE, Tab

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
SAMPLES = (("invoice.pdf", "invoice"), ("receipt.jpg", "receipt"), ("invoice.pdf", "auto"), ("receipt.jpg", "auto"))
DRAWN_MS = 60_000
"""Milliseconds in which an engine draws a page, also on a busy machine."""
SETTLED_MS = 1500
"""Milliseconds in which sharper pictures have come, and nothing moves any more."""


def main() -> None:
    """Writes the pictures into the folder named, or into `docs/img`."""
    if reason := browser.missing():
        raise SystemExit(f"no pictures of the pages: {reason}")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "img"
    with ExitStack() as running:
        server = running.enter_context(databases.server(in_memory=True))
        url = running.enter_context(databases.clone(server, running.enter_context(databases.template(server))))
        address = running.enter_context(processes.service(url, IX_OCR="ppocr", IX_REVIEW_SAMPLE="0"))
        asyncio.run(draw(address, folder, submitted(address)))


def submitted(address: str) -> list[str]:
    """The ids of the jobs that are shown, all ended."""
    with httpx.Client(base_url=address, timeout=120, trust_env=False) as client:
        ids = []
        for number, (name, use_case) in enumerate(SAMPLES):
            form = {"client_id": "accounts", "request_id": f"2026-{number + 1:03}", "use_case": use_case}
            file = (name, (EXAMPLES / name).read_bytes())
            job = client.post("/jobs?wait=60", data=form, files={"documents": file}).raise_for_status().json()
            ids.append(job["ix_id"])
        return ids


async def draw(address: str, folder: Path, ids: list[str]) -> None:
    """Opens each view, and keeps what is seen of it."""
    invoice, receipt, *_ = ids
    async with browser.chromium() as context:
        tab = Tab(await context.new_page(), address)
        await tab.reset()
        await kept(await tab.open("/console/jobs"), folder / "console-jobs.png")
        await kept(await tab.open(f"/console/jobs/{invoice}?field=grand_total"), folder / "console-job.png")
        await kept(await tab.open(f"/console/review/{receipt}"), folder / "console-review.png")
        await tab.shape(browser.WIDE, "dark")
        await kept(await tab.open(f"/console/jobs/{receipt}?field=total"), folder / "console-dark.png")
        await tab.shape(PHONE, "light")
        await kept(await tab.open(f"/console/jobs/{receipt}?field=total"), folder / "console-phone.png")


async def kept(page: Page, file: Path) -> None:
    """A picture of the page, once everything on it has come."""
    if await page.locator(".sheet").count():
        # asked for again until an engine has drawn it
        await page.locator(".sheet img").first.wait_for(timeout=DRAWN_MS)
    await page.wait_for_timeout(SETTLED_MS)
    await page.screenshot(path=file)
    print(f"written: {file.name}")


if __name__ == "__main__":
    main()
