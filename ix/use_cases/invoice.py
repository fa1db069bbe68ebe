"""`invoice`: a bill from one business to another party."""

from __future__ import annotations

from ix.use_cases import Amount, Date, Extraction, Result, checked, field, rows


class InvoiceLine(Result):
    """One position of an invoice."""

    name: str | None = field(
        "text",
        "description | details | particulars | item | article | product | service | Bezeichnung | Beschreibung | "
        "Artikelbezeichnung | Artikel | "
        "Leistung | Produkt | désignation | libellé | butiran | descripción | concepto | descrizione | omschrijving",
        description="What was delivered",
    )
    quantity: Amount | None = field(
        "number", "quantity | qty | Menge | Anzahl | quantité | qté | kuantiti | cantidad | quantità | aantal"
    )
    unit_price: Amount | None = field(
        "money",
        "unit price | price | rate | Einzelpreis | Nettopreis | Preis | E-Preis | EP | Stückpreis | prix unitaire | P.U. | "
        "PU HT | harga seunit | precio | precio unitario | prezzo | prezzo unitario | prijs | stukprijs",
    )
    line_total: Amount | None = field(
        "money",
        "line total | amount | net amount | total | total price | Gesamtpreis | Gesamt | Gesamtbetrag | Nettobetrag | Nettowert | "
        "Entgelt | Positionsbetrag | Betrag | Summe | G-Preis | GP | montant | montant HT | prix HT | total HT | "
        "jumlah | importe | importo | bedrag | totaal | net | netto | amt",
        description="Amount of the position without tax",
    )


