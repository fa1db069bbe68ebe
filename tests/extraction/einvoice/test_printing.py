"""What pages print beside an electronic invoice: which currency stands beside their amounts."""

from __future__ import annotations

import pytest

from ix.extraction.einvoice.printing import Printing
from ix.extraction.page import Page, Word
from ix.fields import Field

CURRENCY = Field("currency", "currency", "currency")


def printing(*lines: str) -> Printing:
    """A page of these lines, a word each."""
    words = tuple(
        Word(text, (0.1 + 0.08 * at, 0.1 + 0.05 * row, 0.17 + 0.08 * at, 0.13 + 0.05 * row))
        for row, line in enumerate(lines)
        for at, text in enumerate(line.split())
    )
    return Printing([Page(1, 595, 842, words)], ["CHF"])


@pytest.mark.parametrize(
    "lines",
    [
        ("VAT FR12345678901 12.50 €", "IBAN FR12 1234 5678", "Total 15.00 €"),
        ("www.bakery.fr 12.50 €", "a@bakery.fr 3", "Total 15.00 €"),
    ],
)
def test_a_country_in_a_code_or_a_domain_is_no_currency(lines: tuple[str, ...]) -> None:
    assert printing(*lines).alike("CHF", CURRENCY) == "EUR"


@pytest.mark.parametrize("lines", [("Total Fr. 12.50",), ("Total 12.50 CHF",), ("Amounts in CHF 3",)])
def test_the_currency_beside_an_amount_is_what_the_page_says(lines: tuple[str, ...]) -> None:
    assert printing(*lines).alike("CHF", CURRENCY) is None
