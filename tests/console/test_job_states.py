"""What the view of a job says in each of its states, live; and that it is usable in each of them."""

from __future__ import annotations

import base64
import copy
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.accounts import connected
from tests.console.browser import PHONE, WIDE, Tab
from tests.console.papers import UPRIGHT, cancelled, invoice, looked_at, submitted
from tests.extraction.locked import PASSWORD, locked
from tests.extraction.pdfs import protected

if TYPE_CHECKING:
    from playwright.async_api import Page, Route

LATER = "2126-01-01T00:00:00Z"
NASTY = "<img src=x onerror=document.title='caught'> \u202egpj.exe \x07" + "x" * 10_000


def waiting(api: httpx.Client, request_id: str) -> dict[str, Any]:
    """A job that will not begin while anybody of today looks at it."""
    files = {"documents": ("later.pdf", UPRIGHT)}
    form = {"client_id": "me", "request_id": request_id, "use_case": "receipt", "run_at": LATER}
    job: dict[str, Any] = api.post("/jobs", data=form, files=files).raise_for_status().json()
    return job


def locked_job(api: httpx.Client) -> dict[str, Any]:
    """A job whose document does not open with the password that came with it."""
    document = {"data": base64.b64encode(locked()).decode(), "password": "wrong"}
    asked = {"client_id": "me", "request_id": "wrong", "use_case": "receipt", "documents": [document]}
    job: dict[str, Any] = api.post("/jobs?wait=30", json=asked).raise_for_status().json()
    assert job["response"]["error"]["code"] == "document_encrypted"
    return job


async def usable(tab: Tab) -> None:
    """Nothing is wrong with the page as it is, on wide screens and on phones, light and dark."""
    assert await tab.violations_everywhere() == {}
    await tab.shape(PHONE, "light")
    assert await tab.overflow() == []
    await tab.shape(WIDE, "light")


async def chosen(page: Page) -> None:
    await page.keyboard.press("j")
    await page.wait_for_selector(".mark.on")


async def tab_of(page: Page, key: str, found: str) -> None:
    await page.click(f"#tab-{key}")
    await page.wait_for_selector(found)


async def test_an_answer_is_usable_by_everybody(tab: Tab, api: httpx.Client, axe: None) -> None:
    job = invoice(api)
    page = await tab.open(f"/console/jobs/{job['ix_id']}")
    await page.wait_for_selector(".sheet img")
    await chosen(page)
    await usable(tab)


@pytest.mark.parametrize(("key", "found"), [("timeline", ".time"), ("callbacks", "#pane .empty"), ("raw", "pre.json")])
async def test_each_tab_is_usable(tab: Tab, api: httpx.Client, axe: None, key: str, found: str) -> None:
    page = await tab.open(f"/console/jobs/{invoice(api)['ix_id']}?tab={key}")
    await page.wait_for_selector(found)
    await usable(tab)


async def test_a_failed_job_says_why_and_what_to_do(tab: Tab, api: httpx.Client, axe: None) -> None:
    job = submitted(api, "locked", "receipt", protected())
    page = await tab.open(f"/console/jobs/{job['ix_id']}")
    pane = page.locator("#pane")
    assert "Submit it again with its password" in await pane.inner_text()
    assert "document_encrypted" in await pane.inner_text()
    assert "protected by a password" in await page.inner_text(".pages")
    await usable(tab)


async def test_a_password_that_was_wrong_is_asked_for_again(tab: Tab, api: httpx.Client, axe: None) -> None:
    job = locked_job(api)
    page = await tab.open(f"/console/jobs/{job['ix_id']}")
    assert "Run it again with the right password." in await page.inner_text("#pane")
    await page.click("#pane button:has-text('Run again')")
    assert await tab.violations() == []
    await page.fill("dialog input[type=password]", PASSWORD)
    await page.click("dialog button:has-text('Run again')")
    await page.wait_for_selector(".head .state:has-text('done')")


async def test_a_job_is_followed_until_it_is_cancelled(tab: Tab, api: httpx.Client, axe: None) -> None:
    job = waiting(api, "followed")
    page = await tab.open(f"/console/jobs/{job['ix_id']}")
    assert "It begins later." in await page.inner_text("#pane")
    await usable(tab)
    cancelled(api, job["ix_id"])
    await page.wait_for_selector("#pane h2:has-text('This job was cancelled.')")
    assert "cancelled" in await page.inner_text(".head .state")


