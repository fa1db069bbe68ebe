"""An invoice that was read off paper as an electronic one after EN 16931, where it says all that the standard asks for:
XML in UBL 2.1 or CII, or its PDF with the XML within (Factur-X, ZUGFeRD). factur-x writes the syntaxes; what of a
result is which business term (`BT-1`, `BG-25`) is told here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import facturx
from lxml import etree, objectify
from pypdf.errors import PyPdfError

from ix.cli.bookkeeping.amounts import Share, amount, plain, shares
from ix.cli.bookkeeping.complete import country, is_credit_note, require_complete
from ix.errors import IxError

LEVEL = "en16931"
CREDIT_NOTE, COMMERCIAL_INVOICE = "381", "380"
"""UNTDID 1001."""
PIECE = "C62"
"""The unit where none is said: one (UN/ECE recommendation 20)."""
STANDARD_RATE = "S"
"""UNTDID 5305. Why an invoice has no tax is not guessed: one that has none is not written."""
TRANSFER = "58"
"""SEPA credit transfer (UNTDID 4461)."""
SAID = {
    "BT-1": "invoice_number",
    "BT-2": "issue_date",
    "BT-5": "currency",
    "BT-9": "due_date",
    "BT-10": "buyer_reference",
    "BT-13": "order_number",
    "BT-72": "delivery_date",
}
"""Terms that stand in a result as they are."""


def ubl(invoice: Mapping[str, Any]) -> bytes:
    """The invoice as UBL. Raises `IxError` that names what is missing, or does not come out."""
    with _told():
        made: bytes = facturx.generate_ubl_xml(terms(invoice), LEVEL, check_schematron=False)
    return made


def cii(invoice: Mapping[str, Any]) -> bytes:
    """The invoice as CII. Raises `IxError` that names what is missing, or does not come out."""
    with _told():
        written = facturx.generate_cii_xml(terms(invoice), LEVEL, check_xsd=False, check_schematron=False)
    root = etree.fromstring(written)
    # where nothing is said of the delivery, factur-x calls its element nil, which the schema does not allow
    objectify.deannotate(root, xsi_nil=True)
    facturx.xml_check_xsd(root, flavor="factur-x", level=LEVEL)
    made: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return made


def hybrid(invoice: Mapping[str, Any], pdf: bytes) -> bytes:
    """The PDF with the invoice as CII within, as Factur-X asks for: PDF/A-3 as far as the PDF was PDF/A before. Raises
    `IxError` for what `cii` refuses, and for a PDF that cannot be taken apart."""
    try:
        made: bytes = facturx.generate_from_binary(pdf, cii(invoice), level=LEVEL, check_xsd=False)
    except PyPdfError as error:
        raise IxError("nothing can be put into this PDF; take the XML alone, with --as cii") from error
    return made


@contextmanager
def _told() -> Iterator[None]:
    """What factur-x cannot write, such as a currency that ISO 4217 does not know, as an `IxError`."""
    try:
        yield
    except ValueError as error:
        raise IxError(f"the invoice cannot be written: {error}") from error


def terms(invoice: Mapping[str, Any]) -> dict[str, Any]:
    """The business terms of EN 16931 that a result holds, as factur-x takes them. Raises `IxError` that names what is
    missing."""
    require_complete(invoice)
    found = shares(invoice)
    net = sum((share.base for share in found), Decimal(0))
    tax = sum((share.tax for share in found), Decimal(0))
    prepaid = amount(invoice.get("prepaid")) or Decimal(0)
    said = {term: _text(invoice[name]) for term, name in SAID.items() if invoice.get(name)}
    return said | _payment(invoice) | {
        "BT-3": CREDIT_NOTE if is_credit_note(invoice) else COMMERCIAL_INVOICE,
        "BG-4": _party(invoice, "seller"),
        "BG-7": _party(invoice, "buyer"),
        "BG-23": [_taxed(share) for share in found],
        "BG-25": [_line(number, line, found) for number, line in enumerate(invoice["lines"], 1)],
        "BT-106": str(net),
        "BT-109": str(net),
        "BT-110": str(tax),
        "BT-112": str(net + tax),
        "BT-115": str(net + tax - prepaid),
    } | ({"BT-113": str(prepaid)} if prepaid else {})  # fmt: skip


def _party(invoice: Mapping[str, Any], side: str) -> dict[str, str]:
    address = invoice.get(side) or {}
    said = {
        "name": invoice[f"{side}_name"],
        "vat_identifier": invoice.get(f"{side}_vat_id"),
        "addr_l1": address.get("street"),
        "postcode": address.get("postcode"),
        "city": address.get("city"),
        "country_code": country(invoice, side),
    }
    return {name: _text(value) for name, value in said.items() if value}


def _payment(invoice: Mapping[str, Any]) -> dict[str, str]:
    terms = [row["text"] for row in invoice.get("payment_terms") or () if row.get("text")]
    said: dict[str, Any] = {"BT-20": "; ".join(terms)}
    if iban := invoice.get("iban"):
        said |= {"BT-81": TRANSFER, "BT-83": invoice.get("payment_reference"), "BT-84": iban}
    return {term: _text(value) for term, value in said.items() if value}


def _taxed(share: Share) -> dict[str, str]:
    return {"BT-116": str(share.base), "BT-117": str(share.tax), "BT-118": STANDARD_RATE, "BT-119": plain(share.rate)}


def _line(number: int, line: Mapping[str, Any], found: list[Share]) -> dict[str, str]:
    said = line.get("details") or {}
    rate = found[0].rate if len(found) == 1 else amount(said.get("tax_rate")) or Decimal(0)
    per = {"BT-149": plain(said["price_quantity"])} if said.get("price_quantity") else {}
    return per | {
        "BT-126": _text(said.get("id") or number),
        "BT-129": plain(line["quantity"]),
        "BT-130": _text(said.get("unit") or PIECE),
        "BT-131": str(amount(line["line_total"])),
        # not to the cent: a price may be finer
        "BT-146": plain(line["unit_price"]),
        "BT-151": STANDARD_RATE,
        "BT-152": plain(rate),
        "BT-153": _text(line["name"]),
    }


def _text(value: Any) -> str:
    # what a page printed may hold characters that XML has no place for
    return "".join(letter for letter in str(value) if letter.isprintable())
