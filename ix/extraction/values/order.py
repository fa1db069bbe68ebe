"""Whether a document's numeric dates put the day or the month first, told by what else stands on its pages.

Weighed are, most telling first: its dates that can be read in one way only, weekdays beside dates, dates with a month's
name, and signs of where it comes from: addresses, currencies, tax numbers, telephone numbers, its language. What no
sign tells is read as most of the world writes it, day first, and said to be open."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ix.extraction.values.codes import find_ibans, find_vat_ids

_STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|DC|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR"
    "|PA|PR|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY"
)
"""States of the United States, as the Postal Service writes them (Publication 28, appendix B)."""
_AMERICAN = (
    (2, re.compile(rf"\b(?:{_STATES}),? \d{{5}}(?:-\d{{4}})?\b")),
    (2, re.compile(r"\bU\.?S\.?A\b|\bUnited States\b|\bUS\$|\bUSD\b")),
    # three digits, three, four, without a country's number; Canada has these too, and writes dates in both ways
    (1, re.compile(r"(?<![\d+-])(?<!\d )(?:\+?1[ .-])?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[.-]\d{4}(?![\d-])")),
    (1, re.compile(r"\b(?:sales tax|gratuity|zip code|EIN|routing (?:no|number))\b", re.I)),
    (1, re.compile(r"(?<![A-Z])\$\s?\d")),
)
"""Signs of the United States, and the weight of each."""
_OTHER_COUNTRIES = (
    (2, re.compile(r"[€£₹₺₴₽₸৳]|\b(?:EUR|GBP|CHF|SGD|MYR|AUD|NZD|INR|ZAR|PLN|CZK|HUF|RON|BGN|TRY|SEK|NOK|DKK)\b")),
    (2, re.compile(r"\bRM\s?\d|\bS\$|\bA\$|\bNZ\$|\bRs\.?\s?\d|\bKM\s?\d|\d\s?(?:zł|Kč|Ft|kn|lei|kr)\b")),
    (2, re.compile(r"\bABN\b|\bGSTIN\b|\bSDN\.? BHD\b|\bPTE\.? LTD\b|\bPTY\.? LTD\b", re.I)),
    (1, re.compile(r"\bGST\b|\bLtd\b|\bIBAN\b|\bBIC\b|\bSWIFT\b")),
    (2, re.compile(r"(?:\+|\b00)(?!1\b)(?!1[ .(-])[2-9]\d[\d ().-]{6}")),
    (2, re.compile(r"\b(?:United Kingdom|England|Ireland|Australia|Singapore|Malaysia|India|Germany|France)\b", re.I)),
)
"""Signs of the rest of the world, which puts the day first."""
_VAT = re.compile(r"\bVAT\b", re.I)
"""Value added tax, which there is in most countries, and not in the United States; Canada's is a GST."""
_ENOUGH = 2
"""Weight by which one side must outdo the other to decide."""


class Order(NamedTuple):
    """How numeric dates are read, and whether anything on the pages decided that."""

    day_first: bool
    decided: bool


def by_origin(texts: Iterable[str], languages: Sequence[str] = ()) -> Order:
    """How a document of these lines, in these languages (ISO 639-1, the surest first), writes dates by signs of where
    it comes from."""
    balance = 2 if set(languages[:1]) - {"en"} else 0
    text = "\n".join(texts)
    balance += 2 * bool(_VAT.search(text) or find_ibans(text) or find_vat_ids(text))
    balance += sum(weight for weight, sign in _OTHER_COUNTRIES if sign.search(text))
    balance -= sum(weight for weight, sign in _AMERICAN if sign.search(text))
    return Order(balance > -_ENOUGH, abs(balance) >= _ENOUGH)
