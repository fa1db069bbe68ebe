"""`invoice`: a bill from one business to another party."""

from __future__ import annotations

from ix.languages import labels, titles
from ix.use_cases import Amount, Date, Extraction, Result, _einvoice, checked, field, rows
from ix.use_cases._einvoice import given, given_part, given_rows

NAME = "invoice"


class InvoiceLine(Result):
    """One position of an invoice."""

    name: str | None = field("text", labels(NAME, "lines.name"), description="What was delivered")
    quantity: Amount | None = field("number", labels(NAME, "lines.quantity"))
    unit_price: Amount | None = field("money", labels(NAME, "lines.unit_price"))
    line_total: Amount | None = field(
        "money", labels(NAME, "lines.line_total"), description="Amount of the position without tax"
    )
    details: _einvoice.LineDetails | None = given_part("What an electronic invoice says beside that")
    classifications: list[_einvoice.Identifier] = given_rows("Codes of what kind of thing it is (BT-158)")
    attributes: list[_einvoice.Attribute] = given_rows("Properties (BG-32)")
    allowances: list[_einvoice.Allowance] = given_rows("Deductions from the position (BG-27)")
    charges: list[_einvoice.Allowance] = given_rows("Additions to the position (BG-28)")
    sub_lines: list[_einvoice.SubLine] = given_rows("Positions within the position, at any depth")


