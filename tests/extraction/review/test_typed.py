"""What a person typed, and what print says, as values."""

from __future__ import annotations

from typing import Any

import pytest

from ix.errors import InvalidInput
from ix.extraction.review.typed import Reader
from ix.extraction.values import Notation
from ix.fields import Field, Kind


def field(kind: Kind, json_type: str = "string", choices: tuple[str, ...] = ()) -> Field:
    return Field("it", "it", kind, json_type=json_type, choices=choices)


MONEY = field("money", "number")


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("1.234", "de", 1234.0),
        ("1.234", "en", 1.234),
        ("1,234", "de", 1.234),
        ("1,234", "en-GB", 1234.0),
        ("1,234.50", "de", 1234.5),
        ("1.234,50", "en", 1234.5),
        ("12,50 €", "de-AT", 12.5),
        ("-8.79", "en", -8.79),
        ("(5.00)", "en", -5.0),
        ("  20.21 ", "", 20.21),
        ("RM 11.40", "", 11.4),
    ],
)
def test_amounts_are_read_in_the_persons_language(text: str, language: str, value: float) -> None:
    assert Reader(language).value(text, MONEY) == value


def test_on_a_page_its_other_numbers_decide() -> None:
    for other, value in (("12,50 und 3,75", 1234.0), ("12.50 and 3.75", 1.234)):
        notation = Notation(lambda other=other: [other])  # type: ignore[misc]
        assert Reader("", notation).value("1.234", MONEY) == value


@pytest.mark.parametrize(
    ("kind", "text", "language", "value"),
    [
        (field("date"), "5. März 2026", "de", "2026-03-05"),
        (field("date"), "3/5/26", "en-US", "2026-03-05"),
        (field("date"), "3/5/26", "en-GB", "2026-05-03"),
        (field("date"), "2026-03-05", "", "2026-03-05"),
        (field("currency"), "€", "", "EUR"),
        (field("currency"), "xyz", "", "XYZ"),
        (field("iban"), "DE89 3704 0044 0532 0130 00", "", "DE89370400440532013000"),
        (field("iban"), "de00 1", "", "DE001"),
        (field("vat_id"), "VAT DE 129 273 398", "", "DE129273398"),
        (field("number", "integer"), "7", "", 7),
        (field("number"), "7,5", "de", "7.5"),
        (field("percentage", "number"), "19 %", "", 19.0),
        (field("boolean", "boolean"), "Ja", "de", True),
        (field("boolean", "boolean"), "no.", "", False),
        (field("text", choices=("paid", "open")), "PAID", "", "paid"),
        (field("organisation"), "Mill \n  Ltd", "", "Mill Ltd"),
        (field("identifier"), "A-1", "", "A-1"),
    ],
)
def test_each_kind_as_it_is_written(kind: Field, text: str, language: str, value: Any) -> None:
    assert Reader(language).value(text, kind) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (MONEY, ""),
        (MONEY, "nothing"),
        (MONEY, "1.00 and 2.00"),
        (MONEY, "9" * 100),
        (field("number", "integer"), "7.5"),
        (field("date"), "soon"),
        (field("date"), "1.1.2026 to 2.1.2026"),
        (field("currency"), "?"),
        (field("iban"), "--"),
        (field("boolean", "boolean"), "perhaps"),
        (field("text", choices=("paid", "open")), "late"),
    ],
)
def test_what_says_no_value_is_none(kind: Field, text: str) -> None:
    with pytest.raises(InvalidInput):
        Reader("en").value(text, kind)
