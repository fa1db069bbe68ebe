"""The jobs: keys, filters in the address, pages, choice, actions, and what others have called their documents."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

pytest.importorskip("playwright.async_api", reason="playwright is not installed")

from playwright.async_api import Page, expect

from tests.console.browser import PHONE, Tab
from tests.console.drills import crowd, drills, ended, file, new_client

INVOICE = Path(__file__).parents[2] / "examples" / "invoice.pdf"
Many = tuple[str, Sequence[str]]
PAGE = 100
ROWS = "table.jobs tbody tr"
CURRENT = f"{ROWS}[aria-current]"


@pytest.fixture(scope="module")
def many(address: str, console_database: str) -> Many:
    """A client with a job more than two pages hold, and their ids, newest first."""
    client = new_client()
    return client, crowd(console_database, client, 2 * PAGE + 1)


def asked(page: Page) -> dict[str, str]:
    """The query of the page's address."""
    return {name: values[-1] for name, values in parse_qs(urlsplit(page.url).query).items()}


async def shown(page: Page) -> list[str]:
    """The ids of the rows, from the top."""
    found = await page.eval_on_selector_all(ROWS, "rows => rows.map(row => row.dataset.id)")
    return list(found)


async def test_each_key_does_what_the_table_says(tab: Tab, api: httpx.Client, many: Many) -> None:
    client, ids = many
    page = await tab.open(f"/console/jobs?client_id={client}")
    press, current = page.keyboard.press, page.locator(CURRENT)

    async def walk() -> None:
        await press("j")
        await expect(current).to_have_attribute("data-id", ids[1])
        await press("ArrowDown")
        await expect(current).to_have_attribute("data-id", ids[2])
        assert asked(page)["row"] == ids[2]

    async def back() -> None:
        await press("k")
        await expect(current).to_have_attribute("data-id", ids[1])
        await press("ArrowUp")
        await expect(current).to_have_attribute("data-id", ids[0])

    async def choose() -> None:
        await press("x")
        await expect(page.locator(f"{ROWS} input:checked")).to_have_count(1)

    async def choose_range() -> None:
        for key in ("j", "j", "Shift+X"):
            await press(key)
        await expect(page.locator(".bulk b")).to_have_text("3 chosen")

    async def dialog(key: str, title: str) -> None:
        await press(key)
        await expect(page.locator("dialog[open] h1")).to_have_text(title)
        await press("Escape")
        await expect(page.locator("dialog")).to_have_count(0)

    async def hold() -> None:
        for pressed in ("true", "false"):
            await press(".")
            await expect(page.get_by_role("button", name="Hold")).to_have_attribute("aria-pressed", pressed)

    async def older() -> None:
        await press("o")
        await expect(page.locator(ROWS).first).to_have_attribute("data-id", ids[PAGE])
        assert asked(page)["before"] == ids[PAGE - 1]

    async def newer() -> None:
        await press("n")
        await expect(page.locator(ROWS).first).to_have_attribute("data-id", ids[0])
        assert "before" not in asked(page)

    async def open_() -> None:
        await press("j")
        await page.route("**/console/jobs/*", lambda route: route.fulfill(body="opened", content_type="text/html"))
        await press("Enter")
        await page.wait_for_url(f"**/console/jobs/{ids[1]}")

    pressed: dict[str, Callable[[], Awaitable[None]]] = {
        "next": walk,
        "previous": back,
        "choose": choose,
        "range": choose_range,
        "retry": lambda: dialog("r", "Run 3 jobs again?"),
        "cancel": lambda: dialog("c", "Cancel 3 jobs?"),
        "hold": hold,
        "older": older,
        "newer": newer,
        "open": open_,
    }
    table = await page.evaluate(
        "async () => (await import(`${document.documentElement.dataset.assets}/js/keys.js`)).KEYS"
    )
    assert {row["does"] for row in table["jobs"]} == pressed.keys()
    for act in pressed.values():
        await act()


async def test_letters_can_be_switched_off_and_do_nothing_in_inputs(tab: Tab, many: Many) -> None:
    client, ids = many
    page = await tab.open(f"/console/jobs?client_id={client}")
    await page.keyboard.press("/")
    await page.keyboard.type("jjx?")
    assert await page.locator("#find-top").input_value() == "jjx?"
    await expect(page.locator(CURRENT)).to_have_attribute("data-id", ids[0])
    page = await tab.open(f"/console/jobs?client_id={client}", letters=False)
    await page.keyboard.press("j")
    await page.keyboard.press("ArrowDown")
    await expect(page.locator(CURRENT)).to_have_attribute("data-id", ids[1])


async def test_filters_stand_in_the_address(tab: Tab, api: httpx.Client, many: Many) -> None:
    client, _ = many
    page = await tab.open(f"/console/jobs?client_id={client}")
    await page.click('[data-chip="error"]')
    await expect(page.locator(ROWS)).to_have_count(5)
    assert (asked(page)["status"], asked(page)["client_id"]) == ("error", client)
    await page.reload()
    await expect(page.locator('[data-chip="error"]')).to_have_attribute("aria-current", "true")
    await expect(page.locator(ROWS)).to_have_count(5)
    await page.select_option("select[name=from]", "1h")
    await page.wait_for_url("**from=1h**")
    await expect(page.locator(ROWS)).to_have_count(5)
    await page.go_back()
    await page.go_back()
    await expect(page.locator(ROWS)).to_have_count(PAGE)
    await expect(page.locator('[data-chip="all"]')).to_have_attribute("aria-current", "true")
    await page.select_option("select[name=use_case]", "invoice")
    await expect(page.get_by_text("No job is like this.")).to_be_visible()
    assert asked(page)["use_case"] == "invoice"


