"""Totals told by what other amounts make: kinds of receipts and invoices on which words alone mislead."""

from __future__ import annotations

import pytest

from ix.extraction.models.rules.vocabulary.money import concepts
from tests.extraction.rules.documents import invoice, receipt

ROUNDED = {
    "rounding with its minus": """
        Total          8.42
        Rounding      -0.02
        Total          8.40
        Cash          10.40
        Change         2.00
        """,
    "rounding without its minus": """
        Total CHF      8.42
        Rundung        0.02
        Zu bezahlen    8.40
        """,
    "rounding up": """
        Subtotal       8.38
        Rounding Adj   0.02
        Total          8.40
        """,
    "the rounded one is called rounding": """
        Total sales    8.38
        Rounding adj   0.02
        Rounding       8.40
        Credit         8.40
        """,
    "the one before rounding is called a total with more right": """
        Total incl. GST       8.38
        Rounding              0.02
        TOTAL                 8.40
        """,
}


@pytest.mark.parametrize("text", ROUNDED.values(), ids=ROUNDED)
def test_the_total_is_the_one_after_rounding(text: str) -> None:
    assert receipt(text)["total"] == 8.4


OUTDONE = {
    "the total is misread, cash less change is not": """
        Tea 2 @ 4.10          8.20
        Cake                 13.50
        SubTotal             21.70
        Net Total            71.70
        Cash                 50.00
        Change               28.30
        """,
    "the word of the total is misread": """
        Bue          21.70
        Pay          30.00
        Change        8.30
        (Total Included GST @ 6% :  1.23)
        (Total Included GST @ 6% :  1.23)
        """,
    "totals of rates make the total to pay": """
        Bread 2           9.30
        Total % supplies: 9.30
        Cake             11.70
        Total 6% supplies (excl. GST): 11.70
        GST:              0.70
        Total 6% supplies (Inc. GST): 12.40
        Total 0% supplies: 9.30
        Xayabla: 21.70
        """,
    "a minus is a dash": """
        Bread             9.30
        Cake             12.40
        Total: -21.70
        """,
    "a tip and a tax are added": """
        Subtotal     16.00
        Sales Tax     1.70
        Gratuity      4.00
        Check Total  21.70
        """,
    "the total's amount is that of the cash below it": """
        PLU 7         21.70
        TOTAL AMOUNT
        CASH          21.70
        """,
    "a card and its expiry": """
        Soup           9.30
        Stew          12.40
        TOTAL         21.70
        VISA **** 4821  EXP 12/25
        """,
}


@pytest.mark.parametrize("text", OUTDONE.values(), ids=OUTDONE)
def test_sums_outdo_words(text: str) -> None:
    assert receipt(text)["total"] == 21.7


def test_an_unnamed_line_that_adds_up_those_above_it_is_the_total() -> None:
    assert receipt("Hammer 2 @ 20.00   40.00\nNails   7.50\nPlease hand over   47.50")["total"] == 47.5


def test_the_largest_amount_is_the_total_where_nothing_tells_another() -> None:
    assert receipt("Xyzzy   4.10\nPlugh   9.90\nQwert  14.00\nAsdfg  14.00")["total"] == 14
    assert receipt("Xyzzy   4.10\nPlugh   9.90")["total"] is None


def test_tax_words_beside_excluding_and_including() -> None:
    found = invoice(
        """
        Rekening 77
        Exclusief BTW   250,00   Subtotaal   302,50
        BTW 21%          52,50
        Totaal          302,50
        """
    )
    assert (found["net_total"], found["tax_total"], found["grand_total"]) == (250, 52.5, 302.5)


def test_amounts_stand_under_as_many_words() -> None:
    found = invoice(
        """
        Rechnung 4711
        Nettobetrag
        MwSt. 19%
        Rechnungsbetrag
        300,00
        57,00
        357,00
        """
    )
    assert (found["net_total"], found["tax_total"], found["grand_total"]) == (300, 57, 357)


def test_a_document_number_under_its_heading_is_no_total() -> None:
    found = invoice(
        """
        Invoice Number    Invoice Date     Invoice Due Date   Charges
        88271344          6/18/2017        6/24/2017          $1,651.49
        """
    )
    assert (found["grand_total"], found["invoice_number"]) == (1651.49, "88271344")


