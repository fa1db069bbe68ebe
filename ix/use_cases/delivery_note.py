"""`delivery_note`: what was delivered, when, to whom, and on which order."""

from __future__ import annotations

from ix.languages import labels, titles
from ix.use_cases import Amount, Date, Extraction, Result, checked, field, rows

NAME, INVOICE = "delivery_note", "invoice"


class DeliveredLine(Result):
    """One position of a delivery."""

    article_number: str | None = field("identifier", labels(NAME, "lines.article_number"))
    name: str | None = field("text", labels(INVOICE, "lines.name"), description="What was delivered")
    quantity: Amount | None = field("number", labels(INVOICE, "lines.quantity"))


class DeliveryNote(Result):
    """What a delivery note says."""

    model_config = checked(headline=["supplier_name", "delivery_note_number"])

    delivery_note_number: str | None = field("identifier", labels(NAME, "delivery_note_number"), expected=True)
    delivery_date: Date | None = field(
        "date", labels(NAME, "delivery_date"), description="Day of delivery or despatch", expected=True
    )
    order_number: str | None = field("identifier", labels(NAME, "order_number"), description="The buyer's order")
    supplier_name: str | None = field(
        "organisation", labels(NAME, "supplier_name"), description="Who delivers: whose paper it is", expected=True
    )
    recipient_name: str | None = field("organisation", labels(NAME, "recipient_name"), description="Who gets the goods")
    total_weight: Amount | None = field("number", labels(NAME, "total_weight"), description="In kilograms")
    lines: list[DeliveredLine] = rows(description="Positions, in the order printed", expected=True)


USE_CASE = Extraction(
    NAME,
    DeliveryNote,
    "Reads a delivery note: number, date, order, supplier, recipient, weight and lines",
    "The document is a delivery note. The supplier writes it and delivers, the recipient gets the goods. It has "
    "quantities and usually no prices. Write dates as YYYY-MM-DD, numbers with a point.",
    titles(NAME),
)
