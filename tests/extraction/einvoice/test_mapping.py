"""The same invoice in every syntax gives the same result, and nothing that the XML says is lost."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ix.errors import DocumentError
from ix.extraction.einvoice import cii, ubl
from ix.extraction.einvoice.mapping import Each, Part, Spec
from ix.extraction.einvoice.parsing import parsed
from ix.extraction.einvoice.reading import read
from ix.extraction.models import Leaf
from ix.fields import Field, fields_of
from ix.use_cases.invoice import USE_CASE
from tests.extraction.einvoice import invoices

FIELDS = fields_of(USE_CASE.schema)
DATA = Path(os.environ.get("IX_DATA_DIR") or Path(__file__).parents[3].parent / "shared" / "data") / "einvoices"
BASIC = {
    "invoice_number": "R-2024-0815",
    "issue_date": "2024-03-05",
    "due_date": "2024-04-04",
    "seller_name": "Blue Kettle GmbH",
    "seller_vat_id": "DE136695976",
    "buyer_name": "Red Teapot AG",
    "buyer_vat_id": None,
    "iban": invoices.IBAN,
    "line_total": 110.0,
    "net_total": 100.0,
    "tax_total": 19.0,
    "grand_total": 119.0,
    "prepaid": 59.5,
    "due_amount": 59.5,
    "currency": "EUR",
    "type_code": "380",
    "order_number": "PO-77",
    "buyer_reference": "04011000-12345-67",
    "delivery_date": "2024-03-01",
    "payment_reference": "R-2024-0815 / 77",
    "allowance_total": 10.0,
}


def plain(tree: Any) -> Any:
    """The values alone, without those that are null."""
    if isinstance(tree, Leaf):
        return tree.value
    if isinstance(tree, list):
        return [plain(one) for one in tree]
    return {name: value for name, one in tree.items() if (value := plain(one)) not in (None, [], {})}


def values(data: bytes) -> Any:
    return plain(read(data, FIELDS).values)


@pytest.mark.parametrize("data", [invoices.ubl(), invoices.cii()], ids=["UBL", "CII"])
def test_an_invoice_is_read_in_every_syntax(data: bytes) -> None:
    said = values(data)
    assert {name: said.get(name) for name in BASIC} == BASIC
    assert [[line[name] for name in ("name", "quantity", "unit_price", "line_total")] for line in said["lines"]] == [
        ["Copper kettle", 2.0, 40.0, 80.0],
        ["Tea strainer", 3.0, 10.0, 30.0],
    ]
    assert said["lines"][1]["details"] == {"id": "2", "unit": "C62", "tax_category": "S", "tax_rate": 19.0}
    assert said["taxes"] == [{"category": "S", "rate": 19.0, "base": 100.0, "amount": 19.0}]
    assert said["allowances"] == [{"amount": 10.0, "tax_category": "S", "tax_rate": 19.0, "reason": "Rebate"}]
    assert said["payment_terms"][0]["text"] == "30 days net"
    assert (said["payment_means"][0]["code"], said["payment_means"][0]["text"]) == ("58", "SEPA")
    assert said["notes"] == [{"text": "Thank you"}]
    assert said["seller"] == {
        "name": "Blue Kettle GmbH",
        "trading_name": "Kettles",
        "ids": [{"id": "4000001123452", "scheme": "0088"}],
        "vat_id": "DE136695976",
        "tax_number": "123/456/7890",
        "street": "Mill Lane 1",
        "postcode": "10115",
        "city": "Berlin",
        "country": "DE",
    }
    assert "other_values" not in said


def test_a_credit_note_of_ubl_is_read_like_an_invoice() -> None:
    note = (
        invoices.ubl()
        .replace(b"Invoice-2", b"CreditNote-2")
        .replace(b"<Invoice ", b"<CreditNote ")
        .replace(b"</Invoice>", b"</CreditNote>")
        .replace(b"InvoiceTypeCode", b"CreditNoteTypeCode")
        .replace(b"InvoiceLine", b"CreditNoteLine")
        .replace(b"InvoicedQuantity", b"CreditedQuantity")
        .replace(b"<cbc:DueDate>2024-04-04</cbc:DueDate>", b"")
        .replace(b"<cbc:PaymentID>", b"<cbc:PaymentDueDate>2024-04-04</cbc:PaymentDueDate><cbc:PaymentID>")
    )
    assert values(note) == values(invoices.ubl())


def test_the_first_zugferd_is_read_like_its_successors() -> None:
    old = invoices.cii()
    for new, before in (
        (
            b"urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
            b"urn:ferd:CrossIndustryDocument:invoice:1p0",
        ),
        (b"CrossIndustryInvoice", b"CrossIndustryDocument"),
        (b"rsm:ExchangedDocumentContext", b"rsm:SpecifiedExchangedDocumentContext"),
        (b"rsm:ExchangedDocument>", b"rsm:HeaderExchangedDocument>"),
        (b"rsm:SupplyChainTradeTransaction", b"rsm:SpecifiedSupplyChainTradeTransaction"),
        (b"ApplicableHeaderTrade", b"ApplicableSupplyChainTrade"),
        (b"SpecifiedLineTrade", b"SpecifiedSupplyChainTrade"),
        (b"SettlementHeaderMonetarySummation", b"SettlementMonetarySummation"),
        (b"SettlementLineMonetarySummation", b"SettlementMonetarySummation"),
        (b"RateApplicablePercent", b"ApplicablePercent"),
        (b"IssuerAssignedID", b"ID"),
    ):
        assert new in old
        old = old.replace(new, before)
    assert values(old) == values(invoices.cii())


def test_an_order_is_read_like_an_invoice() -> None:
    order = invoices.cii()
    for invoice, other in (
        (b"data:standard:CrossIndustryInvoice:100", b"data:SCRDMCCBDACIOMessageStructure:100"),
        (b"CrossIndustryInvoice", b"SCRDMCCBDACIOMessageStructure"),
        (b"InvoiceCurrencyCode", b"OrderCurrencyCode"),
        (b"BilledQuantity", b"RequestedQuantity"),
        (b"ActualDeliverySupplyChainEvent", b"RequestedDeliverySupplyChainEvent"),
    ):
        assert invoice in order
        order = order.replace(invoice, other)
    assert values(order) == values(invoices.cii())


def test_every_value_has_its_path_in_the_xml() -> None:
    made = read(invoices.ubl(), FIELDS)
    assert made.paths["grand_total"] == "/Invoice/LegalMonetaryTotal/TaxInclusiveAmount"
    assert made.paths["lines.1.line_total"] == "/Invoice/InvoiceLine[2]/LineExtensionAmount"
    assert made.paths["lines.1.details.unit"] == "/Invoice/InvoiceLine[2]/InvoicedQuantity/@unitCode"


def test_tax_of_two_currencies_is_told_apart() -> None:
    accounted = b'<cac:TaxTotal><cbc:TaxAmount currencyID="SEK">210.00</cbc:TaxAmount></cac:TaxTotal>'
    twice = invoices.ubl("<cbc:TaxCurrencyCode>SEK</cbc:TaxCurrencyCode>" + accounted.decode())
    said = values(twice)
    assert (said["tax_total"], said["tax_total_accounted"], said["tax_currency"]) == (19.0, 210.0, "SEK")


def test_positions_within_positions_keep_their_parents() -> None:
    inner = "<cac:SubInvoiceLine><cbc:ID>1.1.1</cbc:ID></cac:SubInvoiceLine>"
    outer = f"<cac:SubInvoiceLine><cbc:ID>1.1</cbc:ID>{inner}</cac:SubInvoiceLine></cac:InvoiceLine>"
    said = values(invoices.ubl().replace(b"</cac:InvoiceLine>", outer.encode(), 1))
    assert said["lines"][0]["sub_lines"] == [{"id": "1.1", "parent": "1"}, {"id": "1.1.1", "parent": "1.1"}]


def test_what_is_not_of_its_kind_stays_as_it_is_written() -> None:
    wrong = invoices.ubl().replace(b"2024-03-05", b"March").replace(b">119.00<", b">1.190,00<")
    said = values(wrong.replace(b"DE89 3704 0044 0532 0130 00", b"Postbank 12345"))
    assert (said["issue_date"], said["grand_total"], said.get("iban")) == ("March", "1.190,00", None)
    assert said["payment_means"][0]["account"] == "Postbank 12345"


def test_a_value_without_a_field_is_listed() -> None:
    said = values(invoices.ubl("<cbc:AccountingCostCode>4711</cbc:AccountingCostCode>"))
    assert said["other_values"] == [{"path": "/Invoice/AccountingCostCode", "value": "4711"}]


def test_xml_of_another_kind_is_refused() -> None:
    with pytest.raises(DocumentError, match="no invoice of a known kind"):
        read(b"<Invoice/>", FIELDS)


def _names(spec: Mapping[str, Spec], fields: tuple[Field, ...]) -> Iterator[tuple[str, bool]]:
    known = {field.name: field for field in fields}
    for name, one in spec.items():
        yield name, name in known
        if isinstance(one, Each | Part) and name in known:
            yield from _names(one.members, known[name].fields)


@pytest.mark.parametrize("table", [cii.INVOICE, ubl.INVOICE], ids=["CII", "UBL"])
def test_every_name_of_a_table_is_a_field(table: Mapping[str, Spec]) -> None:
    assert [name for name, known in _names(table, FIELDS) if not known] == []


def _told(values: Any) -> set[str]:
    if isinstance(values, Mapping):
        return {said for one in values.values() for said in _told(one)}
    if isinstance(values, list):
        return {said for one in values for said in _told(one)}
    # numbers as numbers: the XML writes 229.60 for 229.6
    return {_canonical(str(values))}


def _canonical(text: str) -> str:
    if day := re.fullmatch(r"(20\d\d)-?(\d\d)-?(\d\d)", text):
        return "-".join(day.groups())
    if re.fullmatch(r"-?\d+\.?\d*", text):
        return f"{float(text):.10g}"
    return re.sub(r"[\s.-]", "", text)


CODES = frozenset({"VAT", "true", "false"})
"""Texts that only say what their neighbours are."""


@pytest.mark.skipif(not DATA.is_dir(), reason=f"labelled data is absent: {DATA}")
def test_no_real_invoice_loses_a_value() -> None:
    files = sorted(DATA.rglob("*.xml"))[::4]
    assert files
    for file in files:
        said = values(file.read_bytes())
        told = _told(said)
        leaves = [one for one in parsed(file.read_bytes()).walk() if one.text and not one.children]
        leaves = [one for one in leaves if one.text not in CODES and not one.path.endswith("TaxScheme/ID")]
        lost = [one.path for one in leaves if _canonical(one.text) not in told]
        assert lost == [], file.name
        # what the model of EN 16931 has no term for is listed with its path, and is little
        amounts = [one["path"] for one in said.get("other_values", ()) if one["path"].endswith("Amount")]
        assert amounts == [], file.name


@pytest.mark.skipif(not DATA.is_dir(), reason=f"labelled data is absent: {DATA}")
def test_another_reader_says_the_same() -> None:
    parse = pytest.importorskip("facturx").parse_ubl_cii_xml
    for file in sorted(DATA.rglob("*.xml"))[::16]:
        said, other = values(file.read_bytes()), parse(file.read_bytes(), check_xsd=False)
        theirs = {name: _canonical(str(other.get(term))) for name, term in ORACLE.items()}
        assert {name: _canonical(str(said.get(name))) for name in ORACLE} == theirs, file.name
        lines = [_canonical(str(line.get("line_total"))) for line in said["lines"]]
        assert lines == [_canonical(str(line.get("BT-131"))) for line in other["BG-25"]], file.name


ORACLE = {
    "invoice_number": "BT-1",
    "issue_date": "BT-2",
    "type_code": "BT-3",
    "currency": "BT-5",
    "due_date": "BT-9",
    "buyer_reference": "BT-10",
    "order_number": "BT-13",
    "profile": "BT-24",
    "line_total": "BT-106",
    "allowance_total": "BT-107",
    "charge_total": "BT-108",
    "net_total": "BT-109",
    "tax_total": "BT-110",
    "grand_total": "BT-112",
    "prepaid": "BT-113",
    "due_amount": "BT-115",
}
"""Fields by the terms that factur-x names them by."""