async def test_a_job_is_cancelled_and_run_again_from_its_page(tab: Tab, api: httpx.Client, axe: None) -> None:
    job = waiting(api, "to be cancelled")
    page = await tab.open(f"/console/jobs/{job['ix_id']}")
    await page.click("[popovertarget=more]")
    await page.click("#more button:has-text('Cancel the job')")
    await page.click("dialog button:has-text('Leave it')")
    assert looked_at(api, f"/jobs/{job['ix_id']}").json()["status"] == "scheduled"
    await page.click("[popovertarget=more]")
    await page.click("#more button:has-text('Cancel the job')")
    assert await tab.violations() == []
    await page.click("dialog button:has-text('Cancel the job')")
    await page.wait_for_selector("#pane h2:has-text('This job was cancelled.')")
    assert looked_at(api, f"/jobs/{job['ix_id']}").json()["status"] == "cancelled"
    await page.click(".head .buttons > button:has-text('Run again')")
    await page.wait_for_selector(".head .state:has-text('done')")


async def test_a_job_that_is_erased_leaves_nothing_on_its_page(tab: Tab, api: httpx.Client, axe: None) -> None:
    job = submitted(api, "erased", "receipt", UPRIGHT)
    page = await tab.open(f"/console/jobs/{job['ix_id']}")
    await page.click("[popovertarget=more]")
    await page.click("#more button:has-text('Erase the job')")
    assert "erased-1.pdf" in await page.inner_text("dialog")
    await page.click("dialog button:has-text('Erase the job')")
    await page.wait_for_selector(".empty:has-text('This job was erased.')")
    assert await page.locator(".sheet, .f").count() == 0
    assert looked_at(api, f"/jobs/{job['ix_id']}").status_code == 404
    await usable(tab)


async def test_a_job_that_there_is_not_says_so(tab: Tab, axe: None) -> None:
    tab.expected.append("/jobs/00000000deadbeef")
    page = await tab.open("/console/jobs/00000000deadbeef")
    assert "There is no such job here." in await page.inner_text("main")
    await usable(tab)


async def test_an_answer_that_does_not_come_can_be_asked_for_again(tab: Tab, api: httpx.Client, axe: None) -> None:
    job = invoice(api)
    tab.expected.append("503")

    async def refuse(route: Route) -> None:
        problem = {"type": "about:blank", "title": "Service Unavailable", "detail": "the database does not answer"}
        await route.fulfill(status=503, json=problem)

    await tab.page.route(f"**/api/jobs/{job['ix_id']}", refuse)
    page = await tab.open(f"/console/jobs/{job['ix_id']}")
    assert "the database does not answer" in await page.inner_text("main")
    await usable(tab)
    await page.unroute_all()
    await page.click("button:has-text('Try again')")
    await page.wait_for_selector(".f")


async def test_an_erased_result_is_said_and_not_an_error(
    tab: Tab, api: httpx.Client, console_database: str, axe: None
) -> None:
    job = submitted(api, "its time is over", "receipt", UPRIGHT)
    async with connected(console_database) as database:
        assert await database.fetchval("SELECT erase_results($1)", [job["ix_id"]]) == 1
    page = await tab.open(f"/console/jobs/{job['ix_id']}")
    assert "The result was erased" in await page.inner_text(".todo")
    assert "Their time is over" in await page.inner_text(".pages")
    assert await page.locator(".f, .todo.bad").count() == 0
    await usable(tab)
    await tab_of(page, "timeline", ".time")
    assert "The result was erased" in await page.inner_text(".time")


async def test_attempts_and_callbacks_say_what_each_try_came_to(tab: Tab, api: httpx.Client, axe: None) -> None:
    job = submitted(api, "told", "receipt", UPRIGHT, callback_url="https://hooks.invalid/ix")
    lost = {"n": 1, "engine": "e-1", "started_at": job["created_at"], "ended_at": job["started_at"]}
    attempts = [{**lost, "outcome": "lost", "cause": "the process ended"}, {"n": 2, "started_at": job["started_at"]}]

    async def answer(route: Route) -> None:
        await route.fulfill(json={"attempts": attempts})

    await tab.page.route("**/attempts", answer)
    page = await tab.open(f"/console/jobs/{job['ix_id']}?tab=timeline")
    assert "the process ended" in await page.inner_text(".time li.bad")
    assert "attempt 2" in await page.inner_text(".time")
    assert "callback" in await page.inner_text(".time")
    await tab_of(page, "callbacks", ".deliveries li")
    assert "https://hooks.invalid/ix" in await page.inner_text("#pane")
    await usable(tab)
    await page.click("#pane button:has-text('Send the callback again')")
    await page.wait_for_selector(".toast:has-text('The callback is sent again.')")


