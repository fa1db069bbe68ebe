"""Balances that run, and zones with their check digits: what the checks find wanting in any result."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ix.extraction.checks import check
from ix.use_cases.bank_statement import USE_CASE as STATEMENT
from ix.use_cases.id_document_mrz import USE_CASE as DOCUMENT

TODAY = date(2024, 6, 1)
ZONE = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<< L898902C36UTO7408122F1204159ZE184226B<<<<<10"


def statement(amounts: list[float], **more: Any) -> list[str]:
    result = {
        "opening_balance": 100.0,
        "closing_balance": 90.0,
        "movements": [{"amount": amount} for amount in amounts],
        **more,
    }
    return [f"{found.code} {found.path}" for found in check(result, STATEMENT.schema, TODAY)]


def test_what_moved_lies_between_start_and_end() -> None:
    assert statement([-30.0, 20.0]) == []
    assert statement([-30.0, 25.0]) == ["sum_mismatch closing_balance"]


def test_a_cent_is_not_rounded_away_among_many_movements() -> None:
    assert statement([-30.0, 20.01, *[0.0] * 20]) == ["balance_mismatch closing_balance"]


def test_each_balance_follows_from_the_one_before() -> None:
    rows = [{"amount": -30.0, "balance": 70.0}, {"amount": 15.0, "balance": 86.0}, {"amount": 4.0, "balance": 90.0}]
    found = statement([], movements=rows)
    # 70 + 15 is not 86, while 86 + 4 is 90: one mistake, told where it is
    assert "balance_mismatch movements.1.balance" in found
    assert "balance_mismatch movements.2.balance" not in found


@pytest.mark.parametrize(
    ("carried", "found"),
    [
        ([70.0], []),
        ([70.0, 70.0], []),
        ([71.0], ["balance_mismatch carried.0.balance"]),
        # in their order: what comes after is not looked for before
        ([90.0, 70.0], ["balance_mismatch carried.1.balance"]),
        ([None], []),
    ],
)
def test_pages_carry_on_what_the_account_held(carried: list[float | None], found: list[str]) -> None:
    assert statement([-30.0, 20.0], carried=[{"balance": value} for value in carried]) == found


@pytest.mark.parametrize("rows", [None, [], [{}], [None], "text", [{"amount": "much"}], [{"amount": None}]])
def test_what_is_not_known_is_not_judged(rows: Any) -> None:
    found = statement([], movements=rows)
    assert not [one for one in found if one.startswith("balance_mismatch")]


def document(**values: Any) -> list[str]:
    return [f"{one.code} {one.path}" for one in check({"mrz": ZONE, **values}, DOCUMENT.schema, TODAY)]


def test_fields_say_what_the_zone_says() -> None:
    assert document(surname="ERIKSSON", birth_date="1974-08-12", document_number="L898902C3") == []
    assert document(surname="ERICSON") == ["mrz_mismatch surname"]


def test_a_check_digit_that_does_not_hold_is_told() -> None:
    found = document(mrz=ZONE.replace("L898902C3", "L496732C4"))
    assert found == ["check_digit document_number", "check_digit mrz"]


def test_lines_that_are_no_zone_are_told() -> None:
    assert document(mrz="P<UTOERIKSSON") == ["mrz_unreadable mrz"]
    assert document(mrz="x" * 10_000) == ["mrz_unreadable mrz"]


def test_people_are_older_than_business_documents() -> None:
    zone = "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<< L8988901C4XXX4009078F9612109<<<<<<<<"
    assert document(mrz=zone, birth_date="1940-09-07") == []
