"""Jobs that tests of the pages look at: documents of `examples/` and such as are made here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from tests.chaos.fleet import patiently
from tests.extraction.pdfs import PARAGRAPH, Sheet, line, pdf

EXAMPLES = Path(__file__).parents[2] / "examples"
SIDEWAYS = "".join(
    line(f"line {row} has seven words of text", x=100 + 20 * row, y=100, matrix="0 1 -1 0") for row in range(10)
)
TURNED = pdf(
    Sheet(PARAGRAPH + line("Date 05/03/2024", y=400), entries="/Rotate 90"),
    Sheet(SIDEWAYS + line("Total 12.50", x=400, y=100, matrix="0 1 -1 0")),
)
"""Two pages that do not lie upright: one that its file says to rotate, one that is printed from bottom to top."""
UPRIGHT = pdf(Sheet(PARAGRAPH))


def submitted(api: httpx.Client, request_id: str, use_case: str, *documents: bytes, **form: str) -> dict[str, Any]:
    """A job of these documents, ended, with its pages stored."""
    files = [("documents", (f"{request_id}-{at + 1}.pdf", content)) for at, content in enumerate(documents)]
    asked = {"client_id": "me", "request_id": request_id, "use_case": use_case, **form}
    return stored(api, api.post("/jobs?wait=30", data=asked, files=files).raise_for_status().json())


def stored(api: httpx.Client, job: dict[str, Any]) -> dict[str, Any]:
    """The job, once its pages are stored, which happens in its own time."""
    read = (job["response"] or {}).get("usage", {}).get("pages", 0)
    for _ in patiently(20):
        if len(api.get(f"/jobs/{job['ix_id']}/pages").json()["pages"]) >= read:
            return job
    raise AssertionError("no pages")


def invoice(api: httpx.Client) -> dict[str, Any]:
    """The invoice of the examples: the same job, whoever asks."""
    return submitted(api, "invoice", "invoice", (EXAMPLES / "invoice.pdf").read_bytes())


def looked_at(api: httpx.Client, path: str) -> httpx.Response:
    """What the API answers now."""
    return api.get(path)


def cancelled(api: httpx.Client, ix_id: str) -> None:
    """Cancels a job from outside the page that shows it."""
    api.delete(f"/jobs/{ix_id}").raise_for_status()