class Invoice(Result):
    """What an invoice says: who bills whom, what for, how much, and how to pay."""

    model_config = checked(
        sums=[("grand_total", ["net_total", "tax_total"]), ("line_total", ["lines.line_total"])],
        order=[("issue_date", "due_date")],
    )

    invoice_number: str | None = field(
        "identifier",
        "invoice number | invoice no | invoice | bill no | Rechnungsnummer | Rechnungs-Nr | Rechnung Nr | Rechnung | "
        "Handelsrechnung | Rechnungskorrektur | Schlussrechnung | Beleg-Nr | Belegnummer | Gutschrift | facture n° | "
        "numéro de facture | n° de facture | facture | no. invois | número de factura | factura n° | "
        "nº factura | factura | numero fattura | fattura n | fattura | factuurnummer | factuurnr | factuur | "
        "credit note | avoir | creditnota | nota de crédito | nota di credito",
    )
    issue_date: Date | None = field(
        "date",
        "invoice date | date of issue | issue date | Rechnungsdatum | Belegdatum | date de facture | date de facturation | "
        "date d'émission | date | Datum | tarikh | fecha de emisión | fecha | data fattura | data | factuurdatum",
        description="Day the invoice was written",
    )
    due_date: Date | None = field(
        "date",
        "due date | payment due | payable by | due by | due | Fälligkeitsdatum | fällig am | zahlbar bis | zahlbar bis zum | fällig | "
        "Fälligkeit | überweisen Sie bis | date d'échéance | échéance | à payer avant le | tarikh akhir | "
        "fecha de vencimiento | vencimiento | data scadenza | scadenza | vervaldatum | uiterste betaaldatum",
        description="Last day to pay",
    )
    seller_name: str | None = field(
        "organisation",
        "seller | supplier | vendor | from | Verkäufer | Lieferant | Rechnungssteller | vendeur | fournisseur | émetteur | "
        "emisor | proveedor | fornitore | cedente | leverancier",
    )
    seller_vat_id: str | None = field(
        "vat_id",
        "VAT ID | VAT no | VAT registration | USt-IdNr | USt-ID | Umsatzsteuer-ID | UID | MWST-Nr | TVA intracommunautaire | "
        "n° TVA | TVA | GST no | NIF | CIF | P.IVA | partita IVA | BTW-nummer",
        description="VAT number of the seller, without spaces",
    )
    buyer_name: str | None = field(
        "organisation",
        "buyer | customer | bill to | billed to | billing address | invoice to | sold to | Käufer | Kunde | "
        "Rechnungsempfänger | Rechnung an | "
        "Rechnungsadresse | Rechnungsanschrift | Auftraggeber | acheteur | client | facturé à | adresse de facturation | cliente | "
        "à l'attention de | facturar a | destinatario | cessionario | klant | factuur aan | aan | to",
    )
    buyer_vat_id: str | None = field(
        "vat_id",
        "customer VAT ID | buyer VAT ID | your VAT ID | Ihre USt-IdNr | USt-ID Kunde | TVA client | votre n° TVA",
        description="VAT number of the buyer, without spaces",
    )
    iban: str | None = field("iban", "IBAN", description="Account to pay to, without spaces")
    line_total: Amount | None = field(
        "money",
        "sum of lines | total of positions | Summe Positionen | Summe der Positionen | Warenwert | Positionssumme | "
        "Gesamtpositionen | total des lignes | total lignes",
        description="Sum of the positions before allowances and charges, without tax",
    )
    net_total: Amount | None = field(
        "money",
        "net total | total net | subtotal | sub total | total excl tax | taxable amount | net amount | Nettobetrag | "
        "Gesamt netto | Summe netto | Nettosumme | Netto | Zwischensumme | Rechnungsbetrag netto | Gesamtsumme netto | "
        "Steuerbasis | total HT | montant HT | total hors taxe | sous-total | base imponible | subtotal | imponibile | "
        "totale imponibile | subtotaal | totaal excl. BTW",
        description="Amount without tax",
    )
    tax_total: Amount | None = field(
        "money",
        "total tax | tax total | VAT | tax | VAT amount | GST | sales tax | MwSt | Mehrwertsteuer | Umsatzsteuer | USt | "
        "Steuerbetrag | zzgl. MwSt | Gesamt Steuer | Steuer | total TVA | montant TVA | TVA | IVA | imposta | totale IVA | BTW",
        description="Tax",
    )
    grand_total: Amount | None = field(
        "money",
        "grand total | total incl tax | invoice total | total amount | total | gross total | Gesamtbetrag | Rechnungsbetrag | "
        "Bruttobetrag | Gesamt brutto | Bruttosumme | Rechnungssumme | Endbetrag | Gesamtsumme | Summe brutto | Brutto | Gesamt | "
        "Summe | total TTC | montant TTC | montant total | jumlah | total factura | importe total | totale fattura | "
        "totale documento | totale | "
        "totaal | totaal incl. BTW",
        description="Amount with tax",
    )
    prepaid: Amount | None = field(
        "money",
        "prepaid | amount paid | deposit | already paid | less paid | Anzahlung | bereits gezahlt | abzgl. Anzahlung | "
        "Vorauszahlung | gezahlter Betrag | acompte | acompte versé | déjà payé | montant payé | anticipo | pagado | "
        "acconto | aanbetaling | reeds betaald",
        description="Amount already paid",
    )
    due_amount: Amount | None = field(
        "money",
        "amount due | balance due | payable amount | total due | zu zahlen | zahlbetrag | zahlbarer Betrag | fälliger Betrag | "
        "offener Betrag | noch zu zahlen | Restbetrag | net à payer | montant dû | reste à payer | solde dû | "
        "total a pagar | totale da pagare | netto a pagare | te betalen",
        description="Amount still to pay",
    )
    currency: str | None = field(
        "currency",
        "currency | Währung | Rechnungswährung | invoice currency | devise | moneda | valuta",
        description="ISO 4217 code",
    )
    lines: list[InvoiceLine] = rows(description="Positions, in the order printed")


USE_CASE = Extraction(
    "invoice",
    Invoice,
    "Reads an invoice: number, dates, seller, buyer, VAT numbers, IBAN, totals and lines",
    "The document is an invoice. The seller writes the invoice and gets the money, the buyer pays. Write dates as YYYY-MM-DD, amounts as "
    "plain numbers with a point, IBAN and VAT numbers without spaces. line_total is the sum of the lines before allowances and charges.",
)
