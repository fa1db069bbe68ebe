"""Sums: which amount is the total, the tax, the change."""

from __future__ import annotations

import pytest

from tests.extraction.rules.documents import invoice, receipt


@pytest.mark.parametrize(
    "words",
    [
        "TOTAL",
        "Total Amount Due",
        "GRAND TOTAL (INCL GST)",
        "Net Total",
        "Total Payable",
        "Summe",
        "Gesamtbetrag",
        "Zu zahlen",
        "Total TTC",
        "Net à payer",
        "Jumlah",
        "Importe total",
        "Totale complessivo",
        "Te betalen",
    ],
)
def test_the_total_has_many_names(words: str) -> None:
    assert receipt(f"Soap    3.40\nBrush   8.60\n{words}    12.00")["total"] == 12


@pytest.mark.parametrize("words", ["TOTALAMOUNT", "T0TAL TOTAL", "Tota1 Total", "Tolal", "GRANDTOTAL", "Gesarntbetrag"])
def test_joined_and_misread_words_still_name_the_total(words: str) -> None:
    assert receipt(f"Soap    3.40\nBrush   8.60\n{words}   12.00")["total"] == 12


def test_neither_cash_nor_change_nor_a_count_is_the_total() -> None:
    found = receipt(
        """
        Soap            3.40
        Brush           8.60
        Total Qty       2.00
        Total          12.00
        Cash           20.00
        Change          8.00
        """
    )
    assert found["total"] == 12


def test_rounding_comes_before_the_total_to_pay() -> None:
    found = receipt(
        """
        Soap                  12.02
        Total                 12.02
        Rounding Adjustment   -0.02
        Rounded Total         12.00
        """
    )
    assert found["total"] == 12


def test_cash_less_change_tells_a_total_that_no_words_name() -> None:
    found = receipt(
        """
        Soap            3.40
        Brush           8.60
                       12.00
        Cash           20.00
        Change          8.00
        """
    )
    assert found["total"] == 12


def test_net_and_tax_that_add_up_settle_the_total() -> None:
    found = invoice(
        """
        Total          100.00
        VAT 20 %        20.00
        Total          120.00
        """
    )
    assert (found["net_total"], found["tax_total"], found["grand_total"]) in [(None, 20, 120), (100, 20, 120)]


def test_subtotal_tax_and_total_are_told_apart() -> None:
    found = invoice(
        """
        Subtotal                2,410.00
        Sales Tax (8.25%)         198.83
        Total                  $2,608.83
        """
    )
    assert (found["net_total"], found["tax_total"], found["grand_total"]) == (2410, 198.83, 2608.83)


def test_what_is_due_after_a_payment_is_not_the_total() -> None:
    found = invoice(
        """
        Net                     500.00
        VAT                     100.00
        TOTAL                   600.00
        Amount Paid             150.00
        Balance Due             450.00
        """
    )
    assert (found["grand_total"], found["prepaid"], found["due_amount"]) == (600, 150, 450)


def test_german_sums_in_german_notation() -> None:
    found = invoice(
        """
        Summe netto                    1.824,70
        zzgl. 19 % MwSt.                 346,69
        Rechnungsbetrag                2.171,39 €
        abzgl. Anzahlung                 171,39 €
        Zahlbetrag                     2.000,00 €
        """
    )
    sums = {
        name: found[name] for name in ("net_total", "tax_total", "grand_total", "prepaid", "due_amount", "currency")
    }
    assert sums == {
        "net_total": 1824.7,
        "tax_total": 346.69,
        "grand_total": 2171.39,
        "prepaid": 171.39,
        "due_amount": 2000,
        "currency": "EUR",
    }


def test_french_sums_with_spaces_between_thousands() -> None:
    found = invoice(
        """
        Total HT               1 731,00 €
        TVA 20 %                 346,20 €
        Total TTC              2 077,20 €
        """
    )
    assert (found["net_total"], found["tax_total"], found["grand_total"]) == (1731, 346.2, 2077.2)


def test_the_rate_of_a_tax_is_not_its_amount() -> None:
    assert receipt("Total  10.60\nGST 6.00%   0.60")["tax"] == 0.6


def test_taxes_of_several_rates_are_added_where_they_make_the_total() -> None:
    found = receipt(
        """
        SUMME EUR           8,80

        MwSt    Netto   Steuer  Brutto
        A 7%     5,51     0,39    5,90
        B 19%    2,44     0,46    2,90
        """
    )
    assert (found["tax"], found["total"]) == (0.85, 8.8)


def test_a_line_that_breaks_the_total_down_by_a_rate_is_not_the_total() -> None:
    found = receipt(
        """
        SUMME          EUR        5,90
        A= 19,0%  Netto 2,69  Steuer 0,51  Brutto 3,20
        B=  7,0%  Netto 2,52  Steuer 0,18  Brutto 2,70
        """
    )
    assert (found["total"], found["tax"]) == (5.9, 0.69)


def test_totals_of_several_columns_are_named_by_their_headings() -> None:
    found = invoice(
        """
        Description               Qty    Net Amount    Tax Amount    Total Amount
        Steel water bottle 1L       2        845.76        152.24          998.00
        TOTAL                                              152.24          998.00
        """
    )
    assert (found["tax_total"], found["grand_total"]) == (152.24, 998)


def test_a_heading_may_name_its_rate() -> None:
    found = invoice(
        """
        Netto          MwSt 19%        Brutto
        6.490,00       1.233,10        7.723,10
        """
    )
    assert (found["net_total"], found["tax_total"], found["grand_total"]) == (6490, 1233.1, 7723.1)


def test_amounts_under_their_headings_are_sums_too() -> None:
    found = invoice(
        """
        Net amount      VAT amount     Grand total
        100.00               20.00          120.00
        """
    )
    assert (found["net_total"], found["tax_total"], found["grand_total"]) == (100, 20, 120)


def test_a_date_behind_the_word_due_is_no_heading_of_amounts() -> None:
    found = invoice(
        """
        Invoice No. 7781        Date 9 Feb 2021        Due 23 Feb 2021

        Labour 3.5 hours                                   455.00
        Copper fittings                                     68.20
        Total                                             $523.20
        """
    )
    assert found["due_amount"] == 523.2


def test_tax_that_comes_to_nothing_supports_no_total() -> None:
    found = receipt(
        """
        Total excl. GST      28.11
        GST 6%                1.69
                             29.80
        GST summary    Amount     Tax
        SR             28.11     1.69
        ZR              0.00     0.00
        """
    )
    assert found["total"] == 29.8


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Total RM 12.00", "MYR"),
        ("Total 12,00 €", "EUR"),
        ("Total CHF 12.00", "CHF"),
        ("Total AUD    $12.00\nSoap $12.00", "AUD"),
        ("Total £12.00", "GBP"),
        ("Summe EUR\n12,00", "EUR"),
        ("Amount (SGD)\nTotal 12.00", "SGD"),
        ("Total 12 000,00 Ft", "HUF"),
        ("Suma 12,00 zł", "PLN"),
        ("Jumlah Rp 12.000", "IDR"),
        ("Total 12,00- EUR", "EUR"),
        ("Total 12.00", None),
    ],
)
def test_the_currency_stands_beside_amounts(text: str, code: str | None) -> None:
    assert receipt(text)["currency"] == code


def test_a_document_without_amounts_has_no_sums() -> None:
    found = receipt("Thank you for your visit\nPlease come again")
    assert (found["total"], found["tax"], found["currency"], found["items"]) == (None, None, None, [])
