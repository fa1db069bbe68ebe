"""The viewer as others embed it: in a page of their own, with words to be picked."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from ix.console import assets
from tests.console.browser import Tab
from tests.console.papers import invoice

if TYPE_CHECKING:
    from playwright.async_api import Page, Route

README = Path(assets.STATIC) / "js" / "viewer" / "README.md"
SETUP = """async ([address, job, pages]) => {
    const { Viewer, fieldsOf } = await import(`${address}/js/viewer/viewer.js`);
    const { mayBe } = await import(`${address}/js/kinds.js`);
    document.querySelector("#main").replaceChildren();
    const words = async () => [
        ["Rechnung", .1, .1, .3, .12], ["12.50", .7, .3, .78, .32], ["99.00", .7, .4, .78, .42, 1, true],
        ["5", .1, .5, .11, .52], ["March", .12, .5, .18, .52], ["2024", .19, .5, .24, .52], ["3.75", .7, .5, .76, .52],
        ["bank:DE89", .1, .6, .3, .8, 1, false, "QRCODE"],
    ];
    globalThis.told = [];
    globalThis.viewer = new Viewer(document.querySelector("#main"), {
        pages, words, picture: async () => "/console/assets/none.webp", fits: mayBe,
        onPick: picked => told.push(picked), onWord: word => told.push(word.text), say: key => key,
    });
    await viewer.wordsOf(0, 1);
}"""


async def bare(tab: Tab, api: httpx.Client) -> Page:
    """A view that holds a viewer alone, over words that are made up."""
    tab.expected += ["none.webp", "404"]
    page = await tab.open(f"/console/jobs/{invoice(api)['ix_id']}")
    root = await page.evaluate("document.documentElement.dataset.assets")
    pages = [{"document": 0, "page": 1, "width": 600, "height": 800, "rotation": 0}]
    await page.evaluate(SETUP, [root, None, pages])
    await page.wait_for_selector("#main .sheet-text", state="attached")
    return page


async def told(page: Page) -> list[Any]:
    found: list[Any] = await page.evaluate("told.splice(0)")
    return found


async def at(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where a point of the page is on the screen."""
    box = await page.locator(".sheet").bounding_box()
    assert box
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


async def test_letters_stand_on_what_may_be_meant(tab: Tab, api: httpx.Client) -> None:
    page = await bare(tab, api)
    await page.evaluate("viewer.toggleFit()")
    await page.evaluate("viewer.pick('money')")
    assert await page.locator(".hint").all_text_contents() == ["a", "s"]
    assert await page.evaluate("viewer.letter('q')") is False
    assert await page.evaluate("viewer.letter('s')") is True
    [picked] = await told(page)
    assert (picked["text"], picked["words"], picked["boxes"]) == ("3.75", [[0, 1, 6]], [[0.7, 0.5, 0.76, 0.52]])
    await page.evaluate("viewer.pick('date')")
    assert await page.evaluate("viewer.letter('a')") is True
    [picked] = await told(page)
    assert (picked["text"], picked["boxes"]) == ("5 March 2024", [[0.1, 0.5, 0.24, 0.52]])
    await page.evaluate("viewer.pick(null)")
    assert await page.locator(".hint").count() == 0


async def test_words_are_picked_by_mouse_and_hidden_ones_never(tab: Tab, api: httpx.Client) -> None:
    page = await bare(tab, api)
    await page.evaluate("viewer.toggleFit()")
    await page.mouse.click(*await at(page, 0.2, 0.11))
    assert await told(page) == ["Rechnung"]
    await page.evaluate("viewer.pick('text')")
    await page.mouse.click(*await at(page, 0.74, 0.41))
    assert await told(page) == []
    await page.mouse.move(*await at(page, 0.6, 0.29))
    await page.mouse.down()
    await page.mouse.move(*await at(page, 0.9, 0.53), steps=3)
    await page.mouse.up()
    [picked] = await told(page)
    assert (picked["text"], picked["words"]) == ("12.50\n3.75", [[0, 1, 1], [0, 1, 6]])
    await page.keyboard.down("Shift")
    await page.mouse.click(*await at(page, 0.15, 0.51))
    await page.keyboard.up("Shift")
    [more] = await told(page)
    assert more["added"]
    assert [word["text"] for word in more["picked"]] == ["12.50", "3.75", "March"]
    assert "99.00" not in await page.inner_text("#main")


