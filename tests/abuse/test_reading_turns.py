"""Scans, and jobs that never end, of one client: they are read and run, and keep nobody else from his turn."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests import counted_ocr
from tests.abuse import serving
from tests.abuse.serving import Service
from tests.chaos.fleet import patiently
from tests.counted_ocr import FIRST_WIDTH, inline
from tests.rows import Row, Size

START_SECONDS = 10.0
"""What the start of processes may take of a job's time."""
SCANS = 8
RECEIPT_WIDTH = 1000
"""Pixels, of the other client's page: a body of less than 256 kB, for which web starts no process first."""
RECEIPT = Path(__file__).parents[2] / "examples" / "receipt.jpg"


@contextmanager
def scanning(database_url: str, log: Path, seconds: float, **settings: str) -> Iterator[Service]:
    """A service with the OCR of the tests."""
    told = {"OCR_LOG": str(log), "OCR_SECONDS": str(seconds), "IX_OCR": "tesseract"}
    with serving.service(database_url, "tests.counted_ocr", {}, **told, **settings) as service:
        yield service


def submitted(service: Service, client: str, *documents: bytes, **fields: Any) -> dict[str, Any]:
    answer = service.submit(client_id=client, documents=[inline(one) for one in documents], **fields)
    assert answer.status_code == 201, answer.text
    job: dict[str, Any] = answer.json()
    return job


def ended(service: Service, job: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """The job after its end."""
    deadline = time.monotonic() + seconds
    while not (found := service.client.get(f"/jobs/{job['ix_id']}", params={"wait": 30}).json())["finished_at"]:
        assert time.monotonic() < deadline, found
    assert found["status"] == "done", found["response"]["error"]
    return dict(found)


def test_scans_and_a_receipt_of_another_client(database_url: str, tmp_path: Path, size: Size, row: Row) -> None:
    """The time limit of a job is far below the time that its pages wait for the others'."""
    pages, page_seconds = size(20, 2), size(20, 5) / 100
    row.did(f"{SCANS} scans of {pages} pages by one client, one OCR worker", "another client's receipt")
    log, limit = tmp_path / "read", 2 * pages * page_seconds + START_SECONDS
    with scanning(database_url, log, page_seconds, IX_JOB_TIMEOUT=f"{limit:.2f}") as service:
        widths = count(FIRST_WIDTH, pages)
        scans = [
            submitted(service, "scans", counted_ocr.scan(pages, next(widths)), use_case="receipt") for _ in range(SCANS)
        ]
        for _ in patiently(30, 0.005):
            if counted_ocr.order(log):
                break
        began = len(counted_ocr.order(log))
        receipt = submitted(service, "modest", counted_ocr.scan(1, RECEIPT_WIDTH), use_case="receipt")
        ended(service, receipt, 30)
        before = counted_ocr.order(log)[began:].index(RECEIPT_WIDTH)
        jobs = [ended(service, job, 60) for job in scans]
        read = counted_ocr.order(log)
    waited = max(job["response"]["timings"].get("waiting", 0.0) for job in jobs)
    row.found(
        f"all {SCANS + 1} done, {sum(job['attempts'] for job in jobs)} attempts",
        f"the receipt's page after {before} others",
        f"waiting for up to {waited / limit:.1f} time limits",
    )
    assert len(read) == SCANS * pages + 1
    assert before <= 3


@pytest.mark.long
@pytest.mark.parametrize("settings", [{}, {"IX_JOB_TIMEOUT": "30"}], ids=["default settings", "limit of 30 s"])
def test_scans_with_a_real_ocr(database_url: str, settings: dict[str, str], size: Size, row: Row) -> None:
    pages = size(20, 2) if not settings else size(12, 2)
    said = ", ".join(f"{name}={value}" for name, value in settings.items()) or "default settings"
    row.did(f"{SCANS} scans of {pages} pages by one client, rapidocr, {said}", "another client's receipt")
    with serving.service(database_url, "ix", {}, IX_OCR="rapidocr", IX_LOG_LEVEL="INFO", **settings) as service:
        photo = RECEIPT.read_bytes()
        ended(service, submitted(service, "modest", photo, use_case="receipt"), 120)
        began = time.monotonic()
        ended(service, submitted(service, "modest", photo, use_case="receipt"), 120)
        alone = time.monotonic() - began
        scan = _copies(photo, pages)
        scans = [submitted(service, "scans", scan, use_case="receipt") for _ in range(SCANS)]
        time.sleep(2 * alone)
        began = time.monotonic()
        ended(service, submitted(service, "modest", photo, use_case="receipt"), 120)
        beside = time.monotonic() - began
        jobs = [ended(service, job, 3600) for job in scans]
    took = [job["response"]["timings"] for job in jobs]
    works, waits = (max(one[name] for one in took) for name in ("read", "waiting"))
    row.found(
        f"all {SCANS + 1} done, {sum(job['attempts'] for job in jobs)} attempts",
        f"the receipt {beside:.1f} s, {beside / alone:.1f} pages' time ({alone:.1f} s alone)",
        f"a scan works up to {works:.0f} s, waits up to {waits:.0f} s",
    )
    assert beside < 3 * alone


def _copies(photo: bytes, pages: int) -> bytes:
    import io

    from PIL import Image

    image, buffer = Image.open(io.BytesIO(photo)).convert("L"), io.BytesIO()
    image.save(buffer, "TIFF", save_all=True, append_images=[image] * (pages - 1), compression="jpeg")
    return buffer.getvalue()


@pytest.mark.long
def test_jobs_without_end_take_every_slot(database_url: str, row: Row) -> None:
    row.did("twice as many jobs without end as an engine has slots, by one client", "another client's drill")
    with serving.service(database_url) as service:
        hogs = [submitted(service, "hog", use_case="drill", options={"action": "hang"}) for _ in range(16)]
        time.sleep(1)
        began = time.monotonic()
        ended(service, submitted(service, "modest", use_case="drill"), 10)
        seconds = time.monotonic() - began
        for job in hogs:
            service.client.delete(f"/jobs/{job['ix_id']}")
    row.found(f"done after {seconds:.2f} s")
    assert seconds < 3
