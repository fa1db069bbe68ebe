"""An invoice that was read off paper as an electronic one: UBL 2.1 after EN 16931 (CEN/TS 16931-3-2), where it says all
that the standard asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from ix.cli.bookkeeping.amounts import CREDIT_NOTES, Share, amount, plain, shares
from ix.errors import IxError

INVOICE = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
PART = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
LEAF = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
STANDARD = "urn:cen.eu:en16931:2017"
COMMERCIAL_INVOICE = "380"
"""UNTDID 1001."""
PIECE = "C62"
"""The unit where none is said: one (UN/ECE recommendation 20)."""
STANDARD_RATE = "S"
"""UNTDID 5305. Why an invoice has no tax is not guessed: one that has none is not written."""
TRANSFER = "58"
"""SEPA credit transfer (UNTDID 4461)."""
GREECE = {"EL": "GR"}
"""The one VAT number whose prefix is not the country's code."""


def document(invoice: Mapping[str, Any]) -> bytes:
    """The invoice as XML. Raises `IxError` that names what is missing, or does not come out."""
    if invoice.get("type_code") in CREDIT_NOTES or (amount(invoice.get("grand_total")) or 0) < 0:
        raise IxError("a credit note is none of the invoices that can be written as UBL here")
    if lacking := list(_lacking(invoice)):
        raise IxError(f"the invoice is not complete: {', '.join(lacking)}")
    return _Writer(invoice).written()


def _lacking(invoice: Mapping[str, Any]) -> Iterator[str]:
    for name in ("invoice_number", "issue_date", "currency", "seller_name", "buyer_name", "grand_total"):
        if not invoice.get(name):
            yield f"{name} is not said"
    for side in ("seller", "buyer"):
        if not _country(invoice, side):
            yield f"{side}.country is not said, nor is {side}_vat_id"
    if not invoice.get("seller_vat_id"):
        yield "seller_vat_id is not said"
    found = shares(invoice)
    if not found:
        yield "net_total, tax_total and taxes do not come to grand_total at known rates"
    if any(share.rate == 0 for share in found):
        yield "why no tax is due is not said"
    yield from _lines_lacking(invoice, found)


def _lines_lacking(invoice: Mapping[str, Any], found: Sequence[Share]) -> Iterator[str]:
    lines = invoice.get("lines") or []
    if not lines:
        yield "lines are not said"
    for number, line in enumerate(lines, 1):
        for name in ("name", "quantity", "unit_price", "line_total"):
            if line.get(name) is None:
                yield f"lines[{number}].{name} is not said"
        rate = amount((line.get("details") or {}).get("tax_rate"))
        if len(found) > 1 and rate not in {share.rate for share in found}:
            yield f"lines[{number}].details.tax_rate is not said"
    if found and sum(amount(line.get("line_total")) or 0 for line in lines) != sum(share.base for share in found):
        yield "lines do not come to net_total"


def _country(invoice: Mapping[str, Any], side: str) -> str:
    said = (invoice.get(side) or {}).get("country")
    prefix = str(invoice.get(f"{side}_vat_id") or "")[:2].upper()
    return said or GREECE.get(prefix, prefix if prefix.isalpha() else "")


