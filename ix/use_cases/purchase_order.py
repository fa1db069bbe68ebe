"""`purchase_order`: what a buyer orders of a supplier, for when, and at which price."""

from __future__ import annotations

from ix.languages import labels, titles
from ix.use_cases import Amount, Date, Extraction, Result, checked, field, rows

NAME, INVOICE = "purchase_order", "invoice"


class OrderLine(Result):
    """One position of an order."""

    name: str | None = field("text", labels(INVOICE, "lines.name"), description="What is ordered")
    quantity: Amount | None = field("number", labels(INVOICE, "lines.quantity"))
    unit_price: Amount | None = field("money", labels(INVOICE, "lines.unit_price"))
    line_total: Amount | None = field("money", labels(INVOICE, "lines.line_total"), description="Without tax")


class PurchaseOrder(Result):
    """What an order says: who orders what of whom, and for when."""

    model_config = checked(
        sums=[("grand_total", ["net_total", "tax_total"])],
        order=[("order_date", "delivery_date")],
        headline=["buyer_name", "order_number"],
    )

    order_number: str | None = field("identifier", labels(NAME, "order_number"), expected=True)
    order_date: Date | None = field("date", labels(NAME, "order_date"), description="Day it was written", expected=True)
    delivery_date: Date | None = field(
        "date", labels(NAME, "delivery_date"), description="Day for which delivery is wanted"
    )
    supplier_name: str | None = field(
        "organisation",
        labels(NAME, "supplier_name"),
        description="Who is to deliver: the order is addressed to it",
        side="counterpart",
    )
    buyer_name: str | None = field(
        "organisation",
        labels(NAME, "buyer_name"),
        description="Who orders: whose paper it is",
        expected=True,
        side="issuer",
    )
    delivery_address: str | None = field(
        "address", labels(NAME, "delivery_address"), description="Where to deliver, on one line", side="counterpart"
    )
    net_total: Amount | None = field("money", labels(INVOICE, "net_total"), description="Amount without tax")
    tax_total: Amount | None = field("money", labels(INVOICE, "tax_total"), description="Tax")
    grand_total: Amount | None = field("money", labels(INVOICE, "grand_total"), description="Amount with tax")
    currency: str | None = field("currency", labels(INVOICE, "currency"), description="ISO 4217 code")
    lines: list[OrderLine] = rows(description="Positions, in the order printed", expected=True)


USE_CASE = Extraction(
    NAME,
    PurchaseOrder,
    "Reads a purchase order: number, dates, buyer, supplier, where to deliver, totals and lines",
    "The document is a purchase order. The buyer writes it and will pay, the supplier is addressed in it and delivers. "
    "Write dates as YYYY-MM-DD, amounts as plain numbers with a point.",
    titles(NAME),
)
