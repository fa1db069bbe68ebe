"""An electronic invoice answers for its document: alone, and in a PDF whose pages are compared with it."""

from __future__ import annotations

from typing import Any

import pytest

from ix.extraction.einvoice import reading as xml_reading
from tests.extraction.einvoice.invoices import PAGE, carrier, cii, ubl
from tests.extraction.einvoice.reading import codes, response
from tests.extraction.einvoice.test_mapping import BASIC

LINES = [("Copper kettle", 2.0, 40.0, 80.0), ("Tea strainer", 3.0, 10.0, 30.0)]


def basic(found: dict[str, Any]) -> dict[str, Any]:
    return {name: found["result"][name] for name in BASIC}


def lines(found: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(one["name"], one["quantity"], one["unit_price"], one["line_total"]) for one in found["result"]["lines"]]


@pytest.mark.parametrize("data", [ubl(), cii()], ids=["UBL", "CII"])
def test_xml_alone_is_answered_with_a_place_for_every_value(data: bytes) -> None:
    found = response(data)
    assert (basic(found), lines(found), found["warnings"]) == (BASIC, LINES, [])
    node = found["evidence"]["grand_total"]
    assert (node["source"], node["document"], node["page"], node["quote"]) == (
        "xml",
        0,
        1,
        "119.00"[: len(node["quote"])],
    )
    assert node["path"].endswith(("/TaxInclusiveAmount", "/GrandTotalAmount"))
    assert node["boxes"]
    unplaced = [path for path, one in nodes(found["evidence"]) if one["match"] == "none"]
    assert unplaced == []
    assert found["usage"]["model"] == "xml"


def nodes(evidence: Any, at: str = "") -> list[tuple[str, dict[str, Any]]]:
    """Every node of an evidence tree that is none's parent."""
    if isinstance(evidence, dict) and "match" in evidence:
        return [(at, evidence)]
    members = evidence.items() if isinstance(evidence, dict) else enumerate(evidence or ())
    return [found for name, one in members for found in nodes(one, f"{at}.{name}" if at else str(name))]


@pytest.mark.parametrize(
    "name", ["factur-x.xml", "ZUGFeRD-invoice.xml", "xrechnung.XML", "order-x.xml", "rechnung.xml"]
)
def test_xml_in_a_pdf_is_answered_with_places_on_the_page(name: str) -> None:
    found = response(carrier(("terms.txt", b"none"), (name, cii())))
    assert (basic(found), lines(found), found["warnings"]) == (BASIC, LINES, [])
    assert found["evidence"]["due_date"] == {
        "method": "extract",
        "match": "exact",
        "document": 0,
        "page": 1,
        "quote": "04.04.2024",
        "boxes": found["evidence"]["due_date"]["boxes"],
        "confidence": 1.0,
        "source": "xml",
        "path": "/CrossIndustryInvoice/SupplyChainTradeTransaction/ApplicableHeaderTradeSettlement"
        "/SpecifiedTradePaymentTerms/DueDateDateTime/DateTimeString",
    } | {"match": found["evidence"]["due_date"]["match"]}
    # not printed, and true all the same
    assert found["evidence"]["buyer_reference"]["match"] == "none"
    assert found["evidence"]["buyer_reference"]["confidence"] == 1.0


def test_of_two_files_that_of_the_newer_standard_counts() -> None:
    old = cii().replace(b"R-2024-0815", b"R-1999-0001")
    found = response(carrier(("ZUGFeRD-invoice.xml", old), ("factur-x.xml", cii())))
    assert found["result"]["invoice_number"] == "R-2024-0815"


def test_a_file_that_is_no_invoice_is_none() -> None:
    found = response(carrier(("articles.xml", b"<articles/>")))
    assert found["usage"]["model"] == "rules"
    assert found["result"]["grand_total"] == 119.0
    assert "source" not in found["evidence"]["grand_total"]


DIFFERENT = {
    "grand_total": (b"119.00", b"191.00", "191", "119"),
    "due_amount": (b"DuePayableAmount>59.50", b"DuePayableAmount>69.50", "69.5", "59.5"),
    "invoice_number": (b"R-2024-0815<", b"R-2024-0816<", "R-2024-0816", "R-2024-0815"),
    "issue_date": (b"20240305", b"20240306", "2024-03-06", "2024-03-05"),
    "due_date": (b"20240404", b"20240414", "2024-04-14", "2024-04-04"),
    "iban": (b"DE89370400440532013000", b"DE89370400440532013001", "DE89370400440532013001", "DE89370400440532013000"),
    "seller_vat_id": (b"DE136695976", b"DE136695977", "DE136695977", "DE136695976"),
    "order_number": (b"PO-770<", b"PO-790<", "PO-790", "PO-770"),
    "seller_name": (b"Blue Kettle GmbH", b"Green Samovar OHG", "Green Samovar OHG", "Blue Kettle GmbH"),
    "lines.1.line_total": (b"LineTotalAmount>30.00", b"LineTotalAmount>31.00", "31", "30"),
    "lines.0.quantity": (b'C62">2<', b'C62">7<', "7", "2"),
    "taxes.0.base": (b"BasisAmount>100.00", b"BasisAmount>106.00", "106", "100"),
}
"""By field: what the XML says, what it says instead, and both as a finding writes them."""


