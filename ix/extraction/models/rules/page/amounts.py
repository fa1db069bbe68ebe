"""The amounts in a row of a page."""

from __future__ import annotations

from ix.extraction.models.rules.page.reading import Row
from ix.extraction.values import Amount, find_amounts


def amounts(row: Row) -> list[Amount]:
    """The amounts of each cell, at their places in the row's text."""
    return [
        found._replace(start=found.start + at, end=found.end + at)
        for at, cell in row.cells
        for found in find_amounts(cell.text)
    ]


def has_money(row: Row) -> bool:
    """Whether the row has an amount with decimals."""
    return any(amount.decimals for amount in amounts(row))
