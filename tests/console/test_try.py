"""Try it: a document dropped, read, shown beside its page, kept or erased."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Page, expect
from python_calamine import CalamineWorkbook

from tests.console.browser import Tab
from tests.console.reviews import until

EXAMPLES = Path(__file__).parents[2] / "examples"
INVOICE = EXAMPLES / "invoice.pdf"


async def sent(page: Page, *files: Path) -> None:
    await page.set_input_files("#try-file", [str(file) for file in files])
    await page.keyboard.press("Control+Enter")


async def answered(page: Page) -> None:
    await expect(page.locator(".try-steps .now")).to_have_text("done", timeout=30_000)
    await expect(page.locator(".try-body .panel .f").first).to_be_visible()


def got(api: httpx.Client, path: str) -> Any:
    """The JSON that stands there; None where there is nothing."""
    answer = api.get(path)
    return None if answer.status_code == 404 else answer.json()


def jobs(api: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get("/jobs", params={"client_id": "console"}).json()["jobs"]
    return found


async def test_a_document_is_read_and_its_values_stand_beside_the_page(tab: Tab, api: httpx.Client) -> None:
    page = await tab.open("/console/try")
    await sent(page, INVOICE)
    await answered(page)
    job = jobs(api)[0]
    assert job["use_case"] == "auto"
    assert got(api, f"/jobs/{job['ix_id']}/expiry")["erase_at"] is not None
    # each value lights its place
    await page.locator('.try-body .f[data-id="grand_total"]').click()
    assert "field=grand_total" in page.url


async def test_what_is_kept_stays_and_what_is_erased_is_gone(tab: Tab, api: httpx.Client) -> None:
    page = await tab.open("/console/try?use_case=invoice")
    await sent(page, INVOICE)
    await answered(page)
    path = f"/jobs/{jobs(api)[0]['ix_id']}"
    await page.get_by_role("button", name="Keep it").click()
    await expect(page.locator(".foot")).to_contain_text("kept")
    assert got(api, f"{path}/expiry")["erase_at"] is None
    await page.reload()
    await sent(page, INVOICE)
    await answered(page)
    path = f"/jobs/{jobs(api)[0]['ix_id']}"
    await page.get_by_role("button", name="Erase now").click()
    await expect(page.locator(".try-body")).to_contain_text("It is erased")
    assert got(api, path) is None


async def saved(page: Page, name: str, folder: Path) -> bytes:
    """The file that a button of this name saves."""
    async with page.expect_download() as waiting:
        await page.get_by_role("button", name=name).click()
    file = await waiting.value
    await file.save_as(folder / file.suggested_filename)
    return (folder / file.suggested_filename).read_bytes()


async def test_a_value_is_put_right_and_the_table_taken_away(tab: Tab, api: httpx.Client, tmp_path: Path) -> None:
    """The whole way of somebody who comes for the first time."""
    page = await tab.open("/console/try?use_case=invoice")
    await sent(page, INVOICE)
    await answered(page)
    book = CalamineWorkbook.from_filelike(io.BytesIO(await saved(page, "Table (XLSX)", tmp_path)))
    assert [len(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names] == [2, 5]
    await page.get_by_role("link", name="Correct it").click()
    await page.wait_for_selector("html[data-ready]")
    # it begins with what stands at the top
    assert "field=invoice_number" in page.url
    seller = page.get_by_label("Seller", exact=True)
    await seller.fill("Nordlicht & Co.")
    await seller.press("Enter")
    await seller.press("Enter")
    ix_id = jobs(api)[0]["ix_id"]
    await until(lambda: got(api, f"/jobs/{ix_id}/review")["result"]["seller_name"] == "Nordlicht & Co.")
    page = await tab.open(f"/console/jobs/{ix_id}")
    await page.get_by_role("button", name="More").click()
    values = (await saved(page, "Save the values (CSV)", tmp_path)).decode("utf-8-sig")
    assert "Nordlicht & Co." in values
    # of this job alone
    assert len(values.splitlines()) == 2


async def test_several_documents_are_a_job_each_and_each_can_be_looked_at(tab: Tab, tmp_path: Path) -> None:
    note = tmp_path / "<img src=x onerror=alert(1)>\u202e.txt"
    note.write_text("Invoice No 77\nTotal 12.50 EUR\n")
    page = await tab.open("/console/try?use_case=invoice")
    await sent(page, INVOICE, note)
    await answered(page)
    buttons = page.locator(".try-list button")
    assert await buttons.count() == 2
    await buttons.nth(1).click()
    await answered(page)
    assert await page.locator("img[src='x']").count() == 0


async def test_a_schema_is_made_of_rows_and_rows_of_a_schema(tab: Tab, api: httpx.Client) -> None:
    page = await tab.open("/console/try?use_case=custom")
    await page.get_by_role("button", name="Another value").click()
    await page.get_by_label("Name of value 3").fill("number")
    await page.get_by_label("About value 3").fill("the invoice number")
    await sent(page, INVOICE)
    await answered(page)
    schema = got(api, f"/jobs/{jobs(api)[0]['ix_id']}")["request"]["options"]["schema"]
    assert schema["properties"]["number"] == {"type": "string", "description": "the invoice number"}
    await page.get_by_text("As JSON Schema").click()
    text = page.locator("#schema-json")
    assert json.loads(await text.input_value()) == schema
    await text.fill('{"type": "object", "properties": {"paid": {"type": "boolean"}}}')
    assert await page.get_by_label("Name of value 1").input_value() == "paid"
    await text.fill('{"type": "object"')
    await expect(page.locator("#schema-said")).to_contain_text("This is no JSON")
    before = len(jobs(api))
    await page.keyboard.press("Control+Enter")
    assert len(jobs(api)) == before


async def test_a_refusal_names_the_field_and_nothing_is_lost(tab: Tab) -> None:
    tab.expected.append("422")
    page = await tab.open("/console/try?use_case=invoice")
    await page.get_by_text("Pages, password").click()
    await page.get_by_label("Only these pages").fill("soon")
    await sent(page, INVOICE)
    await expect(page.locator(".try-said")).to_contain_text("pages")
    await expect(page.locator(".try-files")).to_contain_text("invoice.pdf")


async def test_what_cannot_be_read_says_why(tab: Tab, tmp_path: Path) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7\nnothing")
    page = await tab.open("/console/try?use_case=invoice")
    await sent(page, broken)
    await expect(page.locator(".try-body [role=alert]")).to_contain_text("cannot be read", timeout=30_000)


async def test_the_same_as_programs(tab: Tab) -> None:
    page = await tab.open("/console/try?use_case=invoice")
    await page.set_input_files("#try-file", [str(INVOICE)])
    curl = await page.locator("#try-curl").text_content()
    assert curl is not None
    assert "use_case=invoice" in curl
    assert "@invoice.pdf" in curl
    python = await page.locator("#try-python").text_content()
    assert python is not None
    compile(python, "python", "exec")


async def test_it_can_be_used_by_everybody(tab: Tab, axe: None) -> None:
    page = await tab.open("/console/try?use_case=custom")
    assert not any((await tab.violations_everywhere()).values())
    await sent(page, INVOICE)
    await answered(page)
    assert not any((await tab.violations_everywhere()).values())


async def test_german_fits_a_narrow_phone(tab: Tab) -> None:
    await tab.shape((360, 780), "light")
    page = await tab.open("/console/try?use_case=custom", lang="de")
    await page.get_by_text("Seiten, Passwort").click()
    assert await tab.overflow() == []


def put(api: httpx.Client, path: str, body: Any) -> Any:
    return api.put(path, json=body).json()


async def test_what_is_asked_for_is_saved_and_chosen_again(tab: Tab, api: httpx.Client) -> None:
    # the browser's console tells of the save that is refused
    tab.expected.append("412")
    page = await tab.open("/console/try?use_case=invoice")
    await page.get_by_text("Saved for the next time").click()
    await page.get_by_label("Save it as").fill("supplier-invoices")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.locator("#try-saved option:checked")).to_have_text("supplier-invoices@1")
    path = "/configurations/supplier-invoices?client_id=console"
    kept = {"use_case": "invoice", "options": {"risk": 0.05}, "priority": 2}
    assert put(api, path, kept)["version"] == 2
    # the page has seen the first version: what somebody else saved is not overwritten unseen
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.locator(".try-more [role=status]")).to_contain_text("Somebody saved")
    page = await tab.open("/console/try?use_case=receipt")
    await page.get_by_text("Saved for the next time").click()
    await page.get_by_label("Ask for").select_option("supplier-invoices")
    await expect(page.locator("input[name=use][value=invoice]")).to_be_checked()
    await expect(page.locator("#try-curl")).to_contain_text("configuration=supplier-invoices@2")
    await sent(page, INVOICE)
    await answered(page)
    job = got(api, f"/jobs/{jobs(api)[0]['ix_id']}")
    assert (job["configuration"], job["priority"]) == ({"name": "supplier-invoices", "version": 2}, 2)
    assert job["request"]["options"] == {"risk": 0.05}
    # the same again is told at the job, with a way to the first
    await sent(page, INVOICE)
    await expect(page.locator(".try-steps .now")).to_have_text("done", timeout=30_000)
    twin = jobs(api)[0]["ix_id"]
    page = await tab.open(f"/console/jobs/{twin}")
    link = page.get_by_role("link", name="Duplicate of an earlier job")
    await expect(page.locator(".head")).to_contain_text("supplier-invoices@2")
    first = await link.get_attribute("href")
    assert first is not None
    assert first.rpartition("/")[2] < twin
