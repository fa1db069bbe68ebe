"""Documents that come as plain text, whole, by the way that they take: bodies of mails, what a till or a line printer
put out, tables in Markdown and between strokes, OCR and copies of PDFs that people pasted.

They stand in `texts.txt`: behind "===" the use case, then the text, and behind "---" the values that it has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ix import use_cases
from ix.extraction import documents
from ix.extraction.documents import Limits
from ix.extraction.models.rules.answer import answer
from ix.extraction.page import Page
from ix.fields import asked
from ix.use_cases import Extraction
from tests.extraction.rules.documents import plain

SCHEMAS = {name: one.schema for name, one in use_cases.load().items() if isinstance(one, Extraction)}
ROWS = {"lines": ("name", "quantity", "unit_price", "line_total"), "movements": ("date", "text", "amount", "balance")}


def texts() -> Iterator[Any]:
    text = Path(__file__).with_name("texts.txt").read_text(encoding="utf-8")
    for part in re.split("^=== ", text, flags=re.M)[1:]:
        head, _, expected = part.partition("\n---\n")
        use_case, _, page = head.partition("\n")
        first = next(filter(str.isalpha, re.split(r"\W+", page)))
        yield pytest.param(use_case, page, json.loads(expected), id=f"{use_case}-{first}")


def pages(text: str) -> list[Page]:
    """The pages that a job of this text has."""
    opened = documents.read(text.encode(), Limits(pages=10, pixels=1_000_000))
    return [Page(number, page.width, page.height, tuple(page.words)) for number, page in enumerate(opened, 1)]


@pytest.mark.parametrize(("use_case", "text", "expected"), list(texts()))
def test_its_values_are_read(use_case: str, text: str, expected: dict[str, Any]) -> None:
    found = {name: plain(tree) for name, tree in answer(pages(text), asked(SCHEMAS[use_case])).items()}
    for name, columns in ROWS.items():
        found[name] = [[row[column] for column in columns if column in row] for row in found.get(name, ())]
    assert {name: found[name] for name in expected} == expected
