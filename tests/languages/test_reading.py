"""Invoices in many languages, read by the rules: small ones as businesses write them (`invoices.txt`), and for every
language one that is made of its own labels."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ix import languages
from ix.extraction.values.cldr import calendars
from ix.languages import Language, phrases
from tests.extraction.rules.documents import invoice

TEXTS = Path(__file__).with_name("invoices.txt").read_text(encoding="utf-8")
INVOICES = dict(re.findall(r"^== (..)\n(.*?)(?=^== |\Z)", TEXTS, re.M | re.S))
FIELDS = ("invoice_number", "issue_date", "due_date", "seller_name", "buyer_name")
SUMS = ("net_total", "tax_total", "grand_total")
MARCH = ("2024-03-05", "2024-03-19")
WANTED: dict[str, tuple[Any, ...]] = {
    "pl": (
        *("FV/2024/0117", "2024-01-05", "2024-01-19", "Zielony Ogród sp. z o.o.", "Kowalski i Syn S.A."),
        *(205.0, 47.15, 252.15),
    ),
    "cs": ("2024017", *MARCH, "Modrá Konvice s.r.o.", "Novák a synové a.s.", 2980.0, 625.8, 3605.8),
    "ro": ("FCT-117", *MARCH, "Ceainic Albastru SRL", "Popescu și Fiii SA", 298.0, 56.62, 354.62),
    "fi": ("LA-117", *MARCH, "Sininen Kannu Oy", "Virtanen ja Pojat Oy", 298.0, 75.99, 373.99),
    "sv": ("2024-117", "2024-03-05", "2024-04-04", "Blå Kannan AB", "Svensson och Söner AB", 2980.0, 745.0, 3725.0),
    "pt": ("2024/117", "2024-03-05", "2024-04-04", "Chaleira Azul Lda", "Silva e Filhos Lda", 298.0, 68.54, 366.54),
    "tr": ("ABC2024000117", *MARCH, "Mavi Çaydanlık Ltd. Şti.", "Yılmaz ve Oğulları A.Ş.", 2980.0, 596.0, 3576.0),
    "ru": ("117", *MARCH, "ООО Синий Чайник", "ООО Иванов и сыновья", 2980.0, 596.0, 3576.0),
    "el": ("117", *MARCH, "Γαλάζιο Τσαγερό ΕΠΕ", "Παπαδόπουλος και Υιοί ΑΕ", 298.0, 71.52, 369.52),
    "lv": ("RK-117", *MARCH, "SIA Zilā Kanna", "SIA Bērziņš un dēli", 298.0, 62.58, 360.58),
    "hu": ("SZ-2024/17", *MARCH, "Kék Kanna Kft.", "Nagy és Fia Zrt.", 29800.0, 8046.0, 37846.0),
    "ja": ("INV-117", "2024-03-05", "2024-03-31", "株式会社青山商店", "田中工業株式会社", 29800.0, 2980.0, 32780.0),
}
WITH_LINES = sorted(set(WANTED) - {"hu", "ja"})
"""Where amounts have decimals; tables of whole amounts do not end at their totals yet."""


def test_every_text_is_asked_for() -> None:
    assert set(INVOICES) == set(WANTED)


@pytest.mark.parametrize("code", WANTED)
def test_an_invoice_is_read(code: str) -> None:
    found = invoice(INVOICES[code])
    assert tuple(found[name] for name in FIELDS + SUMS) == WANTED[code]


@pytest.mark.parametrize("code", WITH_LINES)
def test_its_lines_are_read(code: str) -> None:
    lines = invoice(INVOICES[code])["lines"]
    assert [(line["quantity"], line["unit_price"] * line["quantity"]) for line in lines] == [
        (quantity, total) for quantity, total in ((10.0, lines[0]["line_total"]), (4.0, lines[1]["line_total"]))
    ]
    assert all(line["name"] for line in lines)


@pytest.mark.parametrize("language", languages.load(), ids=lambda language: language.code)
def test_an_invoice_of_a_languages_own_labels_is_read(language: Language) -> None:
    found = invoice(written(language))
    assert (found["issue_date"], found["due_date"]) == ("2024-03-05", "2024-04-19")
    assert found["invoice_number"] == "AB-117"
    assert [found[name] for name in SUMS] == [298.0, 59.6, 357.6]


def written(language: Language) -> str:
    """A small invoice: each field behind the language's first label, its day with the month's own name."""
    label = {path: phrases(text.replace("||", " | "))[0] for path, text in language.labels["invoice"].items()}
    names = calendars()[language.code].months[2]
    day = f"5. {names[0]} 2024" if names else "2024年3月5日"
    mark = calendars()[language.code].decimal
    return f"""
    Blue Kettle 17
    {" ".join(phrases(language.common)[:10])}

    {label["invoice_number"]}: AB-117
    {label["issue_date"]}: {day}
    {label["due_date"]}: 19.04.2024

    {label["net_total"]}: 298{mark}00
    {label["tax_total"]}: 59{mark}60
    {label["grand_total"]}: 357{mark}60
    """
