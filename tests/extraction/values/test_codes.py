"""Codes: IBAN, VAT number, currency."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ix.extraction.values import find_ibans, find_vat_ids, parse_currency, parse_iban, parse_vat_id

GERMAN_IBANS = st.from_regex("DE[0-9]{20}", fullmatch=True)


@given(GERMAN_IBANS, st.integers(min_value=1, max_value=6))
def test_an_iban_is_read_back_however_it_is_spaced(iban: str, step: int) -> None:
    spaced = " ".join(iban[at : at + step] for at in range(0, len(iban), step))
    assert parse_iban(spaced) == iban


@given(GERMAN_IBANS)
def test_an_iban_in_fours_is_found_where_it_stands(iban: str) -> None:
    spaced = " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))
    text = f"Bank: IBAN {spaced}, BIC COBADEFF"
    [(found, start, end)] = find_ibans(text)
    assert (found, text[start:end]) == (iban, spaced)


@given(st.text(max_size=50))
def test_any_text_is_survived(text: str) -> None:
    for _, start, end in [*find_ibans(text), *find_vat_ids(text)]:
        assert 0 <= start < end <= len(text)
    parse_currency(text)


def test_a_checksum_is_not_this_rooms_business() -> None:
    assert parse_iban("DE00 0000 0000 0000 0000 00") == "DE00000000000000000000"


@pytest.mark.parametrize(
    "text", ["", "DE89", "DE89 3704 0044 0532 0130 0", "89DE 3704 0044 0532 0130 00", "Dear Sir or Madam"]
)
def test_what_has_not_the_form_of_an_iban_is_none(text: str) -> None:
    assert parse_iban(text) is None


def test_what_follows_an_iban_is_left_out() -> None:
    assert [found for found, _, _ in find_ibans("DE89 3704 0044 0532 0130 00 BIC COBADEFF")] == [
        "DE89370400440532013000"
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("DE 812 345 678", "DE812345678"),
        ("ATU12345678", "ATU12345678"),
        ("GB 123 4567 89", "GB123456789"),
        ("FR 32 412345678", "FR32412345678"),
        ("NL123456789B01", "NL123456789B01"),
        ("CHE-123.456.789", "CHE123456789"),
        ("IE1234567T", "IE1234567T"),
        ("IT01234567890", "IT01234567890"),
    ],
)
def test_vat_numbers_of_many_countries(text: str, code: str) -> None:
    assert parse_vat_id(text) == code


@pytest.mark.parametrize("text", ["DE12345", "DE1234567890", "XX123456789", "MODE812345678", "VAT"])
def test_other_codes_are_no_vat_numbers(text: str) -> None:
    assert parse_vat_id(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *(("€", "EUR"), ("Euro", "EUR"), ("RM", "MYR"), ("$", "USD"), ("S$", "SGD"), ("Fr.", "CHF")),
        *(("kč", "CZK"), ("Ft", "HUF"), ("NPR", "NPR")),
    ],
)
def test_currencies_by_code_sign_and_name(text: str, code: str) -> None:
    assert parse_currency(text) == code


@pytest.mark.parametrize("text", ["", "GST", "XYZ", "total"])
def test_what_is_no_currency_is_none(text: str) -> None:
    assert parse_currency(text) is None
