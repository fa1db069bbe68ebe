"""The fields of invoices and receipts under other names: what a client's own schema would call them. Two ways each:
flat names of another style, and objects with descriptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from ix.extraction.models import Leaf, Tree


class Renamed(NamedTuple):
    """A schema, and where the fields of the use case stand in it, by their names there."""

    schema: Mapping[str, Any]
    places: Mapping[str, str]


_TEXT, _DAY, _NUMBER = {"type": "string"}, {"type": "string", "format": "date"}, {"type": "number"}


def _flat(names: Mapping[str, tuple[str, Mapping[str, Any]]], rows: Mapping[str, Any]) -> Renamed:
    properties = {new: dict(schema) for new, schema in names.values()}
    schema = {"type": "object", "properties": {**properties, **rows}}
    return Renamed(schema, {old: new for old, (new, _) in names.items()})


def _rows(**columns: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "object", "properties": dict(columns)}}


def _object(**members: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": dict(members)}


def _said(schema: Mapping[str, Any], description: str) -> dict[str, Any]:
    return {**schema, "description": description}


_INVOICE_LINES: Final = _rows(article=_TEXT, qty=_NUMBER, pricePerUnit=_NUMBER, lineAmount=_NUMBER)
INVOICES: Final = (
    _flat(
        {
            "invoice_number": ("invoiceNo", _TEXT),
            "issue_date": ("dateOfInvoice", _DAY),
            "due_date": ("paymentDueDate", _DAY),
            "seller_name": ("vendorName", _TEXT),
            "buyer_name": ("customer", _TEXT),
            "seller_vat_id": ("vatIdOfVendor", _TEXT),
            "currency": ("currencyCode", _TEXT),
            "iban": ("bankIban", _TEXT),
            "net_total": ("totalWithoutTax", _NUMBER),
            "tax_total": ("vatAmount", _NUMBER),
            "grand_total": ("totalAmount", _NUMBER),
            "due_amount": ("amountDue", _NUMBER),
        },
        {"positions": _INVOICE_LINES},
    ),
    Renamed(
        {
            "type": "object",
            "properties": {
                "document": _object(
                    number=_said(_TEXT, "Number of the invoice"), issued=_said(_DAY, "Invoice date"), payable_by=_DAY
                ),
                "seller": _object(name=_said(_TEXT, "Who sends the invoice"), vat_id=_TEXT, iban=_TEXT),
                "buyer": _object(name=_said(_TEXT, "To whom the invoice is addressed")),
                "sums": _object(
                    net=_said(_NUMBER, "Net total, without tax"),
                    tax=_said(_NUMBER, "Value added tax in all"),
                    gross=_said(_NUMBER, "Grand total, tax included"),
                    to_pay=_said(_NUMBER, "Amount due"),
                    currency=_TEXT,
                ),
            },
        },
        {
            "invoice_number": "document.number",
            "issue_date": "document.issued",
            "due_date": "document.payable_by",
            "seller_name": "seller.name",
            "seller_vat_id": "seller.vat_id",
            "iban": "seller.iban",
            "buyer_name": "buyer.name",
            "net_total": "sums.net",
            "tax_total": "sums.tax",
            "grand_total": "sums.gross",
            "due_amount": "sums.to_pay",
            "currency": "sums.currency",
        },
    ),
)
RECEIPTS: Final = (
    _flat(
        {
            "company": ("merchantName", _TEXT),
            "date": ("purchaseDate", _DAY),
            "address": ("merchantAddress", _TEXT),
            "total": ("totalPaid", _NUMBER),
        },
        {"articles": _rows(product=_TEXT, count=_NUMBER, price=_NUMBER)},
    ),
    Renamed(
        {
            "type": "object",
            "properties": {
                "store": _object(name=_said(_TEXT, "Name of the shop"), address=_said(_TEXT, "Its full address")),
                "transaction": _object(
                    date=_said(_DAY, "Day of the purchase"), total=_said(_NUMBER, "What was to be paid in all")
                ),
            },
        },
        {
            "company": "store.name",
            "address": "store.address",
            "date": "transaction.date",
            "total": "transaction.total",
        },
    ),
)


def at(tree: Mapping[str, Tree], path: str) -> Any:
    """The value at a dotted path of an answer; None where there is none."""
    node: Any = tree
    for name in path.split("."):
        node = node.get(name) if isinstance(node, dict) else None
    return node.value if isinstance(node, Leaf) else None
