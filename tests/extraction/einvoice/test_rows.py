"""Rows of an electronic invoice against the rows that a page prints, by their lines and columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import pytest

from ix.extraction.einvoice import electronic
from ix.extraction.models import Question
from ix.extraction.page import Page, Word
from ix.fields import asked
from ix.use_cases.invoice import USE_CASE
from tests.extraction.einvoice.invoices import cii

Position: TypeAlias = "tuple[str, str, str, str]"
ROWS: Sequence[Position] = (
    ("Copper kettle", "2", "40.00", "80.00"),
    ("Tea strainer", "20", "1.00", "20.00"),
    ("Sugar tongs", "4", "2.50", "10.00"),
)
WIDTH = 0.01
"""Of a letter, as a fraction of the page's width."""
RIGHT = (0.55, 0.7, 0.85, 0.95)
"""Where the columns of quantity, price, rate and amount end."""


def xml(rows: Sequence[Position]) -> bytes:
    """An invoice of these positions, with the totals of `ROWS`."""
    text = cii().decode()
    start, end = text.index("<ram:IncludedSupplyChain"), text.index("<ram:ApplicableHeaderTradeAgreement")
    first, second = text.index("1</ram:LineID>"), text.index("<ram:IncludedSupplyChain", start + 1)
    assert start < first < second
    one = text[start:second]
    lines = ""
    for number, (name, quantity, price, total) in enumerate(rows, 1):
        line = one.replace("1</ram:LineID>", f"{number}</ram:LineID>").replace("Copper kettle", name)
        line = line.replace('C62">2<', f'C62">{quantity}<').replace(">40.00<", f">{price}<")
        lines += line.replace(">80.00<", f">{total}<")
    return (text[:start] + lines + text[end:]).encode()


def page(rows: Sequence[Position], *more: str) -> Page:
    """A table of these positions under a header without known words, and lines below it."""
    words: list[Word] = []
    for row, (name, quantity, price, total) in enumerate([("Was", "Q", "P", "T"), *rows]):
        words += _words(name, 0.1, 0.2 + 0.03 * row)
        for right, text in zip(RIGHT, (quantity, price, "19 %" if row else "R", total), strict=True):
            words += _words(text, right - WIDTH * len(text), 0.2 + 0.03 * row)
    totals = ("Sum of lines 110.00", "Net total 100.00", "VAT 19% 19.00", "Grand total 119.00 EUR", "Rebate 10.00")
    paid = ("Prepaid 59.50", "Amount due 59.50")
    for row, text in enumerate([*totals, *paid, "Invoice number: R-2024-0815", "Invoice date: 05.03.2024", *more]):
        words += _words(text, 0.1, 0.5 + 0.03 * row)
    return Page(1, 600, 800, tuple(words))


def _words(text: str, left: float, top: float) -> list[Word]:
    found = []
    for word in text.split():
        found.append(Word(word, (left, top, left + WIDTH * len(word), top + 0.015)))
        left += WIDTH * (len(word) + 1)
    return found


def mismatches(data: bytes, *pages: Page) -> list[tuple[str, str]]:
    """Path and message of each difference."""
    found, problems = electronic.taken([(0, data)], USE_CASE.schema, Question(pages, asked(USE_CASE.schema)))
    assert found
    assert problems == []
    findings = found.findings(found.placed(USE_CASE.schema, pages))
    return [(one.path, one.message) for one in findings if one.code == "xml_mismatch"]


def changed(at: int, column: int, value: str, rows: Sequence[Position] = ROWS) -> list[Position]:
    row = list(rows[at])
    row[column] = value
    return [*rows[:at], (row[0], row[1], row[2], row[3]), *rows[at + 1 :]]


def test_rows_that_are_the_same_have_no_differences() -> None:
    assert mismatches(xml(ROWS), page(ROWS)) == []


@pytest.mark.parametrize(
    ("at", "column", "value", "printed"),
    [
        # each of these numbers stands elsewhere on the page too
        (1, 1, "19", "20"),
        (0, 1, "4", "2"),
        (2, 1, "10", "4"),
        (0, 2, "10.00", "40"),
        (1, 2, "0.50", "1"),
        (2, 3, "20.00", "10"),
        (0, 3, "100.00", "80"),
        # a half is not printed as a whole
        (1, 1, "20.5", "20"),
    ],
)
def test_a_number_is_compared_with_that_in_its_row_and_column(at: int, column: int, value: str, printed: str) -> None:
    path = f"lines.{at}.{('name', 'quantity', 'unit_price', 'line_total')[column]}"
    found = dict(mismatches(xml(changed(at, column, value)), page(ROWS)))
    assert list(found) == [path]
    assert found[path].removesuffix(".0").endswith(f"the page {printed}")


def test_a_rate_of_tax_is_compared_with_its_column() -> None:
    _, two, _ = (
        xml(ROWS).rpartition(b"RateApplicablePercent>19<")[0].split(b"<ram:IncludedSupplyChainTradeLineItem>")[1:]
    )
    other = two.replace(b"RateApplicablePercent>19<", b"RateApplicablePercent>7<")
    data = xml(ROWS).replace(two, other)
    assert [path for path, _ in mismatches(data, page(ROWS))] == ["lines.1.details.tax_rate"]


@pytest.mark.parametrize("path", ["lines.1.quantity", "lines.1.line_total", "lines.1.unit_price"])
def test_a_sign_that_page_and_arithmetic_contradict_is_a_difference(path: str) -> None:
    column = ("name", "quantity", "unit_price", "line_total").index(path.split(".")[2])
    data = xml(changed(1, column, f"-{ROWS[1][column]}"))
    assert [one for one, _ in mismatches(data, page(ROWS))] == [path]


def test_a_credit_that_is_printed_without_its_minus_is_none() -> None:
    credit = [(name, f"-{quantity}", price, f"-{total}") for name, quantity, price, total in ROWS]
    assert mismatches(xml(credit), page(ROWS)) == []


def test_a_page_that_prints_the_price_before_its_discount_says_nothing_else() -> None:
    listed = changed(1, 2, "2.00")
    assert mismatches(xml(ROWS), page(listed)) == []


def test_a_position_that_the_page_has_not_is_found() -> None:
    [(path, message)] = mismatches(xml(ROWS), page([ROWS[0], ROWS[2]]))
    assert (path, "position 2 (Tea strainer), the page has not" in message) == ("lines.1", True)


def test_a_position_that_the_xml_has_not_is_found() -> None:
    [(path, message)] = mismatches(xml([ROWS[0], ROWS[2]]), page(ROWS))
    assert (path, "the XML has not: Tea strainer 20 1.00 19 % 20.00" in message) == ("lines", True)


def test_positions_in_another_order_are_found() -> None:
    [(path, message)] = mismatches(xml([ROWS[1], ROWS[0], ROWS[2]]), page(ROWS))
    assert (path, message) == ("lines", "lines: the XML has the positions in another order than the page")


def test_digits_in_each_others_place_are_found() -> None:
    data = xml(ROWS).replace(b"R-2024-0815<", b"R-2024-0851<")
    [(path, message)] = mismatches(data, page(ROWS))
    assert (path, message.endswith("the page R-2024-0815")) == ("invoice_number", True)


def test_another_currency_than_that_beside_the_amounts_is_found() -> None:
    data = xml(ROWS).replace(b"CurrencyCode>EUR", b"CurrencyCode>CHF")
    assert [path for path, _ in mismatches(data, page(ROWS))] == ["currency"]