@pytest.mark.parametrize("path", DIFFERENT)
def test_what_the_page_says_differently_is_found_and_both_are_named(path: str) -> None:
    before, after, said, printed = DIFFERENT[path]
    original = cii().replace(b"PO-77<", b"PO-770<")
    page = tuple(text.replace("PO-77", "PO-770") for text in PAGE)
    assert before in original
    found = response(carrier(("factur-x.xml", original.replace(before, after)), page=page))
    [message] = [
        each["message"] for each in found["warnings"] if (each["code"], each["path"]) == ("xml_mismatch", path)
    ]
    assert message.replace(".0,", ",").removesuffix(".0").split(": ")[1] == f"the XML says {said}, the page {printed}"
    assert [each for each in found["warnings"] if each["code"] == "xml_mismatch" and each["path"] != path] == []


def test_a_value_that_the_page_contradicts_is_less_sure() -> None:
    found = response(carrier(("factur-x.xml", cii().replace(b"119.00", b"191.00"))))
    assert (found["result"]["grand_total"], found["evidence"]["grand_total"]["confidence"]) == (191.0, 0.5)
    assert found["evidence"]["net_total"]["confidence"] == 1.0
    assert {("xml_mismatch", "grand_total"), ("einvoice_rule", "grand_total")} <= set(codes(found))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("119.00 EUR", "EUR 119,00"),
        ("05.03.2024", "5 March 2024"),
        ("DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("Prepaid 59.50", "Prepaid -59.50"),
        ("2 x 40.00", "2,00 x 40,00"),
        ("Blue Kettle GmbH, Mill", "BLUE KETTLE GMBH Mill"),
    ],
)
def test_the_same_value_in_other_writing_is_no_difference(before: str, after: str) -> None:
    page = tuple(text.replace(before, after) for text in PAGE)
    assert page != PAGE
    assert codes(response(carrier(("factur-x.xml", cii()), page=page))) == []


def test_a_page_of_another_invoice_is_said_once() -> None:
    other = [
        ("R-2024-0815", "X-1"),
        ("05.03.2024", "09.09.2023"),
        ("119.00", "238.00"),
        ("VAT 19% 19.00", "VAT 19% 38.00"),
    ]
    other += [
        ("Net total 100.00", "Net total 200.00"),
        ("DE136695976", "DE811569869"),
        ("Blue Kettle GmbH", "Ochre Ltd"),
    ]
    page: tuple[str, ...] = PAGE
    for before, after in other:
        page = tuple(text.replace(before, after) for text in page)
    found = codes(response(carrier(("factur-x.xml", cii()), page=page)))
    assert [path for code, path in found if code == "xml_mismatch"] == ["invoice_number"]


@pytest.mark.parametrize("name", ["factur-x.xml", "rechnung.xml"])
def test_xml_that_cannot_be_read_leaves_the_document_to_its_pages(name: str) -> None:
    found = response(carrier((name, cii()[:-40])))
    assert codes(found) == [("xml_unreadable", "")]
    assert (found["usage"]["model"], found["result"]["grand_total"]) == ("rules", 119.0)


def test_what_a_small_profile_has_no_room_for_is_read_on_the_page() -> None:
    small = cii("urn:factur-x.eu:1p0:minimum")
    start, end = small.index(b"<ram:IncludedSupplyChain"), small.index(b"<ram:ApplicableHeaderTradeAgreement")
    small = small[:start] + small[end:].replace(b"20240404", b"")
    found = response(carrier(("factur-x.xml", small)))
    assert found["result"]["due_date"] == "2024-04-04"
    assert "source" not in found["evidence"]["due_date"]
    full = small.replace(b"urn:factur-x.eu:1p0:minimum", b"urn:cen.eu:en16931:2017")
    assert response(carrier(("factur-x.xml", full)))["result"]["due_date"] is None


def test_xml_beside_its_pdf_is_compared_with_the_pages_of_that() -> None:
    found = response(ubl().replace(b">119.00<", b">120.00<"), carrier())
    assert ("xml_mismatch", "grand_total") in codes(found)
    assert (found["evidence"]["net_total"]["document"], found["evidence"]["buyer_reference"]["document"]) == (1, 0)


def test_two_different_invoices_in_one_job_are_said() -> None:
    assert codes(response(ubl(), ubl().replace(b"R-2024-0815<", b"R-2<"))) == [("xml_several", "")]
    assert codes(response(ubl(), cii())) == []


def test_another_schema_reads_the_page_that_was_laid_out() -> None:
    schema = {"type": "object", "properties": {"invoice_number": {"type": "string"}, "grand_total": {"type": "number"}}}
    found = response(ubl(), schema=schema)
    assert found["result"] == {"invoice_number": "R-2024-0815", "grand_total": 119.0}
    assert found["usage"]["model"] == "rules"


def test_without_an_invoice_its_fields_are_null_and_nobody_is_asked_for_them() -> None:
    found = response(b"Blue Kettle Ltd\nInvoice number: INV-1\nProject: P-9\nGrand total 120.00 GBP\n")
    result = found["result"]
    assert (result["invoice_number"], result["project"], result["seller"], result["charges"]) == (
        "INV-1",
        None,
        None,
        [],
    )
    assert found["evidence"]["seller"] is None


def test_what_is_laid_out_is_all_that_the_xml_says() -> None:
    text = xml_reading.laid_out(ubl("<cbc:AccountingCostCode>4711</cbc:AccountingCostCode>"))
    for said in (
        "R-2024-0815",
        "Blue Kettle GmbH",
        "Copper kettle",
        "Rebate",
        "30 days net",
        "04011000-12345-67",
        "4711",
    ):
        assert said in text
