"""Codes with a form of their own: IBAN, VAT number, currency."""

from __future__ import annotations

import re

from ix.languages import merged, phrases

# Lengths from the IBAN registry (ISO 13616, SWIFT release 99).
_IBAN_LENGTHS = dict(
    re.findall(
        r"(..):(..)",
        "AD:24 AE:23 AL:28 AT:20 AZ:28 BA:20 BE:16 BG:22 BH:22 BR:29 BY:28 CH:21 CR:22 CY:28 CZ:24 DE:22 DK:18 DO:28 "
        "EE:20 EG:29 ES:24 FI:18 FO:18 FR:27 GB:22 GE:22 GI:23 GL:18 GR:27 GT:28 HR:21 HU:28 IE:22 IL:23 IQ:23 IS:26 "
        "IT:27 JO:30 KW:30 KZ:20 LB:28 LC:32 LI:21 LT:20 LU:20 LV:21 MC:27 MD:24 ME:22 MK:19 MR:27 MT:31 MU:30 NL:18 "
        "NO:15 PK:24 PL:28 PS:29 PT:25 QA:29 RO:24 RS:22 SA:24 SC:31 SE:24 SI:19 SK:24 SM:27 ST:25 SV:28 TL:23 TN:24 "
        "TR:26 UA:29 VA:22 VG:24 XK:20 ",
    )
)
_IBAN = re.compile(r"(?<![A-Za-z0-9])([A-Z]{2}\s?\d{2}(?:[\s.-]?[A-Z0-9]){11,30})(?![a-z])")
# Forms from the European Commission's VIES; the United Kingdom's, Swiss and Norwegian ones from their tax offices.
_VAT_FORMS = (
    r"ATU\s?\d{8}",
    r"BE\s?[01]?\d{9}",
    r"BG\s?\d{9,10}",
    r"CHE[\s-]?\d{3}\.?\d{3}\.?\d{3}(?:\s?(?:MWST|TVA|IVA))?",
    r"CY\s?\d{8}[A-Z]",
    r"CZ\s?\d{8,10}",
    r"DE\s?\d{3}\s?\d{3}\s?\d{3}",
    r"DK\s?(?:\d{2}\s?){3}\d{2}",
    r"E[EL]\s?\d{9}",
    r"ES\s?[A-Z0-9]\d{7}[A-Z0-9]",
    r"FI\s?\d{8}",
    r"FR\s?[A-HJ-NP-Z0-9]{2}\s?\d{3}\s?\d{3}\s?\d{3}",
    r"(?:GB|XI)\s?\d{3}\s?\d{4}\s?\d{2}(?:\s?\d{3})?",
    r"HR\s?\d{11}",
    r"HU\s?\d{8}",
    r"IE\s?\d[A-Z0-9+*]\d{5}[A-Z]{1,2}",
    r"IT\s?\d{11}",
    r"LT\s?(?:\d{12}|\d{9})",
    r"LU\s?\d{8}",
    r"LV\s?\d{11}",
    r"MT\s?\d{8}",
    r"NL\s?\d{9}\s?B\d{2}",
    r"NO\s?\d{9}\s?MVA",
    r"PL\s?\d{10}",
    r"PT\s?\d{9}",
    r"RO\s?\d{6,10}",
    r"SE\s?\d{12}",
    r"SI\s?\d{8}",
    r"SK\s?\d{10}",
)
_VAT = re.compile(rf"(?<![A-Za-z0-9])({'|'.join(_VAT_FORMS)})(?![A-Za-z0-9])")
_SYMBOLS = {
    "$": "USD",
    "us$": "USD",
    "s$": "SGD",
    "a$": "AUD",
    "hk$": "HKD",
    "nt$": "TWD",
    "c$": "CAD",
    "r$": "BRL",
    "rm": "MYR",
    "rp": "IDR",
    "ft": "HUF",
    "dt": "TND",
    "lei": "RON",
    "sfr": "CHF",
    "fr.": "CHF",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
    "₩": "KRW",
    "฿": "THB",
    "₫": "VND",
    "₺": "TRY",
    "₪": "ILS",
    "₽": "RUB",
    "₴": "UAH",
    "₸": "KZT",
    "₦": "NGN",
    "₱": "PHP",
    "৳": "BDT",
    "zł": "PLN",
    "kč": "CZK",
    "bd": "BHD",
    "jd": "JOD",
    "kd": "KWD",
    "r.o": "OMR",
    "tl": "TRY",
    "km": "BAM",
    "円": "JPY",
    "원": "KRW",
    "元": "CNY",
    "đ": "VND",
    "บาท": "THB",
    "руб": "RUB",
    "грн": "UAH",
    "лв": "BGN",
    "ден": "MKD",
    "дин": "RSD",
}
CURRENCY_NAMES = {name: code for code, names in merged().currencies.items() for name in phrases(names)}
"""Codes (ISO 4217) by the names that the languages have for currencies, in lower case."""
# not all of `iso4217`: any three capitals beside a number are looked up here, and ALL or TOP are words
ISO_4217 = frozenset(
    re.findall(
        r"[A-Z]{3}",
        "AED ARS AUD AZN BDT BGN BHD BRL BYN CAD CHF CLP CNY COP CRC CZK DKK DOP DZD EGP ETB EUR GBP GHS GTQ "
        "HKD HUF IDR ILS INR IQD ISK JMD JOD JPY KES KHR KRW KWD KZT LBP LKR LYD MAD MDL MKD MUR MXN MYR NGN NOK NPR "
        "NZD OMR PEN PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SEK SGD THB TND TRY TTD TWD TZS UAH UGX USD UYU UZS VND "
        "XAF XOF XPF ZAR ",
    )
)


