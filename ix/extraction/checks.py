"""The check step: what a result's schema says about its values, looked at without the document.

A check is a generator over a `CheckedResult` that yields `Finding`s. It reports; no value is changed or removed. To add one,
write it here and name it in `CHECKS`. Messages name fields, never values.

Keywords understood beside JSON Schema's own (`type`, `required`, `enum`), on an object under `x-ix`:

    "sums":  [{"total": "grand_total", "parts": ["net_total", "tax_total"]}]
    "order": [["issue_date", "due_date"]]

A part may be a column (`lines.amount`) or be subtracted (`-prepaid`). The first of an ordered pair is not later than
the second."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from stdnum import iban
from stdnum.eu import vat

from ix.extraction.checked import CheckedResult, Node, allowed_types
from ix.job import Finding

# ISO 4217, active codes of money in circulation and of funds that documents name (list one, SIX, 2024).
_CODES = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLF CLP CNY COP "
    "CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK "
    "JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN "
    "NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC "
    "SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XDR XOF XPF YER ZAR ZMW ZWG"
)
ISO_4217 = frozenset(_CODES.split())
EARLIEST, YEARS_AHEAD = date(1950, 1, 1), 50
"""Dates on business documents lie between these: the first, and so many years from today."""
HALF_CENT = Decimal("0.005")
CENT = Decimal("0.01")
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}
_TOTAL = re.compile(r"(grand_|invoice_)?total|(total_|amount_)?due(_amount)?")


def check(result: Mapping[str, Any], schema: Mapping[str, Any], today: date | None = None) -> tuple[Finding, ...]:
    """Everything that the checks find wanting in a result. `today` is for tests."""
    checked = CheckedResult(result, schema, today)
    return tuple(finding for each in CHECKS for finding in each(checked))


def types(checked: CheckedResult) -> Iterator[Finding]:
    """Values have the type that the schema names."""
    for node in checked.nodes:
        if node.value is not None and not _is_a(node.value, allowed_types(node.spec)):
            yield _finding("type_mismatch", f"{node.name} is not of type {' or '.join(allowed_types(node.spec))}", node)


def required(checked: CheckedResult) -> Iterator[Finding]:
    """Values that the schema requires, and does not allow to be null, are there."""
    for node in checked.nodes:
        if node.value is None and node.required and "null" not in allowed_types(node.spec):
            yield _finding("required_missing", f"{node.name} is required and was not found", node)


def choices(checked: CheckedResult) -> Iterator[Finding]:
    """Values are among the schema's `enum`."""
    for node in checked.nodes:
        if node.value is not None and "enum" in node.spec and node.value not in node.spec["enum"]:
            yield _finding("not_a_choice", f"{node.name} is not one of the values that the schema allows", node)


def dates(checked: CheckedResult) -> Iterator[Finding]:
    """Dates exist in the calendar and are plausible on a business document."""
    for node in checked.of("date"):
        day = _day(node.value)
        if day is None:
            yield _finding("date_invalid", f"{node.name} is not a date (YYYY-MM-DD)", node)
        elif not day >= EARLIEST or day.year > checked.today.year + YEARS_AHEAD:
            yield _finding(
                "date_implausible",
                f"{node.name} lies outside {EARLIEST.year} to {checked.today.year + YEARS_AHEAD}",
                node,
            )


def currencies(checked: CheckedResult) -> Iterator[Finding]:
    """Currencies are ISO 4217 codes."""
    for node in checked.of("currency"):
        if str(node.value) not in ISO_4217:
            yield _finding("currency_unknown", f"{node.name} is not an ISO 4217 code", node)


def ibans(checked: CheckedResult) -> Iterator[Finding]:
    """IBANs pass the check of ISO 7064 (mod 97-10) and have their country's length."""
    for node in checked.of("iban"):
        if not iban.is_valid(str(node.value), check_country=False):
            yield _finding("iban_invalid", f"{node.name} fails the IBAN checksum", node)


def vat_ids(checked: CheckedResult) -> Iterator[Finding]:
    """VAT numbers of the European Union pass their country's check; others are not judged."""
    for node in checked.of("vat_id"):
        number = re.sub(r"[^A-Z0-9]", "", str(node.value).upper())
        if number[:2].lower() in vat.MEMBER_STATES | {"el"} and not vat.is_valid(number):
            yield _finding("vat_id_invalid", f"{node.name} fails the check of its country's VAT numbers", node)


def sums(checked: CheckedResult) -> Iterator[Finding]:
    """Declared totals are the sum of their parts, but for rounding: half a cent a part, at least one cent."""
    for node, extra in checked.objects():
        for declared in extra.get("sums", ()):
            total, parts = (
                _number(node.value.get(declared["total"])),
                [_part(node.value, part) for part in declared["parts"]],
            )
            numbers = [number for part in parts for number in part]
            if total is None or not numbers or any(number is None for number in numbers):
                continue
            off = abs(total - sum(number for number in numbers if number is not None))
            if off > max(CENT, HALF_CENT * (len(numbers) + 1)):
                message = f"{declared['total']} is not the sum of {', '.join(declared['parts'])}"
                yield _finding("sum_mismatch", message, node, declared["total"])


def order(checked: CheckedResult) -> Iterator[Finding]:
    """Declared pairs of dates are in order."""
    for node, extra in checked.objects():
        for first, second in extra.get("order", ()):
            start, end = _day(node.value.get(first)), _day(node.value.get(second))
            if start and end and start > end:
                yield _finding("order_mismatch", f"{first} is later than {second}", node, second)


def totals(checked: CheckedResult) -> Iterator[Finding]:
    """Totals are not below zero, as on a credit note read as an invoice. A total of zero is odd; an amount due of zero
    is not."""
    for node in checked.of("money"):
        if not _TOTAL.fullmatch(node.name) or (number := _number(node.value)) is None:
            continue
        if number < 0:
            yield _finding("total_negative", f"{node.name} is negative", node)
        elif number == 0 and "due" not in node.name:
            yield _finding("total_zero", f"{node.name} is zero", node)


Check = Callable[[CheckedResult], Iterator[Finding]]
CHECKS: tuple[Check, ...] = (types, required, choices, dates, currencies, ibans, vat_ids, sums, order, totals)


def _is_a(value: object, allowed: list[str]) -> bool:
    if not allowed:
        return True
    if isinstance(value, bool):
        return "boolean" in allowed
    if isinstance(value, float) and value.is_integer() and "integer" in allowed:
        return True
    return isinstance(value, tuple(kind for name in allowed for kind in _TYPES.get(name, (object,))))


def _part(value: Mapping[str, Any], part: str) -> list[Decimal | None]:
    """The numbers a part stands for: one, or a column's; a part with a minus is subtracted."""
    if part.startswith("-"):
        return [None if number is None else -number for number in _part(value, part[1:])]
    name, _, column = part.partition(".")
    inner = value.get(name)
    if column and isinstance(inner, list):
        return [number for row in inner for number in (_part(row, column) if isinstance(row, Mapping) else [None])]
    return _part(inner, column) if column and isinstance(inner, Mapping) else [_number(inner)]


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _day(value: object) -> date | None:
    try:
        return datetime.fromisoformat(str(value)).date() if re.match(r"\d{4}-\d{2}-\d{2}", str(value)) else None
    except ValueError:
        return None


def _finding(code: str, message: str, node: Node, member: str = "") -> Finding:
    return Finding(code=code, message=message, path=".".join(filter(None, (node.path, member))))
