"""Reviews in a real browser: by keys alone, from the queue to the callback; two people; what is not sent yet."""

from __future__ import annotations

import asyncpg
import httpx
import pytest

from tests.console import reviews
from tests.console.browser import Tab
from tests.console.reviews import focused, on, on_approve, press, until, value
from tests.receiver import Receiver


@pytest.fixture(autouse=True)
def _expected(tab: Tab) -> None:
    tab.expected += reviews.BEFORE_OTHERS


async def test_three_points_by_keys_alone(tab: Tab, api: httpx.Client, called: Receiver) -> None:
    """A right value costs one key, a wrong one whose right value is printed elsewhere two."""
    wanted = reviews.schema(api, "buyer_name", "due_amount", "currency")
    ix_id = reviews.submit(
        api, "keys-alone", wanted, callback_url=called.url, name="<img src=x onerror=alert(1)>\u202e.pdf"
    )
    before = reviews.result(api, ix_id)
    assert set(reviews.points(api, ix_id)) == {"buyer_name", "due_amount", "currency"}
    page = await tab.open("/console/review?client_id=keys-alone")
    assert ix_id in page.url
    assert await page.locator("h1").inner_text() == "<img src=x onerror=alert(1)>‹202E›.pdf"
    await on(page, "buyer_name")
    await press(page, "Enter")
    await on(page, "due_amount")
    await page.wait_for_selector(".cand .chip")
    other = await page.locator(".cand .chip").nth(1).inner_text()
    await press(page, "Alt+2")
    await page.wait_for_function("was => document.activeElement.value !== was", arg="3,575.95")
    assert await value(page) in other
    await press(page, "Enter")
    await on(page, "currency")
    await press(page, "Enter")
    await on_approve(page)
    await press(page, "Control+Enter")
    await page.wait_for_selector("text=Nothing to check")
    assert reviews.review(api, ix_id)["decided"] is None, "it can be undone for six seconds"
    # whoever goes away has decided
    await page.goto(f"{tab.address}/console/jobs")
    found = await until(lambda: (now := reviews.review(api, ix_id))["decided"] and now)
    assert found["state"] == "approved"
    corrections = [(one["path"], one["was"], one["value"]) for one in found["corrections"]]
    assert corrections == [("due_amount", 3575.95, 3005.0)]
    assert found["evidence"]["due_amount"]["quote"] == "3.005,00"
    assert reviews.result(api, ix_id) == before, "what was read stays"
    said = [one.json() for one in called.until(2)]
    [told] = [
        one["data"]["approval"] for one in said if one["type"] == "job.approved" and one["data"]["ix_id"] == ix_id
    ]
    assert (told["state"], told["result"]["due_amount"]) == ("approved", 3005.0)


async def test_a_right_document_costs_one_key(tab: Tab, api: httpx.Client) -> None:
    ix_id = reviews.submit(api, "one-key", reviews.schema(api))
    page = await tab.open(f"/console/review/{ix_id}?client_id=one-key")
    await on_approve(page)
    await press(page, "Enter")
    await page.wait_for_selector("text=Nothing to check")
    await page.locator(".toast button").click()
    await page.wait_for_selector("text=All points settled")
    await press(page, "Control+Enter")
    await page.wait_for_selector("text=Nothing to check")
    await page.goto(f"{tab.address}/console/jobs")
    await until(lambda: reviews.review(api, ix_id)["state"] == "approved")


async def test_a_correction_that_breaks_a_check_is_asked_about(tab: Tab, api: httpx.Client) -> None:
    ix_id = reviews.submit(api, "asked", reviews.schema(api))
    page = await tab.open(f"/console/review/{ix_id}?client_id=asked&field=tax_total")
    await on(page, "tax_total")
    await page.keyboard.type("1.000,50")
    assert "≠" in await page.locator(".sums").inner_text(), "sums are worked out while one types"
    await press(page, "Enter")
    asked = page.locator(".ask")
    await asked.wait_for()
    assert "Grand total: is not the sum of Net total + Tax total" in await asked.inner_text()
    await press(page, "Escape")
    assert await asked.count() == 0
    assert await focused(page) == "tax_total"
    await press(page, "Enter")
    await asked.wait_for()
    await press(page, "Enter")
    # what it breaks is another field's point now
    await on(page, "grand_total")
    await press(page, "Enter")
    await on_approve(page)
    found = await until(lambda: (now := reviews.review(api, ix_id))["points"] == [] and now)
    assert found["result"]["tax_total"] == 1000.5
    assert set(found["confirmed"]) >= {"tax_total", "grand_total"}


