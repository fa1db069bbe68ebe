"""Invoices that were received as bookings: a "Buchungsstapel" of DATEV's format EXTF, version 700, category 21, format
version 13 (DATEV developer portal, "DATEV-Format: Buchungsstapel"): Windows-1252, semicolons, two lines of titles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from ix.cli.bookkeeping.amounts import CREDIT_NOTES, amount, plain, shares

_PAIRS = [f"Zusatzinformation{gap} {what} {n}" for n in range(1, 21) for gap, what in ((" -", "Art"), ("-", "Inhalt"))]
_PROOFS = [f"Beleginfo - {what} {n}" for n in range(1, 9) for what in ("Art", "Inhalt")]
COLUMNS = [
    "Umsatz (ohne Soll/Haben-Kz)", "Soll/Haben-Kennzeichen", "WKZ Umsatz", "Kurs", "Basis-Umsatz", "WKZ Basis-Umsatz",
    "Konto", "Gegenkonto (ohne BU-Schlüssel)", "BU-Schlüssel", "Belegdatum", "Belegfeld 1", "Belegfeld 2", "Skonto",
    "Buchungstext", "Postensperre", "Diverse Adressnummer", "Geschäftspartnerbank", "Sachverhalt", "Zinssperre",
    "Beleglink", *_PROOFS, "KOST1 - Kostenstelle", "KOST2 - Kostenstelle", "Kost-Menge",
    "EU-Land u. UStID (Bestimmung)", "EU-Steuersatz (Bestimmung)", "Abw. Versteuerungsart", "Sachverhalt L+L",
    "Funktionsergänzung L+L", "BU 49 Hauptfunktionstyp", "BU 49 Hauptfunktionsnummer", "BU 49 Funktionsergänzung",
    *_PAIRS, "Stück", "Gewicht", "Zahlweise", "Forderungsart", "Veranlagungsjahr", "Zugeordnete Fälligkeit",
    "Skontotyp", "Auftragsnummer", "Buchungstyp", "USt-Schlüssel (Anzahlungen)", "EU-Land (Anzahlungen)",
    "Sachverhalt L+L (Anzahlungen)", "EU-Steuersatz (Anzahlungen)", "Erlöskonto (Anzahlungen)", "Herkunft-Kz",
    "Buchungs GUID", "KOST-Datum", "SEPA-Mandatsreferenz", "Skontosperre", "Gesellschaftername", "Beteiligtennummer",
    "Identifikationsnummer", "Zeichnernummer", "Postensperre bis", "Bezeichnung SoBil-Sachverhalt",
    "Kennzeichen SoBil-Buchung", "Festschreibung", "Leistungsdatum", "Datum Zuord. Steuerperiode", "Fälligkeit",
    "Generalumkehr (GU)", "Steuersatz", "Land", "Abrechnungsreferenz", "BVV-Position (Betriebsvermögensvergleich)",
    "EU-Land u. UStID (Ursprung)", "EU-Steuersatz (Ursprung)", "Abw. Skontokonto",
]  # fmt: skip
"""All columns of the format version, in its order."""
TEXTS = frozenset(
    {"Soll/Haben-Kennzeichen", "WKZ Umsatz", "BU-Schlüssel", "Belegfeld 1", "Belegfeld 2", "Buchungstext"}
)
"""Those of the columns that are filled here whose values stand in quotes."""
TAX_KEYS = {Decimal("19.00"): "9", Decimal("7.00"): "8", Decimal("0.00"): ""}
"""Keys of input tax by rate, percent, in Germany (DATEV's charts of accounts SKR 03 and 04)."""
MOST_FIELD, MOST_TEXT = 36, 60
"""Characters of a document's number, and of the text of a booking."""
_OTHER = re.compile(r"[^A-Za-z0-9$%&*+\-/]")


class Books(NamedTuple):
    """Whose books they are, and where the invoices go: numbers of the tax consultant and of the client there, the first
    day of the fiscal year, the account of the creditor and that of the expense."""

    consultant: int
    client: int
    year: date
    creditor: int
    expense: int


class Left(NamedTuple):
    """An invoice that makes no booking, and why."""

    ix_id: str
    why: str


def stack(invoices: Iterable[tuple[str, Mapping[str, Any]]], books: Books, made: datetime) -> tuple[bytes, list[Left]]:
    """The file with the bookings of invoices, each of them an id and a result, and those that have none: a person must
    book what is not said, or not in euros."""
    rows: list[tuple[date, list[str]]] = []
    left: list[Left] = []
    for ix_id, invoice in invoices:
        if why := _lacks(invoice, books):
            left.append(Left(ix_id, why))
        else:
            rows += _bookings(invoice, books)
    lines = [_head(books, made, [day for day, _ in rows]), ";".join(COLUMNS), *(";".join(cells) for _, cells in rows)]
    return "".join(f"{line}\r\n" for line in lines).encode("cp1252", "replace"), left


def _lacks(invoice: Mapping[str, Any], books: Books) -> str:
    """Why an invoice makes no booking; empty where it does."""
    missing = [name for name in ("grand_total", "issue_date", "invoice_number") if not invoice.get(name)]
    if missing:
        return f"has no {' and no '.join(missing)}"
    if invoice.get("currency") != "EUR":
        return f"is in {invoice.get('currency') or 'an unknown currency'}, not in euros"
    day = date.fromisoformat(invoice["issue_date"])
    if not books.year <= day < _next_year(books.year):
        return f"is of {day}, outside the fiscal year that begins on {books.year}"
    found = shares(invoice)
    if not found:
        return "does not say which tax is in its total"
    unknown = [share.rate for share in found if share.rate not in TAX_KEYS]
    return f"has tax of {plain(unknown[0])} %, for which DATEV has no key of input tax" if unknown else ""


def _bookings(invoice: Mapping[str, Any], books: Books) -> Iterator[tuple[date, list[str]]]:
    """A booking for each rate of tax: the creditor is credited, or debited where money comes back."""
    day = date.fromisoformat(invoice["issue_date"])
    is_credit_note = invoice.get("type_code") in CREDIT_NOTES or (amount(invoice["grand_total"]) or 0) < 0
    for share in shares(invoice):
        cells = {
            "Umsatz (ohne Soll/Haben-Kz)": f"{abs(share.base + share.tax):.2f}".replace(".", ","),
            "Soll/Haben-Kennzeichen": "S" if is_credit_note else "H",
            "WKZ Umsatz": "EUR",
            "Konto": str(books.creditor),
            "Gegenkonto (ohne BU-Schlüssel)": str(books.expense),
            "BU-Schlüssel": TAX_KEYS[share.rate],
            "Belegdatum": f"{day:%d%m}",
            "Belegfeld 1": _OTHER.sub("", str(invoice["invoice_number"]))[:MOST_FIELD],
            "Buchungstext": " ".join(str(invoice.get("seller_name") or "").split())[:MOST_TEXT],
            "Festschreibung": "0",
            "Leistungsdatum": _day(invoice.get("delivery_date")),
            "Fälligkeit": _day(invoice.get("due_date")),
        }
        yield day, [_quoted(cells.get(name, "")) if name in TEXTS else cells.get(name, "") for name in COLUMNS]


def _head(books: Books, made: datetime, days: Sequence[date]) -> str:
    """The first line: what file it is, and of which days."""
    first, last = (f"{min(days):%Y%m%d}", f"{max(days):%Y%m%d}") if days else (f"{books.year:%Y%m%d}",) * 2
    length = max(len(str(books.expense)), len(str(books.creditor)) - 1, 4)
    moment = f"{made:%Y%m%d%H%M%S}{made.microsecond // 1000:03d}"
    return ";".join([
        '"EXTF"', "700", "21", '"Buchungsstapel"', "13", moment, "", '"ix"', '""', '""',
        str(books.consultant), str(books.client), f"{books.year:%Y%m%d}", str(length), first, last,
        '"Rechnungen aus ix"', '""', "1", "0", "0", '"EUR"', "", '""', "", "", '""', "", "", '""', '""',
    ])  # fmt: skip


def _quoted(text: str) -> str:
    # a quote within is written twice
    return '"' + text.replace('"', '""') + '"'


def _day(value: Any) -> str:
    return f"{date.fromisoformat(value):%d%m%Y}" if isinstance(value, str) and value else ""


def _next_year(year: date) -> date:
    # the day after the last one, also of a year that began on a 29th of February
    return date(year.year + 1, year.month, 28 if (year.month, year.day) == (2, 29) else year.day)
