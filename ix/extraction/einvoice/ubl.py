"""Where UBL 2.1 invoices and credit notes hold what EN 16931 knows (CEN/TS 16931-3-2): Peppol BIS Billing, XRechnung
in UBL with its extension, and the national formats that rest on them."""

from __future__ import annotations

from collections.abc import Mapping

from ix.extraction.einvoice.mapping import Each, Part, Spec

_VAT = "PartyTaxScheme[TaxScheme/ID=VAT]/CompanyID"
_TOTALS = "LegalMonetaryTotal"
_SELLER, _BUYER = "AccountingSupplierParty/Party", "AccountingCustomerParty/Party"
_ACCOUNT = "PayeeFinancialAccount"
_SUPPORTING = "AdditionalDocumentReference[DocumentTypeCode!=130][DocumentTypeCode!=50]"


def _address(path: str) -> Mapping[str, Spec]:
    return {
        "street": f"{path}/StreetName",
        "street_2": f"{path}/AdditionalStreetName",
        "street_3": f"{path}/AddressLine/Line",
        "postcode": f"{path}/PostalZone",
        "city": f"{path}/CityName",
        "region": f"{path}/CountrySubentity",
        "country": f"{path}/Country/IdentificationCode",
    }


PARTY: Mapping[str, Spec] = {
    "name": "PartyLegalEntity/RegistrationName | PartyName/Name",
    "trading_name": "PartyName/Name",
    "ids": Each("PartyIdentification/ID", {"id": ".", "scheme": "@schemeID"}),
    "legal_id": "PartyLegalEntity/CompanyID",
    "legal_scheme": "PartyLegalEntity/CompanyID/@schemeID",
    "legal_form": "PartyLegalEntity/CompanyLegalForm",
    "vat_id": _VAT,
    "tax_number": "PartyTaxScheme[TaxScheme/ID!=VAT]/CompanyID",
    "electronic_address": "EndpointID",
    "electronic_scheme": "EndpointID/@schemeID",
    **_address("PostalAddress"),
    "contact_name": "Contact/Name",
    "contact_phone": "Contact/Telephone",
    "contact_email": "Contact/ElectronicMail",
}
_ALLOWANCE: Mapping[str, Spec] = {
    "amount": "Amount",
    "base": "BaseAmount",
    "percent": "MultiplierFactorNumeric",
    "tax_category": "TaxCategory/ID",
    "tax_rate": "TaxCategory/Percent",
    "reason": "AllowanceChargeReason",
    "reason_code": "AllowanceChargeReasonCode",
}
_REFERENCE: Mapping[str, Spec] = {
    "id": "ID",
    "date": "IssueDate",
    "description": "DocumentDescription",
    "type_code": "DocumentTypeCode",
    "url": "Attachment/ExternalReference/URI",
    "file": "Attachment/EmbeddedDocumentBinaryObject/@filename",
    "media_type": "Attachment/EmbeddedDocumentBinaryObject/@mimeCode",
}
_DETAILS: Mapping[str, Spec] = {
    "id": "ID",
    "note": "Note",
    "object_id": "DocumentReference[DocumentTypeCode=130]/ID",
    "object_scheme": "DocumentReference[DocumentTypeCode=130]/ID/@schemeID",
    "unit": "InvoicedQuantity/@unitCode",
    "order_line": "OrderLineReference/LineID",
    "accounting_reference": "AccountingCost",
    "period_start": "InvoicePeriod/StartDate",
    "period_end": "InvoicePeriod/EndDate",
    "gross_price": "Price/AllowanceCharge/BaseAmount",
    "price_discount": "Price/AllowanceCharge/Amount",
    "price_quantity": "Price/BaseQuantity",
    "price_unit": "Price/BaseQuantity/@unitCode",
    "exemption_reason": "Item/ClassifiedTaxCategory/TaxExemptionReason",
    "tax_category": "Item/ClassifiedTaxCategory/ID",
    "tax_rate": "Item/ClassifiedTaxCategory/Percent",
    "description": "Item/Description",
    "seller_item_id": "Item/SellersItemIdentification/ID",
    "buyer_item_id": "Item/BuyersItemIdentification/ID",
    "standard_item_id": "Item/StandardItemIdentification/ID",
    "standard_item_scheme": "Item/StandardItemIdentification/ID/@schemeID",
    "origin_country": "Item/OriginCountry/IdentificationCode",
}
_ROWS: Mapping[str, Spec] = {
    "classifications": Each(
        "Item/CommodityClassification/ItemClassificationCode",
        {"id": ".", "scheme": "@listID", "version": "@listVersionID"},
    ),
    "attributes": Each("Item/AdditionalItemProperty", {"name": "Name", "value": "Value"}),
    "allowances": Each("AllowanceCharge[ChargeIndicator=false]", _ALLOWANCE),
    "charges": Each("AllowanceCharge[ChargeIndicator=true]", _ALLOWANCE),
    "sub_lines": Each(
        "//SubInvoiceLine",
        {
            "id": "ID",
            "parent": "../ID",
            "name": "Item/Name",
            "quantity": "InvoicedQuantity",
            "unit": "InvoicedQuantity/@unitCode",
            "unit_price": "Price/PriceAmount",
            "price_quantity": "Price/BaseQuantity",
            "line_total": "LineExtensionAmount",
            "tax_category": "Item/ClassifiedTaxCategory/ID",
            "tax_rate": "Item/ClassifiedTaxCategory/Percent",
        },
    ),
}
VARIABLES = {"currency": "DocumentCurrencyCode", "tax_currency": "TaxCurrencyCode"}
INVOICE: Mapping[str, Spec] = {
    "invoice_number": "ID",
    "issue_date": "IssueDate",
    "due_date": "DueDate | PaymentMeans/PaymentDueDate",
    "seller_name": f"{_SELLER}/PartyLegalEntity/RegistrationName | {_SELLER}/PartyName/Name",
    "seller_vat_id": f"{_SELLER}/{_VAT}",
    "buyer_name": f"{_BUYER}/PartyLegalEntity/RegistrationName | {_BUYER}/PartyName/Name",
    "buyer_vat_id": f"{_BUYER}/{_VAT}",
    "iban": f"PaymentMeans/{_ACCOUNT}/ID",
    "line_total": f"{_TOTALS}/LineExtensionAmount",
    "net_total": f"{_TOTALS}/TaxExclusiveAmount",
    "tax_total": "TaxTotal/TaxAmount[@currencyID=$currency] | TaxTotal/TaxAmount",
    "grand_total": f"{_TOTALS}/TaxInclusiveAmount",
    "prepaid": f"{_TOTALS}/PrepaidAmount",
    "due_amount": f"{_TOTALS}/PayableAmount",
    "currency": "DocumentCurrencyCode",
    "lines": Each(
        "InvoiceLine",
        {
            "name": "Item/Name",
            "quantity": "InvoicedQuantity",
            "unit_price": "Price/PriceAmount",
            "line_total": "LineExtensionAmount",
            "details": Part(".", _DETAILS),
            **_ROWS,
        },
    ),
    "type_code": "InvoiceTypeCode",
    "order_number": "OrderReference/ID",
    "sales_order_number": "OrderReference/SalesOrderID",
    "buyer_reference": "BuyerReference",
    "contract_number": "ContractDocumentReference/ID",
    # a credit note has no element for a project
    "project": "ProjectReference/ID | AdditionalDocumentReference[DocumentTypeCode=50]/ID",
    "tender": "OriginatorDocumentReference/ID",
    "receiving_advice": "ReceiptDocumentReference/ID",
    "despatch_advice": "DespatchDocumentReference/ID",
    "object_id": "AdditionalDocumentReference[DocumentTypeCode=130]/ID",
    "object_scheme": "AdditionalDocumentReference[DocumentTypeCode=130]/ID/@schemeID",
    "accounting_reference": "AccountingCost",
    "profile": "CustomizationID",
    "process": "ProfileID",
    "delivery_date": "Delivery/ActualDeliveryDate",
    "period_start": "InvoicePeriod/StartDate",
    "period_end": "InvoicePeriod/EndDate",
    "tax_point_date": "TaxPointDate",
    "tax_point_code": "InvoicePeriod/DescriptionCode",
    "tax_currency": "TaxCurrencyCode",
    "allowance_total": f"{_TOTALS}/AllowanceTotalAmount",
    "charge_total": f"{_TOTALS}/ChargeTotalAmount",
    "tax_total_accounted": "TaxTotal/TaxAmount[@currencyID=$tax_currency]",
    "rounding": f"{_TOTALS}/PayableRoundingAmount",
    "payment_reference": "PaymentMeans/PaymentID",
    "mandate": "PaymentMeans/PaymentMandate/ID",
    "creditor_id": f"{_SELLER}/PartyIdentification/ID[@schemeID=SEPA]"
    " | PayeeParty/PartyIdentification/ID[@schemeID=SEPA]",
    "payment_terms": Each(
        "PaymentTerms",
        {
            "text": "Note",
            "due_date": "PaymentDueDate",
            "discount_percent": "SettlementDiscountPercent",
            "discount_base": "Amount",
        },
    ),
    "payment_means": Each(
        "PaymentMeans",
        {
            "code": "PaymentMeansCode",
            "text": "PaymentMeansCode/@name | InstructionNote",
            "account": f"{_ACCOUNT}/ID",
            "account_name": f"{_ACCOUNT}/Name",
            "bic": f"{_ACCOUNT}/FinancialInstitutionBranch/ID",
            "bank": f"{_ACCOUNT}/FinancialInstitutionBranch/FinancialInstitution/Name",
            "card_number": "CardAccount/PrimaryAccountNumberID",
            "card_holder": "CardAccount/HolderName",
            "mandate": "PaymentMandate/ID",
            "reference": "PaymentID",
            "debited_account": "PaymentMandate/PayerFinancialAccount/ID",
        },
    ),
    "taxes": Each(
        "TaxTotal/TaxSubtotal",
        {
            "category": "TaxCategory/ID",
            "rate": "TaxCategory/Percent",
            "base": "TaxableAmount",
            "amount": "TaxAmount",
            "exemption_reason": "TaxCategory/TaxExemptionReason",
            "exemption_code": "TaxCategory/TaxExemptionReasonCode",
        },
    ),
    "allowances": Each("AllowanceCharge[ChargeIndicator=false]", _ALLOWANCE),
    "charges": Each("AllowanceCharge[ChargeIndicator=true]", _ALLOWANCE),
    "prepayments": Each("PrepaidPayment", {"id": "ID", "amount": "PaidAmount", "description": "InstructionID"}),
    "notes": Each("Note", {"text": "."}),
    "preceding": Each("BillingReference/InvoiceDocumentReference", _REFERENCE),
    "supporting": Each(_SUPPORTING, _REFERENCE),
    "seller": Part(_SELLER, PARTY),
    "buyer": Part(_BUYER, PARTY),
    "payee": Part("PayeeParty", PARTY),
    "tax_representative": Part("TaxRepresentativeParty", PARTY),
    "delivered_to": Part(
        "Delivery",
        {
            "name": "DeliveryParty/PartyName/Name",
            "ids": Each("DeliveryLocation/ID", {"id": ".", "scheme": "@schemeID"}),
            **_address("DeliveryLocation/Address"),
        },
    ),
}
