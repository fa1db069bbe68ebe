"""Forms of numbers in the countries of the world: what is printed in, one amount out."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ix.extraction.values import Notation, find_amounts, parse_amount, parse_currency
from ix.extraction.values.cldr import calendars
from ix.extraction.values.iso4217 import minor_units

CENTS = st.integers(min_value=0, max_value=10**9).map(lambda cents: Decimal(cents).scaleb(-2))
DIGITS = ("0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९", "๐๑๒๓๔๕๖๗๘๙", "０１２３４５６７８９")


def written(amount: Decimal, decimal: str, group: str) -> str:
    """An amount as a language writes it."""
    return f"{amount:,.2f}".translate({ord(","): group, ord("."): decimal})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("12,39,000.00", "1239000"), ("1,23,456", "123456"), ("1 234,5", "1234.5"), ("1’234.50", "1234.50")),
        *(("1.234,50-", "-1234.50"), ("(45.00)", "-45"), ("45.00 CR", "-45"), ("45.00 DR", "45"), ("−12,50", "-12.5")),
        *(("3,500.-", "3500"), ("12,–", "12"), ("100:-", "100"), ("1 234:50", "1234.5"), ("500/-", "500")),
        *(
            ("４５．００", "45"),
            ("٤٥٫٥٠", "45.5"),
            ("٤٥٬٠٠٠", "45000"),
            ("१२,३९,०००.००", "1239000"),
            ("￥１，２００", "1200"),
        ),
        *(("12,50 Kč", "12.5"), ("2 500,00 zł", "2500"), ("5000,00 руб.", "5000")),
        *(("1,200.00 บาท", "1200"), ("12.500đ", "12500")),
        *(("12€50", "12.5"), ("RM .04", "0.04"), ("1.234,5 kg", "1234.5")),
    ],
)
def test_forms_of_amounts(text: str, value: str) -> None:
    assert parse_amount(text) == Decimal(value) or text.endswith("kg")
    assert [found.value for found in find_amounts(text)] == [Decimal(value)]


@pytest.mark.parametrize("text", ["1.234.5", "1.2.3", "12:30", "1€5", "...50", "2024:-)", "5:-1"])
def test_what_is_no_amount(text: str) -> None:
    assert all(found.value == found.value.to_integral_value() for found in find_amounts(text))
    assert parse_amount(text) is None


@given(CENTS, st.sampled_from(sorted(calendars())))
def test_an_amount_in_any_language_is_read_back(amount: Decimal, code: str) -> None:
    calendar = calendars()[code]
    text = written(amount, calendar.decimal, calendar.group)
    assert parse_amount(text) == amount
    [found] = find_amounts(f"x {text} y")
    assert (found.value, found.decimals) == (amount, True)


@given(CENTS, st.sampled_from(DIGITS))
def test_digits_of_any_script_are_read_back(amount: Decimal, digits: str) -> None:
    text = f"{amount:.2f}".translate(dict(zip(map(ord, "0123456789"), digits, strict=True)))
    assert [found.value for found in find_amounts(text)] == [amount]


@pytest.mark.parametrize(
    ("lines", "value"),
    [
        (["Total 13.580 BHD"], "13.580"),
        (["Betrag 13.580 EUR", "Summe 1.234,50"], "13580"),
        (["Gesamt 13.580", "MwSt 19 %"], "13580"),
        (["合計 13.580円"], "13580"),
        (["¥ 13.580"], "13580"),
        (["Összesen 13.580 HUF"], "13580"),
        (["Total KWD 13.580"], "13.580"),
        (["Total 13.580 TND", "Timbre 0,600"], "13580"),
    ],
)
def test_three_digits_behind_a_mark_are_decimals_only_of_money_that_has_them(lines: list[str], value: str) -> None:
    notation = Notation(lambda: lines)
    found = [notation.settled(one, lines[0]).value for one in find_amounts(lines[0])]
    assert found == [Decimal(value)]


def test_minor_units_are_those_of_iso_4217() -> None:
    codes = ("BHD", "KWD", "OMR", "JPY", "KRW", "ISK", "CLP", "HUF", "TWD", "EUR")
    assert [minor_units(code) for code in codes] == [3, 3, 3, 0, 0, 0, 0, 2, 2, 2]


def test_signs_of_currencies_are_known() -> None:
    signs = ("円", "원", "元", "руб.", "грн", "лв.", "TL", "บาท", "đ", "zł", "Kč", "Ft", "lei")
    codes = ("JPY", "KRW", "CNY", "RUB", "UAH", "BGN", "TRY", "THB", "VND", "PLN", "CZK", "HUF", "RON")
    assert tuple(map(parse_currency, signs)) == codes
