"""Every key of a review, pressed; and lines, which are worked through by keys as well."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from playwright.async_api import Page

from tests.console import reviews
from tests.console.browser import Tab
from tests.console.reviews import focused, on, on_approve, press, until, value


@pytest.fixture(autouse=True)
def _expected(tab: Tab) -> None:
    tab.expected += reviews.BEFORE_OTHERS


async def test_every_key_of_the_table_does_something(tab: Tab, api: httpx.Client) -> None:
    """What the help lists is what works: each row of the table is pressed, and what it does is seen."""
    ix_id = reviews.submit(api, "keys", reviews.schema(api, "buyer_name", "due_amount"))
    page = await tab.open(f"/console/review/{ix_id}?client_id=keys")
    await on(page, "buyer_name")
    for do in PRESSED.values():
        await do(page, api, ix_id)
    keys = "async root => (await import(`${root}/js/keys.js`)).KEYS.review.map(row => row.does)"
    listed = await page.evaluate(keys, await page.evaluate("document.documentElement.dataset.assets"))
    pressed_elsewhere = {"approve", "reject", "skip", "place"}
    assert PRESSED.keys() | pressed_elsewhere == set(listed)


async def confirm(page: Page, api: httpx.Client, ix_id: str) -> None:
    await press(page, "Enter")
    await on(page, "due_amount")


async def previous_point(page: Page, api: httpx.Client, ix_id: str) -> None:
    await press(page, "Alt+z")
    await on(page, "buyer_name")
    await press(page, "Enter")
    await on(page, "due_amount")
    await press(page, "Alt+z", "Shift+Enter")
    await on(page, "due_amount")


async def next(page: Page, api: httpx.Client, ix_id: str) -> None:
    await press(page, "Tab")
    assert await focused(page) != "due_amount"


async def previous(page: Page, api: httpx.Client, ix_id: str) -> None:
    await press(page, "Shift+Tab")
    assert await focused(page) == "due_amount"


async def down(page: Page, api: httpx.Client, ix_id: str) -> None:
    await press(page, "ArrowDown")
    assert await focused(page) != "due_amount"


async def up(page: Page, api: httpx.Client, ix_id: str) -> None:
    await press(page, "ArrowUp")
    assert await focused(page) == "due_amount"


async def as_read(page: Page, api: httpx.Client, ix_id: str) -> None:
    await page.keyboard.type("17")
    await press(page, "Escape")
    assert await value(page) == "3,575.95"


async def pick(page: Page, api: httpx.Client, ix_id: str) -> None:
    await press(page, "Alt+p")
    hint = page.locator(".hint").first
    letter = await hint.inner_text()
    await page.keyboard.type(letter.lower())
    await page.wait_for_function("() => document.activeElement.value !== '3,575.95'")
    assert await page.locator(".hint").count() == 0
    await until(lambda: reviews.review(api, ix_id)["evidence"]["due_amount"].get("source") == "person")


async def undo(page: Page, api: httpx.Client, ix_id: str) -> None:
    await press(page, "Alt+z")
    assert await value(page) == "3,575.95"
    await until(lambda: "source" not in reviews.review(api, ix_id)["evidence"]["due_amount"])


async def absent(page: Page, api: httpx.Client, ix_id: str) -> None:
    await press(page, "Alt+n")
    await on(page, "buyer_name")
    await until(lambda: reviews.review(api, ix_id)["result"]["due_amount"] is None)
    await press(page, "Alt+z")
    await on(page, "due_amount")
    await until(lambda: reviews.review(api, ix_id)["result"]["due_amount"] == 3575.95)


async def page_on(page: Page, api: httpx.Client, ix_id: str) -> None:
    await press(page, "PageDown")
    assert await page.locator(".where").inner_text() == "Page 1 of 1"


async def page_back(page: Page, api: httpx.Client, ix_id: str) -> None:
    await page.locator(".stage").evaluate("stage => stage.scrollTo(0, 10_000)")
    await press(page, "PageUp")
    await page.wait_for_function("() => document.querySelector('.stage').scrollTop < 40")


async def boxes(page: Page, api: httpx.Client, ix_id: str) -> None:
    await press(page, "Alt+b")
    assert await page.locator(".stage.noboxes").count() == 1
    await press(page, "Alt+b")


async def fit(page: Page, api: httpx.Client, ix_id: str) -> None:
    width = "document.querySelector('.sheet').clientWidth"
    before = await page.evaluate(width)
    await press(page, "Alt+f")
    await page.wait_for_function(f"() => {width} !== {before}")
    await press(page, "Alt+f")


async def line(page: Page, api: httpx.Client, ix_id: str) -> None:
    """A printed line by its letter: each word goes to its column."""
    await press(page, "Alt+l")
    await page.wait_for_selector(".hint")
    letters = await page.evaluate(HINT_AT)
    await page.keyboard.type(letters.lower())
    await on(page, "lines.3.name")
    assert await value(page) == "Aufarbeitung Tresenplatte"
    lines = await until(lambda: _lines(api, ix_id, 5))
    assert [lines[3][name] for name in ("quantity", "unit_price", "line_total")] == [6.5, 58.0, 377.0]
    evidence = await until(lambda: reviews.review(api, ix_id)["evidence"]["lines"][3]["line_total"])
    assert evidence["quote"] == "377,00"


async def above(page: Page, api: httpx.Client, ix_id: str) -> None:
    await press(page, "Tab", "Control+d")
    assert await value(page) == "6.5"
    await press(page, "ArrowUp")
    assert await focused(page) == "lines.2.quantity"
    await press(page, "ArrowDown")


async def row_up(page: Page, api: httpx.Client, ix_id: str) -> None:
    await press(page, "Alt+ArrowUp")
    await on(page, "lines.2.quantity")


async def row_down(page: Page, api: httpx.Client, ix_id: str) -> None:
    await press(page, "Alt+ArrowDown")
    await on(page, "lines.3.quantity")


async def remove_row(page: Page, api: httpx.Client, ix_id: str) -> None:
    await press(page, "Alt+Backspace")
    await until(lambda: _lines(api, ix_id, 4))
    assert await page.locator(".lines tbody tr").count() == 4


HINT_AT = """() => {
    const words = [...document.querySelectorAll(".hint")];
    const at = one => one.getBoundingClientRect();
    const line = [...document.querySelectorAll(".mark")].find(mark => mark.dataset.id === "lines.2.name");
    const near = words.filter(one => Math.abs(at(one).left - at(line).left) < 12);
    const off = one => Math.abs(at(one).top + 0.7 * at(one).height - at(line).top);
    return near.sort((a, b) => off(a) - off(b))[0].textContent;
}"""
"""The letters that stand on the name of the third line."""


def _lines(api: httpx.Client, ix_id: str, count: int) -> list[dict[str, Any]]:
    """The lines as they are now, once there are so many."""
    found: list[dict[str, Any]] = reviews.review(api, ix_id)["result"]["lines"]
    return found if len(found) == count else []


PRESSED: dict[str, Callable[[Page, httpx.Client, str], Awaitable[None]]] = {
    "confirm": confirm,
    "previousPoint": previous_point,
    "next": next,
    "previous": previous,
    "down": down,
    "up": up,
    "asRead": as_read,
    "pick": pick,
    "undo": undo,
    "absent": absent,
    "pageOn": page_on,
    "pageBack": page_back,
    "boxes": boxes,
    "fit": fit,
    "line": line,
    "above": above,
    "rowUp": row_up,
    "rowDown": row_down,
    "removeRow": remove_row,
}
"""What a test presses, by the row of the table, in the order in which a document is worked through."""


async def test_lines(tab: Tab, api: httpx.Client) -> None:
    """Rows are walked and confirmed by Enter, filled by what a spreadsheet copied, and dragged from the page."""
    ix_id = reviews.submit(api, "lines", reviews.schema(api))
    page = await tab.open(f"/console/review/{ix_id}?client_id=lines&field=lines.3.line_total")
    await on(page, "lines.3.line_total")
    await page.keyboard.type("1.120,00")
    assert await page.locator(".lines tfoot .bad").count() == 1, "the sum is worked out while one types"
    # one point for all rows: the table
    await page.wait_for_selector(".lines-part > .why:not(:empty)")
    await press(page, "Enter")
    await page.locator(".ask").wait_for()
    await press(page, "Enter")
    await on(page, "line_total")
    await press(page, "Enter")
    for row in range(3):
        await on(page, f"lines.{row}.name")
        await press(page, "Enter")
    await on(page, "lines.3.name")
    await press(page, "Enter")
    await on_approve(page)
    await until(lambda: reviews.points(api, ix_id) == [])
    await press(page, "Alt+z", "Alt+z", "Alt+z")
    await on(page, "lines.3.line_total")
    await page.evaluate(PASTE, "7\t1\t7\n8\t2\t16\n")
    lines = await until(lambda: _lines(api, ix_id, 5))
    assert [line["line_total"] for line in lines[3:]] == [7.0, 8.0]
    await press(page, "Alt+z")
    lines = await until(lambda: _lines(api, ix_id, 4))
    assert lines[3]["line_total"] == 120.0
    await page.get_by_role("button", name="Take a line from the page").first.click()
    box = await page.evaluate(LINE)
    await page.mouse.move(box["left"], box["top"])
    await page.mouse.down()
    await page.mouse.move(box["right"], box["bottom"], steps=3)
    await page.mouse.up()
    await on(page, "lines.1.name")
    lines = await until(lambda: _lines(api, ix_id, 5))
    assert lines[1]["name"] == "Bistrotisch Eiche geölt, Ø 70 cm"
    assert lines[1]["line_total"] == 1156.0


PASTE = """text => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}));
}"""
LINE = """() => {
    const marks = ["lines.0.name", "lines.0.line_total"].map(id =>
        [...document.querySelectorAll(".mark")].find(mark => mark.dataset.id === id).getBoundingClientRect());
    return {left: marks[0].left - 8, top: marks[0].top + 4, right: marks[1].right + 6, bottom: marks[1].bottom - 4};
}"""
"""Around the first printed line."""


async def test_words_by_the_mouse(tab: Tab, api: httpx.Client) -> None:
    """A word is clicked; what is no value of the field is refused."""
    ix_id = reviews.submit(api, "mouse", reviews.schema(api, "due_amount"))
    page = await tab.open(f"/console/review/{ix_id}?client_id=mouse")
    await on(page, "due_amount")
    await press(page, "Alt+p")
    await page.wait_for_selector(".hint")
    tab.expected.append("/values")
    await _click(page, "lines.0.name")
    await page.wait_for_selector(".toast")
    assert await value(page) == "3,575.95"
    await press(page, "Alt+p")
    await page.wait_for_selector(".hint")
    await _click(page, "net_total")
    await page.wait_for_function("() => document.activeElement.value === '3,005.00'")
    await press(page, "Enter")
    await on_approve(page)


async def _click(page: Page, path: str) -> None:
    """Clicks on the words that a field stands on."""
    box = await page.evaluate(
        "path => { const box = document.querySelector(`.mark[data-id='${path}']`).getBoundingClientRect();"
        " return [box.x + box.width / 3, box.y + box.height / 2]; }",
        path,
    )
    await page.mouse.click(*box)


async def test_a_key_is_drawn_at_once(tab: Tab, api: httpx.Client) -> None:
    """From a key to what it changes less than 100 ms, be it walking or typing; the quickest count, since other tests
    run beside this one."""
    ix_id = reviews.submit(api, "quick", reviews.schema(api))
    page = await tab.open(f"/console/review/{ix_id}?client_id=quick&field=invoice_number")
    await on(page, "invoice_number")
    spent = sorted(await page.evaluate(SPENT))
    assert spent[len(spent) // 4] < 100, spent


SPENT = """async () => {
    const spent = [];
    for (let n = 0; n < 12; n++) {
        const at = performance.now(), input = document.activeElement;
        const down = {key: "ArrowDown", bubbles: true, cancelable: true};
        if (n % 3) input.dispatchEvent(new KeyboardEvent("keydown", down));
        else { input.value += "x"; input.dispatchEvent(new InputEvent("input", {bubbles: true})); }
        await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
        spent.push(performance.now() - at);
    }
    return spent;
}"""
"""Milliseconds from each of some keys to the frame that shows it."""
