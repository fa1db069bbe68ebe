"""From an invoice's XML to a result: what stands where is written down in tables of paths, one a syntax.

    "invoice_number": "ExchangedDocument/ID"                a value: of the first path (` | ` parts them) that has one
    "lines": Each("InvoiceLine", {"id": "ID", …})           rows: one for each element of all paths
    "seller": Part("AccountingSupplierParty/Party", {…})    an object: null where its element is absent
    "vat_id": Joined(("IdPaese", "IdCodice"))               a value of several texts; its path is the first one's
    "tax_total": Total("DatiRiepilogo/Imposta")             a value that is a sum, likewise

A step of a path is an element's local name, or a name of it in an older version (`ALIASES`), `.` for the element
itself, `..` for its parent, `@name` for an attribute, `name()` for its own name, and `//name` for what lies below at
any depth. `[path=text]` and `[path!=text]` choose among elements, `$name` is a value of the document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import TypeAlias

from ix.extraction.einvoice.parsing import Element
from ix.extraction.einvoice.texts import Value, valued
from ix.extraction.models import Leaf, Tree
from ix.extraction.values import as_decimal
from ix.fields import Field

ALIASES = {
    # ZUGFeRD 1.0, and the release candidate before it
    "HeaderExchangedDocument": "ExchangedDocument",
    "SpecifiedExchangedDocumentContext": "ExchangedDocumentContext",
    "SpecifiedSupplyChainTradeTransaction": "SupplyChainTradeTransaction",
    "ApplicableSupplyChainTradeAgreement": "ApplicableHeaderTradeAgreement",
    "ApplicableSupplyChainTradeDelivery": "ApplicableHeaderTradeDelivery",
    "ApplicableSupplyChainTradeSettlement": "ApplicableHeaderTradeSettlement",
    "SpecifiedSupplyChainTradeAgreement": "SpecifiedLineTradeAgreement",
    "SpecifiedSupplyChainTradeDelivery": "SpecifiedLineTradeDelivery",
    "SpecifiedSupplyChainTradeSettlement": "SpecifiedLineTradeSettlement",
    "SpecifiedTradeSettlementMonetarySummation": "MonetarySummation",
    "SpecifiedTradeSettlementHeaderMonetarySummation": "MonetarySummation",
    "SpecifiedTradeSettlementLineMonetarySummation": "MonetarySummation",
    "SpecifiedTradeAccountingAccount": "ReceivableSpecifiedTradeAccountingAccount",
    "ApplicablePercent": "RateApplicablePercent",
    # Order-X
    "OrderCurrencyCode": "InvoiceCurrencyCode",
    "RequestedQuantity": "BilledQuantity",
    "AgreedQuantity": "BilledQuantity",
    # UBL: what a credit note calls its parts
    "CreditNoteTypeCode": "InvoiceTypeCode",
    "CreditNoteLine": "InvoiceLine",
    "SubCreditNoteLine": "SubInvoiceLine",
    "CreditedQuantity": "InvoicedQuantity",
}


@dataclass(frozen=True, slots=True)
class Each:
    """Rows: one for each element that any of the paths names."""

    path: str
    members: Mapping[str, Spec]


@dataclass(frozen=True, slots=True)
class Part:
    """An object of the first element that the paths name; the path `.` gathers values into an object of their own."""

    path: str
    members: Mapping[str, Spec]


@dataclass(frozen=True, slots=True)
class Joined:
    """A value of the first text of each path, joined."""

    paths: tuple[str, ...]
    by: str = ""


@dataclass(frozen=True, slots=True)
class Total:
    """A value that the XML does not state: the sum of all that the paths name, unless there is a `stated` one."""

    path: str
    stated: str = ""


Spec: TypeAlias = str | Each | Part | Joined | Total


@dataclass(frozen=True, slots=True)
class Hit:
    """What a path names: an element, or its text of another kind: an attribute's, or its own name."""

    element: Element
    attribute: str | None = None

    @property
    def text(self) -> str:
        """What stands there, without blanks around it."""
        if self.attribute is None:
            return self.element.text
        return self.element.name if self.attribute == "" else self.element.attributes.get(self.attribute, "").strip()

    @property
    def path(self) -> str:
        """Where it stands, as an XPath of local names."""
        return f"{self.element.path}/@{self.attribute}" if self.attribute else self.element.path


@dataclass(slots=True)
class Mapped:
    """An answer made of XML. `paths` says for each of its values, by its dotted path, where in the XML it stands, and
    `used` holds the ids of the elements that it was made of. `more` counts the invoices of the XML beside the one that
    is mapped; `european` says whether it is one of EN 16931's."""

    values: dict[str, Tree] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)
    more: int = 0
    european: bool = True


def mapped(
    root: Element, spec: Mapping[str, Spec], fields: Sequence[Field], variables: Mapping[str, str] | None = None
) -> Mapped:
    """The values of those `fields` that the table `spec` has a path for. `variables` are paths by their names."""
    known = {name: next((hit.text for hit in hits(root, path, {})), "") for name, path in (variables or {}).items()}
    made = Mapped()
    made.values = _members(root, spec, fields, "", made, known)
    return made


