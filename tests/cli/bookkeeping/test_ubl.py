"""An invoice off paper as an electronic one."""

from __future__ import annotations

from typing import Any

import facturx
import pytest

from ix.cli.bookkeeping import ubl
from ix.errors import IxError
from ix.extraction.einvoice.reading import read
from ix.extraction.einvoice.rules_of_en16931 import broken
from ix.fields import fields_of
from ix.use_cases.invoice import Invoice
from tests.cli.bookkeeping.test_datev import INVOICE as BASE

INVOICE: dict[str, Any] = BASE | {
    "seller_vat_id": "DE123456789",
    "buyer_name": "Käufer AG",
    "buyer_vat_id": "ATU12345678",
    "iban": "DE89370400440532013000",
    "buyer_reference": "04011000-12345-34",
    "lines": [
        {"name": "Papier A4", "quantity": 4, "unit_price": 12.5, "line_total": 50.0, "details": None},
        {"name": "Tinte & Feder <blau>", "quantity": 0.5, "unit_price": 100.0, "line_total": 50.0, "details": None},
    ],
}


def test_it_keeps_to_the_schema_and_reads_back_as_it_was() -> None:
    data = ubl.document(INVOICE)
    assert facturx.xml_check_xsd(data, flavor="autodetect")
    result = plain(read(data, fields_of(Invoice.model_json_schema())).values)
    told = {name: value for name, value in INVOICE.items() if name != "lines" and value is not None}
    assert {name: result[name] for name in told} == told
    named = ("name", "quantity", "unit_price", "line_total")
    assert [[row[name] for name in named] for row in result["lines"]] == [
        [line[name] for name in named] for line in INVOICE["lines"]
    ]
    assert broken(INVOICE) == []


def plain(tree: Any) -> Any:
    """Values alone, of a tree with their places."""
    if isinstance(tree, dict):
        return {name: plain(one) for name, one in tree.items()}
    return [plain(one) for one in tree] if isinstance(tree, list) else getattr(tree, "value", tree)


def test_two_rates_of_tax() -> None:
    taxes = [{"rate": 19, "base": 50.0, "amount": 9.5}, {"rate": 7, "base": 50.0, "amount": 3.5}]
    lines = [line | {"details": {"tax_rate": rate}} for line, rate in zip(INVOICE["lines"], (19, 7), strict=True)]
    data = ubl.document(INVOICE | {"taxes": taxes, "lines": lines, "tax_total": 13.0, "grand_total": 113.0})
    assert facturx.xml_check_xsd(data, flavor="autodetect")
    assert data.count(b"<cbc:Percent>7</cbc:Percent>") == 2


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"buyer_vat_id": None}, "buyer.country is not said, nor is buyer_vat_id"),
        ({"seller_vat_id": None}, "seller_vat_id is not said"),
        ({"currency": None, "invoice_number": None}, "invoice_number is not said, currency is not said"),
        ({"lines": []}, "lines are not said"),
        ({"lines": [INVOICE["lines"][0]]}, "lines do not come to net_total"),
        ({"lines": [INVOICE["lines"][0] | {"quantity": None}]}, "lines[1].quantity is not said"),
        ({"tax_total": 5.55}, "do not come to grand_total"),
        ({"tax_total": 0.0, "grand_total": 100.0}, "why no tax is due is not said"),
        ({"type_code": "381"}, "a credit note is none"),
    ],
)
def test_what_is_missing_is_named(other: dict[str, Any], says: str) -> None:
    with pytest.raises(IxError) as raised:
        ubl.document(INVOICE | other)
    assert says in str(raised.value)


def test_hostile_texts_are_texts() -> None:
    data = ubl.document(INVOICE | {"seller_name": "]]><x/>&\x00\x0b\ud7ff", "buyer_name": '"><!--'})
    assert facturx.xml_check_xsd(data, flavor="autodetect")
