"""Taxes by rate, terms of payment, and what invoices say of orders and deliveries, where no XML says it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.extraction.rules.documents import invoice

HEAD = """
    Blue Kettle GmbH                                     Rechnung R-1 vom 05.03.2024
    Bestellnummer: PO-77 vom 01.02.2024                  Lieferdatum: 01.03.2024
    Lieferschein-Nr. L-4711                              Leitweg-ID: 04011000-12345-34
    """
TOTALS = """
    Nettobetrag                                          300.00
    MwSt                                                  45.00
    Gesamtbetrag                                         345.00 EUR
    """
SIGNED = """
    MwSt 19 %  auf   200.00 EUR                           38.00
    MwSt  7 %  auf   100.00 EUR                            7.00
    """
PLAIN = """
    Steuersatz in %     Steuerbasis         Steuer
    19                       200.00          38.00
    7                        100.00           7.00
    """
RATES = [(19.0, 200.0, 38.0), (7.0, 100.0, 7.0)]


def taxes(found: dict[str, Any]) -> list[tuple[float, float, float]]:
    return [(one["rate"], one["base"], one["amount"]) for one in found["taxes"]]


@pytest.mark.parametrize("table", [SIGNED, PLAIN])
def test_lines_of_rate_base_and_tax_are_taxes_where_they_add_up(table: str) -> None:
    assert taxes(invoice(HEAD + table + TOTALS)) == RATES
    # the same summary on the next page is the same
    assert taxes(invoice(HEAD + table + TOTALS, table)) == RATES


def test_a_rate_of_nothing_is_one_where_what_is_taxed_adds_up() -> None:
    free = "Nettobetrag    200.00\nMwSt    0.00\nGesamtbetrag    200.00 EUR"
    assert taxes(invoice("MwSt 0 % auf 200.00 EUR    0.00\n" + free)) == [(0.0, 200.0, 0.0)]
    assert taxes(invoice("MwSt 0 % auf 150.00 EUR    0.00\n" + free)) == []


@pytest.mark.parametrize(
    "table",
    [
        # no total says so
        "MwSt 19 % auf 400.00 EUR    76.00",
        # of each position
        "Kessel 19 % 100.00 19.00\nKanne 19 % 100.00 19.00\nBuch 7 % 100.00 7.00",
        # no such tax
        SIGNED.replace("38.00", "39.50"),
    ],
)
def test_other_lines_are_none(table: str) -> None:
    assert invoice(HEAD + table + TOTALS)["taxes"] == []


def test_orders_and_deliveries_are_read_beside_their_labels_and_date_no_invoice() -> None:
    found = invoice(HEAD + TOTALS)
    said = {name: found[name] for name in ("order_number", "delivery_date", "despatch_advice", "buyer_reference")}
    assert said == {
        "order_number": "PO-77",
        "delivery_date": "2024-03-01",
        "despatch_advice": "L-4711",
        "buyer_reference": "04011000-12345-34",
    }
    assert (found["invoice_number"], found["issue_date"]) == ("R-1", "2024-03-05")


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("Purchase order number: 4500012", "order_number", "4500012"),
        ("Date of supply: 3 March 2024", "delivery_date", "2024-03-03"),
        ("N° de commande : BC543", "order_number", "BC543"),
        ("Date de livraison : 03/03/2024", "delivery_date", "2024-03-03"),
        ("Número de pedido: P-12", "order_number", "P-12"),
        ("Data di consegna: 03/03/2024", "delivery_date", "2024-03-03"),
        ("Pakbonnummer: 90012", "despatch_advice", "90012"),
        ("Contract number: C-2024-9", "contract_number", "C-2024-9"),
    ],
)
def test_their_labels_are_known_in_several_languages(line: str, name: str, value: str) -> None:
    assert invoice(line)[name] == value


def test_an_order_of_a_day_is_not_the_day_of_the_invoice() -> None:
    found = invoice("Order no 12 of 3 May 2024\nInvoice 4711 of 9 May 2024\nTotal 10.00 EUR")
    assert (found["issue_date"], found["order_number"]) == ("2024-05-09", "12")


@pytest.mark.parametrize(
    "line",
    [
        "Zahlbar innerhalb 30 Tagen netto, 3 % Skonto innerhalb 10 Tagen",
        "Bei Zahlung innerhalb 10 Tagen gewähren wir 3,0% Skonto.",
        "3% discount within 10 days, 30 days net",
        "Escompte de 3 % pour paiement sous 10 jours",
    ],
)
def test_what_is_deducted_for_paying_early_is_a_term_of_payment(line: str) -> None:
    [term] = invoice(line + "\nTotal 119.00 EUR", line)["payment_terms"]
    assert (term["text"], term["discount_percent"], term["discount_days"]) == (line, 3.0, 10)


@pytest.mark.parametrize("line", ["Rabatt 3 % auf 10 Tage Miete", "Skonto: keines", "Skonto 3 %, 2 %, 10 Tage"])
def test_other_lines_are_no_terms(line: str) -> None:
    assert invoice(line + "\nTotal 119.00 EUR")["payment_terms"] == []
