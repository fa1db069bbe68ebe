"""What the words beside an amount say it is: a total, a tax, change, a count of pieces.

Words of several languages, their compounds and their OCR errors become features; features become concepts with weights:

    "Total Sales (Inclusive of GST)"  ->  {total, amount, incl, tax}  ->  total 1.0
    "Nettobetrag"                     ->  {net, amount}               ->  net 1.0
    "NET TOTAL"                       ->  {nett, total}               ->  net 0.7 or total 0.8: arithmetic decides
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Final

from rapidfuzz import fuzz, process

from ix.extraction.models.rules.vocabulary.folding import fold
from ix.extraction.models.rules.vocabulary.phrases import TEXTS
from ix.extraction.values.codes import CURRENCY_NAMES, ISO_4217
from ix.languages import merged, phrases

Concept = str
FEATURES: Final = (
    "total",  # all of it: total, Gesamt
    "sub",  # a part of it: Zwischensumme
    "net",  # surely without tax: netto, HT
    "nett",  # English "net", which tills also write for what is left to pay
    "gross",  # with tax: brutto, TTC
    "incl",  # including
    "excl",  # excluding
    "tax",  # VAT, GST, MwSt
    "amount",  # an amount of something: Betrag, sales, invoice
    "rounded",  # rounded
    "rounding",  # what rounding adds or takes
    "after",  # after, as in "total after rounding"
    "due",  # to pay
    "paid",  # paid, and means of payment: cash, Visa
    "prepaid",  # paid before: Anzahlung
    "change",  # given back: Wechselgeld
    "quantity",  # a count of pieces
    "discount",  # taken off
    "charge",  # added: service, freight
    "lines",  # the positions: Warenwert
    "base",  # what is taxed: taxable, Bemessungsgrundlage
    "rate",  # a rate of tax
    "summary",  # the title of a breakdown
    "price",  # of one piece
    "points",  # of a loyalty card; an account's balance
)
"""What a word can say; a language's `money` lists its words by these. Where a word is as like to two, the earlier one
has it."""
_LANGUAGES: Final = merged()
_WORDS: Final[Mapping[str, str]] = {
    fold(word): feature
    for feature in FEATURES
    for word in phrases(_LANGUAGES.money.get(feature, ""))
    if len(word) > 2 or word.isascii()
}
_ACCENTED: Final[Mapping[str, str]] = {
    word: feature
    for feature in FEATURES
    for word in phrases(_LANGUAGES.money.get(feature, ""))
    if len(word) <= 2 and not word.isascii()
}
"""Short words that only an accent tells from others: French "dû", which is owed, from "du"."""
_LONGER_WORD: Final = re.compile(r"[^\W\d_]{3,}")
_OF_SOMETHING: Final[Mapping[Concept, float]] = {"total": 0.35}
"""What "Bill To" and "Sales Person" say of money: little, since another word is there."""
_STREETS: Final = frozenset(map(fold, phrases(_LANGUAGES.streets)))
"""Words that look like misread ones of money: "jalan", a road, like "jualan", sales."""
# vowels of Hindi and Thai are no letters
_WORD: Final = re.compile(r"[^\W\d_]+(?:[\u0900-\u0903\u093a-\u094f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]+[^\W\d_]*)*")
_PHRASES: Final[Mapping[tuple[str, ...], str]] = {
    tuple(map(fold, words)): feature
    for feature in FEATURES
    for phrase in phrases(_LANGUAGES.money.get(feature, ""))
    if len(words := _WORD.findall(phrase)) > 1
}
"""Words that say something together: Lithuanian "be PVM" is without tax, where English has "be" too."""
_LENGTHS: Final = {words[0]: sorted({len(w) for w in _PHRASES if w[0] == words[0]}, reverse=True) for words in _PHRASES}
_MISREAD: Final = frozenset(("total", "amount", "change", "rounding", "rounded", "tax"))
"""Features whose shorter words are recognised with one letter misread; other short words are too like words of
everyday."""
_SHORT_PARTS: Final = frozenset(map(fold, phrases(_LANGUAGES.money_parts)))
# the longest first, so that "zwischensumme" is not read as its part "summe"
_PARTS: Final = tuple(sorted((w for w in _WORDS if len(w) >= 5 or w in _SHORT_PARTS), key=len, reverse=True))
_START: Final = 4
_STARTS: Final = frozenset(part[:_START] for part in _PARTS)
"""The first letters of those, so that the many of all languages are tried where one may be."""
_LIKE: Final = 80
"""Likeness, in percent, of one letter misread of five, since a letter replaced counts twice."""
_LONG: Final = tuple(word for word in _WORDS if len(word) >= 7 or (len(word) >= 5 and _WORDS[word] in _MISREAD))


@lru_cache(maxsize=TEXTS)
def features(text: str) -> frozenset[str]:
    """The features of every word of a text, or of several that say one thing together."""
    written = _WORD.findall(text)
    words = [fold(word) for word in written]
    found = {_ACCENTED[word.lower()] for word in written if len(word) <= 2 and word.lower() in _ACCENTED}
    at = 0
    while at < len(words):
        length = next((n for n in _LENGTHS.get(words[at], ()) if tuple(words[at : at + n]) in _PHRASES), 1)
        found.update((_PHRASES[tuple(words[at : at + length])],) if length > 1 else _of_word(words[at]))
        at += length
    return frozenset(found)


@lru_cache(maxsize=TEXTS)
def concepts(text: str) -> Mapping[Concept, float]:
    """What an amount beside this text is: `total`, `net`, `tax`, `due`, `subtotal`, `lines`, `prepaid`, `paid`,
    `change`, `rounding`, `discount`, `charge`, `quantity`; each with a weight of 0..1. Empty where the text says
    nothing about money."""
    found = features(text)
    if found == {"amount"} and not all(map(_is_of_money, _LONGER_WORD.findall(text))):
        return _OF_SOMETHING
    return _concepts(found)


def _is_of_money(word: str) -> bool:
    return bool(_of_word(fold(word))) or word.lower() in CURRENCY_NAMES or word.upper() in ISO_4217


@lru_cache(maxsize=4096)
def _concepts(found: frozenset[str]) -> Mapping[Concept, float]:
    # the order decides, since a label has many features: "Total excl. GST" names a total and a tax and is neither
    if settled := _settled(found):
        return settled
    if "price" in found and "total" not in found:
        return {}
    if "excl" in found or "base" in found:
        if found & {"total", "amount", "sub", "base"}:
            return {"net": 0.9}
        # "Excl. VAT 100.00" is said of a sum, though no word names one
        return {"net": 0.8} if "tax" in found else {}
    if "sub" in found:
        return {"subtotal": 0.9, "total": 0.5 if "incl" in found else 0.4, "net": 0.6}
    if found & {"incl", "gross"}:
        if found & {"total", "amount", "gross"}:
            return {"total": 1.0}
        # "incl. 19 % VAT 3.10": what is included, or what includes it
        return {"total": 0.5, "tax": 0.45} if "tax" in found else {"total": 0.5}
    if "tax" in found:
        return {"tax": 0.9}
    return _plain_total(found)


def _settled(found: frozenset[str]) -> Mapping[Concept, float]:
    """The concepts that a single word settles, whatever else stands there."""
    # "Total (3 items) incl. GST" is a total all the same
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
    if len(word) < 5 or word in _STREETS:
        return ()
    close = process.extractOne(word, _near(len(word)), scorer=fuzz.ratio, score_cutoff=_LIKE)
    return (_WORDS[close[0]],) if close else ()


@cache
def _near(length: int) -> tuple[str, ...]:
    """The longer words that are not too long or too short to be like one of so many letters."""
    return tuple(word for word in _LONG if 200 * min(len(word), length) >= _LIKE * (len(word) + length))


def _parts(word: str) -> list[str]:
    """The features of the known words inside a joined or compound word, where they make up most of it."""
    if not any(word[at : at + _START] in _STARTS for at in range(len(word) - _START + 1)):
        return []
    left, found = word, []
    for part in _PARTS:
        if part in left and len(word) > len(part):
            left = left.replace(part, " ", 1)
            found.append(_WORDS[part])
    rest = re.sub(r"\s", "", left)
    found += [_WORDS[piece] for piece in left.split() if piece in _WORDS]
    # two fifths known are enough: compounds are long
    return found if len(rest) <= 0.6 * len(word) else []
