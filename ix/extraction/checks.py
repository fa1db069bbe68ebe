"""The check step: what a result's schema says about its values, looked at without the document.

A check is a generator over a `CheckedResult` that yields `Finding`s. It reports; no value is changed or removed. To
add one, write it here and name it in `CHECKS`, with its sentence in `ix.extraction.findings`. Those name fields, never
values: they are logged, and values are not.

Keywords understood beside JSON Schema's own (`type`, `required`, `enum`), on an object under `x-ix`:

    "sums":  [{"total": "grand_total", "parts": ["net_total", "tax_total"]}]
    "order": [["issue_date", "due_date"]]
    "running": {"rows": "movements", "amount": "amount", "balance": "balance", "start": "opening_balance",
                "end": "closing_balance", "carried": "carried.balance"}
    "mrz":   "mrz"

What `running` and `mrz` mean is told in `ix.extraction.balances` and `ix.extraction.documents_of_identity`. A part
may be a column (`lines.amount`) or be subtracted (`-prepaid`). The first of an ordered pair is not later than the
second."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, Overflow
from typing import Any

from stdnum import iban
from stdnum.eu import vat

from ix.extraction import balances, documents_of_identity
from ix.extraction.checked import CheckedResult, Node, allowed_types
from ix.extraction.findings import finding
from ix.extraction.values import as_decimal
from ix.extraction.values.iso4217 import ISO_4217
from ix.fields import ZONED
from ix.job import Finding, Scalar

EARLIEST, YEARS_AHEAD = date(1950, 1, 1), 50
"""Dates on business documents lie between these: the first, and so many years from today (a lease, a mortgage)."""
HALF_CENT, CENT = Decimal("0.005"), Decimal("0.01")
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}
# Names of totals as the built-in use cases and most invoices' schemas write them.
_TOTAL = re.compile(r"(grand_|invoice_)?total|(total_|amount_)?due(_amount)?")


def check(result: Mapping[str, Any], schema: Mapping[str, Any], today: date | None = None) -> tuple[Finding, ...]:
    """Everything that the checks find wanting in a result. `today` is the date from which dates are judged, this day's
    unless a test gives one."""
    return found(CheckedResult(result, schema, today))


def found(checked: CheckedResult) -> tuple[Finding, ...]:
    """Everything that the checks find wanting in a result that others look at, too."""
    return tuple(one for each in CHECKS for one in each(checked))


def types(checked: CheckedResult) -> Iterator[Finding]:
    """Values have the type that the schema names."""
    for node in checked.nodes:
        if node.value is not None and not has_type(node.value, allowed_types(node.spec)):
            yield _finding("type_mismatch", node, types=" or ".join(allowed_types(node.spec)))


def required(checked: CheckedResult) -> Iterator[Finding]:
    """Values that the schema requires, and does not allow to be null, are there."""
    for node in checked.nodes:
        if node.value is None and node.required and "null" not in allowed_types(node.spec):
            yield _finding("required_missing", node)


def choices(checked: CheckedResult) -> Iterator[Finding]:
    """Values are among the schema's `enum`."""
    for node in checked.nodes:
        if node.value is not None and "enum" in node.spec and node.value not in node.spec["enum"]:
            yield _finding("not_a_choice", node)


def dates(checked: CheckedResult) -> Iterator[Finding]:
    """Dates exist in the calendar and are plausible on a business document."""
    latest = checked.today.year + YEARS_AHEAD
    for node in checked.of("date"):
        day = _day(node.value)
        if day is None:
            yield _finding("date_invalid", node)
        # people are older than business documents
        elif (day < EARLIEST or day.year > latest) and (node.spec.get("x-ix") or {}).get("source") != ZONED:
            yield _finding("date_implausible", node, first=EARLIEST.year, last=latest)


def currencies(checked: CheckedResult) -> Iterator[Finding]:
    """Currencies are ISO 4217 codes."""
    for node in checked.of("currency"):
        if str(node.value) not in ISO_4217:
            yield _finding("currency_unknown", node)


def ibans(checked: CheckedResult) -> Iterator[Finding]:
    """IBANs pass the check of ISO 7064 (mod 97-10) and have their country's length."""
    for node in checked.of("iban"):
        # check_country would add single countries' checks of the account number within, which are not ISO's
        if not iban.is_valid(str(node.value), check_country=False):
            yield _finding("iban_invalid", node)


def vat_ids(checked: CheckedResult) -> Iterator[Finding]:
    """VAT numbers of the European Union pass their country's check; others are not judged."""
    for node in checked.of("vat_id"):
        number = re.sub(r"[^A-Z0-9]", "", str(node.value).upper())
        # Greece is GR in ISO 3166 and EL in its VAT numbers
        if number[:2].lower() in vat.MEMBER_STATES | {"el"} and not vat.is_valid(number):
            yield _finding("vat_id_invalid", node)


