"""German, as it is written in Germany, Austria and Switzerland."""

from ix.languages import Language

LANGUAGE = Language(
    code="de",
    rank=1,
    labels={
        "invoice": {
            "invoice_number": "Rechnungsnummer | Rechnungs-Nr | Rechnung Nr | Rechnung | Handelsrechnung | "
            "Rechnungskorrektur | Schlussrechnung | Beleg-Nr | Belegnummer | Gutschrift",
            "issue_date": "Rechnungsdatum | Belegdatum || Datum",
            "due_date": "Fälligkeitsdatum | fällig am | zahlbar bis | zahlbar bis zum | fällig | Fälligkeit | "
            "überweisen Sie bis | Zahlungsziel",
            "seller_name": "Verkäufer | Lieferant | Rechnungssteller",
            "seller_vat_id": "USt-IdNr | USt-ID | Umsatzsteuer-ID | UID | MWST-Nr",
            "buyer_name": "Käufer | Kunde | Rechnungsempfänger | Rechnung an | Rechnungsadresse | "
            "Rechnungsanschrift | Auftraggeber",
            "buyer_vat_id": "Ihre USt-IdNr | USt-ID Kunde",
            "line_total": "Summe Positionen | Summe der Positionen | Warenwert | Positionssumme | Gesamtpositionen",
            "net_total": "Nettobetrag | Gesamt netto | Summe netto | Nettosumme | Netto | Zwischensumme | "
            "Rechnungsbetrag netto | Gesamtsumme netto | Steuerbasis",
            "tax_total": "MwSt | Mehrwertsteuer | Umsatzsteuer | USt | Steuerbetrag | zzgl. MwSt | Gesamt Steuer | "
            "Steuer",
            "grand_total": "Gesamtbetrag | Rechnungsbetrag | Bruttobetrag | Gesamt brutto | Bruttosumme | "
            "Rechnungssumme | Endbetrag | Gesamtsumme | Summe brutto | Brutto | Gesamt | Summe",
            "prepaid": "Anzahlung | bereits gezahlt | abzgl. Anzahlung | Vorauszahlung | gezahlter Betrag",
            "due_amount": "zu zahlen | zahlbetrag | zahlbarer Betrag | fälliger Betrag | offener Betrag | "
            "noch zu zahlen | Restbetrag",
            "currency": "Währung | Rechnungswährung",
            "order_number": "Bestellnummer | Bestell-Nr | Ihre Bestellnummer | Ihre Bestellung | "
            "Bestellung Nr | Bestellung",
            "sales_order_number": "Auftragsnummer | Auftrags-Nr | Auftragsbestätigung",
            "buyer_reference": "Leitweg-ID | Käuferreferenz | Referenz des Käufers",
            "contract_number": "Vertragsnummer | Vertrags-Nr | Vertrag Nr",
            "despatch_advice": "Lieferscheinnummer | Lieferschein-Nr | Lieferschein Nr | Lieferschein",
            "delivery_date": "Lieferdatum | Leistungsdatum | Liefer- und Leistungsdatum | "
            "Liefer- bzw. Leistungsdatum | Tag der Lieferung",
            "lines.name": "Bezeichnung | Beschreibung | Artikelbezeichnung | Artikel | Leistung | Produkt",
            "lines.quantity": "Menge | Anzahl",
            "lines.unit_price": "Einzelpreis | Nettopreis | Preis | E-Preis | EP | Stückpreis",
            "lines.line_total": "Gesamtpreis | Gesamt | Gesamtbetrag | Nettobetrag | Nettowert | Entgelt | "
            "Positionsbetrag | Betrag | Summe | G-Preis | GP || netto",
        },
        "receipt": {
            "date": "Datum | Rechnungsdatum | Belegdatum",
            "address": "Adresse",
            "total": "Summe | Gesamtbetrag | zu zahlen | Gesamtsumme | Betrag",
            "currency": "Währung",
            "tax": "MwSt | USt | Mehrwertsteuer",
            "items.description": "Artikel | Bezeichnung",
            "items.quantity": "Menge | Anzahl | Stk",
            "items.amount": "Betrag | Preis",
        },
        "bank_statement_header": {
            "bank": "Kreditinstitut",
            "holder": "Kontoinhaber | Inhaber",
            "account_number": "Kontonummer | Konto-Nr | Konto",
            "period_start": "Zeitraum von | vom | von | Zeitraum",
            "period_end": "bis | Zeitraum bis",
            "opening_balance": "Anfangssaldo | alter Saldo | alter Kontostand | Anfangsbestand | Kontostand am Anfang",
            "closing_balance": "Endsaldo | neuer Saldo | neuer Kontostand | Schlusssaldo | Endbestand",
            "currency": "Währung",
        },
    },
    distractors="Lieferdatum | Leistungsdatum | Liefer- und Leistungsdatum | Bestelldatum | Auftragsdatum | "
    "Bestellnummer | Bestell-Nr | Auftragsnummer | Auftrags-Nr | Kundennummer | Kunden-Nr | Lieferscheinnummer | "
    "Lieferschein-Nr | Lieferschein-Datum | Lieferscheindatum | Steuernummer | Steuer-Nr | Artikelnummer | "
    "Artikel-Nr | Handelsregisternummer | Abrechnungszeitraum | Lieferadresse | Warenempfänger | "
    "Abweichender Warenempfänger | Abweichender Zahlungsempfänger | Lieferanschrift | Zahlungsbedingungen | "
    "Besteller | Druckdatum | gültig bis | Ablaufdatum | haltbar bis | Anreise | Abreise",
    field_names={
        "first_date": "_von",
        "last_date": r"(?:^|_)bis(?:$|_)",
        "due_date": "f[aä]llig",
        "other_date": "f[aä]llig",
        "counterpart": "kunde | kaeufer | käufer | empf | inhaber",
    },
    in_credit="guthaben | zu ihren gunsten",
    credit_notes="gutschrift | rechnungskorrektur | stornorechnung | gutschriftsanzeige",
    titles={
        "invoice": "rechnung | handelsrechnung | schlussrechnung | abschlagsrechnung | teilrechnung | "
        "rechnungskorrektur | gutschrift | stornorechnung | honorarnote | faktura || rechnungsempfänger | zahlbar "
        "bis | fällig am | zahlungsbedingungen | kundennummer | kunden-nr | leistungszeitraum | leistungsdatum",
        "receipt": "kassenbon | kassenbeleg | quittung | bewirtungsbeleg | kundenbeleg || rückgeld | gegeben | bar "
        "| kassierer | bedienung | kartenzahlung | girocard | bon-nr | tse-signatur | vielen dank für ihren "
        "einkauf | es bediente sie",
        "bank_statement_header": "kontoauszug | kontostand | rechnungsabschluss | kontokorrent || alter kontostand "
        "| neuer kontostand | anfangssaldo | endsaldo | auszug | buchungstag | wertstellung",
        "other": "angebot | kostenvoranschlag | lieferschein | auftragsbestätigung | bestellung | mahnung | "
        "zahlungserinnerung | vertrag | mietvertrag | bescheid | lebenslauf | protokoll | bericht | kündigung | "
        "vollmacht | anschreiben",
    },
    page_words="seite | blatt",
    page_totals="von",
    carried="übertrag | zwischensumme übertrag | fortsetzung",
    months=(
        "jan | januar | jänner | jaenner",
        "feb | februar",
        # no `mar`, `jun`, `jul`: English has them, and dates are read with the months of all languages at once
        "märz | maerz | mrz",
        "apr | april",
        "mai",
        "juni",
        "juli",
        "aug | august",
        "sep | sept | september",
        "okt | oktober",
        "nov | november",
        "dez | dezember",
    ),
    clock="uhr",
    between_dates="bis(?: zum)?",
    # stems, for zahlen, bezahlt, Überweisung; that `zahl` fits Anzahl does no harm, as a deadline must stand there too
    paying="zahl | überweis | begleich",
    deadlines="bis | zum | spätestens",
    money={
        "total": "gesamt | insgesamt | summe | endbetrag | endsumme",
        "sub": "zwischensumme | zwischentotal",
        # `exmwst` is "ex MwSt" joined, and would be a tax by its part `mwst`
        "net": "netto | nettowert | exmwst",
        "gross": "brutto",
        "incl": "inkl | einschl | einschliesslich",
        "excl": "exkl | exklusive | ohne | vor",
        "tax": "mwst | ust | steuer | mehrwertsteuer | umsatzsteuer",
        "amount": "betrag | rechnung | wert",
        "rounded": "gerundet",
        "rounding": "rundung | rundungsdifferenz",
        "after": "nach",
        "due": "zahlbetrag | zahlen | zahlbar | fällig | faellig | fälliger | faelliger | restbetrag | restzahlung | "
        "überweisungsbetrag | offen | offener",
        "paid": "bar | gegeben | bezahlt | barzahlung | karte | kartenzahlung | girocard | ec | gezahlt | zahlung | "
        "zahlungsart | zahlungsbedingung | zahlungsbedingungen",
        "prepaid": "anzahlung | anzahlungen | vorauszahlung | vorauszahlungen | abschlagszahlung",
        "change": "wechselgeld | rückgeld | wechsel",
        "quantity": "menge | anzahl | stk | stück | artikel",
        "discount": "rabatt | nachlass | abschlag | abschläge | abzug | skonto",
        "charge": "zuschlag | zuschläge | zuschlaege | versand | versandkosten | porto",
        "lines": "positionen | positionssumme | warenwert",
        "base": "basis | steuerbasis | basisbetrag | bemessungsgrundlage",
        "rate": "satz | steuersatz | prozent",
        "summary": "aufschlüsselung | übersicht",
        "price": "preis | einzelpreis | stückpreis",
        "points": "punkte | saldo | kontostand",
    },
    money_parts="mwst",
    taxes="mwst | ust",
    currencies={"CHF": "franken", "EUR": "euro"},
    early_payment="skonto",
    days="tagen?",
    prepositions="in",
    number_words="nr | nummer | rechnung",
    yes="ja",
    no="nein",
    legal_forms=r"gmbh(?:\s*&\s*co\.?(?:\s*kg)?)? | mbh | ag | kg | kgaa | ohg | gbr | ug | e\.?\s?k | e\.?\s?v | se",
    lone_legal_forms="gmbh.*",
    trades="bäckerei | apotheke | sparkasse | volksbank | markt | handel | laden | gasthaus | gasthof",
    # "An" greets only where it is all of a line: elsewhere it is a preposition
    salutations=r"(?:an\s+)?(?:herrn?|frau|firma) | an(?=\s*$)",
    name_keys="name | firma",
    counterpart="kunde | ihre",
    not_names="telefon | ust | rechnung | seite | datum | nummer | nr | kunden-?(?:nr|nummer) | kontoauszug | "
    r"z\.?\s?hd | postfach | adresse | anschrift | lieferung | beschreibung",
    # in a name it may stand ("Firma Huber"); alone on a line it greets whoever stands below
    lone_not_names="firma",
    streets="postfach",
    # those of the first line need a house number, since `ring` ends Catering as well
    street_patterns=r"(?:stra(?:ss|ß)e|str\.|weg|platz|gasse|allee|ring|ufer|damm|chaussee)\s*\d | "
    r"\b[\w-]+(?:stra(?:ss|ß)e|weg|gasse)\b",
    # patterns are not folded, so `osterreich`, as OCR without umlauts reads it, is listed
    regions="deutschland | schweiz | österreich | osterreich",
    address_keys="adresse | anschrift",
    not_addresses="telefon | rechnung | datum | ust",
)
