"""Exports: what was chosen stands in the address, the first rows are shown, and the file is the one that was chosen."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from python_calamine import CalamineWorkbook

from tests.blackbox.answered import RECEIPT, answered
from tests.console.browser import Tab

if TYPE_CHECKING:
    from playwright.async_api import Page

HOSTILE = "=cmd|'/C calc'!A0 <img src=x onerror=alert(1)> \u202egpj.exe"
POINTS = [
    {"bar": bar / 100, "passed": 100 - bar // 2, "wrong": 8 if bar < 75 else 1, "of": 100} for bar in range(50, 96, 5)
]
BAR = {"fields": [{"path": "total", "points": POINTS}, {"path": "date", "points": POINTS}], "of": 200}


@pytest.fixture(scope="module")
def exported(console_database: str) -> str:
    """A client with twelve receipts, the newest of which has a hostile document and company."""
    client = "exporter"
    answered(console_database, RECEIPT, client=client, count=11)
    answered(
        console_database, {**RECEIPT, "company": HOSTILE}, client=client, document=f"{HOSTILE}.pdf", request_id="h"
    )
    return client


async def opened(tab: Tab, query: str, **remembered: Any) -> Page:
    """The view, with a curve that does not hang on what other tests have reviewed."""
    await served(tab, "/reviews/bar", BAR)
    return await tab.open(f"/console/exports{query}", **remembered)


async def served(tab: Tab, path: str, body: Any, status: int = 200, times: int | None = None) -> None:
    """Lets the browser have another answer than the service's."""
    await tab.page.route(f"**/console/api{path}*", lambda route: route.fulfill(status=status, json=body), times=times)


async def downloaded(tab: Tab, path: Path) -> bytes:
    async with tab.page.expect_download() as waiting:
        await tab.page.keyboard.press("Control+Enter")
    file = await waiting.value
    await file.save_as(path / file.suggested_filename)
    return (path / file.suggested_filename).read_bytes()


async def test_each_form_is_the_file_that_was_chosen(tab: Tab, exported: str, tmp_path: Path) -> None:
    page = await opened(tab, f"?use_case=receipt&client_id={exported}")
    assert await page.locator(".grid tbody tr").count() == 8
    assert "12 jobs" in await page.locator("form [role=status]").inner_text()
    book = CalamineWorkbook.from_filelike(io.BytesIO(await downloaded(tab, tmp_path)))
    jobs = book.get_sheet_by_name("Jobs").to_python()
    assert (len(jobs), jobs[1][1], jobs[1][2], jobs[1][5]) == (13, f"{HOSTILE}.pdf", HOSTILE, 20.21)
    assert len(book.get_sheet_by_name("Lines").to_python()) == 25

    await page.get_by_role("radio", name="CSV").check()
    await page.get_by_role("checkbox").check()
    await page.wait_for_selector(".grid th:has-text('items.amount')")
    rows = list(csv.DictReader(io.StringIO((await downloaded(tab, tmp_path)).decode("utf-8-sig"), newline="")))
    assert (len(rows), rows[0]["document"]) == (24, f"'{HOSTILE}.pdf")

    await page.get_by_role("radio", name="JSON Lines").check()
    await page.wait_for_selector(".grid th:has-text('company')")
    lines = [json.loads(line) for line in (await downloaded(tab, tmp_path)).splitlines()]
    assert (len(lines), lines[0]["result"]["company"]) == (12, HOSTILE)