class Invoice(Result):
    """What an invoice says: who bills whom, what for, how much, and how to pay."""

    model_config = checked(
        sums=[("grand_total", ["net_total", "tax_total"]), ("line_total", ["lines.line_total"])],
        order=[("issue_date", "due_date")],
        einvoice=True,
        headline=["seller_name", "grand_total"],
    )

    invoice_number: str | None = field("identifier", labels(NAME, "invoice_number"), expected=True)
    issue_date: Date | None = field(
        "date", labels(NAME, "issue_date"), description="Day the invoice was written", expected=True
    )
    due_date: Date | None = field("date", labels(NAME, "due_date"), description="Last day to pay")
    seller_name: str | None = field("organisation", labels(NAME, "seller_name"), expected=True)
    seller_vat_id: str | None = field(
        "vat_id", labels(NAME, "seller_vat_id"), description="VAT number of the seller, without spaces"
    )
    buyer_name: str | None = field("organisation", labels(NAME, "buyer_name"))
    buyer_vat_id: str | None = field(
        "vat_id", labels(NAME, "buyer_vat_id"), description="VAT number of the buyer, without spaces"
    )
    iban: str | None = field("iban", labels(NAME, "iban"), description="Account to pay to, without spaces")
    line_total: Amount | None = field(
        "money",
        labels(NAME, "line_total"),
        description="Sum of the positions before allowances and charges, without tax",
    )
    net_total: Amount | None = field("money", labels(NAME, "net_total"), description="Amount without tax")
    tax_total: Amount | None = field("money", labels(NAME, "tax_total"), description="Tax")
    grand_total: Amount | None = field(
        "money", labels(NAME, "grand_total"), description="Amount with tax", expected=True
    )
    prepaid: Amount | None = field("money", labels(NAME, "prepaid"), description="Amount already paid")
    due_amount: Amount | None = field("money", labels(NAME, "due_amount"), description="Amount still to pay")
    currency: str | None = field("currency", labels(NAME, "currency"), description="ISO 4217 code", expected=True)
    lines: list[InvoiceLine] = rows(description="Positions, in the order printed")
    type_code: str | None = given("identifier", "Code of the kind of invoice (BT-3, UNTDID 1001): 381 is a credit note")
    order_number: str | None = field(
        "identifier", labels(NAME, "order_number"), description="The buyer's order (BT-13)"
    )
    sales_order_number: str | None = field(
        "identifier", labels(NAME, "sales_order_number"), description="The seller's number of the order (BT-14)"
    )
    buyer_reference: str | None = field(
        "identifier",
        labels(NAME, "buyer_reference"),
        description="What the buyer assigns it by, such as a Leitweg-ID (BT-10)",
    )
    contract_number: str | None = field("identifier", labels(NAME, "contract_number"), description="Contract (BT-12)")
    project: str | None = given("identifier", "Project (BT-11)")
    project_name: str | None = given("text", "Name of the project")
    tender: str | None = given("identifier", "Call for tenders, or lot (BT-17)")
    receiving_advice: str | None = given("identifier", "The buyer's advice of what was received (BT-15)")
    despatch_advice: str | None = field(
        "identifier",
        labels(NAME, "despatch_advice"),
        description="The seller's advice of what was sent, or delivery note (BT-16)",
    )
    object_id: str | None = given("identifier", "What is billed: a meter, a subscription (BT-18)")
    object_scheme: str | None = given("identifier", "Code of that number's scheme (BT-18-1, UNTDID 1153)")
    accounting_reference: str | None = given("identifier", "Where the buyer books it (BT-19)")
    profile: str | None = given("identifier", "Specification that the XML keeps to (BT-24)")
    process: str | None = given("identifier", "Business process (BT-23)")
    delivery_date: Date | None = field("date", labels(NAME, "delivery_date"), description="Day of the delivery (BT-72)")
    period_start: Date | None = given("date", "First day of the period (BT-73)")
    period_end: Date | None = given("date", "Last day of the period (BT-74)")
    tax_point_date: Date | None = given("date", "Day from which tax is due (BT-7)")
    tax_point_code: str | None = given("identifier", "Code of what decides that day (BT-8)")
    tax_currency: str | None = given("currency", "Currency in which tax is accounted (BT-6)")
    allowance_total: Amount | None = given("money", "Sum of the deductions (BT-107)")
    charge_total: Amount | None = given("money", "Sum of the additions (BT-108)")
    tax_total_accounted: Amount | None = given("money", "Tax in the currency in which it is accounted (BT-111)")
    rounding: Amount | None = given("money", "Rounding of the amount due (BT-114)")
    payment_reference: str | None = given("identifier", "What to write on the payment (BT-83)")
    mandate: str | None = given("identifier", "Mandate to debit (BT-89)")
    creditor_id: str | None = given("identifier", "Creditor's identifier for direct debits (BT-90)")
    payment_terms: list[_einvoice.PaymentTerm] = rows(
        description="When to pay, and what is deducted for paying early (BT-20)"
    )
    payment_means: list[_einvoice.PaymentMeans] = given_rows("How to pay (BG-16)")
    taxes: list[_einvoice.Tax] = rows(description="Tax by category and rate (BG-23)")
    allowances: list[_einvoice.Allowance] = given_rows("Deductions from the whole (BG-20)")
    charges: list[_einvoice.Allowance] = given_rows("Additions to the whole (BG-21)")
    prepayments: list[_einvoice.Prepayment] = given_rows("Payments of third parties")
    notes: list[_einvoice.Note] = given_rows("Notes (BG-1)")
    preceding: list[_einvoice.Reference] = given_rows("Invoices that this one corrects or completes (BG-3)")
    supporting: list[_einvoice.Reference] = given_rows("Documents that support it (BG-24)")
    seller: _einvoice.Party | None = given_part("The seller (BG-4)")
    buyer: _einvoice.Party | None = given_part("The buyer (BG-7)")
    payee: _einvoice.Party | None = given_part("Who gets the money, if not the seller (BG-10)")
    tax_representative: _einvoice.Party | None = given_part(
        "Who stands in for the seller before the tax office (BG-11)"
    )
    delivered_to: _einvoice.Party | None = given_part("Where it was delivered to (BG-13)")
    other_parties: list[_einvoice.Party] = given_rows("Whoever else has a part in it")
    other_values: list[_einvoice.OtherValue] = given_rows("What the XML says and no other field holds")


USE_CASE = Extraction(
    NAME,
    Invoice,
    "Reads an invoice: number, dates, seller, buyer, VAT numbers, IBAN, totals and lines",
    "The document is an invoice. The seller writes the invoice and gets the money, the buyer pays. Write dates as "
    "YYYY-MM-DD, amounts as plain numbers with a point, IBAN and VAT numbers without spaces. line_total is the sum of "
    "the lines before allowances and charges.",
    titles(NAME),
)