async def test_another_person_has_it(tab: Tab, api: httpx.Client, console_database: str) -> None:
    ix_id = reviews.submit(api, "leased", reviews.schema(api, "buyer_name"))
    await _lease(console_database, ix_id, "Anna Weber")
    tab.expected.append("/lease")
    page = await tab.open(f"/console/review/{ix_id}?client_id=leased")
    note = page.locator(".note.lease")
    await note.wait_for()
    assert "Anna Weber" in await note.inner_text()
    tab.expected.append(f"/jobs/{ix_id}/review")
    await on(page, "buyer_name")
    await press(page, "Enter")
    assert reviews.review(api, ix_id)["confirmed"] == []
    await _lease(console_database, ix_id, "Anna Weber", minutes=-1)
    await note.get_by_role("button", name="Try again").click()
    await note.wait_for(state="detached")
    await until(lambda: reviews.review(api, ix_id)["confirmed"] == ["buyer_name"])


async def test_two_people_change_one_document(tab: Tab, api: httpx.Client) -> None:
    ix_id = reviews.submit(api, "two-people", reviews.schema(api, "buyer_name"))
    page = await tab.open(f"/console/review/{ix_id}?client_id=two-people")
    await on(page, "buyer_name")
    tab.expected.append(f"/jobs/{ix_id}/review")
    await page.keyboard.type("Café Abendrot")
    reviews.change(api, ix_id, buyer_name="Café Morgenrot")
    await press(page, "Enter")
    dialog = page.locator("dialog[open]")
    await dialog.wait_for()
    said = await dialog.inner_text()
    assert "Café Morgenrot" in said
    assert "Café Abendrot" in said
    await press(page, "Escape")
    assert reviews.review(api, ix_id)["result"]["buyer_name"] == "Café Morgenrot", "nothing is sent, and nothing lost"
    await page.get_by_role("button", name="Decide").click()
    await dialog.get_by_label("Keep mine").check()
    await dialog.get_by_role("button", name="Go on").click()
    await until(lambda: reviews.review(api, ix_id)["result"]["buyer_name"] == "Café Abendrot")


async def test_a_change_of_another_person_is_seen(tab: Tab, api: httpx.Client) -> None:
    """The stream tells of it: what is shown is what counts."""
    if not reviews.streams_all(api):
        pytest.skip("this service streams the events of single clients only")
    ix_id = reviews.submit(api, "news", reviews.schema(api, "buyer_name"))
    page = await tab.open(f"/console/review/{ix_id}?client_id=news")
    await on(page, "buyer_name")
    await page.wait_for_selector(".live:not(.off)")
    reviews.change(api, ix_id, buyer_name="Café Morgenrot")
    await page.wait_for_selector("text=Somebody else changed this document")
    assert await page.locator('input[data-id="buyer_name"]').input_value() == "Café Morgenrot"


async def test_what_is_not_sent_survives(tab: Tab, api: httpx.Client) -> None:
    ix_id = reviews.submit(api, "unsent", reviews.schema(api, "buyer_name", "due_amount"))
    page = await tab.open(f"/console/review/{ix_id}?client_id=unsent")
    await on(page, "buyer_name")
    tab.expected.append("ERR_INTERNET_DISCONNECTED")
    await page.context.set_offline(True)
    await page.keyboard.type("Café Morgenrot")
    await press(page, "Enter")
    await on(page, "due_amount")
    await page.keyboard.type("12,")
    await page.wait_for_selector("text=2 changes are kept on this device")
    # the connection is there again for the page, but not for what is sent
    await page.route("**/review", lambda route: route.abort() if route.request.method == "PATCH" else route.continue_())
    tab.expected.append("ERR_FAILED")
    await page.context.set_offline(False)
    await page.reload()
    await on(page, "due_amount")
    assert await value(page) == "12,"
    assert await page.locator('input[data-id="buyer_name"]').input_value() == "Café Morgenrot"
    assert reviews.review(api, ix_id)["version"] == 0
    await page.unroute_all()
    await page.evaluate("dispatchEvent(new Event('online'))")
    found = await until(lambda: (now := reviews.review(api, ix_id))["version"] and now)
    assert found["result"]["buyer_name"] == "Café Morgenrot"
    assert found["confirmed"] == ["buyer_name"]
    await press(page, "Escape")
    # nothing stays once it is sent
    await page.wait_for_function("() => !Object.keys(localStorage).some(key => key.startsWith('ix.review.'))")


