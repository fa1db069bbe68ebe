"""Numbers of a result as bookkeeping counts: exact, in cents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

CENT = Decimal("0.01")
CREDIT_NOTES = frozenset({"381", "396", "532"})
"""Codes of documents that give money back (UNTDID 1001, as EN 16931 sorts them)."""


class Share(NamedTuple):
    """What an invoice charges at one rate of tax, percent."""

    rate: Decimal
    base: Decimal
    tax: Decimal


def amount(value: Any) -> Decimal | None:
    """A number of a result to the cent; None where there is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # by its digits: a float's own value is not what was printed
    return Decimal(str(value)).quantize(CENT, ROUND_HALF_UP)


def plain(value: float | Decimal) -> str:
    """A number in digits, without zeros that say nothing: `4`, `12.5`."""
    return f"{Decimal(str(value)).normalize():f}"


def shares(invoice: Mapping[str, Any]) -> list[Share]:
    """How the amount of an invoice divides by rate of tax: as it says, or else as one rate that fits net and tax. Empty
    where neither comes to the grand total."""
    grand = amount(invoice.get("grand_total"))
    for found in (list(_stated(invoice)), list(_single(invoice))):
        if found and sum(share.base + share.tax for share in found) == grand:
            return found
    return []


def _stated(invoice: Mapping[str, Any]) -> Iterator[Share]:
    for row in invoice.get("taxes") or ():
        rate, base, tax = (amount(row.get(name)) for name in ("rate", "base", "amount"))
        if rate is not None and base is not None and tax is not None:
            yield Share(rate, base, tax)


def _single(invoice: Mapping[str, Any]) -> Iterator[Share]:
    net, tax = amount(invoice.get("net_total")), amount(invoice.get("tax_total"))
    if net is None or tax is None or not net:
        return
    # the whole or half percent that rounds to this tax: no country has finer rates
    rate = (tax * 200 / net).quantize(Decimal(1), ROUND_HALF_UP) / 2
    if abs((net * rate / 100).quantize(CENT, ROUND_HALF_UP) - tax) <= CENT:
        yield Share(rate.quantize(CENT), net, tax)
