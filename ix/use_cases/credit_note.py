"""`credit_note`: what a seller gives back, and of which invoice."""

from __future__ import annotations

from ix.languages import labels, merged
from ix.use_cases import Amount, Date, Extraction, Result, checked, field, rows

NAME, INVOICE = "credit_note", "invoice"


def _labels(path: str) -> str:
    """What stands beside a field of a credit note, and beside the same one of an invoice."""
    return " | ".join(filter(None, (labels(NAME, path), labels(INVOICE, path))))


class CreditLine(Result):
    """One position of a credit note."""

    name: str | None = field("text", labels(INVOICE, "lines.name"), description="What is credited")
    quantity: Amount | None = field("number", labels(INVOICE, "lines.quantity"))
    unit_price: Amount | None = field("money", labels(INVOICE, "lines.unit_price"))
    line_total: Amount | None = field("money", labels(INVOICE, "lines.line_total"), description="Without tax")


class CreditNote(Result):
    """What a credit note says. Amounts have the signs that are printed."""

    model_config = checked(sums=[("grand_total", ["net_total", "tax_total"])], headline=["seller_name", "grand_total"])

    credit_note_number: str | None = field("identifier", labels(NAME, "credit_note_number"), expected=True)
    issue_date: Date | None = field(
        "date", labels(INVOICE, "issue_date"), description="Day it was written", expected=True
    )
    original_invoice_number: str | None = field(
        "identifier", labels(NAME, "original_invoice_number"), description="The invoice that it corrects"
    )
    reason: str | None = field("text", labels(NAME, "reason"), description="Why, where it says so")
    seller_name: str | None = field("organisation", labels(INVOICE, "seller_name"), expected=True)
    seller_vat_id: str | None = field(
        "vat_id", labels(INVOICE, "seller_vat_id"), description="VAT number of the seller, without spaces"
    )
    buyer_name: str | None = field("organisation", labels(INVOICE, "buyer_name"), description="Who gets the credit")
    net_total: Amount | None = field("money", labels(INVOICE, "net_total"), description="Amount without tax")
    tax_total: Amount | None = field("money", labels(INVOICE, "tax_total"), description="Tax")
    grand_total: Amount | None = field("money", _labels("grand_total"), description="Amount with tax", expected=True)
    currency: str | None = field("currency", labels(INVOICE, "currency"), description="ISO 4217 code")
    lines: list[CreditLine] = rows(description="Positions, in the order printed")


USE_CASE = Extraction(
    NAME,
    CreditNote,
    "Reads a credit note: number, date, the invoice that it corrects, parties, totals and lines",
    "The document is a credit note. The seller writes it and gives money back to the buyer. Keep the signs of amounts "
    "as they are printed. Write dates as YYYY-MM-DD, amounts as plain numbers with a point.",
    merged().credit_notes,
)
