"""Where UN/CEFACT's Cross Industry Invoice holds what EN 16931 knows (CEN/TS 16931-3-3): Factur-X and ZUGFeRD from 1.0
on, XRechnung in CII, and the orders of Order-X, which share its parts."""

from __future__ import annotations

from collections.abc import Mapping

from ix.extraction.einvoice.mapping import Each, Part, Spec

DOCUMENT, CONTEXT = "ExchangedDocument", "ExchangedDocumentContext"
_TRADE = "SupplyChainTradeTransaction"
AGREEMENT = f"{_TRADE}/ApplicableHeaderTradeAgreement"
DELIVERY = f"{_TRADE}/ApplicableHeaderTradeDelivery"
SETTLEMENT = f"{_TRADE}/ApplicableHeaderTradeSettlement"
TOTALS = f"{SETTLEMENT}/MonetarySummation"
LINES = f"{_TRADE}/IncludedSupplyChainTradeLineItem"
MEANS = f"{SETTLEMENT}/SpecifiedTradeSettlementPaymentMeans"
TERMS = f"{SETTLEMENT}/SpecifiedTradePaymentTerms"
_NET = "SpecifiedLineTradeAgreement/NetPriceProductTradePrice"
_GROSS = "SpecifiedLineTradeAgreement/GrossPriceProductTradePrice"
_DISCOUNT = "ApplicableTradePaymentDiscountTerms"


def _date(path: str) -> str:
    """A date: in an element of its own, or, in old versions, right within."""
    return f"{path}/DateTimeString | {path}/DateString | {path}"


def _document(path: str) -> str:
    """The number of a document that is referred to."""
    return f"{path}/IssuerAssignedID | {path}/ID"


def _allowances(charge: str) -> Mapping[str, Spec]:
    return {
        "amount": "ActualAmount | AppliedAmount",
        "base": "BasisAmount",
        "percent": "CalculationPercent",
        "tax_category": f"{charge}/CategoryCode",
        "tax_rate": f"{charge}/RateApplicablePercent",
        "reason": "Reason | Description",
        "reason_code": "ReasonCode",
    }


