"""What the words beside an amount say it is: a total, a tax, change, a count of pieces.

Words of several languages, their compounds and their OCR errors become features; features become concepts with weights:

    "Total Sales (Inclusive of GST)"  ->  {total, amount, incl, tax}  ->  total 1.0
    "Nettobetrag"                     ->  {net, amount}               ->  net 1.0
    "NET TOTAL"                       ->  {nett, total}               ->  net 0.7 or total 0.8: arithmetic decides
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz, process

from ix.extraction.models.rules.vocabulary.folding import fold

Concept = str
_FEATURES: Final[Mapping[str, str]] = {
    "total": "total totals totale totaux grand grandtotal gesamt insgesamt summe jumlah totaal totaalbedrag endbetrag endsumme tot",
    "sub": "sub subtotaal subtotale subtotal zwischensumme sous soustotal subjumlah",
    "net": "netto ht hors nettowert exmwst",
    "nett": "net nett",
    "gross": "gross brutto ttc",
    "incl": "incl ingl inci inel inclusive inclusiv including includes included inc inkl einschl einschliesslich compris "
    "comprises incluido compreso inclusief "
    "toutes termasuk",
    "excl": "excl excluding exclusive exc ex exkl exklusive ohne before avant without vor sebelum sin exclusief escluso",
    "tax": "tax taxes gst vat sst mwst ust tva steuer mehrwertsteuer umsatzsteuer taxe cukai iva btw impuesto imposta impuestos",
    "amount": "amount amt betrag montant sales sale bill invoice rechnung facture wert amaun jualan importe importo "
    "bedrag factura fattura factuur",
    "rounded": "rounded gerundet arrondi",
    "rounding": "rounding round rundung rundungsdifferenz arrondissement adjustment adj ajustement pembundaran pelarasan rnd",
    "after": "after nach apres selepas",
    "due": "due payable zahlbetrag zahlen zahlbar payer du faellig fallig faelliger falliger outstanding residual solde restbetrag "
    "restzahlung uberweisungsbetrag bayar dibayar offen offener regler pagar pagare betalen",
    "paid": "paid cash tender tendered visa master mastercard card debit credit payment payments received bar gegeben bezahlt especes "
    "tunai barzahlung karte kartenzahlung amex maestro girocard ec cheque wallet ewallet gezahlt zahlung zahlungsart "
    "zahlungsbedingung zahlungsbedingungen reglement paiement efectivo tarjeta pagado contanti contante bancomat pagato pin contant",
    "prepaid": "prepaid anzahlung anzahlungen vorauszahlung vorauszahlungen acompte acomptes advance "
    "abschlagszahlung deposit anticipo acconto aanbetaling",
    "change": "change wechselgeld ruckgeld rendu monnaie baki kembali wechsel cambio resto wisselgeld",
    "quantity": "qty quantity item items itens count pcs units menge anzahl stk stuck artikel pax kuantiti qte pieces "
    "qtys qnty bilangan cantidad quantita aantal articoli articulos",
    "discount": "discount discounts disc rabatt remise saving savings nachlass abschlag abschlage abzug skonto diskaun "
    "saved voucher descuento sconto korting",
    "charge": "charge charges zuschlag zuschlage zuschlaege service freight shipping versand versandkosten porto delivery livraison svc",
    "lines": "positionen positionssumme warenwert lines lignes positions",
    "base": "taxable basis steuerbasis base basisbetrag bemessungsgrundlage imponible imponibile",
    "rate": "satz steuersatz rate taux prozent percent",
    "summary": "summary aufschlusselung code analysis details ubersicht",
    "price": "price preis einzelpreis stuckpreis unitprice prix harga uprice precio prezzo prijs stukprijs",
    "points": "points point punkte balance saldo kontostand",
}
_WORDS: Final[Mapping[str, str]] = {word: feature for feature, words in _FEATURES.items() for word in words.split()}
_MISREAD: Final = frozenset(("total", "amount", "change", "rounding", "rounded", "tax"))
"""Features whose shorter words are recognised with one letter misread; other short words are too like words of
everyday."""
_PARTS: Final = tuple(sorted((w for w in _WORDS if len(w) >= 5 or w in ("cash", "mwst")), key=len, reverse=True))
_LONG: Final = tuple(word for word in _WORDS if len(word) >= 7 or (len(word) >= 5 and _WORDS[word] in _MISREAD))
_COUNTED: Final = frozenset(("quantity", "change", "discount", "prepaid", "rounding", "paid"))


def features(text: str) -> frozenset[str]:
    """The features of every word of a text."""
    return frozenset(feature for word in re.findall(r"[^\W\d_]+", text) for feature in _of_word(fold(word)))


def concepts(text: str) -> Mapping[Concept, float]:
    """What an amount beside this text is: `total`, `net`, `tax`, `due`, `subtotal`, `lines`, `prepaid`, `paid`,
    `change`, `rounding`, `discount`, `charge`, `quantity`; each with a weight of 0..1. Empty where the text says
    nothing about money."""
    return _concepts(features(text))


@lru_cache(maxsize=4096)
def _concepts(found: frozenset[str]) -> Mapping[Concept, float]:
    if settled := _settled(found):
        return settled
    if "price" in found and "total" not in found:
        return {}
    if "excl" in found or "base" in found:
        return {"net": 0.9} if found & {"total", "amount", "sub", "base"} else {}
    if "sub" in found:
        return {"subtotal": 0.9, "total": 0.5 if "incl" in found else 0.4, "net": 0.6}
    if found & {"incl", "gross"}:
        return {"total": 1.0 if found & {"total", "amount", "gross"} else 0.5}
    if "tax" in found:
        return {"tax": 0.9}
    return _plain_total(found)


def _settled(found: frozenset[str]) -> Mapping[Concept, float]:
    """The concepts that a single word settles, whatever else stands there."""
    if found & {"quantity", "points"} and not found & {"due", "incl"}:
        return {"quantity": 0.9}
    if "change" in found:
        return {"change": 0.9}
    if "rounded" in found or {"rounding", "after"} <= found or {"rounding", "incl", "total"} <= found:
        return {"total": 1.0, "due": 0.9} if found & {"total", "amount", "due"} else {"rounding": 0.9}
    if "rounding" in found:
        return {"rounding": 0.9}
    if "discount" in found and "after" not in found:
        return {"discount": 0.9}
    if "prepaid" in found:
        return {"prepaid": 1.0, "paid": 0.5}
    if "lines" in found:
        return {"lines": 1.0, "net": 0.4}
    return _settled_by_use(found)


def _settled_by_use(found: frozenset[str]) -> Mapping[Concept, float]:
    if "due" in found and not ("tax" in found and "incl" not in found):
        return {"due": 1.0, "total": 1.0}
    if "paid" in found:
        return {"paid": 0.9, "prepaid": 0.7, "total": 0.3} if "total" not in found else {"paid": 0.6, "total": 0.6}
    if "charge" in found:
        return {"charge": 0.9}
    if "rate" in found and "total" not in found:
        return {"rate": 0.5}
    return {}


def _plain_total(found: frozenset[str]) -> Mapping[Concept, float]:
    if "net" in found:
        return {"net": 1.0}
    if "nett" in found:
        return {"net": 0.7, "total": 0.85, "due": 0.5} if found & {"total", "amount"} else {"net": 0.4}
    if "total" in found:
        return {"total": 0.95}
    return {"total": 0.6} if "amount" in found else {}


@lru_cache(maxsize=8192)
def _of_word(word: str) -> tuple[str, ...]:
    if word in _WORDS:
        return (_WORDS[word],)
    if parts := tuple(_parts(word)):
        return parts
    if len(word) < 5:
        return ()
    close = process.extractOne(word, _LONG, scorer=fuzz.ratio, score_cutoff=80)
    return (_WORDS[close[0]],) if close else ()


def _parts(word: str) -> list[str]:
    """The features of the known words inside a joined or compound word, where they make up most of it."""
    left, found = word, []
    for part in _PARTS:
        if part in left and len(word) > len(part):
            left = left.replace(part, " ", 1)
            found.append(_WORDS[part])
    rest = re.sub(r"\s", "", left)
    found += [_WORDS[piece] for piece in left.split() if piece in _WORDS]
    return found if len(rest) <= 0.6 * len(word) else []
