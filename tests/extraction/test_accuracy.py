"""The least accuracy: real invoices from the labelled data, through the real pipeline, without OCR."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bench import scoring
from ix.config import Settings
from ix.extraction.page import Document
from ix.extraction.pipeline import Extractor
from ix.extraction.review.paths import nodes
from ix.fields import asked
from ix.job import Response
from ix.use_cases.invoice import USE_CASE

DATA = Path(os.environ.get("IX_DATA_DIR") or Path(__file__).parents[2].parent / "shared" / "data")
FOLDER = DATA / "invoices"
EVERY = 4
"""Every fourth document, which makes about ten of them, of all families."""
EXACT, ROWS, PLACED = 0.9, 0.8, 0.98
"""Shares that must be reached: printed fields that are exact, labelled rows that are matched, values with their
place."""

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"labelled data is absent: {FOLDER}")


PAGES = {**asked(USE_CASE.schema), "x-ix": {"sums": USE_CASE.schema["x-ix"]["sums"]}}
"""What pages are asked for, without the electronic invoices in them."""


async def test_real_invoices_are_read_well() -> None:
    labels = _labels()
    answers = await _answers(labels, PAGES)
    results = [answer.result for answer in answers if isinstance(answer.result, dict)]
    assert len(results) == len(labels)

    pairs = list(zip(labels, results, strict=True))
    scores = [
        one
        for label, result in pairs
        for one in scoring.score(label["gold"], result, scoring.INVOICE_FIELDS, label["printed"])
    ]
    assert scoring.summary(scores)["all"]["exact"] >= EXACT

    rows = [scoring.score_rows(label["gold"]["lines"], result["lines"]) for label, result in pairs]  # type: ignore[arg-type]
    assert sum(row["matched"] for row in rows) >= ROWS * sum(row["labelled"] for row in rows)

    placed = [node["match"] for answer in answers for _, node in nodes(answer.evidence)]
    assert sum(match != "none" for match in placed) >= PLACED * len(placed)


async def test_every_label_of_a_real_electronic_invoice_is_answered() -> None:
    labels = [label for label in _labels() if label["embedded_xml"]]
    answers = await _answers(labels, USE_CASE.schema)
    for label, answer in zip(labels, answers, strict=True):
        assert isinstance(answer.result, dict)
        scores = scoring.score(label["gold"], answer.result, scoring.INVOICE_FIELDS)
        assert [one.field for one in scores if not one.exact] == [], label["file"]
        rows = scoring.score_rows(label["gold"]["lines"], answer.result["lines"])  # type: ignore[arg-type]
        assert rows["matched"] == rows["labelled"], label["file"]


def _labels() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / "gold.jsonl").read_text().splitlines()][::EVERY]


async def _answers(labels: list[dict[str, Any]], schema: Mapping[str, Any]) -> list[Response]:
    documents = [Document((FOLDER / label["file"]).read_bytes()) for label in labels]
    extractor = Extractor.create(Settings(ocr="off", extractor="rules"))
    await extractor.start()
    try:
        return await asyncio.gather(*(extractor.extract([document], schema) for document in documents))
    finally:
        await extractor.stop()
