"""How countries write letters: the words that made-up letterheads are put together of."""

from __future__ import annotations

from typing import NamedTuple


class Country(NamedTuple):
    """How one country writes letters. In addresses, N stands for a house number, C for a city, and each 9 of a postcode
    for a digit, each A for a letter."""

    forms: tuple[str, ...]
    streets: tuple[str, ...]
    city: str
    cities: tuple[str, ...]
    country: str
    title: tuple[str, ...]
    buyer: tuple[str, ...]
    seller: tuple[str, ...]
    ship: tuple[str, ...]
    number: str
    date: str
    tax: str
    register: str
    holder: str
    greeting: tuple[str, ...]
    columns: tuple[str, str, str]
    total: str
    keys: tuple[str, ...]
    """What announces a name and an address in a form; then what other facts are called that are words."""


COUNTRIES = (
    Country(
        ("GmbH", "GmbH & Co. KG", "AG", "e.K.", "UG", ""), ("Lindenstraße N", "Am Markt N", "Gartenweg N"), "99999 C",
        ("Bremen", "Ulm", "Bad Tölz", "Halle (Saale)"), "Deutschland", ("Rechnung", "RECHNUNG", "Rechnung Nr. 4711"),
        ("Rechnung an:", "Kunde:", "Rechnungsempfänger", "Rechnungsadresse"), ("Lieferant", "Verkäufer:"),
        ("Lieferadresse", "Lieferanschrift:"), "Rechnungsnummer", "Rechnungsdatum", "USt-IdNr. DE999999999",
        "Amtsgericht C HRB 99999", "Kontoinhaber", ("Herr", "Frau", "Firma", "Herrn"),
        ("Bezeichnung", "Menge", "Betrag"), "Gesamtbetrag",
        ("Name:", "Anschrift:", "Projekt", "Zahlungsart", "Ansprechpartner", "Weitere Angaben"),
    ),
    Country(
        ("Inc.", "LLC", "Corp.", "Co.", ""), ("N Oak Street", "N W Maple Ave, Suite N", "N Harbor Blvd"), "C, AA 99999",
        ("Portland", "Boulder", "Austin", "Santa Rosa"), "United States", ("INVOICE", "Invoice", "Statement"),
        ("Bill To:", "BILL TO", "Billed To", "Customer:", "Sold To", "Billing Address"), ("From:", "Seller", "Vendor:"),
        ("Ship To:", "SHIP TO", "Delivery Address"), "Invoice #", "Invoice Date", "EIN 99-9999999",
        "A registered company", "Account Name", (), ("Description", "Qty", "Amount"), "Total",
        ("Name:", "Address:", "Project", "Terms", "Sales Rep", "Status"),
    ),
    Country(
        ("Ltd", "Limited", "plc", "LLP", ""), ("N Mill Lane", "Unit N, Quay Road", "N High Street"), "C AA9 9AA",
        ("Leeds", "Bristol", "Lewes", "York"), "United Kingdom", ("INVOICE", "Tax Invoice"),
        ("Invoice To:", "Bill To", "Customer", "To:", "Client:"), ("From", "Supplier:"), ("Deliver To:", "Ship To"),
        "Invoice No", "Date", "VAT No GB999999999", "Registered in England No 99999999", "Account Name", ("Mr", "Ms"),
        ("Description", "Quantity", "Amount"), "Total due",
        ("Name:", "Address:", "Job", "Payment method", "Contact", "Your Ref"),
    ),
    Country(
        ("SARL", "SAS", "S.A.", "EURL", ""), ("N rue de la Gare", "N, avenue Foch", "N place du Marché"), "99999 C",
        ("Lyon", "Nantes", "Albi", "BORDEAUX CEDEX 9"), "France", ("FACTURE", "Facture n° 21"),
        ("Client :", "Facturé à :", "Adresse de facturation", "Client"), ("Émetteur", "Vendeur :"),
        ("Adresse de livraison",), "Facture n°", "Date", "N° TVA FR99999999999", "RCS C 999 999 999 au capital de 99 €",
        "Titulaire du compte", ("M.", "Mme", "Monsieur"), ("Désignation", "Qté", "Montant HT"), "Total TTC",
        ("Nom :", "Adresse :", "Objet", "Mode de règlement", "Contact", "Statut"),
    ),
    Country(
        ("B.V.", "N.V.", "VOF", ""), ("Dorpsstraat N", "Kerkplein N", "Havenkade N"), "9999 AA C",
        ("Utrecht", "Zwolle", "Delft"), "Nederland", ("FACTUUR", "Factuur"),
        ("Factuur aan:", "Klant:", "Factuuradres", "Aan:"), ("Leverancier",), ("Afleveradres", "Bezorgadres"),
        "Factuurnummer", "Factuurdatum", "BTW NL999999999B01", "KvK C 99999999", "Rekeninghouder",
        ("Dhr.", "Mevr."), ("Omschrijving", "Aantal", "Bedrag"), "Totaal",
        ("Naam:", "Adres:", "Project", "Betaalwijze", "Contactpersoon", "Betreft"),
    ),
    Country(
        ("S.r.l.", "S.p.A.", "S.n.c.", ""), ("Via Roma N", "Corso Dante N", "Piazza Mazzini N"), "99999 C (AA)",
        ("Torino", "Siena", "Parma"), "Italia", ("FATTURA", "Fattura"), ("Cliente:", "Spett.le", "Destinatario"),
        ("Fornitore", "Cedente"), ("Luogo di consegna",), "Fattura n.", "Data", "P.IVA IT99999999999", "REA AA-999999",
        "Intestatario", ("Sig.", "Spett.le"), ("Descrizione", "Quantità", "Importo"), "Totale",
        ("Nome:", "Indirizzo:", "Oggetto", "Pagamento", "Referente", "Causale"),
    ),
    Country(
        ("S.L.", "S.A.", "S.L.U.", ""), ("Calle Mayor N", "Avda. del Puerto N", "Paseo de Gracia, N"), "99999 C",
        ("Sevilla", "Vigo", "Girona"), "España", ("FACTURA", "Factura"), ("Cliente:", "Facturar a:"),
        ("Emisor", "Proveedor:"), ("Dirección de entrega",), "Factura nº", "Fecha", "CIF B99999999",
        "Registro Mercantil de C", "Titular", ("D.", "Sra."), ("Concepto", "Cantidad", "Importe"), "Total",
        ("Nombre:", "Domicilio:", "Asunto", "Forma de pago", "Contacto", "Estado"),
    ),
    Country(
        ("Pvt. Ltd.", "Private Limited", "LLP", ""), ("N MG Road", "Plot N, Sector N", "N/9, Park Lane"), "C - 999999",
        ("Pune", "Kochi", "New Delhi"), "India", ("TAX INVOICE", "Invoice"),
        ("Billing Address:", "Bill To:", "Buyer", "Customer Name:"), ("Sold By:", "Seller:"), ("Shipping Address:",),
        "Invoice No", "Invoice Date", "GSTIN 99AAAAA9999A9A9", "CIN U99999AA9999PTC999999", "Account Name",
        ("M/s", "Mr."), ("Item", "Qty", "Total"), "Grand Total",
        ("Name:", "Address:", "Place of Supply", "Mode", "Sales Person", "Remarks"),
    ),
)  # fmt: skip
