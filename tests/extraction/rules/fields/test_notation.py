"""Invoices in the notations of the world, read by the rules and placed."""

from __future__ import annotations

import pytest

from ix.extraction.evidence import Placed, place
from ix.extraction.models import Leaf
from ix.extraction.models.rules.answer import answer
from ix.use_cases.invoice import USE_CASE
from tests.extraction.rules.documents import page, statement

HEAD = """
Copper Lantern WLL

{title}
Invoice number  INV-17
Invoice date    5 March 2024

"""


def read(text: str, title: str = "TAX INVOICE") -> Placed:
    pages = [page(HEAD.format(title=title) + text)]
    return place(answer(pages, USE_CASE.schema), USE_CASE.schema, pages)


def sums(found: Placed) -> tuple[object, ...]:
    return tuple(found.result[name] for name in ("net_total", "tax_total", "grand_total"))


DINARS = """
Subtotal {0}        12.345
VAT 10% {0}          1.235
Grand total {0}     13.580
"""
RUPEES = """
Taxable amount  Rs. 10,50,000.00
IGST 18%        Rs. 1,89,000.00
Grand total     Rs. 12,39,000.00
"""


@pytest.mark.parametrize("code", ["BHD", "KWD", "OMR", "JOD", "TND", "LYD", "IQD"])
def test_dinars_have_three_decimals(code: str) -> None:
    found = read(DINARS.format(code))
    assert (sums(found), found.findings) == ((12.345, 1.235, 13.58), ())
    assert found.evidence["grand_total"]["quote"] == "13.580"


def test_sums_that_agree_do_not_make_thousands_decimals() -> None:
    assert sums(read(DINARS.format("CLP"))) == (12345, 1235, 13580)


def test_lines_of_a_table_have_the_decimals_of_the_documents_currency() -> None:
    found = read(
        """
        Description        Qty     Unit price     Amount
        Kettle             2       5.250          10.500
        Towel              1       1.845           1.845

        Grand total                BHD            12.345
        """
    )
    assert [row["line_total"] for row in found.result["lines"]] == [10.5, 1.845]


def test_lakhs_and_crores_are_grouped_by_two() -> None:
    assert sums(read(RUPEES)) == (1050000, 189000, 1239000)
    assert read("Grand total  ₹ 1,23,45,678.90").result["grand_total"] == 12345678.9


@pytest.mark.parametrize("written", ["$108.43 CR", "$108.43 Cr.", "$108.43cr", "($108.43)", "$108.43-"])
def test_a_credit_is_below_zero(written: str) -> None:
    assert read(f"Total due    {written}").result["due_amount"] == -108.43


def test_a_credit_in_an_account_is_above_zero() -> None:
    found = statement("Opening balance   50.00 DR\nClosing balance   108.43 CR")
    assert (found["opening_balance"], found["closing_balance"]) == (-50, 108.43)


@pytest.mark.parametrize("text", ["Your credit balance: total due  $108.43", "Total due  $108.43 in credit"])
def test_a_sum_in_the_clients_favour_is_a_finding(text: str) -> None:
    assert ("ambiguous", "due_amount") in [(each.code, each.path) for each in read(text).findings]


@pytest.mark.parametrize(("text", "value"), [("Total due  $108.43 CR", 108.43), ("Total due  BHD 13.580", 13580.0)])
def test_a_model_that_overlooks_what_stands_beside_a_number_is_doubted(text: str, value: float) -> None:
    found = place({"due_amount": Leaf(value)}, USE_CASE.schema, [page(text)])
    assert [(each.code, each.path) for each in found.findings] == [("ambiguous", "due_amount")]


def test_a_number_with_two_readings_is_a_finding() -> None:
    found = read("Net total  USD 12.50\nEquivalent  BHD 4.700\nGrand total  1.234")
    assert ("ambiguous", "grand_total") in [(each.code, each.path) for each in found.findings]


@pytest.mark.parametrize(
    "title", ["CREDIT NOTE", "Credit note no. CN-17", "Gutschrift", "Avoir n° 17", "Nota di credito"]
)
def test_a_credit_note_with_positive_sums_is_a_finding(title: str) -> None:
    assert [each.code for each in read("Total  $108.43", title).findings if not each.path] == ["credit_note"]


@pytest.mark.parametrize(
    "text", ["Total  $108.43\nSee credit note 12 of last month", "Gutschrift  -5.00\nTotal  108.43"]
)
def test_what_only_speaks_of_a_credit_note_is_none(text: str) -> None:
    assert read(text).findings == ()


@pytest.mark.parametrize(("numbers", "codes"), [((4, 5), ["credit_note"]), ((3, 4, 5), [])])
def test_a_title_is_looked_for_on_the_first_page_that_is_read(numbers: tuple[int, ...], codes: list[str]) -> None:
    texts = {3: "Please find enclosed", 4: HEAD.format(title="CREDIT NOTE") + "Total  $108.43", 5: "Thank you"}
    pages = [page(texts[number], number) for number in numbers]
    found = place(answer(pages, USE_CASE.schema), USE_CASE.schema, pages)
    assert [each.code for each in found.findings] == codes
