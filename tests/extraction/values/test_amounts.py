"""Amounts: every notation in, one number out."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ix.extraction.values import find_amounts, parse_amount

CENTS = st.integers(min_value=0, max_value=10**11).map(lambda cents: Decimal(cents) / 100)


@given(CENTS)
def test_english_notation_is_read_back(value: Decimal) -> None:
    assert parse_amount(f"{value:,.2f}") == value


@given(CENTS, st.sampled_from([".", " ", "'", "\u202f", "\u00a0", "’"]))
def test_continental_notation_is_read_back(value: Decimal, group: str) -> None:
    assert parse_amount(_continental(value, group)) == value


@given(CENTS, st.sampled_from(["{} €", "€{}", "EUR {}", "{} EUR", "RM{}", "$ {}", "US${}", "*{}", "{}kr"]))
def test_a_currency_beside_the_amount_changes_nothing(value: Decimal, form: str) -> None:
    assert parse_amount(form.format(f"{value:.2f}")) == value


@given(CENTS.filter(bool), st.sampled_from(["-{}", "{}-", "({})", "- {}", "−{}", "-€{}", "€-{}", "–{}"]))
def test_a_minus_may_stand_anywhere_around_it(value: Decimal, form: str) -> None:
    assert parse_amount(form.format(f"{value:.2f}")) == -value


@given(CENTS, st.text("abcdefghij ", max_size=12))
def test_an_amount_in_a_sentence_is_found_where_it_stands(value: Decimal, words: str) -> None:
    text = f"{words} {value:.2f} {words}"
    [found] = find_amounts(text)
    assert (found.value, Decimal(text[found.start : found.end].strip()), found.decimals) == (value, value, True)


@given(st.text(max_size=40))
def test_any_text_is_survived(text: str) -> None:
    parse_amount(text)
    for found in find_amounts(text):
        assert 0 <= found.start < found.end <= len(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5.–", "5"),
        ("5,--", "5"),
        ("Rs. 12,39,000/-", "1239000"),
        ("1 250:50", "1250.50"),
        ("1.250:50 kr", "1250.50"),
        ("1.234", "1234"),
        ("1,234", "1234"),
        ("0.123", "0.123"),
        ("0,0520", "0.0520"),
        ("1.234.567", "1234567"),
        ("12,34,567.00", "1234567"),
        (".50", "0.50"),
        ("12. 50", "12.50"),
        ("1234,5", "1234.5"),
        ("12,39,000.00", "1239000"),
        ("₹ 1,23,45,678.90", "12345678.90"),
        ("1'234.50", "1234.50"),
        ("1’234.–", "1234"),
        ("1\u202f234,50", "1234.50"),
        ("1\u2009234\u2009567,5", "1234567.5"),
        ("1,250.500", "1250.500"),
        ("$(45.00)", "-45"),
        ("$108.43 CR", "-108.43"),
        ("108.43 USD Cr.", "-108.43"),
        ("$108.43cr", "-108.43"),
        ("$108.43 DR", "108.43"),
        ("١٬٢٣٤٫٥٠", "1234.50"),
        ("١٣٫٥٨٠", "13.580"),
        ("１，２３４．５０", "1234.50"),
        ("Rs 12.5 lakh", "1250000"),
        ("₹2.5 Cr", "25000000"),
        ("₹ 12,450.00 Cr", "-12450"),
    ],
)
def test_unusual_notations(text: str, value: str) -> None:
    assert parse_amount(text) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "value", "own"),
    [
        ("Total Rs. 12,39,000.00 only", "1239000", "12,39,000.00"),
        ("Total Rs.12,39,000.00", "1239000", "12,39,000.00"),
        ("Total BHD13.580", "13580", "13.580"),
        ("Total RM 11.40", "11.40", "11.40"),
        ("Total Rs. 12,39,000/- only", "1239000", "12,39,000/-"),
        ("Summa 1 250:50 kr", "1250.50", "1 250:50"),
        ("Total -RM 11.40", "-11.40", "-RM 11.40"),
        ("Total ($45.00)", "-45", "($45.00)"),
        ("(see 45.00", "45", "45.00"),
        ("Total due $108.43 CR", "-108.43", "108.43 CR"),
        ("Total due 108.43 USD CR", "-108.43", "108.43 USD CR"),
        ("Total due CR 108.43", "-108.43", "CR 108.43"),
        ("Total due $108.43 DR today", "108.43", "108.43"),
        ("108.43 CREDIT CARD", "108.43", "108.43"),
        ("108.43 Crackers", "108.43", "108.43"),
        ("2.50 CR SUGAR", "2.50", "2.50"),
        ("Saldo 108,43 Haben", "-108.43", "108,43 Haben"),
        ("Fr. 1'234.– bar", "1234", "1'234.–"),
        ("Total ₹ 2.5 Cr", "25000000", "₹ 2.5 Cr"),
    ],
)
def test_an_amount_has_its_own_characters(text: str, value: str, own: str) -> None:
    [found] = find_amounts(text)
    assert (found.value, text[found.start : found.end]) == (Decimal(value), own)


def test_a_lone_mark_has_two_readings() -> None:
    found = {each.value: each.other for each in find_amounts("13.580 and -1,234 and 0.500 and 1234.500 and 12.50")}
    assert found == {
        Decimal(13580): Decimal("13.580"),
        Decimal(-1234): Decimal("-1.234"),
        Decimal("0.500"): None,
        Decimal("1234.500"): None,
        Decimal("12.50"): None,
    }


def test_a_known_decimal_mark_settles_what_is_ambiguous() -> None:
    assert parse_amount("1.234", decimal=".") == Decimal("1.234")
    assert parse_amount("1.234", decimal=",") == Decimal("1234")


@pytest.mark.parametrize(
    "text", ["", "abc", "12 apples", "1.2.3", "12,34,56,7", "1.23.456", "(5.00", "5.00)", "12/03/2019", "--5"]
)
def test_what_is_no_amount_is_none(text: str) -> None:
    assert parse_amount(text) is None


@pytest.mark.parametrize("text", ["19 %", "19,00%", "12/03/2019", "10:45", "A-4711", "x12", "3.4.5", "#12"])
def test_percentages_dates_times_and_codes_are_no_amounts(text: str) -> None:
    assert find_amounts(text) == []


def test_only_decimals_make_a_number_money_like() -> None:
    assert [found.decimals for found in find_amounts("12 and 12.00 and 1,234 and 0.025 and 5.--")] == [
        False,
        True,
        False,
        True,
        True,
    ]


def _continental(value: Decimal, group: str) -> str:
    return f"{value:,.2f}".translate({ord(","): group, ord("."): ","})
