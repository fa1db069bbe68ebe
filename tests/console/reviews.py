"""Documents to review: invoices of `examples/` read by a schema that finds as many of its values doubtful as a test
wants."""

from __future__ import annotations

import asyncio
import base64
import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Page

INVOICE = Path(__file__).parents[2] / "examples" / "invoice.pdf"
NEVER = 1.0
"""A bar that no reading passes."""
SECONDS = 15.0
BEFORE_OTHERS = ["/jobs/counts"]
"""Addresses that another part of the service has."""


def schema(api: httpx.Client, *doubtful: str, **more: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of an invoice, in which these fields are always in doubt, and others are not; `more` is said of fields
    under `x-ix`."""
    found: dict[str, Any] = copy.deepcopy(api.get("/use-cases/invoice").json()["result"])
    found["x-ix"].pop("einvoice", None)
    for name in [name for name, spec in found["properties"].items() if _is_electronic(spec)]:
        del found["properties"][name]
    for name, spec in found["properties"].items():
        if "x-ix" in spec:
            spec["x-ix"]["bar"] = NEVER if name in doubtful else 0.0
            spec["x-ix"] |= more.get(name, {})
    for name in [name for name in found["$defs"] if name != "InvoiceLine"]:
        del found["$defs"][name]
    line = found["$defs"]["InvoiceLine"]["properties"]
    for name in [name for name, spec in line.items() if _is_electronic(spec)]:
        del line[name]
    return found


def _is_electronic(spec: Mapping[str, Any]) -> bool:
    is_own = spec.get("items", {}).get("$ref", "#/$defs/InvoiceLine") == "#/$defs/InvoiceLine"
    return spec.get("x-ix", {}).get("source") == "xml" or not is_own


def submit(api: httpx.Client, client_id: str, wanted: Mapping[str, Any], **more: Any) -> str:
    """The id of a job that was read."""
    document = {"name": more.pop("name", "invoice.pdf"), "data": base64.b64encode(INVOICE.read_bytes()).decode()}
    body = {
        "use_case": "custom",
        "client_id": client_id,
        "request_id": more.pop("request_id", "1"),
        "documents": [document],
        "options": {"schema": wanted},
        **more,
    }
    answer = api.post("/jobs", json=body)
    assert answer.status_code in (200, 201, 202), answer.text
    ix_id: str = answer.json()["ix_id"]
    job = api.get(f"/jobs/{ix_id}", params={"wait": 30}).json()
    assert job["status"] == "done", job
    return ix_id


def review(api: httpx.Client, ix_id: str) -> dict[str, Any]:
    found: dict[str, Any] = api.get(f"/jobs/{ix_id}/review").json()
    return found


def change(api: httpx.Client, ix_id: str, **values: Any) -> None:
    """What another person puts right."""
    changes = [{"path": path, "value": value} for path, value in values.items()]
    version = f'"v{review(api, ix_id)["version"]}"'
    answer = api.patch(f"/jobs/{ix_id}/review", json={"changes": changes}, headers={"if-match": version})
    assert answer.status_code == 200, answer.text


def erase(api: httpx.Client, ix_id: str) -> None:
    assert api.delete(f"/jobs/{ix_id}", params={"erase": True}).status_code in (200, 204)


def streams_all(api: httpx.Client) -> bool:
    """Whether there is a stream of all clients' events."""
    with api.stream("GET", "/events") as answer:
        return answer.status_code == 200


def points(api: httpx.Client, ix_id: str) -> list[str]:
    return [one["path"] for one in review(api, ix_id)["points"]]


def result(api: httpx.Client, ix_id: str) -> dict[str, Any]:
    found: dict[str, Any] = api.get(f"/jobs/{ix_id}").json()["response"]["result"]
    return found


async def until(holds: Callable[[], Any], seconds: float = SECONDS) -> Any:
    """What a look at the service gives, once it is something. The page goes on meanwhile."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not (found := await asyncio.to_thread(holds)):
        assert asyncio.get_running_loop().time() < deadline, "it did not come to be"
        await asyncio.sleep(0.05)
    return found


async def focused(page: Page) -> str:
    """The path of the field that has the focus, or what the button says."""
    found: str = await page.evaluate("document.activeElement.dataset.id ?? document.activeElement.className")
    return found


async def value(page: Page) -> str:
    found: str = await page.evaluate("document.activeElement.value")
    return found


async def on(page: Page, path: str) -> None:
    """Waits until a field has the focus."""
    await page.wait_for_function("path => document.activeElement.dataset.id === path", arg=path)


async def on_approve(page: Page) -> None:
    """Waits until the button that approves has the focus."""
    await page.wait_for_function("() => document.activeElement.matches('.act .primary')")


async def press(page: Page, *keys: str) -> None:
    for key in keys:
        await page.keyboard.press(key)