async def test_what_was_chosen_stands_in_the_address(tab: Tab, exported: str) -> None:
    page = await opened(tab, f"?client_id={exported}")
    await page.get_by_label("Use case").select_option("receipt")
    await page.get_by_role("radio", name="Evidence").check()
    await page.wait_for_selector(".grid th:has-text('in_document')")
    assert page.url.endswith(f"?what=evidence&use_case=receipt&client_id={exported}")
    assert await page.locator(".grid tbody td").nth(2).inner_text() == "company"
    command = await page.locator("pre.code").inner_text()
    assert command.startswith("curl -OJ 'http://127.0.0.1")
    assert "what=evidence&format=xlsx&use_case=receipt" in command
    await page.go_back()
    await page.wait_for_selector(".grid th:has-text('company')")
    assert await page.get_by_role("radio", name="Results").is_checked()
    # what a document says is shown with its marks, and never run
    assert (
        await page.locator("td bdi", has_text="<img").first.inner_text() == HOSTILE.replace("\u202e", "‹202E›") + ".pdf"
    )


async def test_nothing_that_matches_says_what_to_do(tab: Tab, exported: str) -> None:
    page = await opened(tab, "?use_case=receipt&client_id=nobody")
    assert await page.locator(".empty b").first.inner_text() == "No job matches."
    assert await page.locator("[data-act=download]").get_attribute("aria-disabled") == "true"
    await page.get_by_role("link", name="Take all jobs").click()
    await page.wait_for_selector("html[data-ready] .grid tbody tr")
    assert page.url.endswith("/console/exports")


async def test_the_curve_says_what_it_means(tab: Tab, exported: str) -> None:
    page = await opened(tab, f"?use_case=receipt&client_id={exported}")
    meaning = page.locator("[data-meaning]")
    assert await meaning.inner_text() == (
        "At a bar of 0.60, 70% of the values pass without a look, and 11.4% of those were wrong; "
        "at 0.75 only 63% would pass, of which 1.6% were wrong."
    )
    assert await page.locator("svg.curve").get_attribute("aria-label") == await meaning.inner_text()
    assert "200 values" in await page.locator("section.card").last.inner_text()
    await page.get_by_label("Field").select_option("total")
    assert "100 values" in await page.locator("section.card").last.inner_text()


async def test_all_use_cases_have_no_curve_and_no_failure(tab: Tab) -> None:
    page = await tab.open("/console/exports")
    assert "Choose a use case to see it." in await page.locator("section.card").last.inner_text()
    assert await page.locator("[role=alert]").count() == 0


async def test_a_curve_of_nothing_says_so(tab: Tab) -> None:
    page = await tab.open("/console/exports?use_case=custom")
    assert "Nobody has looked at a value yet." in await page.locator("section.card").last.inner_text()


async def test_one_that_fails_can_be_tried_again(tab: Tab, exported: str) -> None:
    tab.expected += ["503", "/exports/preview"]
    problem = {"title": "Service Unavailable", "status": 503, "detail": "the database does not answer now"}
    await served(tab, "/exports/preview", problem, status=503, times=1)
    page = await opened(tab, f"?client_id={exported}")
    assert "the database does not answer now" in await page.locator("[role=alert]").inner_text()
    await page.get_by_role("button", name="Try again").click()
    await page.wait_for_selector(".grid tbody tr")


async def test_no_state_has_a_violation_and_none_overflows(tab: Tab, axe: None, exported: str) -> None:
    found = []
    for query in (f"?client_id={exported}&use_case=receipt", "?client_id=nobody"):
        page = await opened(tab, query)
        found += [
            f"{query} {state} {one}" for state, ones in (await tab.violations_everywhere()).items() for one in ones
        ]
    await tab.shape((360, 780), "light")
    await opened(tab, f"?client_id={exported}", lang="de")
    assert await page.locator("h1").inner_text() == "Export"
    assert (found, await tab.overflow()) == ([], [])


async def test_an_export_that_is_left_lets_others_in(tab: Tab, exported: str) -> None:
    """The place of one that is broken off is free again."""
    page = await opened(tab, f"?client_id={exported}")
    left = (
        "async () => { const c = new AbortController(); const a = await fetch(`${location.origin}/console/api/exports"
    )
    left += "?format=jsonl`, {signal: c.signal}); c.abort(); return a.status; }"
    assert [await page.evaluate(left) for _ in range(8)] == [200] * 8
