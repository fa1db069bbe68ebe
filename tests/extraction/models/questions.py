"""Pages and questions for tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ix.extraction.documents.grid import CELL, LINES, MARGIN, width_of, words_of
from ix.extraction.models import Question
from ix.extraction.page import Page

RECEIPT = """IX
12 High Street, London

Date: 05/03/2024

Tea                 2.50
Milk                4.50

TOTAL               7
"""
TOTAL = {
    "type": "object",
    "properties": {"total": {"type": "number", "x-ix": {"kind": "money", "labels": ["total", "Summe"]}}},
}


def page_of(text: str, number: int = 1, document: int = 0) -> Page:
    """The page that plain text makes, on a typewriter's grid."""
    lines = text.splitlines()
    width, height = (width_of(lines) + 2 * MARGIN) * CELL[0], (LINES + 2 * MARGIN) * CELL[1]
    return Page(number, width, height, tuple(words_of(lines, width_of(lines))), document=document)


def question(text: str = RECEIPT, schema: Mapping[str, Any] = TOTAL, instructions: str = "") -> Question:
    """A question about one page."""
    return Question([page_of(text)], schema, instructions)
