"""Terms of payment: what is deducted for paying early, by the words that say so.

3% Skonto innerhalb 10 Tagen bis 15.03.2018        3 percent, 10 days"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ix.extraction.layout import Span
from ix.extraction.models import Leaf, Tree
from ix.extraction.models.rules.page.candidates import Candidate, Scalar
from ix.extraction.models.rules.page.reading import Reading
from ix.fields import Field
from ix.languages import merged, one_of

MEMBERS = ("text", "discount_percent", "discount_days")
"""What terms have."""
_WORDS = merged()
_EARLY = re.compile(rf"\b{one_of(_WORDS.early_payment)}", re.IGNORECASE)
_PERCENT = re.compile(r"(?<![\d.,])(\d{1,2}(?:[.,]\d{1,2})?)\s?%")
_DAYS = re.compile(rf"(?<![\d.,])(\d{{1,3}})\s?{one_of(_WORDS.days)}\b", re.IGNORECASE)
_SCORE = 0.8


def is_terms(table: Field) -> bool:
    """Whether the rows of a table are terms of payment."""
    return {field.name for field in table.fields} >= set(MEMBERS)


def read_terms(table: Field, reading: Reading) -> list[Tree]:
    """One row for each sentence that grants a discount, with its percentage and days."""
    found: dict[tuple[str, str], dict[str, Candidate]] = {}
    for percent, days, row in _terms(reading):
        # a sentence that stands on each page is one
        found.setdefault((percent, days), row)
    return [
        {one.name: row[one.name].leaf() if one.name in row else Leaf(None) for one in table.fields}
        for row in found.values()
    ]


def _terms(reading: Reading) -> Iterator[tuple[str, str, dict[str, Candidate]]]:
    for row in reading.rows:
        for _, cell in row.cells:
            if not _EARLY.search(cell.text):
                continue
            percents, days = list(_PERCENT.finditer(cell.text)), list(_DAYS.finditer(cell.text))
            # "2 % within 10 days, 30 days net": the first days are those of the discount where they follow it
            after = [each for each in days if percents and each.start() > percents[0].start()] or days
            if len(percents) == 1 and after:
                yield percents[0][1], after[0][1], _row(row.page, cell, percents[0], after[0])


def _row(page: int, cell: Span, percent: re.Match[str], days: re.Match[str]) -> dict[str, Candidate]:
    def candidate(value: Scalar, start: int, end: int) -> Candidate:
        return Candidate(value, page, cell.part(start, end), _SCORE)

    said = cell.text.lstrip(" .,:;-")
    return {
        "text": candidate(said, len(cell.text) - len(said), len(cell.text)),
        "discount_percent": candidate(float(percent[1].replace(",", ".")), *percent.span(1)),
        "discount_days": candidate(int(days[1]), *days.span(1)),
    }