async def test_the_wheel_keeps_the_point_under_it(tab: Tab, api: httpx.Client) -> None:
    # a page that is narrower than the view stays in its middle
    page = await bare(tab, api)
    await page.evaluate("viewer.scale(2.5)")
    pointer = await at(page, 0.7, 0.3)
    await page.mouse.move(*pointer)
    await page.keyboard.down("Control")
    for _ in range(4):
        await page.mouse.wheel(0, -100)
    await page.keyboard.up("Control")
    await page.wait_for_function("() => viewer.zoom > 3.6")
    x, y = await at(page, 0.7, 0.3)
    assert abs(x - pointer[0]) < 2
    assert abs(y - pointer[1]) < 2


async def test_two_fingers_scale(tab: Tab, api: httpx.Client) -> None:
    page = await bare(tab, api)
    await page.evaluate("viewer.scale(2.5)")
    x, y = await at(page, 0.5, 0.3)
    hand = await page.context.new_cdp_session(page)

    async def touch(kind: str, apart: float) -> None:
        fingers = [{"x": x - apart, "y": y}, {"x": x + apart, "y": y}] if apart else []
        await hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

    await hand.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 2})
    try:
        await touch("touchStart", 100)
        for apart in (105, 115, 130):
            await touch("touchMove", apart)
        await touch("touchEnd", 0)
        await page.wait_for_function("() => viewer.zoom > 2.8")
        assert await page.evaluate("visualViewport.scale") == 1
    finally:
        await hand.send("Emulation.setTouchEmulationEnabled", {"enabled": False})
        await hand.detach()


async def test_a_snippet_shows_the_printed_words(tab: Tab, api: httpx.Client) -> None:
    page = await bare(tab, api)
    made = """printed => {
        const node = viewer.snippet(printed, { line: 20 });
        if (!node) return null;
        document.body.append(node);
        const { width, height } = node.getBoundingClientRect(), { backgroundSize, backgroundPosition } = node.style;
        return [width, height, backgroundSize, backgroundPosition].map(one => parseFloat(one)).concat(node.role);
    }"""
    printed = {"document": 0, "page": 1, "boxes": [[0.7, 0.3, 0.78, 0.32]], "quote": "12.50"}
    width, height, size, left, role = await page.evaluate(made, printed)
    # a line of 2 % of 800 points is 20 pixels high, so that the page is 750 wide: the words begin at 525 and have 60
    assert (round(size), round(left), round(width), round(height)) == (750, -517, 78, 28)
    assert role == "img"
    assert await page.evaluate(made, printed | {"boxes": []}) is None
    assert await page.evaluate(made, printed | {"page": 7}) is None


async def test_the_page_of_the_readme_shows_a_job(tab: Tab, api: httpx.Client) -> None:
    """What stands there is what somebody copies: a page elsewhere, whose server passes on what ix answers."""
    found = re.search(r"```html\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    html, ix_id = found[1], invoice(api)["ix_id"]

    async def embed(route: Route) -> None:
        await route.fulfill(content_type="text/html", body=f"<!doctype html><title>Elsewhere</title>{html}")

    async def static(route: Route) -> None:
        name = route.request.url.partition("/static/")[2]
        media_type = assets.MEDIA_TYPES[Path(name).suffix]
        await route.fulfill(content_type=media_type, body=(assets.STATIC / name).read_text(encoding="utf-8"))

    async def proxied(route: Route) -> None:
        path = route.request.url.partition("/documents/4711")[2]
        await route.fulfill(response=await route.fetch(url=f"{tab.address}/jobs/{ix_id}{path}"))

    page = tab.page
    await page.route("**/embed", embed)
    await page.route("**/static/**", static)
    await page.route("**/documents/4711**", proxied)
    await page.goto(f"{tab.address}/embed")
    await page.wait_for_selector(".sheet > img")
    await page.wait_for_selector(".mark", state="attached")
    assert await page.locator(".mark").count() > 20
    assert await page.get_attribute(".stage", "aria-label") == "Document pages"
