"""Whether a document puts the day or the month first: by what its pages show, and open where nothing does."""

from __future__ import annotations

from datetime import date

import pytest

from ix.extraction.models.rules.page.reading import Reading
from ix.extraction.values import Notation
from tests.extraction.rules.documents import page

MARCH, MAY = date(2024, 3, 5), date(2024, 5, 3)
PRINTED = "Date 05/03/2024"


def read(*lines: str) -> tuple[date, date | None]:
    """The date of a document that also has these lines, and its other reading if that is open."""
    notation = Notation(lambda: (PRINTED, *lines))
    [found] = notation.dates(PRINTED)
    return found.value, notation.ambiguous(found._replace(other=MAY if found.value == MARCH else MARCH))


def test_without_a_sign_the_day_comes_first_and_the_other_reading_is_told() -> None:
    assert read("Blue Kettle", "Total 12.50") == (MARCH, MAY)


@pytest.mark.parametrize(
    "line",
    [
        *("Printed 25/03/2024", "Tue 05/03/2024", "VAT no GB 123 4567 89", "Total EUR 12.50", "Total RM 12.50"),
        *("Phone +44 20 7946 0958", "IBAN DE89 3704 0044 0532 0130 00", "GST 6% SDN BHD", "Celkem 120 Kč"),
        *("Sydney NSW, ABN 51 824 753 556", "Rechnung vom, zahlbar bis, Mehrwertsteuer", "Total £12.50"),
    ],
)
def test_signs_of_the_rest_of_the_world_put_the_day_first(line: str) -> None:
    assert read(line) == (MARCH, None)


@pytest.mark.parametrize(
    "lines",
    [
        *(("Printed 03/25/2024",), ("Fri 05/03/2024",), ("Walnut, WY, 98432", "$ 12.50"), ("Walnut WY 98432",)),
        *(("305 555-0147", "Sales Tax: 4.30"), ("United States of America",), ("Total $3,500.00", "(305) 555-0147")),
    ],
)
def test_signs_of_the_united_states_put_the_month_first(lines: tuple[str, ...]) -> None:
    assert read(*lines) == (MAY, None)


def test_signs_of_both_decide_nothing() -> None:
    assert read("Walnut, WY 98432", "VAT no GB 123 4567 89") == (MARCH, MAY)


def test_what_can_be_read_in_one_way_is_never_open() -> None:
    notation = Notation(lambda: ["Blue Kettle"])
    for text in ("25/03/2024", "03/25/2024", "5.3.2024", "5 March 2024", "05/05/2024", "2024-03-05"):
        assert [found.other for found in notation.dates(text)] == [None], text


def test_a_months_name_of_two_languages_is_open_even_where_the_order_is_not() -> None:
    notation = Notation(lambda: ["Total EUR 12.50", "5 listopada 2024"])
    assert [notation.ambiguous(found) is None for found in notation.dates("5 listopada 2024")] == [False]
    polish = Notation(lambda: ["Faktura, razem do zapłaty, sprzedawca i nabywca, numer rachunku"])
    assert [(found.value, found.other) for found in polish.dates("5 listopada 2024")] == [(date(2024, 11, 5), None)]


def test_a_reading_of_pages_says_the_same() -> None:
    reading = Reading([page(f"Blue Kettle\n{PRINTED}\nTotal 12.50")])
    [found] = reading.notation.dates(PRINTED)
    assert (reading.day_first, reading.ambiguous(found)) == (True, MAY)