def test_of_two_taxes_that_fit_the_one_of_a_printed_rate_is_the_tax() -> None:
    found = invoice(
        """
        Net amount       95.00
        Net amount       80.00
        Tax               5.00
        VAT 25 %         20.00
        Total           100.00
        """
    )
    assert (found["net_total"], found["tax_total"]) == (80, 20)


def test_what_was_paid_before_follows_from_total_and_due() -> None:
    found = invoice(
        """
        Net total      1,000.00
        VAT 20%          200.00
        Total          1,200.00
        Payment          Date           Amount
        Residual                          900.00
        Bank transfer    11/17/2017       300.00
        """
    )
    assert (found["grand_total"], found["due_amount"], found["prepaid"]) == (1200, 900, 300)


def test_a_balance_of_before_makes_more_due_than_the_total() -> None:
    found = invoice(
        """
        Subtotal                  $200.00
        Sales tax                 $20.00
        Total                     $220.00
        Previous unpaid balance   $400.00
        Amount due                $620.00
        """
    )
    assert (found["grand_total"], found["due_amount"]) == (220, 620)


@pytest.mark.parametrize(
    ("words", "concept"),
    [
        ("Untaxed Amount", "net"),
        ("Excl. VAT", "net"),
        ("Montant dû", "due"),
        ("Sales Person", "total"),
        ("Facture du mois", "total"),
        ("Jalan Permas", ""),
    ],
)
def test_what_words_say_of_an_amount(words: str, concept: str) -> None:
    found = concepts(words)
    assert max(found, key=lambda each: found[each], default="") == concept
    # a word of money among others hardly names a total
    assert concept != "total" or found["total"] < 0.5


STACKED = {
    "two taxes and no line for both": (
        """
        Total           12,000.00
        CGST 9%          1,080.00
        SGST 9%          1,080.00
        Grand Total     14,160.00
        """,
        (12_000, 2160, 14_160),
    ),
    "a base that is called a total": (
        """
        Total before     120.00
        IVA 23%           27.60
        Total a pagar    147.60
        """,
        (120, 27.6, 147.6),
    ),
    "taxes by rate, both together, and freight": (
        """
        Summe netto 7%    40,00
        Summe netto 19%  160,00
        Gesamt netto     200,00
        MwSt 7%            2,80
        MwSt 19%          30,40
        MwSt gesamt       33,20
        Porto              0,60
        Endbetrag        233,80
        """,
        (200, 33.2, 233.8),
    ),
}


@pytest.mark.parametrize(("text", "sums"), STACKED.values(), ids=STACKED)
def test_a_sum_and_the_taxes_below_it_lead_to_the_total(text: str, sums: tuple[float, ...]) -> None:
    found = invoice(text)
    assert (found["net_total"], found["tax_total"], found["grand_total"]) == sums


@pytest.mark.parametrize(
    "words",
    [
        "* VAT 20% incl.", "of which VAT 20%", "GST included", "inkl. 20% MwSt", "enthaltene USt", "TVA 20% incluse",
        "dont TVA", "IVA 20% incluido", "incluye IVA", "di cui IVA 20%", "IVA inclusa", "BTW inbegrepen 20%",
        "inclui IVA 20%", "w tym PTU 20%", "inkl. moms 20%", "heraf moms", "varav moms 20%", "sis. alv 20%",
        "včetně DPH 20%", "tartalmaz áfát 20%", "TVA inclus", "uključen PDV 20%", "t.sk. PVN 20%", "įsk. PVM 20%",
        "sisaldab km 20%", "KDV dahil", "περιλαμβάνεται ΦΠΑ", "в т.ч. НДС 20%", "у т.ч. ПДВ 20%",
    ],
)  # fmt: skip
def test_a_tax_that_the_total_includes_is_the_tax(words: str) -> None:
    found = receipt(f"Corner Shop\n12.03.2024\nTea    1.22\nBread    1.00\nTOTAL    2.22\n{words}    0.37")
    assert (found["total"], found["tax"]) == (2.22, 0.37)


@pytest.mark.parametrize("words", ["incl. VAT", "inkl. 19 % MwSt", "TVA incluse"])
def test_a_sum_that_includes_the_tax_is_the_total(words: str) -> None:
    found = invoice(f"Invoice 12\n12.03.2024\nSubtotal    100.00\n{words}    119.00")
    assert (found["net_total"], found["grand_total"]) == (100, 119)