def hits(element: Element, path: str, variables: Mapping[str, str]) -> Iterator[Hit]:
    """Everything that the paths name and that has a text, in the paths' order."""
    for steps in _compiled(path):
        yield from (hit for hit in _walk(Hit(element), steps, variables) if hit.text or hit.element.children)


def _members(
    element: Element,
    spec: Mapping[str, Spec],
    fields: Sequence[Field],
    at: str,
    made: Mapped,
    variables: Mapping[str, str],
) -> dict[str, Tree]:
    found: dict[str, Tree] = {}
    for one in fields:
        if (wanted := spec.get(one.name)) is not None:
            path = f"{at}.{one.name}" if at else one.name
            found[one.name] = _tree(element, wanted, one, path, made, variables)
    return found


def _tree(element: Element, spec: Spec, one: Field, at: str, made: Mapped, variables: Mapping[str, str]) -> Tree:
    if isinstance(spec, str):
        return _leaf(hits(element, spec, variables), one, at, made)
    if isinstance(spec, Joined):
        found_texts = [hit for path in spec.paths if (hit := next(hits(element, path, variables), None))]
        return _of_several(found_texts, spec.by.join(hit.text for hit in found_texts), one, at, made)
    if isinstance(spec, Total):
        return _total(element, spec, one, at, made, variables)
    found = {id(hit.element): hit.element for hit in hits(element, spec.path, variables)}
    if isinstance(spec, Each):
        return [
            _members(row, spec.members, one.fields, f"{at}.{number}", made, variables)
            for number, row in enumerate(found.values())
        ]
    if not found:
        return Leaf(None)
    members = _members(next(iter(found.values())), spec.members, one.fields, at, made, variables)
    return members if any(map(_holds, members.values())) else Leaf(None)


def _leaf(found: Iterator[Hit], one: Field, at: str, made: Mapped) -> Leaf:
    for hit in found:
        value: Value = valued(hit.text, one, hit.element.attributes.get("format", ""))
        if value is not None:
            made.paths[at] = hit.path
            made.used.add(id(hit.element))
            return Leaf(value)
    return Leaf(None)


def _total(element: Element, spec: Total, one: Field, at: str, made: Mapped, variables: Mapping[str, str]) -> Tree:
    if spec.stated and (leaf := _leaf(hits(element, spec.stated, variables), one, at, made)).value is not None:
        return leaf
    found = list(hits(element, spec.path, variables))
    numbers = [as_decimal(hit.text) for hit in found]
    known = [number for number in numbers if number is not None]
    # a sum without one of its parts is none
    said = f"{sum(known, Decimal(0))}" if known and len(known) == len(numbers) else ""
    return _of_several(found, said, one, at, made)


def _of_several(found: Sequence[Hit], text: str, one: Field, at: str, made: Mapped) -> Leaf:
    if (value := valued(text, one)) is None:
        return Leaf(None)
    made.paths[at] = found[0].path
    # all of them, or those that were added up would be listed as values without a field
    made.used |= {id(hit.element) for hit in found}
    return Leaf(value)


def _holds(tree: Tree) -> bool:
    return tree.value is not None if isinstance(tree, Leaf) else bool(tree)


# Paths


@dataclass(frozen=True, slots=True)
class _Condition:
    path: str
    text: str
    equal: bool


@dataclass(frozen=True, slots=True)
class _Step:
    name: str
    deep: bool
    conditions: tuple[_Condition, ...]


_STEP = re.compile(r"(?P<deep>//)?(?P<name>[^/\[\]]+)(?P<conditions>(?:\[[^\]]*\])*)/?")
_CONDITION = re.compile(r"\[([^\]=!]+)(!?=)([^\]]*)\]")


@lru_cache(maxsize=1024)
def _compiled(path: str) -> tuple[tuple[_Step, ...], ...]:
    return tuple(tuple(map(_step, _STEP.finditer(one.strip()))) for one in path.split(" | "))


def _step(match: re.Match[str]) -> _Step:
    conditions = (_Condition(path, text, sign == "=") for path, sign, text in _CONDITION.findall(match["conditions"]))
    return _Step(match["name"], bool(match["deep"]), tuple(conditions))


def _walk(hit: Hit, steps: Sequence[_Step], variables: Mapping[str, str]) -> Iterator[Hit]:
    if not steps:
        yield hit
        return
    for found in _taken(hit.element, steps[0]):
        if all(_meets(found, condition, variables) for condition in steps[0].conditions):
            yield from _walk(found, steps[1:], variables)


def _taken(element: Element, step: _Step) -> Iterator[Hit]:
    if step.name == ".":
        yield Hit(element)
    elif step.name == "..":
        if element.parent is not None:
            yield Hit(element.parent)
    elif step.name == "name()":
        yield Hit(element, "")
    elif step.name.startswith("@"):
        yield Hit(element, step.name[1:])
    else:
        below = element.walk() if step.deep else iter(element.children)
        yield from (Hit(one) for one in below if ALIASES.get(one.name, one.name) == step.name)


def _meets(hit: Hit, condition: _Condition, variables: Mapping[str, str]) -> bool:
    wanted = variables.get(condition.text[1:], "") if condition.text.startswith("$") else condition.text
    said = [found.text for found in hits(hit.element, condition.path, variables)]
    return (wanted in said) == condition.equal