async def test_a_reviewed_answer_is_shown_as_it_was_put_right(tab: Tab, api: httpx.Client, axe: None) -> None:
    job = api_job(api)
    reviewed = copy.deepcopy(job["response"])
    reviewed["result"]["buyer_name"] = "Cafe Sonnenschein"
    corrections = [
        {"path": "buyer_name", "value": "x", "was": "Old", "evidence": None, "by": "Anna", "at": job["created_at"]}
    ]
    review = {"points": [], "corrections": corrections, "confirmed": ["due_amount"], "warnings": []}

    async def answer_job(route: Route) -> None:
        await route.fulfill(json=job | {"review": "approved", "points": 0})

    async def answer_review(route: Route) -> None:
        await route.fulfill(json=reviewed | review)

    await tab.page.route(f"**/api/jobs/{job['ix_id']}", answer_job)
    await tab.page.route(f"**/api/jobs/{job['ix_id']}/review", answer_review)
    page = await tab.open(f"/console/jobs/{job['ix_id']}")
    shown = await page.inner_text('.f[data-id="buyer_name"]')
    assert "Cafe Sonnenschein" in shown
    assert "corrected by Anna" in shown
    assert "was Old" in shown
    assert "confirmed" in await page.inner_text('.f[data-id="due_amount"]')
    assert "Nothing needs your eyes" in await page.inner_text(".todo")
    assert "approved" in await page.inner_text(".head .state")
    await page.wait_for_selector(".mark.human", state="attached")
    await usable(tab)
    await page.click(".head .buttons > button:has-text('Run again')")
    assert "are forgotten" in await page.inner_text("dialog")
    await page.click("dialog button:has-text('Leave it')")
    assert api_job(api)["status"] == "done"


def api_job(api: httpx.Client) -> dict[str, Any]:
    """The invoice as it is now."""
    job: dict[str, Any] = looked_at(api, f"/jobs/{invoice(api)['ix_id']}").json()
    return job


async def test_what_documents_and_clients_say_stays_text(tab: Tab, api: httpx.Client) -> None:
    job = invoice(api)
    nasty = api_job(api)
    nasty["request"]["documents"][0]["name"] = nasty["request_id"] = NASTY
    nasty["response"]["result"]["seller_name"] = nasty["response"]["evidence"]["seller_name"]["quote"] = NASTY
    nasty["response"]["result"]["lines"][0]["name"] = nasty["response"]["usage"]["model"] = NASTY
    nasty["response"]["warnings"] = [
        {"code": "page_warning", "message": NASTY, "path": ""},
        {"code": NASTY, "message": NASTY, "path": "seller_name"},
    ]

    async def answer(route: Route) -> None:
        await route.fulfill(content_type="application/json", body=json.dumps(nasty))

    await tab.page.route(f"**/api/jobs/{job['ix_id']}", answer)
    page = await tab.open(f"/console/jobs/{job['ix_id']}")
    await page.wait_for_selector(".mark", state="attached")
    for key, found in [("timeline", ".time"), ("raw", "pre.json"), ("fields", ".f")]:
        await tab_of(page, key, found)
        assert await page.locator("main img[src=x]").count() == 0
        if key != "raw":
            shown = await page.inner_text("main")
            assert "<img src=x" in shown
            assert "\u202e" not in shown
            assert max(map(len, shown.split())) <= 2_100
    assert len(await page.inner_text("h1")) <= 210
    assert await page.title() != "caught"
    assert await tab.overflow() == []


async def test_german_fits_a_small_phone(tab: Tab, api: httpx.Client) -> None:
    await tab.shape((360, 740), "light")
    page = await tab.open(f"/console/jobs/{invoice(api)['ix_id']}", lang="de")
    assert "Rechnungsnummer" in await page.inner_text("#pane")
    for key, found in [("fields", ".f"), ("timeline", ".time"), ("callbacks", ".empty"), ("raw", "pre.json")]:
        await tab_of(page, key, found)
        assert await tab.overflow() == [], key