_ALLOWANCE = _allowances("CategoryTradeTax")
_CHARGE = {
    **_ALLOWANCE,
    **{
        name: f"{_ALLOWANCE[name]} | AppliedTradeTax/{step}"
        for name, step in (("tax_category", "CategoryCode"), ("tax_rate", "RateApplicablePercent"))
    },
}
PARTY: Mapping[str, Spec] = {
    "name": "Name",
    "trading_name": "SpecifiedLegalOrganization/TradingBusinessName",
    "ids": Each("GlobalID | ID", {"id": ".", "scheme": "@schemeID"}),
    "legal_id": "SpecifiedLegalOrganization/ID",
    "legal_scheme": "SpecifiedLegalOrganization/ID/@schemeID",
    "legal_form": "Description",
    "vat_id": "SpecifiedTaxRegistration/ID[@schemeID=VA]",
    "tax_number": "SpecifiedTaxRegistration/ID[@schemeID!=VA]",
    "electronic_address": "URIUniversalCommunication/URIID",
    "electronic_scheme": "URIUniversalCommunication/URIID/@schemeID",
    "street": "PostalTradeAddress/LineOne",
    "street_2": "PostalTradeAddress/LineTwo",
    "street_3": "PostalTradeAddress/LineThree",
    "postcode": "PostalTradeAddress/PostcodeCode",
    "city": "PostalTradeAddress/CityName",
    "region": "PostalTradeAddress/CountrySubDivisionName",
    "country": "PostalTradeAddress/CountryID",
    "contact_name": "DefinedTradeContact/PersonName | DefinedTradeContact/DepartmentName",
    "contact_department": "DefinedTradeContact[PersonName!=]/DepartmentName",
    "contact_phone": "DefinedTradeContact/TelephoneUniversalCommunication/CompleteNumber",
    "contact_email": "DefinedTradeContact/EmailURIUniversalCommunication/URIID",
}
_REFERENCE: Mapping[str, Spec] = {
    "id": "IssuerAssignedID | ID",
    "date": f"{_date('FormattedIssueDateTime')} | {_date('IssueDateTime')}",
    "description": "Name",
    "type_code": "TypeCode",
    "url": "URIID",
    "file": "AttachmentBinaryObject/@filename",
    "media_type": "AttachmentBinaryObject/@mimeCode",
}
_DETAILS: Mapping[str, Spec] = {
    "id": "AssociatedDocumentLineDocument/LineID",
    "note": "AssociatedDocumentLineDocument/IncludedNote/Content",
    "object_id": "SpecifiedLineTradeSettlement/AdditionalReferencedDocument[TypeCode=130]/IssuerAssignedID",
    "object_scheme": "SpecifiedLineTradeSettlement/AdditionalReferencedDocument[TypeCode=130]/ReferenceTypeCode",
    "unit": "SpecifiedLineTradeDelivery/BilledQuantity/@unitCode",
    "order_line": "SpecifiedLineTradeAgreement/BuyerOrderReferencedDocument/LineID",
    "accounting_reference": "SpecifiedLineTradeSettlement/ReceivableSpecifiedTradeAccountingAccount/ID",
    "period_start": _date("SpecifiedLineTradeSettlement/BillingSpecifiedPeriod/StartDateTime"),
    "period_end": _date("SpecifiedLineTradeSettlement/BillingSpecifiedPeriod/EndDateTime"),
    "gross_price": f"{_GROSS}/ChargeAmount",
    "price_discount": f"{_GROSS}/AppliedTradeAllowanceCharge/ActualAmount",
    "price_quantity": f"{_NET}/BasisQuantity | {_GROSS}/BasisQuantity",
    "price_unit": f"{_NET}/BasisQuantity/@unitCode | {_GROSS}/BasisQuantity/@unitCode",
    "tax_category": "SpecifiedLineTradeSettlement/ApplicableTradeTax/CategoryCode",
    "exemption_reason": "SpecifiedLineTradeSettlement/ApplicableTradeTax/ExemptionReason",
    "tax_rate": "SpecifiedLineTradeSettlement/ApplicableTradeTax/RateApplicablePercent",
    "description": "SpecifiedTradeProduct/Description",
    "seller_item_id": "SpecifiedTradeProduct/SellerAssignedID",
    "buyer_item_id": "SpecifiedTradeProduct/BuyerAssignedID",
    "standard_item_id": "SpecifiedTradeProduct/GlobalID",
    "standard_item_scheme": "SpecifiedTradeProduct/GlobalID/@schemeID",
    "origin_country": "SpecifiedTradeProduct/OriginTradeCountry/ID",
}
_ROWS: Mapping[str, Spec] = {
    "classifications": Each(
        "SpecifiedTradeProduct/DesignatedProductClassification/ClassCode",
        {"id": ".", "scheme": "@listID", "version": "@listVersionID"},
    ),
    "attributes": Each(
        "SpecifiedTradeProduct/ApplicableProductCharacteristic", {"name": "Description", "value": "Value"}
    ),
    "allowances": Each(
        "SpecifiedLineTradeSettlement/SpecifiedTradeAllowanceCharge[ChargeIndicator/Indicator=false]", _ALLOWANCE
    ),
    "charges": Each(
        "SpecifiedLineTradeSettlement/SpecifiedTradeAllowanceCharge[ChargeIndicator/Indicator=true]", _ALLOWANCE
    ),
}
VARIABLES = {
    "currency": f"{SETTLEMENT}/InvoiceCurrencyCode",
    "tax_currency": f"{SETTLEMENT}/TaxCurrencyCode",
}
INVOICE: Mapping[str, Spec] = {
    "invoice_number": f"{DOCUMENT}/ID",
    "issue_date": _date(f"{DOCUMENT}/IssueDateTime"),
    "due_date": _date(f"{TERMS}/DueDateDateTime"),
    "seller_name": f"{AGREEMENT}/SellerTradeParty/Name",
    "seller_vat_id": f"{AGREEMENT}/SellerTradeParty/SpecifiedTaxRegistration/ID[@schemeID=VA]",
    "buyer_name": f"{AGREEMENT}/BuyerTradeParty/Name",
    "buyer_vat_id": f"{AGREEMENT}/BuyerTradeParty/SpecifiedTaxRegistration/ID[@schemeID=VA]",
    "iban": f"{MEANS}/PayeePartyCreditorFinancialAccount/IBANID",
    "line_total": f"{TOTALS}/LineTotalAmount",
    "net_total": f"{TOTALS}/TaxBasisTotalAmount",
    "tax_total": f"{TOTALS}/TaxTotalAmount[@currencyID=$currency] | {TOTALS}/TaxTotalAmount",
    "grand_total": f"{TOTALS}/GrandTotalAmount",
    "prepaid": f"{TOTALS}/TotalPrepaidAmount",
    "due_amount": f"{TOTALS}/DuePayableAmount",
    "currency": f"{SETTLEMENT}/InvoiceCurrencyCode",
    "lines": Each(
        LINES,
        {
            "name": "SpecifiedTradeProduct/Name",
            "quantity": "SpecifiedLineTradeDelivery/BilledQuantity",
            "unit_price": f"{_NET}/ChargeAmount",
            "line_total": "SpecifiedLineTradeSettlement/MonetarySummation/LineTotalAmount",
            "details": Part(".", _DETAILS),
            **_ROWS,
        },
    ),
    "type_code": f"{DOCUMENT}/TypeCode",
    "order_number": _document(f"{AGREEMENT}/BuyerOrderReferencedDocument"),
    "sales_order_number": _document(f"{AGREEMENT}/SellerOrderReferencedDocument"),
    "buyer_reference": f"{AGREEMENT}/BuyerReference",
    "contract_number": _document(f"{AGREEMENT}/ContractReferencedDocument"),
    "project": f"{AGREEMENT}/SpecifiedProcuringProject/ID",
    "project_name": f"{AGREEMENT}/SpecifiedProcuringProject/Name",
    "tender": _document(f"{AGREEMENT}/AdditionalReferencedDocument[TypeCode=50]"),
    "receiving_advice": _document(f"{DELIVERY}/ReceivingAdviceReferencedDocument"),
    "despatch_advice": f"{_document(f'{DELIVERY}/DespatchAdviceReferencedDocument')}"
    f" | {_document(f'{DELIVERY}/DeliveryNoteReferencedDocument')}",
    "object_id": _document(f"{AGREEMENT}/AdditionalReferencedDocument[TypeCode=130]"),
    "object_scheme": f"{AGREEMENT}/AdditionalReferencedDocument[TypeCode=130]/ReferenceTypeCode",
    "accounting_reference": f"{SETTLEMENT}/ReceivableSpecifiedTradeAccountingAccount/ID",
    "profile": f"{CONTEXT}/GuidelineSpecifiedDocumentContextParameter/ID",
    "process": f"{CONTEXT}/BusinessProcessSpecifiedDocumentContextParameter/ID",
    "delivery_date": f"{_date(f'{DELIVERY}/ActualDeliverySupplyChainEvent/OccurrenceDateTime')}"
    f" | {_date(f'{DELIVERY}/RequestedDeliverySupplyChainEvent/OccurrenceDateTime')}",
    "period_start": _date(f"{SETTLEMENT}/BillingSpecifiedPeriod/StartDateTime"),
    "period_end": _date(f"{SETTLEMENT}/BillingSpecifiedPeriod/EndDateTime"),
    "tax_point_date": _date(f"{SETTLEMENT}/ApplicableTradeTax/TaxPointDate"),
    "tax_point_code": f"{SETTLEMENT}/ApplicableTradeTax/DueDateTypeCode",
    "tax_currency": f"{SETTLEMENT}/TaxCurrencyCode",
    "allowance_total": f"{TOTALS}/AllowanceTotalAmount",
    "charge_total": f"{TOTALS}/ChargeTotalAmount",
    "tax_total_accounted": f"{TOTALS}/TaxTotalAmount[@currencyID=$tax_currency]",
    "rounding": f"{TOTALS}/RoundingAmount",
    "payment_reference": f"{SETTLEMENT}/PaymentReference",
    "mandate": f"{TERMS}/DirectDebitMandateID",
    "creditor_id": f"{SETTLEMENT}/CreditorReferenceID",
    "payment_terms": Each(
        TERMS,
        {
            "text": "Description",
            "due_date": _date("DueDateDateTime"),
            "discount_percent": f"{_DISCOUNT}/CalculationPercent",
            "discount_days": f"{_DISCOUNT}/BasisPeriodMeasure",
            "discount_base": f"{_DISCOUNT}/BasisAmount",
            "partial_amount": "PartialPaymentAmount",
        },
    ),
    "payment_means": Each(
        MEANS,
        {
            "code": "TypeCode",
            "text": "Information",
            "account": "PayeePartyCreditorFinancialAccount/IBANID | PayeePartyCreditorFinancialAccount/ProprietaryID",
            "account_name": "PayeePartyCreditorFinancialAccount/AccountName",
            "bic": "PayeeSpecifiedCreditorFinancialInstitution/BICID"
            " | PayeeSpecifiedCreditorFinancialInstitution/GermanBankleitzahlID",
            "bank": "PayeeSpecifiedCreditorFinancialInstitution/Name",
            "card_number": "ApplicableTradeSettlementFinancialCard/ID",
            "card_holder": "ApplicableTradeSettlementFinancialCard/CardholderName",
            "debited_account": "PayerPartyDebtorFinancialAccount/IBANID"
            " | PayerPartyDebtorFinancialAccount/ProprietaryID",
        },
    ),
    "taxes": Each(
        f"{SETTLEMENT}/ApplicableTradeTax",
        {
            "category": "CategoryCode",
            "rate": "RateApplicablePercent",
            "base": "BasisAmount",
            "amount": "CalculatedAmount",
            "exemption_reason": "ExemptionReason",
            "exemption_code": "ExemptionReasonCode",
        },
    ),
    "allowances": Each(f"{SETTLEMENT}/SpecifiedTradeAllowanceCharge[ChargeIndicator/Indicator=false]", _ALLOWANCE),
    "charges": Each(
        f"{SETTLEMENT}/SpecifiedTradeAllowanceCharge[ChargeIndicator/Indicator=true]"
        f" | {SETTLEMENT}/SpecifiedLogisticsServiceCharge",
        _CHARGE,
    ),
    "notes": Each(f"{DOCUMENT}/IncludedNote", {"text": "Content", "subject": "SubjectCode"}),
    "preceding": Each(f"{SETTLEMENT}/InvoiceReferencedDocument", _REFERENCE),
    "supporting": Each(f"{AGREEMENT}/AdditionalReferencedDocument[TypeCode!=50][TypeCode!=130]", _REFERENCE),
    "seller": Part(f"{AGREEMENT}/SellerTradeParty", PARTY),
    "buyer": Part(f"{AGREEMENT}/BuyerTradeParty", PARTY),
    "payee": Part(f"{SETTLEMENT}/PayeeTradeParty", PARTY),
    "tax_representative": Part(f"{AGREEMENT}/SellerTaxRepresentativeTradeParty", PARTY),
    "delivered_to": Part(f"{DELIVERY}/ShipToTradeParty", PARTY),
    "other_parties": Each(
        f"{SETTLEMENT}/InvoiceeTradeParty | {SETTLEMENT}/InvoicerTradeParty | {SETTLEMENT}/PayerTradeParty"
        f" | {DELIVERY}/ShipFromTradeParty | {DELIVERY}/UltimateShipToTradeParty"
        f" | {AGREEMENT}/SalesAgentTradeParty | {AGREEMENT}/ProductEndUserTradeParty"
        f" | {AGREEMENT}/BuyerRequisitionerTradeParty | {AGREEMENT}/BuyerAgentTradeParty",
        {"role": "name()", **PARTY},
    ),
}
