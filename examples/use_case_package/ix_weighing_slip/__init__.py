"""`weighing_slip`: what was weighed, when, and how much it weighs."""

from __future__ import annotations

from ix.use_cases import Amount, Date, Extraction, Result, checked, field, rows


class Line(Result):
    """One position."""

    article: str | None = field("text", "article | item | description | Artikel")
    quantity: Amount | None = field("number", "quantity | qty | Menge")
    weight: Amount | None = field("number", "weight | kg | Gewicht")


class WeighingSlip(Result):
    """What a weighing slip says. The labels are words that stand beside the value on the page, most telling first."""

    # a warning `sum_mismatch` where the column does not add up to the total
    model_config = checked(sums=[("total_weight", ["lines.weight"])])

    number: str | None = field("identifier", "weighing slip no | note no | Wiegeschein-Nr", description="Its number")
    delivered_on: Date | None = field("date", "delivered on | date | Lieferdatum", description="Day of the delivery")
    supplier: str | None = field("organisation", "supplier | Lieferant", description="Who delivered")
    total_weight: Amount | None = field("number", "total weight | Gesamtgewicht", description="Weight of all, kg")
    lines: list[Line] = rows(description="What was delivered, in the order printed")


USE_CASE = Extraction(
    "weighing_slip",
    WeighingSlip,
    "Reads a weighing slip: number, day, supplier, weight and lines",
    "The document is a weighing slip. Weights are in kilograms.",
)
