"""Engines that are killed while they read: the next attempt, on another engine, reads only what is missing."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests import counted_ocr
from tests.chaos.fleet import fleet, patiently
from tests.chaos.jobs import Table
from tests.counted_ocr import FIRST_WIDTH
from tests.factories import submission
from tests.rows import Row, Size

QUICK = {
    "IX_SWEEP_INTERVAL": "0.2",
    "IX_MISSING_GRACE": "0.3",
    "IX_HEARTBEAT_INTERVAL": "0.3",
    "IX_LIVENESS_LIMIT": "3",
}


@pytest.mark.long
def test_killed_while_it_reads(database_url: str, table: Table, tmp_path: Path, size: Size, row: Row) -> None:
    scans, pages, kills, dice = 3, size(40, 10), size(10, 1), random.Random(4)
    row.did(f"SIGKILL of an engine in the middle of a scan x {kills}", f"{scans} scans of {pages} pages")
    log = tmp_path / "read"
    told = {"OCR_LOG": str(log), "OCR_SECONDS": "0.1", "IX_OCR": "tesseract", **QUICK}
    with fleet(database_url, 1, "tests.counted_ocr", **told) as engines:
        documents = [counted_ocr.scan(pages, FIRST_WIDTH + number * pages) for number in range(scans)]
        table.insert([submission(use_case="receipt", document=one, options={}, max_attempts=99) for one in documents])
        for kill in range(kills):
            # at some moment of reading a page
            for _ in patiently(60, dice.uniform(0.01, 0.1)):
                if len(counted_ocr.order(log)) > (kill + 1) * scans * pages // (kills + 1):
                    break
            engines.kill(0)
            engines.replace(0)
        table.await_final(scans)
    read, fates = counted_ocr.read(log), table.fates()
    again = sum(read.values()) - len(read)
    row.found(
        f"{scans - fates.done} lost, attempts up to {fates.most_attempts}",
        f"{len(read)} pages read, {again} of them twice, by {kills} kills",
    )
    assert fates.done == scans
    assert len(read) == scans * pages
    # the page that was under way, and one whose commit was
    assert again <= 2 * kills
