"""What a small request may make ix do: many fields on many pages, long words and lines, giant tables, deep lists of
labels. Each is judged by processor time, in this process: what a child that answers it would take."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pytest

from ix.extraction.documents import Limits, OpenedPage, read
from ix.extraction.evidence import place
from ix.extraction.models.rules.answer import answer
from ix.extraction.page import Page, Word
from ix.extraction.words import held
from ix.use_cases import load
from tests.rows import Limit, Row, Size

LINE = "Total amount due 12.50 EUR invoice no 123 date 01.02.2024 tax 19 % 3 x Item 4.50"
LINES = 60
KINDS = ("money", "date", "organisation", "address", "identifier", "text", "number", "iban", "vat_id", "currency")
BASE = 0.3
"""Processor seconds of a small document, on a machine that does other things too."""
Schema = Mapping[str, Any]


class Case(NamedTuple):
    """Pages and a schema, and the processor seconds that they may take."""

    pages: Sequence[Page]
    schema: Schema
    most: float


def of_text(text: str) -> list[Page]:
    return [_page(number, page) for number, page in enumerate(read(text.encode(), Limits(1000, 1)), 1)]


def _page(number: int, page: OpenedPage) -> Page:
    return Page(number, page.width, page.height, tuple(page.words), warnings=tuple(page.warnings))


def of_words(texts: Sequence[str], lines: int = 1) -> list[Page]:
    """A page of so many lines that these words fill, however small that makes them."""
    across = -(-len(texts) // lines)
    words = [
        Word(
            text,
            (at % across / across, at // across / lines, (at % across + 0.9) / across, (at // across + 0.8) / lines),
        )
        for at, text in enumerate(texts)
    ]
    kept, warnings = held(words)
    return [Page(1, 600.0, 800.0, tuple(kept), warnings=tuple(warnings))]


def fields(count: int, labels: Sequence[str], kinds: Sequence[str] = KINDS) -> Schema:
    own = {
        f"total_{at}": {"type": "string", "x-ix": {"kind": kinds[at % len(kinds)], "labels": list(labels)}}
        for at in range(count)
    }
    return {"type": "object", "properties": own}


def seconds(case: Case) -> float:
    began = time.process_time()
    place(answer(case.pages, case.schema), case.schema, case.pages)
    return time.process_time() - began


def many_fields(size: Size) -> Iterator[Case]:
    pages = of_text("\n".join([LINE] * size(20 * LINES, 20)))
    yield Case(pages, fields(200, ("total", "sum", "amount"), ("money",)), BASE + 0.15 * len(pages))
    yield Case(pages, fields(200, ("total", "invoice no", "date", "tax")), BASE + 0.25 * len(pages))


def deep_labels(size: Size) -> Iterator[Case]:
    count = size(50, 5)
    own = {
        f"f{at}": {"type": "string", "x-ix": {"labels": [f"label {at} {n} ".ljust(200, "x") for n in range(count)]}}
        for at in range(200)
    }
    alike = {
        f"f{at}": {"type": "string", "x-ix": {"labels": [f"total amount {at} {n}" for n in range(count)]}}
        for at in range(200)
    }
    pages = of_text("\n".join([LINE] * LINES * size(5, 1)))
    for properties in (own, alike):
        yield Case(pages, {"type": "object", "properties": properties}, BASE + 0.15 * count)


def long_words(size: Size) -> Iterator[Case]:
    for unit in ("1-", "a", "t0", "1.", "()", "ab:")[: size(6, 2)]:
        for case in ("receipt", "invoice"):
            yield Case(of_words([unit * size(30_000, 10_000)]), load()[case].schema, 1.0)  # type: ignore[attr-defined]


def long_lines(size: Size) -> Iterator[Case]:
    for text in ("to", "1.00", "(", "EUR", "DE12", "12,", "total", "Name:")[: size(8, 2)]:
        count = size(20_000, 1_000)
        yield Case(of_words([text] * count), load()["invoice"].schema, BASE + count / 2_000)  # type: ignore[attr-defined]


def giant_tables(size: Size) -> Iterator[Case]:
    rows = size(20_000, 200)
    lines = [f"{at:5d} Thing {at}   {at % 7}   {at % 100}.50   {(at % 7) * (at % 100 + 0.5):.2f}" for at in range(rows)]
    text = "\n".join(["Description   Qty   Price    Amount", *lines, "Total 1,234.00"])
    yield Case(of_text(text), load()["invoice"].schema, BASE + rows / 500)  # type: ignore[attr-defined]


KINDS_OF_COST = {
    "200 fields on 20 pages": many_fields,
    "lists of labels": deep_labels,
    "long words": long_words,
    "long lines": long_lines,
    "a table of 100,000 cells": giant_tables,
}


@pytest.mark.parametrize("kind", KINDS_OF_COST)
def test_what_is_legal_is_answered_in_time(kind: str, row: Row, size: Size, limit: Limit) -> None:
    cases = list(KINDS_OF_COST[kind](size))
    words = max(sum(len(page.words) for page in case.pages) for case in cases)
    row.did(f"costs: {kind}", f"{len(cases)} documents of up to {words} words")
    took = [seconds(case) for case in cases]
    row.found(f"at most {max(took):.1f} s of processor time")
    assert [(spent, case.most) for spent, case in zip(took, cases, strict=True) if spent > limit(case.most)] == []


def test_a_page_says_what_was_cut() -> None:
    (page,) = of_words(["a" * 1000, *["b"] * 30_000])
    assert len(page.words) == 20_000
    assert max(len(word.text) for word in page.words) == 200
    assert [warning.split(":")[0] for warning in page.warnings] == [
        "a word has more than 200 characters",
        "the page has more than 20000 words",
        "a line has more than 400 characters",
    ]
