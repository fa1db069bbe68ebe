"""`invoice`: a bill from one business to another party."""

from __future__ import annotations

from ix.languages import labels
from ix.use_cases import Amount, Date, Extraction, Result, checked, field, rows

NAME = "invoice"


class InvoiceLine(Result):
    """One position of an invoice."""

    name: str | None = field("text", labels(NAME, "lines.name"), description="What was delivered")
    quantity: Amount | None = field("number", labels(NAME, "lines.quantity"))
    unit_price: Amount | None = field("money", labels(NAME, "lines.unit_price"))
    line_total: Amount | None = field(
        "money", labels(NAME, "lines.line_total"), description="Amount of the position without tax"
    )


class Invoice(Result):
    """What an invoice says: who bills whom, what for, how much, and how to pay."""

    model_config = checked(
        sums=[("grand_total", ["net_total", "tax_total"]), ("line_total", ["lines.line_total"])],
        order=[("issue_date", "due_date")],
    )

    invoice_number: str | None = field("identifier", labels(NAME, "invoice_number"))
    issue_date: Date | None = field("date", labels(NAME, "issue_date"), description="Day the invoice was written")
    due_date: Date | None = field("date", labels(NAME, "due_date"), description="Last day to pay")
    seller_name: str | None = field("organisation", labels(NAME, "seller_name"))
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
    grand_total: Amount | None = field("money", labels(NAME, "grand_total"), description="Amount with tax")
    prepaid: Amount | None = field("money", labels(NAME, "prepaid"), description="Amount already paid")
    due_amount: Amount | None = field("money", labels(NAME, "due_amount"), description="Amount still to pay")
    currency: str | None = field("currency", labels(NAME, "currency"), description="ISO 4217 code")
    lines: list[InvoiceLine] = rows(description="Positions, in the order printed")


USE_CASE = Extraction(
    NAME,
    Invoice,
    "Reads an invoice: number, dates, seller, buyer, VAT numbers, IBAN, totals and lines",
    "The document is an invoice. The seller writes the invoice and gets the money, the buyer pays. Write dates as "
    "YYYY-MM-DD, amounts as plain numbers with a point, IBAN and VAT numbers without spaces. line_total is the sum of "
    "the lines before allowances and charges.",
)
