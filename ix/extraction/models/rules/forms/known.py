"""Known fields: which of a client's own fields ask for what bills have, whatever they are called.

A schema that asks for a total is one of bills: invoices, receipts, orders. Its fields whose words are a label of such
(`ix.languages`, in any language) are looked for as the built-in use cases look for them: by the labels of all
languages, by the layout of letterheads, by arithmetic. A schema that asks for none is one of forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from ix.extraction.models.rules.fields.labelled_amounts import concept_of
from ix.extraction.models.rules.forms.likeness import Asked, contexts_of, together
from ix.extraction.models.rules.forms.wording import Words, phrases_of, words
from ix.extraction.models.rules.vocabulary.money import features
from ix.fields import Field, Kind
from ix.languages import labels, load, phrases

_BILLS: Final = ("invoice", "receipt")
_TOTALS: Final = frozenset(("total", "due", "net", "tax", "paid"))
_SETTLED: Final = _TOTALS | {"prepaid", "lines", "subtotal"}
"""What arithmetic settles together; all else stands beside its own caption."""
_SHORT: Final = 8
"""Words of a description that is as good as a label."""
_SELLERS: Final = frozenset(
    ("supplier", "merchant", "store", "shop", "company", "issuer", "retailer", "restaurant", "business", "biller")
)
_BUYERS: Final = frozenset(("buyer", "customer", "recipient", "payer", "debtor", "consignee"))
_PAPERS: Final = frozenset(("invoice", "receipt", "bill", "document", "transaction", "purchase", "sale", "sales"))
_DAYS: Final = frozenset(("date", "day", "issued", "issue"))
_DUE: Final = frozenset(("due", "payable", "deadline"))
_SAYING_LITTLE: Final = frozenset(("name", "full", "legal", "trading", "details", "information", "info", "main"))
"""Words as `wording` has them: a vendor is a supplier, a client a customer."""
_OF_ACCOUNTS: Final = frozenset(("debit", "credit", "deposit", "withdrawal"))
_KINDS: Final[Mapping[str, Kind]] = {"seller_name": "organisation", "buyer_name": "organisation"}
_FORMED: Final = frozenset(("organisation", "currency", "iban", "vat_id"))
"""Kinds that a bill has one of, or one for each party."""
_NAME: Final = "name"


@dataclass(frozen=True)
class Plan:
    """How the fields of a schema are looked for, by path: as the built-in use cases do, by the field put in its place;
    or as those of a form."""

    described: Mapping[str, Field]
    free: Sequence[Asked]
    tables: Sequence[Field]
    is_bill: bool


def leaves(fields: Sequence[Field], context: tuple[Words, ...] = ()) -> Iterator[tuple[Field, tuple[Words, ...]]]:
    """Every field that holds a value, columns of tables left out, with what the objects around it are called."""
    for field in fields:
        if field.kind == "object":
            yield from leaves(field.fields, (*context, contexts_of(field)))
        elif field.kind != "rows":
            yield field, context


@lru_cache(maxsize=16)
def plan(fields: tuple[Field, ...]) -> Plan:
    """The plan for a schema's fields."""
    found = list(leaves(fields))
    is_bill = any(_is_of_bills(field, context) for field, context in found)
    described: dict[str, Field] = {}
    free: list[Asked] = []
    for field, context in found:
        if field.is_described:
            described[field.path] = field
            continue
        # all of them: what the layout of bills does not find may have a caption all the same
        free.append(Asked.of(field, context))
        if special := _special(field, context, is_bill):
            described[field.path] = special
    return Plan(described, together(free), [field for field in _tables(fields) if not _is_described(field)], is_bill)


def _tables(fields: Sequence[Field]) -> Iterator[Field]:
    for field in fields:
        if field.kind == "object":
            yield from _tables(field.fields)
        elif field.kind == "rows" and field.fields:
            yield field


def _is_described(table: Field) -> bool:
    return table.is_described or all(field.is_described for field in table.fields)


def _is_of_bills(field: Field, context: tuple[Words, ...]) -> bool:
    return not field.is_described and field.kind == "money" and concept_of(_money(field, context)) in _TOTALS


