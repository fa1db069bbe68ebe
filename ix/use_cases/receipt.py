"""`receipt`: a till receipt or cash bill."""

from __future__ import annotations

from ix.use_cases import Amount, Date, Extraction, Result, checked, field, rows


class Item(Result):
    """One row of a receipt: what was bought, and for how much."""

    description: str | None = field(
        "text",
        "description | item | product | Artikel | Bezeichnung | désignation | article | butiran | barang | "
        "descripción | descrizione | omschrijving",
    )
    quantity: Amount | None = field(
        "number",
        "qty | quantity | Menge | Anzahl | Stk | quantité | qté | kuantiti | cantidad | cant | quantità | aantal",
    )
    amount: Amount | None = field(
        "money",
        "amount | amt | total | price | Betrag | Preis | montant | prix | jumlah | harga | importe | importo | bedrag | totaal",
    )


class Receipt(Result):
    """What a receipt says: who sold, when, where, and for how much."""

    model_config = checked()

    company: str | None = field(
        "organisation", description="Name of the business as printed at the top, with its legal form"
    )
    date: Date | None = field(
        "date",
        "date | invoice date | bill date | Datum | Rechnungsdatum | Belegdatum | tarikh | fecha | data",
        description="Day of the sale",
    )
    address: str | None = field(
        "address", "address | Adresse | alamat", description="Full postal address of the business, on one line"
    )
    total: Amount | None = field(
        "money",
        "total | grand total | total amount | total payable | amount due | net total | rounded total | total sales | nett total | "
        "total due | total incl tax | Summe | Gesamtbetrag | zu zahlen | Gesamtsumme | Betrag | total TTC | net à payer | "
        "montant dû | total à payer | jumlah | jumlah besar | total a pagar | importe total | totale | "
        "totale complessivo | totaal | te betalen",
        description="Amount to pay, tax included, after rounding",
    )
    currency: str | None = field("currency", "currency | Währung | devise", description="ISO 4217 code")
    tax: Amount | None = field(
        "money",
        "tax | total tax | total GST | GST amount | GST | VAT | SST | service tax | sales tax | MwSt | USt | "
        "Mehrwertsteuer | TVA | cukai | IVA | "
        "BTW",
        description="Tax contained in the total",
    )
    items: list[Item] = rows(description="Things bought, in the order printed")


USE_CASE = Extraction(
    "receipt",
    Receipt,
    "Reads a till receipt: company, date, address, total, currency, tax and items",
    "The document is a till receipt or cash bill. The company is the business that sold, with its legal form as printed. "
    "The total is what "
    "had to be paid, after rounding, not the cash given and not the change. Numeric dates usually put the day first.",
)
