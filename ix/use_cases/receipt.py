"""`receipt`: a till receipt or cash bill."""

from __future__ import annotations

from ix.languages import labels, titles
from ix.use_cases import Amount, Date, Extraction, Result, checked, field, rows

NAME = "receipt"


class Item(Result):
    """One row of a receipt: what was bought, and for how much."""

    description: str | None = field("text", labels(NAME, "items.description"))
    quantity: Amount | None = field("number", labels(NAME, "items.quantity"))
    amount: Amount | None = field("money", labels(NAME, "items.amount"))


class Receipt(Result):
    """What a receipt says: who sold, when, where, and for how much."""

    model_config = checked(headline=["company", "total"])

    company: str | None = field(
        "organisation", description="Name of the business as printed at the top, with its legal form", expected=True
    )
    date: Date | None = field("date", labels(NAME, "date"), description="Day of the sale", expected=True)
    address: str | None = field(
        "address", labels(NAME, "address"), description="Full postal address of the business, on one line"
    )
    total: Amount | None = field(
        "money", labels(NAME, "total"), description="Amount to pay, tax included, after rounding", expected=True
    )
    currency: str | None = field("currency", labels(NAME, "currency"), description="ISO 4217 code")
    tax: Amount | None = field("money", labels(NAME, "tax"), description="Tax contained in the total")
    items: list[Item] = rows(description="Things bought, in the order printed")


USE_CASE = Extraction(
    NAME,
    Receipt,
    "Reads a till receipt: company, date, address, total, currency, tax and items",
    "The document is a till receipt or cash bill. The company is the business that sold, with its legal form as "
    "printed. The total is what had to be paid, after rounding, not the cash given and not the change. Numeric dates "
    "usually put the day first.",
    titles(NAME),
    on_rolls=True,
)
