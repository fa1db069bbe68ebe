"""Forms of numbers: how countries write amounts, accounts and VAT numbers. `#` is a digit, `@` a letter."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

VAT_FORMS = {
    "DE": ["DE#########", "DE ### ### ###"],
    "AT": ["ATU########"],
    "CH": ["CHE-###.###.### MWST"],
    "GB": ["GB ### #### ##", "GB#########"],
    "IE": ["IE#######@"],
    "FR": ["FR## ### ### ###", "FR###########"],
    "BE": ["BE 0#########"],
    "ES": ["ESB########"],
    "IT": ["IT###########", "IT0##########"],
    "NL": ["NL#########B01", "NL #########B##"],
    "PL": ["PL##########"],
    "PT": ["PT#########"],
    "SE": ["SE##########01"],
    "DK": ["DK########", "DK ## ## ## ##"],
    "CZ": ["CZ########"],
}
"""Forms of VAT numbers as printed (European Commission, VIES; tax offices for the others)."""
_ACCOUNTS = {
    "DE": 18,
    "AT": 16,
    "CH": 17,
    "BE": 12,
    "ES": 20,
    "PL": 24,
    "PT": 21,
    "SE": 20,
    "DK": 14,
    "CZ": 20,
    "FR": 23,
}
"""Digits behind the check digits of an IBAN (IBAN registry, SWIFT)."""
_MIXED = {"GB": "@@@@##############", "IE": "@@@@##############", "NL": "@@@@##########", "IT": "@" + "#" * 22}


def accounts(country: str) -> str:
    """The form of what follows the check digits of a country's IBAN."""
    return _MIXED.get(country, "#" * _ACCOUNTS.get(country, 18))


def in_notation(value: Decimal, notation: str, places: int = 2) -> str:
    """An amount as `notation`, such as `1.234,56`, shows: its marks before thousands (`_` is none) and decimals. A
    minus leads."""
    group, mark = notation[1], notation[5]
    whole, _, fraction = str(abs(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)).partition(".")
    digits = whole
    if group != "_":
        digits = f"{int(whole):,}".replace(",", group)
    return f"{'-' if value < 0 else ''}{digits}{mark + fraction if fraction else ''}"