def parse_iban(text: str) -> str | None:
    """The IBAN that the whole of `text` says, without spaces; its form is checked, its checksum is not."""
    compact = re.sub(r"[\s.-]", "", text).upper().removeprefix("IBAN").lstrip(":")
    return compact if re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", compact) and _fits(compact) else None


def find_ibans(text: str) -> list[tuple[str, int, int]]:
    """Every IBAN in running text: without spaces, and where it starts and ends. What follows the country's length is
    left out."""
    return [found for match in _IBAN.finditer(text) if (found := _trimmed(match))]


def find_vat_ids(text: str) -> list[tuple[str, int, int]]:
    """Every VAT number of a known form in running text: without spaces, and where it starts and ends."""
    return [(re.sub(r"[\s.-]", "", m[1]), m.start(1), m.end(1)) for m in _VAT.finditer(text)]


def parse_vat_id(text: str) -> str | None:
    """The VAT number that the whole of `text` says, without spaces, if its form is known."""
    found = find_vat_ids(text.strip().upper())
    return found[0][0] if len(found) == 1 and found[0][2] - found[0][1] == len(text.strip()) else None


def parse_currency(text: str) -> str | None:
    """The ISO 4217 code of a code, symbol or name of a currency. A bare `$` is taken as the US dollar's."""
    key = text.strip(" :().").lower()
    if key.upper() in ISO_4217:
        return key.upper()
    # the last for "Fr.", which has lost its point above
    return _SYMBOLS.get(key) or CURRENCY_NAMES.get(key) or _SYMBOLS.get(f"{key}.")


def _fits(compact: str) -> bool:
    wanted = _IBAN_LENGTHS.get(compact[:2])
    # the registry grows, so that of an unknown country any length may be right
    return wanted is None or int(wanted) == len(compact)


def _trimmed(match: re.Match[str]) -> tuple[str, int, int] | None:
    wanted, kept, end = _IBAN_LENGTHS.get(match[1][:2]), "", match.start(1)
    for offset, character in enumerate(match[1]):
        if character.isalnum() and (wanted is None or len(kept) < int(wanted)):
            kept, end = kept + character, match.start(1) + offset + 1
    cut = match.string[end : end + 1].isalnum()
    return (kept, match.start(1), end) if wanted and len(kept) == int(wanted) and not cut else None
