"""Small documents for the rules, written as text: columns of the text are columns of the page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from textwrap import dedent
from typing import Any

from ix.extraction.models import Tree
from ix.extraction.models.rules.answer import answer
from ix.extraction.page import Page, Word
from ix.fields import asked
from ix.use_cases.bank_statement_header import USE_CASE as BANK_STATEMENT_HEADER
from ix.use_cases.invoice import USE_CASE as INVOICE
from ix.use_cases.receipt import USE_CASE as RECEIPT

COLUMNS, LINES = 110, 70


def page(text: str, number: int = 1) -> Page:
    """A page whose characters are 1/110 of its width and whose lines are 1/70 of its height."""
    rows = enumerate(dedent(text).strip("\n").splitlines())
    return Page(number, 595, 842, tuple(word for at, row in rows for word in _words(row, at)))


def _words(row: str, at: int) -> Iterator[Word]:
    for match in re.finditer(r"\S+", row):
        yield Word(
            match.group(), (match.start() / COLUMNS, (at + 0.1) / LINES, match.end() / COLUMNS, (at + 0.9) / LINES)
        )


def receipt(*pages: str) -> dict[str, Any]:
    return read(RECEIPT.schema, *pages)


def invoice(*pages: str) -> dict[str, Any]:
    return read(asked(INVOICE.schema), *pages)


def statement(*pages: str) -> dict[str, Any]:
    return read(BANK_STATEMENT_HEADER.schema, *pages)


def read(schema: Mapping[str, Any], *pages: str) -> dict[str, Any]:
    """What the rules answer, values only."""
    tree = answer([page(text, number) for number, text in enumerate(pages, 1)], schema)
    return {name: plain(value) for name, value in tree.items()}


def plain(tree: Tree) -> Any:
    if isinstance(tree, dict):
        return {name: plain(member) for name, member in tree.items()}
    return [plain(member) for member in tree] if isinstance(tree, list) else tree.value


def custom(**properties: Any) -> dict[str, Any]:
    """A schema as a client brings it."""
    return {"type": "object", "properties": properties}


def labelled(kind: str, *labels: str, type: str = "string") -> dict[str, Any]:
    return {"type": type, "x-ix": {"kind": kind, "labels": list(labels)}}