async def test_old_drafts_go(tab: Tab, api: httpx.Client) -> None:
    ix_id = reviews.submit(api, "old", reviews.schema(api, "buyer_name"))
    entry = {"ix_id": ix_id, "saved": 0, "version": 0, "changes": [], "texts": {"buyer_name": "old"}, "decision": None}
    page = await tab.open(f"/console/review/{ix_id}?client_id=old", **{f"review.{ix_id}": entry})
    await on(page, "buyer_name")
    assert await value(page) == reviews.result(api, ix_id)["buyer_name"]
    assert await page.evaluate("id => localStorage.getItem(`ix.review.${id}`)", ix_id) is None


async def test_no_draft_is_kept_where_the_service_wants_none(tab: Tab, api: httpx.Client) -> None:
    ix_id = reviews.submit(api, "nodrafts", reviews.schema(api, "buyer_name"))
    old = {"ix_id": ix_id, "saved": 0, "version": 0, "changes": [], "texts": {"buyer_name": "old"}, "decision": None}
    session = {"open": True, "name": "", "client_id": None, "key_id": "", "use_cases": None, "oidc": False}
    told = {**session, "may": ["submit", "view", "review", "export"], "drafts": False, "ends_at": None}
    await tab.page.route("**/console/session", lambda route: route.fulfill(json=told))
    page = await tab.open(f"/console/review/{ix_id}?client_id=nodrafts", **{f"review.{ix_id}": old})
    await on(page, "buyer_name")
    await page.keyboard.type("Anna")
    assert (await value(page)).endswith("Anna")
    kept = "() => Object.keys(localStorage).filter(key => key.startsWith('ix.review.'))"
    assert await page.evaluate(kept) == []


async def test_rejected_with_a_reason_and_opened_again(tab: Tab, api: httpx.Client) -> None:
    ix_id = reviews.submit(api, "rejected", reviews.schema(api, "buyer_name"))
    page = await tab.open(f"/console/review/{ix_id}?client_id=rejected")
    await on(page, "buyer_name")
    await press(page, "Alt+r")
    await page.locator("dialog[open] textarea").fill("not ours")
    await page.locator("dialog[open]").get_by_role("button", name="Reject").click()
    await page.wait_for_selector("text=Nothing to check")
    await page.goto(f"{tab.address}/console/jobs")
    found = await until(lambda: (now := reviews.review(api, ix_id))["decided"] and now)
    assert (found["state"], found["decided"]["note"]) == ("rejected", "not ours")
    await tab.open(f"/console/review/{ix_id}?client_id=rejected")
    note = page.locator(".note.info")
    assert "not ours" in await note.inner_text()
    await note.get_by_role("button", name="Open again").click()
    await until(lambda: reviews.review(api, ix_id)["decided"] is None)


async def test_the_next_is_there_already(tab: Tab, api: httpx.Client) -> None:
    """The next document comes with a lease while this one is read; what is skipped does not come again."""
    wanted = reviews.schema(api, "buyer_name")
    first, second = (reviews.submit(api, "queue", wanted, request_id=each) for each in "12")
    page = await tab.open("/console/review?client_id=queue")
    await on(page, "buyer_name")
    assert first in page.url
    await until(lambda: reviews.review(api, second)["lease"])
    await press(page, "Alt+s")
    await page.wait_for_url(f"**/{second}*")
    await on(page, "buyer_name")
    await press(page, "Alt+s")
    await page.wait_for_selector("text=Nothing to check")
    await page.get_by_role("button", name="Look at the 2 skipped ones again").click()
    await page.wait_for_url(f"**/{first}*")
    await page.goto(f"{tab.address}/console/jobs")
    await until(lambda: reviews.review(api, first)["lease"] is None)


async def _lease(database: str, ix_id: str, who: str, minutes: int = 5) -> None:
    """Another person's lease of a document."""
    connection = await asyncpg.connect(database)
    try:
        await connection.execute(
            "INSERT INTO reviews (ix_id, client_id, use_case, leased_by, lease_holder, leased_until)"
            " SELECT ix_id, client_id, use_case, $2, $2, now() + make_interval(mins => $3) FROM jobs WHERE ix_id = $1"
            " ON CONFLICT (ix_id) DO UPDATE SET leased_until = excluded.leased_until",
            ix_id,
            who,
            minutes,
        )
    finally:
        await connection.close()
