"""Payments in codes, by the examples of the public specifications."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ix.extraction.values.barcodes import Payment, parse_payment

SWISS = (
    *("SPC", "0200", "1", "CH4431999123000889012"),
    *("S", "Max Muster & Söhne", "Musterstrasse", "123", "8000", "Seldwyla", "CH"),
    *("", "", "", "", "", "", ""),
    *("1949.75", "CHF"),
    *("S", "Simon Muster", "Musterstrasse", "1", "8000", "Seldwyla", "CH"),
    *("QRR", "210000000003139471430009017", "Order of 15 June 2020", "EPD"),
)
"""The QR bill of the Swiss Implementation Guidelines, annex A."""
EPC = (
    *("BCD", "002", "1", "SCT", "BPOTBEB1", "Red Cross of Belgium", "BE72000000001616", "EUR1", "CHAR", ""),
    *("Urgency fund", "Sample EPC QR code"),
)
"""The example of EPC069-12, section 2.3."""


def swiss(**lines: str) -> str:
    """The QR bill with other lines, by number: `_18="5"`."""
    return "\n".join(lines.get(f"_{at}", text) for at, text in enumerate(SWISS))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_swiss_qr_bill(end: str) -> None:
    assert parse_payment(end.join(SWISS)) == Payment(
        "spc",
        "CH4431999123000889012",
        Decimal("1949.75"),
        "CHF",
        "210000000003139471430009017",
        "Max Muster & Söhne",
    )


@pytest.mark.parametrize(
    ("kind", "reference", "expected"),
    [("SCOR", "RF18539007547034", "RF18539007547034"), ("NON", "", None), ("QRR", "12", None), ("X", "12", None)],
)
def test_references_of_a_swiss_qr_bill(kind: str, reference: str, expected: str | None) -> None:
    payment = parse_payment(swiss(_27=kind, _28=reference))
    assert payment is not None
    assert payment.reference == expected


def test_a_bill_without_an_amount_leaves_it_open() -> None:
    payment = parse_payment(swiss(_18=""))
    assert payment is not None
    assert (payment.amount, payment.currency) == (None, "CHF")


@pytest.mark.parametrize("lines", [SWISS[:20], ("SPC",), ("SPC", "0100", *SWISS[2:])])
def test_a_bill_that_breaks_its_rules_says_nothing(lines: tuple[str, ...]) -> None:
    assert parse_payment("\n".join(lines)) is None


def test_an_epc_code() -> None:
    assert parse_payment("\n".join(EPC)) == Payment(
        "epc", "BE72000000001616", Decimal(1), "EUR", "Urgency fund", "Red Cross of Belgium"
    )


def test_an_epc_code_may_end_after_the_account_and_prefers_the_structured_reference() -> None:
    short = parse_payment("\r\n".join(EPC[:7]))
    assert short == Payment("epc", "BE72000000001616", None, None, None, "Red Cross of Belgium")
    structured = parse_payment("\n".join([*EPC[:7], "EUR12.30", "", "RF18539007547034", "text"]))
    assert structured is not None
    assert (structured.amount, structured.reference) == (Decimal("12.30"), "RF18539007547034")


@pytest.mark.parametrize("text", ["\n".join(EPC[:6]), "\n".join(["BCD", "002", "1", "XXX", *EPC[4:]])])
def test_another_code_that_begins_like_an_epc_code_says_nothing(text: str) -> None:
    assert parse_payment(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(415)4012345678901(3902)12345(8020)ABC123", Payment("gs1", None, Decimal("123.45"), None, "ABC123")),
        (
            "(8007)DE89370400440532013000(3912)97812345",
            Payment("gs1", "DE89370400440532013000", Decimal("123.45"), "EUR"),
        ),
        ("(3910)7565", Payment("gs1", None, Decimal(5), "CHF")),
        ("(8020)A(1)B", Payment("gs1", None, None, None, "A(1)B")),
        ("(01)09521234543213(17)260101", None),
        ("(3902)12,5", None),
    ],
)
def test_application_identifiers(text: str, expected: Payment | None) -> None:
    assert parse_payment(text) == expected


@pytest.mark.parametrize("text", ["", "https://example.com", "4006381333931", "(", "()", "SPC4"])
def test_other_texts_describe_no_payment(text: str) -> None:
    assert parse_payment(text) is None


@settings(max_examples=25)
@given(st.lists(st.text(max_size=12), min_size=30, max_size=32), st.sampled_from([swiss(), "\n".join(EPC)]))
def test_whatever_stands_in_the_lines_an_amount_is_a_number(lines: list[str], start: str) -> None:
    head = start.split("\n")[:4]
    payment = parse_payment("\n".join([*head, *lines]))
    assert payment is None or payment.amount is None or payment.amount.is_finite()
