"""Dates: many layouts and languages in, one day out."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ix.extraction.values import find_dates, parse_date, prefers_day_first

DAYS = st.dates(min_value=date(1970, 1, 1), max_value=date(2068, 12, 31))
FORMS = [
    "%d/%m/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y%m%d",
    "%d %B %Y",
    "%B %d, %Y",
    "%d-%b-%Y",
    "%d %b %y",
    "%d/%m/%y",
]


@given(DAYS, st.sampled_from(FORMS))
def test_layouts_are_read_back(day: date, form: str) -> None:
    assert parse_date(day.strftime(form)) == day


@given(DAYS)
def test_month_first_is_read_back_where_asked_for(day: date) -> None:
    assert parse_date(day.strftime("%m/%d/%Y"), day_first=False) == day


@given(DAYS, st.text("abcdefgh ", max_size=10))
def test_a_date_in_a_sentence_is_found_where_it_stands(day: date, words: str) -> None:
    text = f"{words} {day:%d/%m/%Y} {words}"
    [found] = find_dates(text)
    assert (found.value, text[found.start : found.end]) == (day, f"{day:%d/%m/%Y}")


@given(st.text(max_size=40))
def test_any_text_is_survived(text: str) -> None:
    parse_date(text)
    for found in find_dates(text):
        assert 0 <= found.start < found.end <= len(text)


@pytest.mark.parametrize(
    "text",
    [
        "5. März 2019",
        "5 mars 2019",
        "5 de marzo de 2019",
        "5 marzo 2019",
        "5 maart 2019",
        "5 Mac 2019",
        "5th March 2019",
        "March 5th, 2019",
        "5.3.2019",
        "05 / 03 / 2019",
        "Tuesday, 5 March 2019",
        "05/03/2019 14:33",
        "05/03/2019 2:33 PM",
        "05/03/201914:33",
        "2019-03-05T14:33:00Z",
        "05-MAR-19",
        "5 mar '19",
    ],
)
def test_writings_of_one_day(text: str) -> None:
    assert parse_date(text) == date(2019, 3, 5)


@pytest.mark.parametrize(
    "text", ["", "31/02/2019", "12", "1.234.567", "32.01.2019", "5 Margarine 2019", "paid on 5 March 2019 by card"]
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize("text", ["192.168.1.12", "03-3334444", "12,50", "1-800-555-0142", "4711-18/01/18"])
def test_numbers_that_resemble_dates_are_none(text: str) -> None:
    assert find_dates(text) == []


def test_a_date_glued_to_a_register_number_is_found() -> None:
    assert [found.value for found in find_dates("REG #19-18/01/2018 10:27")] == [date(2018, 1, 18)]


def test_a_number_over_twelve_decides_for_itself() -> None:
    assert parse_date("03/25/2019", day_first=True) == date(2019, 3, 25)
    assert parse_date("25/03/2019", day_first=False) == date(2019, 3, 25)


def test_only_a_date_that_could_be_swapped_is_ambiguous() -> None:
    assert [found.ambiguous for found in find_dates("03/04/2019, 25/04/2019 and 3 April 2019")] == [True, False, False]


def test_unambiguous_dates_vote_on_the_order() -> None:
    assert prefers_day_first(["25/03/2019", "03/04/2019"]) is True
    assert prefers_day_first(["03/25/2019"]) is False
    assert prefers_day_first(["03/04/2019"]) is None
    # amounts do not vote
    assert prefers_day_first(["S = 6%  10.85 .65"]) is None
    assert prefers_day_first(["85/10/65"]) is None


@pytest.mark.parametrize(("text", "year"), [("1/1/69", 1969), ("1/1/99", 1999), ("1/1/00", 2000), ("1/1/68", 2068)])
def test_two_digits_of_a_year_turn_at_69(text: str, year: int) -> None:
    assert parse_date(text) == date(year, 1, 1)
