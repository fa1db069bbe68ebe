"""Currencies: by signs that several countries share, by country, and by what OCR makes of the euro's sign."""

from __future__ import annotations

import pytest

from ix.extraction.evidence.agreement import agrees
from ix.extraction.values.countries import origins
from ix.fields import Field
from tests.extraction.rules.documents import receipt


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Total EURO  5.00", "EUR"),
        ("Total  Rs 500", "INR"),
        ("Total  Rs. 500.00\nLahore, Tel +92 42 111", "PKR"),
        ("Total  500,00 kr\nOrganisationsnummer 556677-8899", "SEK"),
        ("Total  500,00 kr\nCVR-nr. 12345678", "DKK"),
        ("Total  500,00 kr\nOrg.nr. NO 987654321 MVA", "NOK"),
        ("Total  $5.00\nABN 51 824 753 556", "AUD"),
        ("Total  $5.00", "USD"),
        ("Total  5,00 zł", "PLN"),
        ("Total  5.00\nSDN BHD (204417-K)", "MYR"),
        ("Summe  5,00\nUSt-IdNr. DE123456788", "EUR"),
        ("Total  5.00\nwww.shop.ch", "CHF"),
        ("Total  5.00\ninfo@shop.example.co.uk", "GBP"),
        ("Total EUR 100.00\nVAT EUR 20.00\nequals USD 121.00", "EUR"),
        ("Total  5.00\n( 330 ) 555 - 0142", "USD"),
        ("Total  5.00", None),
    ],
)
def test_the_currency(text: str, code: str | None) -> None:
    assert receipt(f"Shop\n{text}")["currency"] == code


def test_a_misread_sign_of_the_euro_bears_out_the_country() -> None:
    text = "Total  5,00 C\nMilk  2,00 C\nwww.shop.{}"
    assert receipt(text.format("de"))["currency"] == "EUR"


def test_a_countrys_sign_supports_its_currency() -> None:
    field = Field("currency", "currency", "currency")
    assert agrees("CHF", field, "www.shop.ch") == "derive"
    assert agrees("PKR", field, "Rs. 500") == "derive"
    assert agrees("CHF", field, "www.shop.de") is None


def test_the_likeliest_country_is_the_one_with_most_signs() -> None:
    text = "Tel +49 30 1234\nUSt-IdNr. DE123456788\nwww.shop.ch"
    assert [one.country for one in origins(text)] == ["DE", "CH"]
    assert text[origins(text)[1].start :].startswith("www.shop.ch")


@pytest.mark.parametrize("text", ["the vat of sinks", "Kurt +999 1", "hello india-ink", "me@shop.com"])
def test_no_country_is_told(text: str) -> None:
    assert "DE" not in [one.country for one in origins(text)]