def _special(field: Field, context: tuple[Words, ...], is_bill: bool) -> Field | None:
    """The field as a built-in use case would ask for it, if it is one of theirs."""
    if not is_bill:
        return field if field.kind in ("iban", "currency") and not context else None
    named = _named(field, context)
    known = next((_KNOWN[one] for one in named if one in _KNOWN), None) or _by_role(field, named)
    if field.kind == "money":
        money = _money(field, context)
        return money if concept_of(money) in _SETTLED and _is_plain(money) else None
    if known:
        path, theirs = known
        # a number is a code, whatever language names it
        own = "identifier" if path.endswith("_number") else field.kind
        kind = _KINDS.get(path, own) if field.kind in ("text", "organisation", "person") else field.kind
        # what finders read off a name, whose side it is say, is what the place is called
        return replace(field, name=path, labels=(" ".join(named[0]), *theirs), kind=kind)
    return replace(field, name="_".join(named[0])) if field.kind in _FORMED else None


def _is_plain(field: Field) -> bool:
    """Whether a name speaks of money alone: total deposits and a closing balance are no totals of a bill."""
    named = words(field.name.replace("_", " "))
    return all(features(word) or word in _SAYING_LITTLE for word in named) and not _OF_ACCOUNTS & set(named)


def _money(field: Field, context: tuple[Words, ...]) -> Field:
    """A field of money by the first that says what it is: its own name, its description where that is short, its name
    with those of its objects."""
    own, whole = "_".join(words(field.labels[-1])), "_".join(_named(field, context)[0])
    said = (field.description,) if 0 < len(field.description.split()) <= _SHORT else ()
    described = "_".join(words(field.description)) if said else field.name
    tries = ((own, field.labels), (described, (*field.labels, *said)), (whole, field.labels))
    made = [replace(field, name=name, labels=labels) for name, labels in tries]
    found = next((one for one in made if concept_of(one)), field)
    if concept_of(found) == "paid" and "total" in words(found.name.replace("_", " ")):
        # what is paid in all is the total; what was given for it has no such word
        return replace(field, name="total", labels=("total",))
    return found


def _by_role(field: Field, named: Sequence[Words]) -> tuple[str, tuple[str, ...]] | None:
    """The known field that words mean though no label has them: whose, and what of a bill."""
    for one in named:
        found = set(one)
        sellers, buyers = found & _SELLERS, found & _BUYERS
        rest = found - _SELLERS - _BUYERS - _SAYING_LITTLE
        path = _role(field.kind, bool(sellers), bool(buyers), rest)
        if path:
            return path, _LABELS.get(path, ())
    return None


def _role(kind: Kind, is_sellers: bool, is_buyers: bool, rest: set[str]) -> str:
    if kind in ("text", "organisation", "person") and not rest and is_sellers != is_buyers:
        return "seller_name" if is_sellers else "buyer_name"
    if kind == "address" and not is_buyers and rest <= {"address"}:
        return "address"
    if kind == "vat_id":
        return "buyer_vat_id" if is_buyers else "seller_vat_id"
    if is_sellers or is_buyers:
        return ""
    if kind == "date" and rest & _DUE:
        return "due_date"
    if kind == "date":
        return "issue_date" if rest <= _PAPERS | _DAYS else ""
    is_number = kind in ("identifier", "text") and "number" in rest and rest - {"number"} <= _PAPERS
    return "invoice_number" if is_number and rest & _PAPERS else ""


def _named(field: Field, context: tuple[Words, ...]) -> list[Words]:
    """What a field may be called, with what its objects are: the `name` of a `seller` is a seller."""
    found: list[Words] = []
    for phrase in phrases_of(field):
        whole = tuple(dict.fromkeys((*(context[-1] if context else ()), *phrase)))
        found += [whole, tuple(word for word in whole if word != _NAME)]
    return [one for one in found if one] or [(field.name,)]


def _known() -> dict[Words, tuple[str, tuple[str, ...]]]:
    found: dict[Words, tuple[str, tuple[str, ...]]] = {}
    for use_case in _BILLS:
        paths = {path: None for one in load() for path in one.labels.get(use_case, {}) if "." not in path}
        # the first that has a label keeps it: what invoices call so outweighs receipts
        for path in paths:
            theirs = tuple(phrases(labels(use_case, path)))
            for label in theirs:
                found.setdefault(words(label), (path, theirs))
    return found


_KNOWN: Final = _known()
_LABELS: Final = {
    path: tuple(phrases(labels(case, path)))
    for case, path in (
        *(("invoice", path) for path in ("seller_name", "buyer_name", "seller_vat_id", "buyer_vat_id", "due_date")),
        ("invoice", "issue_date"),
        ("invoice", "invoice_number"),
        ("receipt", "address"),
    )
}
