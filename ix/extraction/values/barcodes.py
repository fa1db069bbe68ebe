"""What QR and bar codes say of a payment: Swiss QR bill, EPC QR code, GS1 Application Identifiers.

Sources: Swiss Implementation Guidelines for the QR-bill 2.3 (SIX), EPC069-12 version 2.1 (European Payments Council),
GS1 General Specifications 24, section 3.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from ix.extraction.values.codes import parse_iban
from ix.extraction.values.iso4217 import ISO_4217

MAX_DIGITS = 15
"""Digits of an amount; those of the specifications have at most 15."""
_AMOUNT = re.compile(r"\d{1,12}(?:\.\d{1,3})?")
_EPC_AMOUNT = re.compile(r"([A-Z]{3})(\d{1,12}(?:\.\d{1,2})?)")
_QRR = re.compile(r"\d{27}")
_SCOR = re.compile(r"RF\d{2}[A-Z0-9]{1,21}")
_GS1 = re.compile(r"\((\d{2,4})\)([^(]*(?:\((?!\d{2,4}\))[^(]*)*)")
"""An Application Identifier in brackets and what follows it, as decoders write them for people."""
_NUMERIC = {
    "036": "AUD", "124": "CAD", "156": "CNY", "203": "CZK", "208": "DKK", "348": "HUF", "356": "INR", "392": "JPY",
    "410": "KRW", "458": "MYR", "554": "NZD", "578": "NOK", "702": "SGD", "710": "ZAR", "752": "SEK", "756": "CHF",
    "764": "THB", "826": "GBP", "840": "USD", "946": "RON", "949": "TRY", "975": "BGN", "978": "EUR", "985": "PLN",
    "986": "BRL",
}  # fmt: skip
"""Numbers of currencies (ISO 4217), which GS1 writes instead of letters."""


@dataclass(frozen=True, slots=True)
class Payment:
    """What a code asks to be paid: to which account and whom, how much, under which reference. None where it does not
    say. `standard` is `spc`, `epc` or `gs1`."""

    standard: str
    iban: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    reference: str | None = None
    name: str | None = None


def parse_payment(text: str) -> Payment | None:
    """The payment that the text of a code describes; None where it describes none."""
    lines = [line.strip() for line in re.split(r"\r\n|\n|\r", text.lstrip("\ufeff"))]
    if lines[0] == "SPC":
        return _swiss(lines)
    if lines[0] == "BCD":
        return _epc(lines)
    return _gs1(_GS1.findall(text)) if text.startswith("(") else None


def _swiss(lines: Sequence[str]) -> Payment | None:
    """A Swiss QR bill: 31 lines and more, each at its place, of which those of the ultimate creditor stay empty."""
    if len(lines) < 29 or not lines[1].startswith("02"):
        return None
    kind, reference = lines[27], lines[28].replace(" ", "")
    valid = {"QRR": _QRR, "SCOR": _SCOR}.get(kind)
    return Payment(
        "spc",
        parse_iban(lines[3]),
        _decimal(lines[18]) if _AMOUNT.fullmatch(lines[18]) else None,
        lines[19] if lines[19] in ("CHF", "EUR") else None,
        reference if valid and valid.fullmatch(reference) else None,
        lines[5] or None,
    )


def _epc(lines: Sequence[str]) -> Payment | None:
    """An EPC QR code for a SEPA credit transfer, whose last lines may be left out. The reference is the structured one
    (ISO 11649), or else the text for the payee."""
    if len(lines) < 7 or lines[3] != "SCT":
        return None
    values = [*lines, *[""] * 12]
    amount = _EPC_AMOUNT.fullmatch(values[7])
    return Payment(
        "epc",
        parse_iban(values[6]),
        _decimal(amount[2]) if amount else None,
        amount[1] if amount and amount[1] in ISO_4217 else None,
        values[9] or values[10] or None,
        values[5] or None,
    )


def _gs1(found: Sequence[tuple[str, str]]) -> Payment | None:
    """Application Identifiers: 8007 is the IBAN, 8020 the reference of the payment slip, 390n an amount of n decimals
    and 391n one behind a currency."""
    values = dict(found)
    amount, currency = _gs1_amount(values)
    iban, reference = parse_iban(values.get("8007", "")), values.get("8020") or None
    if iban is None and amount is None and reference is None:
        return None
    return Payment("gs1", iban, amount, currency, reference)


def _gs1_amount(values: Mapping[str, str]) -> tuple[Decimal | None, str | None]:
    for identifier, digits in values.items():
        if not re.fullmatch(r"39[01]\d", identifier) or not re.fullmatch(rf"\d{{1,{MAX_DIGITS + 3}}}", digits):
            continue
        currency, amount = (digits[:3], digits[3:]) if identifier[2] == "1" else ("", digits)
        if amount:
            return Decimal(amount).scaleb(-int(identifier[3])), _NUMERIC.get(currency)
    return None, None


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