class _Writer:
    """Elements in the order of the schema, which XML Schema insists on."""

    def __init__(self, invoice: Mapping[str, Any]) -> None:
        self._invoice = invoice
        self._currency = str(invoice["currency"])
        self._shares = shares(invoice)
        self._root = Element(f"{{{INVOICE}}}Invoice")

    def written(self) -> bytes:
        invoice, root = self._invoice, self._root
        self._leaf(root, "CustomizationID", STANDARD)
        self._leaf(root, "ID", invoice["invoice_number"])
        self._leaf(root, "IssueDate", invoice["issue_date"])
        self._said(root, "DueDate", invoice.get("due_date"))
        self._leaf(root, "InvoiceTypeCode", COMMERCIAL_INVOICE)
        self._leaf(root, "DocumentCurrencyCode", self._currency)
        self._said(root, "BuyerReference", invoice.get("buyer_reference"))
        if invoice.get("order_number"):
            self._leaf(self._part(root, "OrderReference"), "ID", invoice["order_number"])
        self._party("seller", "AccountingSupplierParty")
        self._party("buyer", "AccountingCustomerParty")
        if invoice.get("delivery_date"):
            self._leaf(self._part(root, "Delivery"), "ActualDeliveryDate", invoice["delivery_date"])
        self._payment()
        self._taxes()
        self._totals()
        for number, line in enumerate(invoice["lines"], 1):
            self._line(number, line)
        for prefix, space in (("", INVOICE), ("cac", PART), ("cbc", LEAF)):
            register_namespace(prefix, space)
        indent(root)
        made: bytes = tostring(root, encoding="UTF-8", xml_declaration=True)
        return made

    def _party(self, side: str, element: str) -> None:
        party = self._part(self._part(self._root, element), "Party")
        said = self._invoice.get(side) or {}
        address = self._part(party, "PostalAddress")
        for name, tag in (("street", "StreetName"), ("city", "CityName"), ("postcode", "PostalZone")):
            self._said(address, tag, said.get(name))
        self._leaf(self._part(address, "Country"), "IdentificationCode", _country(self._invoice, side))
        if vat_id := self._invoice.get(f"{side}_vat_id"):
            scheme = self._part(party, "PartyTaxScheme")
            self._leaf(scheme, "CompanyID", vat_id)
            self._leaf(self._part(scheme, "TaxScheme"), "ID", "VAT")
        self._leaf(self._part(party, "PartyLegalEntity"), "RegistrationName", self._invoice[f"{side}_name"])

    def _payment(self) -> None:
        if iban := self._invoice.get("iban"):
            means = self._part(self._root, "PaymentMeans")
            self._leaf(means, "PaymentMeansCode", TRANSFER)
            self._said(means, "PaymentID", self._invoice.get("payment_reference"))
            self._leaf(self._part(means, "PayeeFinancialAccount"), "ID", iban)

    def _taxes(self) -> None:
        total = self._part(self._root, "TaxTotal")
        self._amount(total, "TaxAmount", sum((share.tax for share in self._shares), Decimal(0)))
        for share in self._shares:
            part = self._part(total, "TaxSubtotal")
            self._amount(part, "TaxableAmount", share.base)
            self._amount(part, "TaxAmount", share.tax)
            self._category(self._part(part, "TaxCategory"), share.rate)

    def _totals(self) -> None:
        net = sum((share.base for share in self._shares), Decimal(0))
        grand = amount(self._invoice["grand_total"]) or Decimal(0)
        prepaid = amount(self._invoice.get("prepaid")) or Decimal(0)
        totals = self._part(self._root, "LegalMonetaryTotal")
        self._amount(totals, "LineExtensionAmount", net)
        self._amount(totals, "TaxExclusiveAmount", net)
        self._amount(totals, "TaxInclusiveAmount", grand)
        if prepaid:
            self._amount(totals, "PrepaidAmount", prepaid)
        self._amount(totals, "PayableAmount", grand - prepaid)

    def _line(self, number: int, line: Mapping[str, Any]) -> None:
        said = line.get("details") or {}
        element = self._part(self._root, "InvoiceLine")
        self._leaf(element, "ID", said.get("id") or number)
        self._leaf(element, "InvoicedQuantity", plain(line["quantity"])).set("unitCode", said.get("unit") or PIECE)
        self._amount(element, "LineExtensionAmount", amount(line["line_total"]) or Decimal(0))
        item = self._part(element, "Item")
        self._leaf(item, "Name", line["name"])
        rate = self._shares[0].rate if len(self._shares) == 1 else amount(said.get("tax_rate"))
        self._category(self._part(item, "ClassifiedTaxCategory"), rate or Decimal(0))
        price = self._part(element, "Price")
        # not to the cent: a price may be finer
        self._leaf(price, "PriceAmount", plain(line["unit_price"])).set("currencyID", self._currency)
        if said.get("price_quantity"):
            self._leaf(price, "BaseQuantity", plain(said["price_quantity"]))

    def _category(self, element: Element, rate: Decimal) -> None:
        self._leaf(element, "ID", STANDARD_RATE)
        self._leaf(element, "Percent", plain(rate))
        self._leaf(self._part(element, "TaxScheme"), "ID", "VAT")

    def _amount(self, element: Element, tag: str, value: Decimal) -> None:
        self._leaf(element, tag, f"{value:.2f}").set("currencyID", self._currency)

    def _part(self, element: Element, tag: str) -> Element:
        return SubElement(element, f"{{{PART}}}{tag}")

    def _said(self, element: Element, tag: str, value: Any) -> None:
        """An element with a text, where there is something to say."""
        if value is not None and value != "":
            self._leaf(element, tag, value)

    def _leaf(self, element: Element, tag: str, value: Any) -> Element:
        made = SubElement(element, f"{{{LEAF}}}{tag}")
        # what a page printed may hold characters that XML has no place for
        made.text = "".join(letter for letter in str(value) if letter.isprintable())
        return made