async def test_a_job_is_found_by_its_id(tab: Tab, many: Many) -> None:
    client, ids = many
    page = await tab.open(f"/console/jobs?client_id={client}")
    await page.keyboard.press("/")
    await page.keyboard.type(ids[70])
    await page.keyboard.press("Enter")
    await expect(page.locator(ROWS)).to_have_count(1)
    assert (await shown(page), asked(page)["q"]) == ([ids[70]], ids[70])


async def test_pages_go_on_where_the_last_one_ended(tab: Tab, many: Many) -> None:
    client, ids = many
    page = await tab.open(f"/console/jobs?client_id={client}")
    seen = await shown(page)
    for first in (PAGE, 2 * PAGE):
        await page.click("text=Older")
        await expect(page.locator(ROWS).first).to_have_attribute("data-id", ids[first])
        seen += await shown(page)
    assert seen == list(ids)
    await expect(page.get_by_role("button", name="Older")).to_be_hidden()
    await page.click("text=Newer")
    await expect(page.locator(ROWS).first).to_have_attribute("data-id", ids[PAGE])


async def test_a_choice_is_by_job(tab: Tab, many: Many) -> None:
    client, _ = many
    page = await tab.open(f"/console/jobs?client_id={client}")
    boxes = page.locator(f"{ROWS} input")
    await boxes.nth(2).check()
    await boxes.nth(5).click(modifiers=["Shift"])
    await expect(page.locator(".bulk b")).to_have_text("4 chosen")
    await page.locator("thead input").check()
    await expect(page.locator(".bulk b")).to_have_text("100 chosen")
    await page.get_by_role("button", name="Choose none").click()
    await expect(page.locator(".bulk")).to_be_hidden()


async def test_one_job_is_run_again_cancelled_and_erased(tab: Tab, api: httpx.Client) -> None:
    client = new_client()
    ids = drills(api, client, {"action": "fail"})
    ended(api, ids)
    page = await tab.open(f"/console/jobs?client_id={client}")
    row = page.locator(f'tr[data-id="{ids[0]}"]')
    await row.click()
    await page.keyboard.press("r")
    await page.locator("dialog[open]").get_by_role("button", name="Run again", exact=True).click()
    await expect(page.locator(".toast")).to_contain_text("1 job runs again")
    await row.locator("input").check()
    await page.get_by_role("button", name="Erase …").click()
    await expect(page.locator("dialog[open]")).to_contain_text("Nobody can bring them back")
    await page.locator("dialog[open]").get_by_role("button", name="Erase …").click()
    await expect(page.locator(".toast").last).to_contain_text("1 job was erased")
    assert (await page.request.get(f"{tab.address}/jobs/{ids[0]}")).status == 404


async def test_names_of_others_are_text_and_move_nothing(tab: Tab, api: httpx.Client) -> None:
    client = new_client()
    names = [
        "<img src=x onerror=alert(1)>.pdf",
        "harmless\u202efdp.exe",
        "W" * 10_000,
        "a\u0000b\u0007.pdf",
        "שלום.pdf",
    ]
    ended(api, [file(api, client, name) for name in names])
    page = await tab.open(f"/console/jobs?client_id={client}")
    await expect(page.locator(ROWS)).to_have_count(len(names))
    assert await page.locator("main img").count() == 0
    told = await page.locator("a.name").all_inner_texts()
    assert any("onerror=alert(1)" in name for name in told)
    assert not any(re.search("[\u0000-\u001f\u202e]", name) for name in told)
    assert any("harmless‹202E›fdp.exe" in name for name in told)
    assert max(map(len, told)) <= 121
    heights = await page.eval_on_selector_all(ROWS, "rows => rows.map(row => row.offsetHeight)")
    assert set(heights) == {48}
    for size in (PHONE, (360, 780), (1440, 900)):
        await tab.shape(size, "light")
        assert await tab.overflow() == []


async def test_back_leads_to_the_same_list_and_row(tab: Tab, many: Many) -> None:
    client, _ = many
    page = await tab.open(f"/console/jobs?client_id={client}&status=done")
    await page.locator(ROWS).nth(40).click()
    before: Any = page.url
    await page.goto(f"{tab.address}/console/system")
    await page.go_back()
    await expect(page.locator(CURRENT)).to_be_in_viewport()
    assert page.url == before
    assert asked(page)["row"] == await page.locator(CURRENT).get_attribute("data-id")


async def test_a_look_at_a_job_shows_its_values_and_where_they_stand(tab: Tab, api: httpx.Client) -> None:
    client = new_client()
    ix_id = file(api, client, "invoice.pdf", INVOICE.read_bytes())
    ended(api, [ix_id])
    page = await tab.open(f"/console/jobs?client_id={client}")
    peek = page.locator(".peek")
    await expect(peek.locator("dd").first).to_contain_text("RE-2024-0318")
    await expect(page.locator(f"{ROWS} .fact")).to_contain_text("EUR")
    # an engine draws the page meanwhile
    await expect(peek.get_by_role("img", name="Page 1, invoice.pdf")).to_be_visible(timeout=20_000)
    job = await (await page.request.get(f"{tab.address}/jobs/{ix_id}")).json()
    evidence = job["response"]["evidence"]["invoice_number"]
    box, leaf = await peek.locator(".spot").first.bounding_box(), await peek.locator(".leaf").bounding_box()
    assert box
    assert leaf
    x0, y0, x1, y1 = evidence["boxes"][0]
    across = (box["x"] + box["width"] / 2 - leaf["x"]) / leaf["width"]
    down = (box["y"] + box["height"] / 2 - leaf["y"]) / leaf["height"]
    assert (across, down) == pytest.approx(((x0 + x1) / 2, (y0 + y1) / 2), abs=0.01)
