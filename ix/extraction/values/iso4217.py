"""Codes of currencies and how many decimals each has (ISO 4217)."""

from __future__ import annotations

import re
from collections.abc import Mapping

_CODES = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF "
    "CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD "
    "HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL "
    "LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR "
    "PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP "
    "TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XDR XOF XPF YER ZAR ZMW ZWG"
)
ISO_4217 = frozenset(_CODES.split())
"""The active codes of money in circulation, and of funds that documents name (list one, SIX, 2024)."""

THREE_DECIMALS = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))
NO_DECIMALS = frozenset(re.findall(r"[A-Z]{3}", "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"))
"""Currencies whose minor unit is not a hundredth (list one, SIX, 2024, column "minor unit"). CLF and UYW, units of
account with four decimals, are on no invoice."""
COMMA_BEFORE_DECIMALS = frozenset({"LYD", "TND"})
"""Those of three decimals in whose countries a comma stands before them; in the others it groups thousands (CLDR 45,
`decimal` of ar_LY and ar_TN, and of ar_BH, ar_IQ, ar_JO, ar_KW, ar_OM)."""

_MINOR_UNITS: Mapping[str, int] = {**dict.fromkeys(THREE_DECIMALS, 3), **dict.fromkeys(NO_DECIMALS, 0)}


def minor_units(code: str) -> int:
    """How many decimals amounts of a currency have, by its ISO 4217 code."""
    return _MINOR_UNITS.get(code, 2)
