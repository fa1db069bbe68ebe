"""Boxes stand where evidence says, at any size, and around the print that they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.console.browser import Tab
from tests.console.papers import TURNED, UPRIGHT, invoice, looked_at, submitted

if TYPE_CHECKING:
    from playwright.async_api import Page

OFF_BY = """evidence => {
    const furthest = one => {
        const sheet = one.closest(".sheet").getBoundingClientRect(), box = one.getBoundingClientRect();
        const leaf = one.dataset.id.split(".").reduce((node, step) => node[step], evidence);
        // two pixels of room on each side are the mark's own
        const left = box.left + 2 - sheet.left, top = box.top + 2 - sheet.top;
        const right = box.right - 2 - sheet.left, bottom = box.bottom - 2 - sheet.top;
        return Math.min(...leaf.boxes.map(([x0, y0, x1, y1]) => Math.max(
            Math.abs(left - x0 * sheet.width), Math.abs(top - y0 * sheet.height),
            Math.abs(right - x1 * sheet.width), Math.abs(bottom - y1 * sheet.height))));
    };
    return [...document.querySelectorAll(".mark")].map(furthest);
}"""
INK = """async id => {
    const mark = document.querySelector(`.mark[data-id="${id}"]`), sheet = mark.closest(".sheet");
    const picture = sheet.querySelector("img"), canvas = document.createElement("canvas");
    await picture.decode();
    canvas.width = picture.naturalWidth;
    canvas.height = picture.naturalHeight;
    const drawing = canvas.getContext("2d");
    drawing.drawImage(picture, 0, 0);
    const page = sheet.getBoundingClientRect(), box = mark.getBoundingClientRect(), scale = canvas.width / page.width;
    const [x, y] = [(box.left - page.left) * scale, (box.top - page.top) * scale].map(Math.round);
    const [width, height] = [box.width * scale, box.height * scale].map(Math.round);
    const { data } = drawing.getImageData(x, y, width, height), dark = [];
    for (let at = 0; at < width * height; at++) {
        if (data[4 * at] < 128) dark.push([at % width, Math.floor(at / width)]);
    }
    const xs = dark.map(one => one[0]), ys = dark.map(one => one[1]);
    return {
        left: Math.min(...xs) / scale, right: (width - 1 - Math.max(...xs)) / scale,
        top: Math.min(...ys) / scale, bottom: (height - 1 - Math.max(...ys)) / scale,
        shape: [canvas.width / canvas.height, page.width / page.height],
    };
}"""
"""How far the print within a mark is from each of its sides, CSS pixels; and the shapes of picture and page."""


async def ink(page: Page, path: str) -> dict[str, Any]:
    await page.wait_for_function(
        "id => document.querySelector(`.mark[data-id='${id}']`)?.closest('.sheet').querySelector('img')?.complete",
        arg=path,
    )
    found: dict[str, Any] = await page.evaluate(INK, path)
    return found


@pytest.mark.parametrize("width", [390, 1024, 1920])
async def test_a_box_is_where_evidence_says_at_any_size(tab: Tab, api: httpx.Client, width: int) -> None:
    job = invoice(api)
    evidence = job["response"]["evidence"]
    await tab.shape((width, 900), "light")
    page = await tab.open(f"/console/jobs/{job['ix_id']}")
    await page.wait_for_selector(".mark")
    widths = []
    for key in ["0", "0", "+", "+", "-", "+", "+"][1:]:
        off = await page.evaluate(OFF_BY, evidence)
        assert len(off) > 20
        assert max(off) < 2
        widths.append(await page.evaluate("document.querySelector('.sheet').clientWidth"))
        await page.keyboard.press(key)
    assert len(set(widths)) >= 4


async def test_a_box_is_around_the_print_of_pages_that_were_turned(tab: Tab, api: httpx.Client) -> None:
    job = submitted(api, "turned", "receipt", UPRIGHT, TURNED)
    evidence, pages = job["response"]["evidence"], looked_at(api, f"/jobs/{job['ix_id']}/pages").json()["pages"]
    assert [(one["document"], one["page"], one["rotation"]) for one in pages] == [(0, 1, 0), (1, 1, 270), (1, 2, 90)]
    assert {(evidence[name]["document"], evidence[name]["page"]) for name in ("date", "total")} == {(1, 1), (1, 2)}
    page = await tab.open(f"/console/jobs/{job['ix_id']}")
    for path in ("date", "total"):
        await page.click(f'.f[data-id="{path}"]')
        found = await ink(page, path)
        assert found["shape"][0] == pytest.approx(found["shape"][1], abs=0.01)
        # two pixels are the mark's own, and two may be amiss
        assert found["left"] == pytest.approx(2, abs=2), found
        assert found["right"] == pytest.approx(2, abs=2), found
        # a box is as high as the line, figures are lower
        assert 2 <= found["top"] <= 9, found
        assert 2 <= found["bottom"] <= 9, found
