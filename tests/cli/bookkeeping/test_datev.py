"""Invoices as bookings in DATEV's format."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from typing import Any

import pytest

from ix.cli.bookkeeping import datev

BOOKS = datev.Books(1001, 42, date(2026, 1, 1), 70000, 4980)
MADE = datetime(2026, 11, 30, 17, 40, 5, 123000)
INVOICE: dict[str, Any] = {
    "invoice_number": "RE-2026/0815",
    "issue_date": "2026-03-09",
    "due_date": "2026-04-08",
    "delivery_date": None,
    "seller_name": 'Müller & Söhne "Büro" GmbH',
    "currency": "EUR",
    "net_total": 100.0,
    "tax_total": 19.0,
    "grand_total": 119.0,
}


def booked(*invoices: dict[str, Any]) -> tuple[list[dict[str, str]], list[datev.Left]]:
    data, left = datev.stack([(f"{n}", one) for n, one in enumerate(invoices)], BOOKS, MADE)
    head, titles, *rows = csv.reader(io.StringIO(data.decode("cp1252"), newline=""), delimiter=";")
    assert head[:6] == ["EXTF", "700", "21", "Buchungsstapel", "13", "20261130174005123"]
    assert (len(head), titles, {len(row) for row in rows} - {125}) == (31, datev.COLUMNS, set())
    return [dict(zip(titles, row, strict=True)) for row in rows], left


def test_an_invoice_is_a_booking() -> None:
    (row,), left = booked(INVOICE)
    assert {name: value for name, value in row.items() if value} == {
        "Umsatz (ohne Soll/Haben-Kz)": "119,00",
        "Soll/Haben-Kennzeichen": "H",
        "WKZ Umsatz": "EUR",
        "Konto": "70000",
        "Gegenkonto (ohne BU-Schlüssel)": "4980",
        "BU-Schlüssel": "9",
        "Belegdatum": "0903",
        "Belegfeld 1": "RE-2026/0815",
        "Buchungstext": 'Müller & Söhne "Büro" GmbH',
        "Festschreibung": "0",
        "Fälligkeit": "08042026",
    }
    assert left == []


def test_the_format_has_its_125_columns() -> None:
    assert (len(datev.COLUMNS), len({*datev.COLUMNS})) == (125, 125)
    assert datev.COLUMNS[113:117] == ["Festschreibung", "Leistungsdatum", "Datum Zuord. Steuerperiode", "Fälligkeit"]


def test_two_rates_of_tax_are_two_bookings() -> None:
    taxes = [{"rate": 19, "base": 100.0, "amount": 19.0}, {"rate": 7, "base": 50.0, "amount": 3.5}]
    rows, _ = booked(INVOICE | {"taxes": taxes, "net_total": 150.0, "tax_total": 22.5, "grand_total": 172.5})
    assert [(row["Umsatz (ohne Soll/Haben-Kz)"], row["BU-Schlüssel"]) for row in rows] == [
        ("119,00", "9"),
        ("53,50", "8"),
    ]


@pytest.mark.parametrize(
    "credit",
    [{"type_code": "381"}, {"net_total": -100.0, "tax_total": -19.0, "grand_total": -119.0}],
    ids=["by its code", "by its sign"],
)
def test_a_credit_note_is_booked_the_other_way(credit: dict[str, Any]) -> None:
    (row,), _ = booked(INVOICE | credit)
    assert (row["Umsatz (ohne Soll/Haben-Kz)"], row["Soll/Haben-Kennzeichen"]) == ("119,00", "S")


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"grand_total": None}, "has no grand_total"),
        ({"issue_date": None, "invoice_number": ""}, "has no issue_date and no invoice_number"),
        ({"currency": "USD"}, "is in USD, not in euros"),
        ({"currency": None}, "is in an unknown currency, not in euros"),
        ({"issue_date": "2025-12-31"}, "is of 2025-12-31, outside the fiscal year"),
        ({"issue_date": "2027-01-01"}, "is of 2027-01-01, outside the fiscal year"),
        ({"tax_total": None}, "does not say which tax is in its total"),
        ({"tax_total": 18.0}, "does not say which tax is in its total"),
        ({"tax_total": 20.0, "grand_total": 120.0}, "has tax of 20 %, for which DATEV has no key"),
    ],
)
def test_what_cannot_be_booked_is_told(other: dict[str, Any], why: str) -> None:
    rows, left = booked(INVOICE | other, INVOICE)
    assert len(rows) == 1
    assert [(one.ix_id, one.why[: len(why)]) for one in left] == [("0", why)]


def test_hostile_texts_stay_in_their_cells() -> None:
    (row,), _ = booked(INVOICE | {"seller_name": 'a";"b\r\n=1+1 \u4e2d' * 20, "invoice_number": '1";\n' * 40})
    assert len(row["Buchungstext"]) == 60
    assert row["Belegfeld 1"] == "1" * 36


def test_no_invoice_is_a_file_all_the_same() -> None:
    assert booked() == ([], [])
