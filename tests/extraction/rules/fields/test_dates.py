"""Dates: the document's own, the one to pay by, the ends of a period."""

from __future__ import annotations

import pytest

from tests.extraction.rules.documents import custom, invoice, labelled, read, receipt, statement


def test_a_due_date_is_not_the_date_of_the_invoice() -> None:
    found = invoice("Due Date: 13 April 2022\nInvoice Date: 14 March 2022")
    assert (found["issue_date"], found["due_date"]) == ("2022-03-14", "2022-04-13")


def test_other_dates_are_not_the_date_of_the_invoice() -> None:
    found = invoice("Bestelldatum: 14.02.2022\nLieferdatum: 01.03.2022\nRechnungsdatum: 05.03.2022")
    assert found["issue_date"] == "2022-03-05"


@pytest.mark.parametrize("text", ["Order date 01/02/2021", "Date of birth 01/02/1971"])
def test_a_date_that_is_said_to_be_another_is_no_answer(text: str) -> None:
    assert invoice(text)["due_date"] is None
    assert receipt(text)["date"] is None


def test_the_value_may_stand_under_its_label() -> None:
    found = invoice(
        """
        Invoice Date        Due Date
        14 March 2022       13 April 2022
        """
    )
    assert (found["issue_date"], found["due_date"]) == ("2022-03-14", "2022-04-13")


@pytest.mark.parametrize(
    "sentence",
    [
        "Bitte überweisen Sie den Betrag bis zum 16.11.2021 auf unser Konto.",
        "Zahlbar bis 16.11.2021 ohne Abzug.",
        "Please pay EUR 934.80 by 16/11/2021",
        "Merci de régler avant le 16 novembre 2021.",
        "Scadenza 16/11/2021",
        "Vervaldatum: 16-11-2021",
    ],
)
def test_a_sentence_says_until_when_to_pay(sentence: str) -> None:
    assert invoice(f"Date 02.11.2021\n{sentence}")["due_date"] == "2021-11-16"


def test_an_ambiguous_date_is_read_as_the_others_are() -> None:
    assert receipt("Date 03/04/2019 10:15\nServed 03/25/2019")["date"] == "2019-03-04"
    assert receipt("Date 03/04/2019 10:15\nServed 25/03/2019")["date"] == "2019-04-03"


def test_the_month_comes_first_on_american_paper() -> None:
    assert receipt("Springfield, IL 62701\n07/04/2022 12:47 PM\nTotal $29.50")["date"] == "2022-07-04"


def test_a_date_with_a_time_beside_it_is_the_receipts() -> None:
    assert receipt("Licence 01/01/2015\nSoap 3.40\n24.12.2021  09:14  No 4471")["date"] == "2021-12-24"


def test_a_date_glued_to_a_number_before_it_is_found() -> None:
    assert receipt("REG #19-18/01/2018 10:27:03")["date"] == "2018-01-18"


@pytest.mark.parametrize(
    "text",
    [
        "Zeitraum: 01.04.2020 - 30.04.2020",
        "Statement period 1 April 2020 to 30 April 2020",
        "Période du 01/04/2020 au 30/04/2020",
        "vom 01.04.2020 bis 30.04.2020",
    ],
)
def test_a_range_has_a_first_and_a_last_day(text: str) -> None:
    found = statement(text)
    assert (found["period_start"], found["period_end"]) == ("2020-04-01", "2020-04-30")


def test_a_field_of_a_custom_schema_finds_its_own_date() -> None:
    schema = custom(delivered=labelled("date", "delivery date"), written=labelled("date", "written on"))
    assert read(schema, "Delivery date: 2 May 2020\nWritten on: 1 May 2020") == {
        "delivered": "2020-05-02",
        "written": "2020-05-01",
    }


def test_no_date_no_answer() -> None:
    assert invoice("Invoice 4711\nTotal 12.00")["issue_date"] is None


@pytest.mark.parametrize(
    ("text", "issued", "due"),
    [
        ("Facture n° 81 du 3 mars 2021\nDate limite de paiement le 9 mars 2021", "2021-03-03", "2021-03-09"),
        ("Rechnung 81 vom 3.3.2021\nZahlungsziel 17.3.2021", "2021-03-03", "2021-03-17"),
        ("Invoice date   Invoice due date\n3/14/2021      3/24/2021", "2021-03-14", "2021-03-24"),
        # the date beside a time is likelier, and only the other one can be
        ("17.03.2021 10:30\n03.03.2021\nDue 09.03.2021", "2021-03-03", "2021-03-09"),
        # a contradiction without a way out is left as it stands
        ("Invoice date 17.03.2021\nDue date 09.03.2021", "2021-03-17", "2021-03-09"),
    ],
)
def test_the_last_day_to_pay_is_not_before_the_invoice(text: str, issued: str, due: str) -> None:
    found = invoice(f"Acme Ltd\n{text}")
    assert (found["issue_date"], found["due_date"]) == (issued, due)


@pytest.mark.parametrize("words", ["Exp", "Valid until", "Check in", "gültig bis", "Druckdatum", "Best before"])
def test_a_day_on_which_something_else_ends_or_begins_is_not_the_documents(words: str) -> None:
    assert receipt(f"Shop\n{words} 12.08.2024\n05.08.2021\nTotal 3.40")["date"] == "2021-08-05"