def sums(checked: CheckedResult) -> Iterator[Finding]:
    """Declared totals are the sum of their parts, but for rounding: half a cent a part, at least one cent."""
    for node, extra in checked.objects:
        for declared in _wrong_sums(node, extra):
            yield _finding("sum_mismatch", node, declared["total"], parts=", ".join(declared["parts"]))


def _wrong_sums(node: Node, extra: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in extra.get("sums", ()) if adds_up(node.value, one["total"], one["parts"]) is False]


def order(checked: CheckedResult) -> Iterator[Finding]:
    """Declared pairs of dates are in order."""
    for node, extra in checked.objects:
        for first, second in extra.get("order", ()):
            start, end = _day(node.value.get(first)), _day(node.value.get(second))
            if start and end and start > end:
                yield _finding("order_mismatch", node, second, first=first)


def totals(checked: CheckedResult) -> Iterator[Finding]:
    """Totals are not below zero, as on a credit note read as an invoice. A total of zero is odd; an amount due of zero
    is not."""
    for node in checked.of("money"):
        if not _TOTAL.fullmatch(node.name) or (number := as_decimal(node.value)) is None:
            continue
        if number < 0:
            yield _finding("total_negative", node)
        elif number == 0 and "due" not in node.name:
            yield _finding("total_zero", node)


def running(checked: CheckedResult) -> Iterator[Finding]:
    """Balances run from row to row, and over what is carried from page to page."""
    for node, extra in checked.objects:
        if rule := extra.get("running"):
            for path, name in balances.broken(node.value, rule):
                # what is no sum of the rows at all is told as that
                if not any(declared["total"] == path for declared in _wrong_sums(node, extra)):
                    yield _finding("balance_mismatch", node, path, field=name)


def zones(checked: CheckedResult) -> Iterator[Finding]:
    """The check digits of a machine-readable zone hold, and other fields say what it says."""
    for node, extra in checked.objects:
        if (member := extra.get("mrz")) and (lines := node.value.get(member)):
            for code, path in documents_of_identity.broken(node.value, str(lines), checked.today):
                yield _finding(code, node, path or member)


Check = Callable[[CheckedResult], Iterator[Finding]]
CHECKS: tuple[Check, ...] = (
    types,
    required,
    choices,
    dates,
    currencies,
    ibans,
    vat_ids,
    sums,
    order,
    totals,
    running,
    zones,
)


def nothing(checked: CheckedResult) -> Iterator[Finding]:
    """Says where an answer has no value at all: the document is another one, or cannot be read. It is no check of a
    result, which a person may well empty."""
    values = [node.value for node in checked.nodes if not isinstance(node.value, dict | list)]
    if values and all(value in (None, "") for value in values):
        yield finding("nothing_found")


def has_type(value: object, allowed: list[str]) -> bool:
    """Whether a JSON value is of one of these types; of any where none is named."""
    if not allowed:
        return True
    # before the others, because a bool of Python is an int
    if isinstance(value, bool):
        return "boolean" in allowed
    # JSON knows one kind of number: 3.0 is an integer (JSON Schema 2020-12, core, 4.2.3)
    if isinstance(value, float) and value.is_integer() and "integer" in allowed:
        return True
    return any(isinstance(value, _TYPES.get(name, (object,))) for name in allowed)


def adds_up(value: Mapping[str, Any], total: str, parts: Sequence[str]) -> bool | None:
    """Whether the parts are the total; None where one of them is not known."""
    declared, numbers = as_decimal(value.get(total)), [number for part in parts for number in _part(value, part)]
    known = [number for number in numbers if number is not None]
    if declared is None or not numbers or len(known) < len(numbers):
        return None
    try:
        # the total is rounded as well, hence one more half cent than there are parts
        return abs(declared - sum(known)) <= max(CENT, HALF_CENT * (len(numbers) + 1))
    except Overflow:
        # a text may write any number: 9e999999
        return False


def _part(value: Mapping[str, Any], part: str) -> list[Decimal | None]:
    """The numbers a part stands for: one, or a column's; a part with a minus is subtracted."""
    if part.startswith("-"):
        return [None if number is None else -number for number in _part(value, part[1:])]
    name, _, column = part.partition(".")
    inner = value.get(name)
    if column and isinstance(inner, list):
        return [number for row in inner for number in (_part(row, column) if isinstance(row, Mapping) else [None])]
    return _part(inner, column) if column and isinstance(inner, Mapping) else [as_decimal(inner)]


def _day(value: object) -> date | None:
    # fromisoformat alone would also take 20240305 and 2024-W10-2
    try:
        return datetime.fromisoformat(str(value)).date() if re.match(r"\d{4}-\d{2}-\d{2}", str(value)) else None
    except ValueError:
        return None


def _finding(code: str, node: Node, member: str = "", **params: Scalar) -> Finding:
    path = ".".join(filter(None, (node.path, member)))
    return finding(code, path, **{"field": member or node.name, **params})
