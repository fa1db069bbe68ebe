"""Forms of dates in the languages of the world: what is printed in, one day out; and what is no date."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ix.extraction.values import find_dates, parse_date
from ix.extraction.values.cldr import calendars

DAY = date(2024, 3, 5)
CALENDARS = calendars()
NAMED = sorted(code for code, each in CALENDARS.items() if all(each.months))
DAYS = st.dates(min_value=date(1970, 1, 1), max_value=date(2068, 12, 31))

ENGLISH = [
    *("5th of March 2024", "5 th March 2024", "5'th March 2024", "the 5th day of March, 2024", "March the 5th, 2024"),
    *('5" March 2024', "5° March 2024", "5* Mar 2024", "05MAR2024", "2024-Mar-05", "Mar. 5, 2024", "Mar 5 '24"),
    *("5 MARCH 2024", "Tuesday, the 5 March 2024", "Tue 5 Mar 2024 10:15"),
]
NUMBERS = [
    *("5/3-2024", "05 03 2024", "05 03 2024 14:30", "5. 3. 2024", "05. 03. 2024.", "05.03/2024", "05/03.2024"),
    *("20240305/191204", "20240305T191204", "2024.03.05.", "2024. 03. 05.", "5.III.2024", "5 III 2024", "5/III/2024"),
    *("05-III-24", "２０２４/０３/０５", "２０２４／０３／０５", "٠٥/٠٣/٢٠٢٤", "०५/०३/२०२४", "5‏/3‏/2024"),
]
NAMES = [
    *("5 marca 2024 r.", "5. března 2024", "5. marca 2024", "5. marts 2024", "5. maaliskuuta 2024", "5. mars 2024"),
    *("5 de março de 2024", "5 Mart 2024", "2024. március 5.", "5 марта 2024 г.", "5 березня 2024 р.", "5 март 2024"),
    *(
        "5 martie 2024",
        "5 Μαρτίου 2024",
        "5. märts 2024",
        "2024 m. kovo 5 d.",
        "2024. gada 5. marts",
        "5. ožujka 2024.",
    ),
    *("5 במרץ 2024", "٥ مارس ٢٠٢٤", "5 آذار 2024", "5 मार्च 2024", "5 มีนาคม 2567", "5 มี.ค. 67", "๕ มีนาคม ๒๕๖๗"),
]
EAST = [
    *("2024年3月5日", "2024 年 03 月 05 日", "２０２４年３月５日", "2024년 3월 5일", "令和6年3月5日", "令和6.3.5"),
    *("民國113年3月5日", "24年3月5日", "二〇二四年三月五日", "ngày 5 tháng 3 năm 2024", "5 thang 3 nam 2024"),
]


@pytest.mark.parametrize("text", [*ENGLISH, *NUMBERS, *NAMES, *EAST])
def test_forms_of_one_day(text: str) -> None:
    assert [found.value for found in find_dates(text)] == [DAY]
    assert parse_date(text) in (DAY, None)


@pytest.mark.parametrize("text", ['9" June 2014', "9. juni 2014", "9 Jnne 2014"])
def test_what_ocr_makes_of_ordinals_and_names(text: str) -> None:
    found = [found.value for found in find_dates(text)]
    # four letters with one misread could be other words as well
    assert found == ([] if "Jnne" in text else [date(2014, 6, 9)])


@pytest.mark.parametrize(("text", "month"), [("5 Septernber 2024", 9), ("5 0ct 2024", 10), ("5 Febrnary 2024", 2)])
def test_long_names_may_have_a_letter_misread(text: str, month: int) -> None:
    assert [found.value for found in find_dates(text)] == [date(2024, month, 5)]


@pytest.mark.parametrize(
    "text",
    [
        *("03/2024", "March 2024", "Q1 2024", "2. Quartal 2024", "2024年3月", "marzec 2024"),
        *("12/25", "VISA EXP 03/27 AUTH 991", "Mo.-Sa. 9.00-20.00 Uhr", "Mon-Fri 8.30 - 17.30, Sat 9-12"),
        *("05.06.07.08.09", "Tel 01 23 45 67 89", "+33 5 06 07 2024 12", "(05) 03 2024", "089 05 03 2024"),
        *("v2.10.19", "Version 2.10.19", "Firmware: 1.2.24", "10.1.20.24", "192.168.10.1", "10.0.0.1"),
        *("R6/3/5", "1/2-24 UNF", "05 03 2567", "05/03/2567", "20240305-0001", "5 Margarine 2024", "5 mal 2024"),
        *("12 Stk 24", "5 chairs 2024", "100年", "令和", "99年3月", "5 IIII 2024", "32.03/2024", "5 tháng 13 năm 2024"),
    ],
)
def test_what_is_no_day(text: str) -> None:
    assert find_dates(text) == []


class TestLanguages:
    def test_a_name_that_is_two_months_is_read_by_the_language(self) -> None:
        assert parse_date("5 lis 2024", languages=["pl"]) == date(2024, 11, 5)
        assert parse_date("5. lis 2024", languages=["hr"]) == date(2024, 10, 5)
        assert parse_date("5. srp 2024", languages=["cs"]) == date(2024, 8, 5)
        assert parse_date("5. srp 2024", languages=["hr"]) == date(2024, 7, 5)

    def test_without_a_language_it_has_its_other_reading(self) -> None:
        [found] = find_dates("5 listopada 2024")
        assert {found.value, found.other} == {date(2024, 11, 5), date(2024, 10, 5)}
        [found] = find_dates("5 listopada 2024", languages=["hr", "en"])
        assert (found.value, found.other) == (date(2024, 10, 5), None)

    def test_short_years_need_a_name_of_the_documents_languages(self) -> None:
        assert parse_date("2 set 24", languages=["it"]) == date(2024, 9, 2)
        assert find_dates("2 set 24", languages=["de"]) == []

    def test_short_years_come_first_where_the_language_has_them_there(self) -> None:
        assert parse_date("24.03.05", languages=["ko"]) == DAY
        assert parse_date("24/03/05", languages=["ja", "en"]) == DAY
        assert parse_date("24.03.05", languages=["de"]) == date(2005, 3, 24)

    def test_letters_of_eras_are_japanese_and_danish_dates_nordic(self) -> None:
        assert parse_date("R6/3/5", languages=["ja"]) == DAY
        assert parse_date("S59.3.5", languages=["ja"]) == date(1984, 3, 5)
        assert parse_date("5/3-24", languages=["da"]) == DAY

    def test_thai_years_need_thai(self) -> None:
        assert parse_date("05/03/2567", languages=["th"]) == DAY
        assert parse_date("05/03/67", languages=["th"]) == DAY
        assert parse_date("05/03/24", languages=["th"]) == DAY


class TestWeekdays:
    @pytest.mark.parametrize("text", ["Tue 05/03/2024", "05/03/2024 (Tuesday)", "Dienstag, 05/03/2024"])
    def test_a_weekday_decides_the_order(self, text: str) -> None:
        for day_first in (True, False):
            assert [(found.value, found.other) for found in find_dates(text, day_first)] == [(DAY, None)]

    def test_one_that_fits_neither_decides_nothing(self) -> None:
        [found] = find_dates("Monday 05/03/2024")
        assert (found.value, found.other) == (DAY, date(2024, 5, 3))


@given(DAYS, st.sampled_from(NAMED), st.data())
def test_a_day_in_any_language_is_read_back(day: date, code: str, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(CALENDARS[code].months[day.month - 1]))
    for text in (f"{day.day} {name} {day.year}", f"{day.day}. {name.upper()} {day.year}"):
        [found] = find_dates(text, languages=[code])
        assert (found.value, found.other) == (day, None), text


@given(DAYS, st.sampled_from(sorted(CALENDARS)), st.data())
def test_a_weekday_in_any_language_decides(day: date, code: str, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(CALENDARS[code].days[day.weekday()]))
    swapped = date(day.year, day.day, day.month) if day.day <= 12 else None
    [found] = find_dates(f"{name}, {day:%m/%d/%Y}", languages=[code])
    # some words are short, or two
    if swapped and swapped.weekday() != day.weekday() and len(name) > 3 and name.isalpha():
        assert (found.value, found.other) == (day, None)


def test_the_table_is_small_and_whole() -> None:
    assert len(CALENDARS) >= 30
    for code, each in CALENDARS.items():
        assert (len(each.months), len(each.days)) == (12, 7), code
        assert all(each.days), code
        assert (each.order, each.decimal) in {(o, d) for o in ("dmy", "mdy", "ymd") for d in ".,"}, code
    # those whose months are numbers have forms of their own
    assert set(CALENDARS) - set(NAMED) == {"ja", "ko", "vi"}
