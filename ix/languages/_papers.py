"""Words of papers beside invoices and receipts: statements of accounts, letters, orders, delivery notes, credit notes.

They stand here kind by kind in one table, and are added to what the files of the languages bring (`load`): by language,
then by use case and field what stands beside values; as `titles` what documents are titled, and as `paid_out` and
`paid_in` what heads the columns of an account's two sides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PAPERS: Mapping[str, Mapping[str, Any]] = {
    "en": {
        "paid_out": "paid out | debit | debits | withdrawals | withdrawal | money out | payments | payment | out",
        "paid_in": "paid in | credit | credits | deposits | deposit | money in | receipts | in",
        "bank_statement": {
            "bic": "BIC | SWIFT | SWIFT code | BIC/SWIFT",
            "period_start": "statement period | for the period",
            "opening_balance": "balance at start | start balance | balance on | balance at",
            "closing_balance": "balance at end | end balance | balance now | balance on | balance at",
            "movements.date": "date | posting date | booking date | transaction date | posted | entry date",
            "movements.value_date": "value date | value | effective date | val date",
            "movements.text": "description | details | transaction details | transaction | particulars | narrative",
            "movements.amount": "amount | transaction amount | movement",
            "movements.balance": "balance | running balance | account balance",
            "carried.balance": "balance carried forward | carried forward | balance brought forward | brought forward | "
            "carried over | continued",
        },
        "letter": {
            "sender": "from | sender",
            "recipient": "to | recipient",
            "date": "date | dated",
            "subject": "subject | re | regarding | concerning",
            "reference": "our ref | our reference | reference | ref | file no | file ref | case no",
            "your_reference": "your ref | your reference",
            "deadline": "reply by | by | no later than | deadline | until",
        },
        "credit_note": {
            "credit_note_number": "credit note no | credit note number | credit no | credit note | credit memo no",
            "original_invoice_number": "original invoice | relates to invoice | invoice reference | invoice no | "
            "invoice number | against invoice | invoice",
            "reason": "reason | reason for credit | credit reason",
            "grand_total": "total credit | credit total | amount credited | total",
        },
        "purchase_order": {
            "order_number": "purchase order no | purchase order number | order no | order number | PO no | PO number | "
            "purchase order | P.O. no | order",
            "order_date": "order date | date of order | ordered on | PO date || date",
            "delivery_date": "delivery date | required by | deliver by | date required | wanted by",
            "buyer_name": "buyer | ordered by | bill to | invoice to | from",
            "supplier_name": "supplier | vendor | seller | to",
            "delivery_address": "deliver to | ship to | delivery address",
        },
        "delivery_note": {
            "delivery_note_number": "delivery note no | delivery note number | delivery no | despatch no | "
            "delivery note | dispatch note no | note no",
            "delivery_date": "delivery date | despatch date | date of delivery | shipped on | dispatch date || date",
            "order_number": "your order | order no | order number | PO number | customer order no",
            "supplier_name": "supplier | sender | shipped by | from",
            "recipient_name": "deliver to | ship to | delivery address | consignee | recipient | customer",
            "total_weight": "total weight | gross weight | weight",
            "lines.article_number": "item no | code | article no | SKU | part no | product code",
        },
        "titles": {
            "purchase_order": "purchase order | order form || required by | deliver to | supplier | vendor",
            "delivery_note": "delivery note | despatch note | dispatch note | delivery docket | packing slip | "
            "packing list || received by | goods received | consignee | gross weight",
            "letter": "|| dear sir or madam | yours sincerely | yours faithfully | kind regards | our ref | your ref | "
            "subject | re",
        },
    },
    "de": {
        "paid_out": "Soll | Lastschrift | Lastschriften | Belastung | Belastungen | Ausgang | Abgänge | "
        "zu Ihren Lasten | Ausgaben",
        "paid_in": "Haben | Gutschrift | Gutschriften | Eingang | Eingänge | Zugang | zu Ihren Gunsten | Einnahmen",
        "bank_statement": {
            "bic": "BIC | SWIFT | BIC/SWIFT",
            "period_start": "Umsätze von | Abrechnungszeitraum | Auszugszeitraum",
            "opening_balance": "Saldo zu Beginn | Kontostand am | letzter Kontostand | Saldovortrag | Anfangsbestand",
            "closing_balance": "Saldo zum Ende | Kontostand am | aktueller Kontostand | Schlussbestand",
            "movements.date": "Buchungstag | Buchung | Bu.-Tag | Datum | Buchungsdatum | Buchtag",
            "movements.value_date": "Wertstellung | Valuta | Wert | Wertstellungsdatum",
            "movements.text": "Verwendungszweck | Buchungstext | Vorgang | Text | Buchungsinformation | Umsatztext",
            "movements.amount": "Betrag | Umsatz | Umsätze",
            "movements.balance": "Saldo | Kontostand",
            "carried.balance": "Übertrag | Saldoübertrag | Zwischensaldo | Vortrag | Zwischensumme",
        },
        "letter": {
            "sender": "Absender | von",
            "recipient": "Empfänger | an",
            "date": "Datum | den",
            "subject": "Betreff | Betrifft | Betr.",
            "reference": "unser Zeichen | Aktenzeichen | Geschäftszeichen | Az. | Vorgang",
            "your_reference": "Ihr Zeichen | Ihr Schreiben | Ihre Nachricht",
            "deadline": "bis zum | bis spätestens | spätestens am | Frist | spätestens | bis",
        },
        "credit_note": {
            "credit_note_number": "Gutschriftsnummer | Gutschrift-Nr | Gutschrift Nr | Gutschrift | Korrekturnummer",
            "original_invoice_number": "zu Rechnung | Ursprungsrechnung | Bezug auf Rechnung | Rechnungsnummer | "
            "Rechnung Nr | Rechnungs-Nr | Originalrechnung",
            "reason": "Grund | Gutschriftsgrund | Grund der Gutschrift",
            "grand_total": "Gutschriftsbetrag | Gutschrift gesamt | Summe der Gutschrift",
        },
        "purchase_order": {
            "order_number": "Bestellnummer | Bestell-Nr | Bestellung Nr | Bestellung | Auftragsnummer",
            "order_date": "Bestelldatum | bestellt am | Bestellung vom || Datum",
            "delivery_date": "Liefertermin | Lieferdatum | Wunschtermin | Lieferung bis",
            "buyer_name": "Besteller | Auftraggeber | Käufer | Rechnung an | Rechnungsanschrift",
            "supplier_name": "Lieferant | Verkäufer | Auftragnehmer",
            "delivery_address": "Lieferanschrift | Lieferadresse | Lieferung an | Versandanschrift",
        },
        "delivery_note": {
            "delivery_note_number": "Lieferscheinnummer | Lieferschein-Nr | Lieferschein Nr | LS-Nr | Lieferschein",
            "delivery_date": "Lieferdatum | Versanddatum | geliefert am || Datum",
            "order_number": "Ihre Bestellung | Bestell-Nr | Bestellnummer | Ihr Auftrag | Auftragsnummer",
            "supplier_name": "Lieferant | Absender | Versender",
            "recipient_name": "Lieferanschrift | Lieferadresse | Lieferung an | Empfänger | Warenempfänger | Versand an",
            "total_weight": "Gesamtgewicht | Bruttogewicht | Gewicht",
            "lines.article_number": "Artikelnummer | Artikel-Nr | Art.-Nr | Artikelnr | Materialnummer",
        },
        "titles": {
            "purchase_order": "bestellung | einkaufsbestellung | bestellschein || liefertermin | lieferanschrift",
            "delivery_note": "lieferschein | warenbegleitschein | packliste || ware erhalten | bruttogewicht | "
            "lieferanschrift",
            "letter": "|| sehr geehrte damen und herren | sehr geehrte frau | sehr geehrter herr | mit freundlichen "
            "grüßen | betreff | ihr zeichen | unser zeichen",
        },
    },
    "fr": {
        "paid_out": "débit | débits | retraits | dépenses | sorties",
        "paid_in": "crédit | crédits | dépôts | recettes | entrées",
        "bank_statement": {
            "bic": "BIC | code BIC | SWIFT",
            "opening_balance": "solde précédent | ancien solde | solde initial | solde au",
            "closing_balance": "nouveau solde | solde final | solde au | solde de clôture",
            "movements.date": "date | date opération | date comptable | date de l'opération | date d'opération",
            "movements.value_date": "date valeur | date de valeur | valeur",
            "movements.text": "libellé | nature de l'opération | opération | libellé de l'opération | détail",
            "movements.amount": "montant | somme",
            "movements.balance": "solde | solde progressif",
            "carried.balance": "report | à reporter | total à reporter | report page précédente | solde à reporter",
        },
        "letter": {
            "sender": "expéditeur | de",
            "recipient": "destinataire | à",
            "date": "date | le",
            "subject": "objet | concerne | sujet",
            "reference": "nos références | notre référence | n/réf | référence | dossier n°",
            "your_reference": "vos références | votre référence | v/réf",
            "deadline": "avant le | au plus tard le | jusqu'au | date limite",
        },
        "credit_note": {
            "credit_note_number": "avoir n° | n° d'avoir | numéro d'avoir | avoir | note de crédit n°",
            "original_invoice_number": "facture d'origine | facture n° | sur facture n° | réf. facture | facture concernée",
            "reason": "motif | raison | motif de l'avoir",
            "grand_total": "total avoir | montant de l'avoir | net à votre crédit",
        },
        "purchase_order": {
            "order_number": "commande n° | n° de commande | numéro de commande | bon de commande n° | bon n°",
            "order_date": "date de commande | date commande | commandé le || date",
            "delivery_date": "date de livraison | livraison souhaitée | à livrer le | livrer avant le",
            "buyer_name": "acheteur | client | facturer à | donneur d'ordre",
            "supplier_name": "fournisseur | vendeur",
            "delivery_address": "adresse de livraison | livrer à | lieu de livraison",
        },
        "delivery_note": {
            "delivery_note_number": "bon de livraison n° | BL n° | n° de BL | n° de bon de livraison",
            "delivery_date": "date de livraison | livré le | date d'expédition | expédié le || date",
            "order_number": "votre commande | commande n° | n° commande | réf. commande",
            "supplier_name": "fournisseur | expéditeur",
            "recipient_name": "adresse de livraison | livré à | destinataire | lieu de livraison | client",
            "total_weight": "poids total | poids brut | poids",
            "lines.article_number": "référence | réf. | code article | code",
        },
        "titles": {
            "purchase_order": "bon de commande | commande | ordre d'achat || livraison souhaitée | fournisseur",
            "delivery_note": "bon de livraison | bordereau de livraison | bon d'expédition || poids brut | reçu par",
            "letter": "|| madame, monsieur | cordialement | objet | vos références | nos références | veuillez agréer",
        },
    },
    "es": {
        "paid_out": "cargo | cargos | debe | adeudos | retiradas | gastos",
        "paid_in": "abono | abonos | haber | ingresos | entradas",
        "bank_statement": {
            "bic": "BIC | SWIFT",
            "opening_balance": "saldo anterior | saldo inicial | saldo al | saldo a",
            "closing_balance": "saldo final | saldo actual | saldo al | saldo a | nuevo saldo",
            "movements.date": "fecha | fecha operación | fecha de operación | f. operación | fecha contable",
            "movements.value_date": "fecha valor | f. valor | valor",
            "movements.text": "concepto | descripción | movimiento | detalle",
            "movements.amount": "importe | cantidad",
            "movements.balance": "saldo | saldo disponible",
            "carried.balance": "suma y sigue | suma anterior | saldo a trasladar | viene de la página anterior",
        },
        "letter": {
            "sender": "remitente | de",
            "recipient": "destinatario | para | a",
            "date": "fecha",
            "subject": "asunto | referente a",
            "reference": "nuestra referencia | n/ref | referencia | ref. | expediente",
            "your_reference": "su referencia | s/ref",
            "deadline": "antes del | a más tardar el | hasta el | fecha límite",
        },
        "credit_note": {
            "credit_note_number": "abono n.º | nº de abono | nota de crédito nº | factura rectificativa nº | abono",
            "original_invoice_number": "factura original | factura rectificada | rectifica la factura | ref. factura",
            "reason": "motivo | causa",
            "grand_total": "total abono | total a abonar | importe a su favor",
        },
        "purchase_order": {
            "order_number": "pedido n.º | nº de pedido | número de pedido | orden de compra nº | pedido",
            "order_date": "fecha de pedido | fecha pedido || fecha",
            "delivery_date": "fecha de entrega | entrega prevista | plazo de entrega",
            "buyer_name": "comprador | cliente | facturar a",
            "supplier_name": "proveedor | vendedor",
            "delivery_address": "dirección de entrega | enviar a | lugar de entrega",
        },
        "delivery_note": {
            "delivery_note_number": "albarán n.º | nº albarán | número de albarán | nota de entrega nº | albarán",
            "delivery_date": "fecha de entrega | entregado el | fecha albarán || fecha",
            "order_number": "su pedido | nº pedido | pedido n.º | pedido",
            "supplier_name": "proveedor | remitente",
            "recipient_name": "dirección de entrega | enviar a | destinatario | entregar en | cliente",
            "total_weight": "peso total | peso bruto | peso",
            "lines.article_number": "código | referencia | ref. | cód.",
        },
        "titles": {
            "purchase_order": "pedido | orden de compra | pedido de compra || plazo de entrega | proveedor",
            "delivery_note": "albarán | albarán de entrega | nota de entrega || recibido por | peso bruto",
            "letter": "|| estimado sr | estimada sra | muy señores míos | atentamente | asunto | su referencia",
        },
    },
    "it": {
        "paid_out": "dare | addebiti | addebito | uscite",
        "paid_in": "avere | accrediti | accredito | entrate",
        "bank_statement": {
            "bic": "BIC | SWIFT",
            "opening_balance": "saldo iniziale | saldo precedente | saldo al",
            "closing_balance": "saldo finale | nuovo saldo | saldo al",
            "movements.date": "data | data operazione | data contabile | data movimento",
            "movements.value_date": "valuta | data valuta",
            "movements.text": "descrizione | causale | descrizione operazione | operazione",
            "movements.amount": "importo | movimento",
            "movements.balance": "saldo | saldo contabile | saldo progressivo",
            "carried.balance": "a riportare | da riportare | riporto | saldo a riportare",
        },
        "letter": {
            "sender": "mittente | da",
            "recipient": "destinatario | a",
            "date": "data",
            "subject": "oggetto",
            "reference": "nostro riferimento | ns. rif. | prot. n. | rif. | protocollo",
            "your_reference": "vostro riferimento | vs. rif.",
            "deadline": "entro il | al più tardi il | fino al | scadenza",
        },
        "credit_note": {
            "credit_note_number": "nota di credito n. | n. nota di credito | nota n. | nota credito n.",
            "original_invoice_number": "rif. fattura | fattura di riferimento | fattura stornata | a storno fattura",
            "reason": "causale | motivo",
            "grand_total": "totale nota | totale a credito | totale accredito",
        },
        "purchase_order": {
            "order_number": "ordine n. | n. ordine | numero ordine | ordine di acquisto n.",
            "order_date": "data ordine | ordine del || data",
            "delivery_date": "data consegna | consegna prevista | consegnare entro",
            "buyer_name": "acquirente | cliente | fatturare a",
            "supplier_name": "fornitore | venditore | spett.le",
            "delivery_address": "luogo di consegna | spedire a | destinazione merce",
        },
        "delivery_note": {
            "delivery_note_number": "DDT n. | n. DDT | numero DDT | bolla n. | documento di trasporto n.",
            "delivery_date": "data DDT | data consegna | data trasporto || data",
            "order_number": "vs. ordine | ordine n. | n. ordine | rif. ordine",
            "supplier_name": "fornitore | mittente",
            "recipient_name": "destinatario | destinazione merce | luogo di consegna | spedire a | cliente",
            "total_weight": "peso lordo | peso totale | peso",
            "lines.article_number": "codice | cod. art. | codice articolo | rif.",
        },
        "titles": {
            "purchase_order": "ordine | ordine di acquisto | ordine fornitore || consegna prevista | fornitore",
            "delivery_note": "documento di trasporto | bolla di consegna | nota di consegna || peso lordo | "
            "firma destinatario",
            "letter": "|| gentile sig | egregio sig | distinti saluti | cordiali saluti | oggetto",
        },
    },
}
"""By language (ISO 639-1); `_papers_more` has more of them."""
