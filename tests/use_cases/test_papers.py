"""Papers beside invoices and receipts, on layouts and in languages of the generator that nothing was tuned on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ix import use_cases
from ix.extraction import documents as reading
from ix.extraction.models.rules.answer import answer
from ix.extraction.page import Page
from ix.fields import asked
from tests.extraction.rules.documents import plain
from training.generator import Made, documents

SEED = 77


def read(made: Made) -> dict[str, Any]:
    return answered(made.use_case, made.pages)


def answered(use_case: str, pages: Sequence[Page]) -> dict[str, Any]:
    result: Any = use_cases.load()[use_case].result
    tree = answer(pages, asked(result.model_json_schema(mode="serialization")))
    return {name: plain(value) for name, value in tree.items()}


def said(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def rows(made: Made, found: Mapping[str, Any], name: str) -> tuple[int, int]:
    """How many rows are wholly right, of how many."""
    labelled = [{key: said(value) for key, value in row.items() if value is not None} for row in made.gold[name]]
    answered = [{key: row.get(key) for key in one} for one, row in zip(labelled, found[name], strict=False)]
    return sum(one == other for one, other in zip(labelled, answered, strict=False)), len(labelled)


def test_movements_of_unseen_layouts_in_languages_whose_months_are_known() -> None:
    right = count = 0
    for made in documents("bank_statement", 6, SEED, "test", only=["de", "en", "nl", "fr"]):
        found = read(made)
        own, whole = rows(made, found, "movements")
        right, count = right + own, count + whole
        assert (found["opening_balance"], found["closing_balance"]) == (
            said(made.gold["opening_balance"]),
            said(made.gold["closing_balance"]),
        )
    assert right >= 0.95 * count


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_zones_of_every_form(noise: float) -> None:
    right = count = 0
    for made in documents("id_document_mrz", 8, SEED, "test", noise):
        found = read(made)
        wanted = {name: said(value) for name, value in made.gold.items() if value is not None}
        right += sum(found[name] == value for name, value in wanted.items())
        count += len(wanted)
    assert right >= 0.95 * count


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("letter", ("subject", "reference", "deadline", "date")),
        ("credit_note", ("original_invoice_number", "issue_date")),
        ("purchase_order", ("order_date",)),
        ("delivery_note", ("delivery_date", "total_weight")),
    ],
)
def test_numbers_and_days_of_unseen_layouts(kind: str, names: tuple[str, ...]) -> None:
    wrong = []
    for made in documents(kind, 4, SEED, "test", only=["de", "en"]):
        found = read(made)
        wrong += [(made.language, name) for name in names if found[name] != said(made.gold[name])]
    # words that no list has stand on some of them
    assert len(wrong) <= 0.25 * 4 * len(names), wrong


PAPERS = Path(__file__).parents[2] / "examples" / "papers"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "bank_statement",
            {"holder": "Ingram Stationers Limited", "opening_balance": 50.68, "closing_balance": 1491.46},
        ),
        ("credit_note", {"credit_note_number": "GS-2024-8610", "grand_total": 5617.92}),
        ("delivery_note", {"delivery_note_number": "2024-1087", "delivery_date": "2023-11-20"}),
        ("id_document_mrz", {"document_number": "27080747Q", "surname": "FARROW", "expiry_date": "2029-03-13"}),
        ("letter", {"date": "2022-05-12", "deadline": "2022-05-26", "subject": "Jährliche Prüfung der Aufzugsanlage"}),
        ("purchase_order", {"order_number": "PO-81370", "order_date": "2023-08-03"}),
    ],
)
def test_the_example_of_each(name: str, expected: Mapping[str, Any]) -> None:
    opened = reading.read((PAPERS / f"{name}.pdf").read_bytes(), reading.Limits(pages=5, pixels=10**7))
    pages = [Page(at, one.width, one.height, tuple(one.words)) for at, one in enumerate(opened, 1)]
    found = answered(name, pages)
    assert {key: found[key] for key in expected} == expected


def test_the_example_of_a_statement_has_all_of_its_movements() -> None:
    opened = reading.read((PAPERS / "bank_statement.pdf").read_bytes(), reading.Limits(pages=5, pixels=10**7))
    pages = [Page(at, one.width, one.height, tuple(one.words)) for at, one in enumerate(opened, 1)]
    rows = answered("bank_statement", pages)["movements"]
    assert len(rows) == 40
    assert round(sum(row["amount"] for row in rows), 2) == round(1491.46 - 50.68, 2)
