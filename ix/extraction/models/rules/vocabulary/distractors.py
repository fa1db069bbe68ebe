"""TODO."""

from __future__ import annotations

DISTRACTORS = (
    "order date | order no | order number | delivery date | delivery note | date of birth | print date | customer no | "
    "customer number | customer code | tax number | tax no | article number | item no | member no | table no | reference | "
    "your reference | our reference | Lieferdatum | Leistungsdatum | Liefer- und Leistungsdatum | Bestelldatum | Auftragsdatum | "
    "Bestellnummer | Bestell-Nr | Auftragsnummer | Auftrags-Nr | Kundennummer | Kunden-Nr | Lieferscheinnummer | Lieferschein-Nr | "
    "Lieferschein-Datum | Lieferscheindatum | Steuernummer | Steuer-Nr | Artikelnummer | Artikel-Nr | Handelsregisternummer | "
    "Abrechnungszeitraum | Lieferadresse | Warenempfänger | Abweichender Warenempfänger | Abweichender Zahlungsempfänger | "
    "Lieferanschrift | delivery address | ship to | date de livraison | date de commande | n° de commande | n° client | "
    "code client | adresse de livraison | bon de livraison | référence | votre référence | conditions de paiement | payment terms | "
    "fecha de entrega | número de pedido | número de cliente | data di consegna | numero ordine | codice cliente | klantnummer | "
    "ordernummer | bestelnummer | leverdatum | KvK | "
    "Zahlungsbedingungen"
)
