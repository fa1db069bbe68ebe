"""Days as tables write them: with their year or without."""

from __future__ import annotations

from datetime import date

import pytest

from ix.extraction.values.yearless import Day, find_days


def days(text: str, day_first: bool = True) -> list[tuple[int, int, int | None]]:
    return [(day.day, day.month, day.year) for day in find_days(text, day_first)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("12.03. 13.03. Miete", [(12, 3, None), (13, 3, None)]),
        ("05/03 Rent", [(5, 3, None)]),
        ("02 Mar Salary", [(2, 3, None)]),
        ("3. März Gehalt", [(3, 3, None)]),
        ("01 maj Lön", [(1, 5, None)]),
        ("7 stycznia", [(7, 1, None)]),
        ("02 apri1 Gebyr", [(2, 4, None)]),
        ("05.03.2024 Miete", [(5, 3, 2024)]),
        ("31/04 is no day", []),
        ("12.03 is an amount", []),
        ("1970/03 is a number", []),
        ("", []),
    ],
)
def test_days(text: str, found: list[tuple[int, int, int | None]]) -> None:
    assert days(text) == found


def test_a_number_over_twelve_decides_for_itself() -> None:
    assert days("03/25 Rent") == [(25, 3, None)]
    assert days("03-05", day_first=False) == [(5, 3, None)]


@pytest.mark.parametrize(
    ("month", "day", "expected"),
    [(12, 30, date(2023, 12, 30)), (1, 2, date(2024, 1, 2)), (2, 29, date(2024, 2, 29))],
)
def test_the_year_is_that_of_the_period(month: int, day: int, expected: date) -> None:
    assert Day(month, day, None, 0, 5).within(date(2023, 12, 15), date(2024, 1, 15)) == expected
