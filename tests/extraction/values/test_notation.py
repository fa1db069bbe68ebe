"""How a document writes its amounts: what settles a number with two readings."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from ix.extraction.values import Amount, Notation, find_amounts
from ix.extraction.values.iso4217 import ISO_4217, NO_DECIMALS, THREE_DECIMALS, minor_units


def settled(*lines: str) -> Amount:
    """The last amount of the last line, as the document of these lines means it."""
    return Notation(lambda: lines).settled(find_amounts(lines[-1])[-1], lines[-1])


@pytest.mark.parametrize(
    ("lines", "value"),
    [
        # the currency beside it
        (["Grand total  BHD   13.580"], "13.580"),
        (["Grand total 13.580 KWD"], "13.580"),
        (["Total KD 13.580"], "13.580"),
        (["Total (OMR) 13.580"], "13.580"),
        (["Total TTC 13,580 TND"], "13.580"),
        (["Total JPY 13,580"], "13580"),
        (["Total CLP 13.580"], "13580"),
        (["Total ISK 13.580", "Total 13.580 ISK"], "13580"),
        (["Gesamtbetrag EUR 13.580"], "13580"),
        # the currency of the document
        (["Currency: KWD", "Total 13.580"], "13.580"),
        (["All amounts in Jordanian dinars", "Total 13.580"], "13.580"),
        (["Price (JPY)", "Total 13.580"], "13580"),
        # its other numbers
        (["Subtotal 1,250.500 BHD", "Total BHD 13,580"], "13580"),
        (["Sous-total 1.250,500 TND", "Total 13.580 TND"], "13580"),
        (["Tea 12.50", "Total 13.580"], "13.580"),
        (["Tee 12,50", "Summe 13.580"], "13580"),
        (["Tea 1,234.50", "Total 13,580"], "13580"),
        (["Weight 0.500", "Total BHD 13.580"], "13.580"),
        # nothing
        (["Total 13.580"], "13580"),
    ],
)
def test_a_number_is_read_as_its_document_means_it(lines: list[str], value: str) -> None:
    found = settled(*lines)
    assert (found.value, found.other) == (Decimal(value), None)


@pytest.mark.parametrize(
    ("lines", "value", "other"),
    [
        (["Net USD 20 and BHD 4", "Total 1.234"], "1234", "1.234"),
        (["BHD 4 and BHD 5 and USD 20", "Total 1.234"], "1.234", "1234"),
        (["Net USD 12.50", "BHD 4.700", "Total 1.234"], "1.234", "1234"),
        (["Total IQD 25,000"], "25000", "25"),
        (["Saldo 108,43 H"], "108.43", "-108.43"),
    ],
)
def test_what_nothing_settles_stays_open(lines: list[str], value: str, other: str) -> None:
    found = settled(*lines)
    assert (found.value, found.other) == (Decimal(value), Decimal(other))


@pytest.mark.parametrize("line", ["Vortrag 20,00 S", "Soll und Haben", "Betrag (S/H)"])
def test_the_letter_of_a_credit_counts_where_accounts_have_sides(line: str) -> None:
    found = settled(line, "Saldo 108,43 EUR H")
    assert (found.value, found.other) == (Decimal("-108.43"), None)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("Balance 108.43 CR", "108.43"),
        ("Balance 108.43 DR", "-108.43"),
        ("Saldo 108,43 EUR H", "108.43"),
        ("Saldo 108,43 EUR S", "-108.43"),
        ("Balance -108.43", "-108.43"),
    ],
)
def test_a_credit_is_what_an_account_holds(line: str, value: str) -> None:
    [amount] = find_amounts(line)
    assert Notation(lambda: ["Soll und Haben"]).of_account(amount, line).value == Decimal(value)


def test_decimals_of_dinars_are_decimals() -> None:
    assert settled("Total BHD 13.000").decimals
    assert not settled("Total JPY 13,000").decimals
    assert not settled("Diesel 50.30", "2.590 / litre").decimals


def test_lines_are_not_read_where_no_number_asks() -> None:
    def lines() -> Iterator[str]:
        raise AssertionError

    amount = find_amounts("Total 12.50")[0]
    assert Notation(lines).settled(amount, "Total 12.50") is amount


def test_minor_units_are_those_of_known_currencies() -> None:
    assert THREE_DECIMALS | NO_DECIMALS <= ISO_4217
    assert [minor_units(code) for code in ("BHD", "EUR", "JPY")] == [3, 2, 0]
