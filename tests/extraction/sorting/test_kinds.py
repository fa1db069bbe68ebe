"""Which kind of document pages are: what decides, and what is left unknown."""

from __future__ import annotations

from typing import Any

import pytest

from ix import use_cases
from ix.extraction.sorting import kinds
from ix.use_cases import Extraction, Result, field
from tests.extraction.sorting.pages import ROLL, page

KNOWN: dict[str, Any] = {
    name: case.kind for name, case in use_cases.load().items() if isinstance(case, Extraction) and case.kind
}
WIDE = "and some more words that make this line as long as those of a letter usually are, if not longer\n"


def kind_of(text: str) -> str:
    return kinds.recognised([page(text)], KNOWN)[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Blue Kettle Ltd\nInvoice INV-17\nBill to: Red Teapot\nDue date: 5 May 2024\nGrand total 12.00", "invoice"),
        (
            "Muster GmbH\nGutschrift Nr. 4711\nRechnungsdatum 05.03.2024\nUSt-IdNr. DE123456789\nNetto 5,00",
            "credit_note",
        ),
        (f"Erste Bank\nKontoauszug\n{WIDE}Alter Kontostand 5,00\nNeuer Kontostand 7,00", "bank_statement"),
        (f"Muster GmbH\nLieferschein\n{WIDE}Rechnung folgt\nMenge 4 Schrauben", "delivery_note"),
        (f"Muster GmbH\nBestellung Nr. 4711\n{WIDE}Liefertermin 05.03.2024\nMenge 4", "purchase_order"),
        (f"Nordic Tools AB\nQuotation\n{WIDE}Total 160.00 EUR", ""),
        (f"Dear parents,\n{WIDE}the invoice for the fair is paid, thank you\nYours sincerely", ""),
        ("", ""),
    ],
)
def test_pages_are_recognised(text: str, expected: str) -> None:
    assert kind_of(text) == expected


def test_a_roll_of_paper_tells_a_receipt_from_an_invoice() -> None:
    text = "CORNER SHOP LTD\nTax invoice\nDate 05/03/2024\nTea 7.00\nTOTAL 7.00\nCASH 10.00\nCHANGE 3.00"
    assert kinds.recognised([page(text, letter=ROLL)], KNOWN)[0] == "receipt"


def test_a_title_within_a_sentence_decides_nothing() -> None:
    assert kind_of(f"Dear Sir,\n{WIDE}Invoice us for what is left, and total strangers as well\n{WIDE}") == ""


def test_a_label_is_no_title_of_what_no_use_case_reads() -> None:
    text = f"Blue Kettle Ltd\nInvoice INV-17\nPurchase order: 4711\n{WIDE}Invoice date: 5 May 2024\nGrand total 12.00"
    assert kind_of(text) == "invoice"


def test_an_electronic_invoice_is_one() -> None:
    assert kinds.recognised([page("seen by nobody")], KNOWN, electronic=True)[0] == "invoice"


def test_a_use_case_from_outside_takes_part_by_what_it_is_known_by() -> None:
    class Note(Result):
        number: str | None = field("identifier", "weighing slip no")

    case = Extraction("weighing_slip", Note, "Reads one", "It is one.", known_by="weighing slip || weighed by")
    text = "Nordic Tools AB\nWeighing slip 4711\nWeighing slip no 4711\nWeighed by: J. Brown"
    name, reason = kinds.recognised([page(text)], {**KNOWN, "weighing_slip": case.kind or {}})
    assert name == "weighing_slip"
    assert "titled 'weighing slip'" in reason
