"""Electronic invoices: XML that says what the page shows, and more.

    parsing     XML of strangers into a plain tree
    cii, ubl    where each syntax holds what EN 16931 knows
    mapping     these tables applied: values, and the path of each in the XML
    texts       what a text says, by the kind of field that wants it
    sheet       all of it as lines of text, for XML without a page

`read` gives values, `laid_out` lines. Everything here runs in child processes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ix.errors import DocumentError
from ix.extraction.einvoice import cii, sheet, ubl
from ix.extraction.einvoice.mapping import Mapped, Spec, mapped
from ix.extraction.einvoice.parsing import MAX_BYTES, Element, parsed, root_of
from ix.extraction.models import Leaf, Tree
from ix.fields import Field

MAX_OTHERS = 2_000
"""Most values without a field of their own that an answer lists."""
START = 64 << 10
"""Bytes within which a root begins, behind whatever comments (64 KiB)."""


@dataclass(frozen=True, slots=True)
class Syntax:
    """A vocabulary of XML that invoices are written in: its `roots` by name, each in a namespace that begins with one of
    `spaces`, and the table that maps it."""

    name: str
    roots: frozenset[str]
    spaces: tuple[str, ...]
    table: Mapping[str, Spec]
    variables: Mapping[str, str]


SYNTAXES = (
    Syntax(
        "CII",
        frozenset({"CrossIndustryInvoice", "CrossIndustryDocument", "SCRDMCCBDACIOMessageStructure", "Invoice"}),
        ("urn:un:unece:uncefact:data:", "urn:ferd:"),
        cii.INVOICE,
        cii.VARIABLES,
    ),
    Syntax(
        "UBL",
        frozenset({"Invoice", "CreditNote"}),
        ("urn:oasis:names:specification:ubl:schema:xsd:",),
        ubl.INVOICE,
        ubl.VARIABLES,
    ),
)


def is_einvoice(data: bytes) -> bool:
    """Whether these bytes are an electronic invoice's, by their root."""
    return _syntax(*root_of(data[:START])) is not None


def read(data: bytes, fields: Sequence[Field]) -> Mapped:
    """What an electronic invoice says of the fields. Raises `DocumentError` for what is none, or cannot be read."""
    root, syntax = _known(data)
    made = mapped(root, syntax.table, fields, syntax.variables)
    if any(field.name == "other_values" for field in fields):
        made.values["other_values"] = list(_others(root, made))
    return made


def laid_out(data: bytes) -> str:
    """All that an electronic invoice says, as text to read. Raises `DocumentError` as `read` does."""
    root, syntax = _known(data)
    made = mapped(root, syntax.table, sheet.fields(syntax.table), syntax.variables)
    values = {**made.values, "other_values": list(_others(root, made))}
    title = "Credit note" if root.name == "CreditNote" else "Order" if root.name.startswith("SCRDMCCBDACIO") else "Invoice"
    return "\n".join(sheet.lines(title, values, syntax.table))


def _known(data: bytes) -> tuple[Element, Syntax]:
    root = parsed(data)
    if (syntax := _syntax(root.space, root.name)) is None:
        raise DocumentError("the XML cannot be read: it is no invoice of a known kind")
    return root, syntax


def _syntax(space: str, name: str) -> Syntax | None:
    return next((one for one in SYNTAXES if name in one.roots and space.startswith(one.spaces)), None)


def _others(root: Element, made: Mapped) -> Iterator[Tree]:
    for number, one in enumerate(unmapped(root, made)):
        if number == MAX_OTHERS:
            return
        for name in ("path", "value"):
            made.paths[f"other_values.{number}.{name}"] = one.path
        yield {"path": Leaf(one.path), "value": Leaf(one.text)}


def unmapped(root: Element, made: Mapped) -> Iterator[Element]:
    """The elements with a text that no field took, what only says which field it is left out."""
    return (one for one in root.walk() if one.text and not one.children and id(one) not in made.used and not _tells(one))


def _tells(element: Element) -> bool:
    """Whether an element only says what its neighbours are: whether an amount is a charge, that a tax is VAT."""
    return element.name in ("ChargeIndicator", "Indicator", "TypeCode", "ID") and (
        (element.name == "ChargeIndicator" or (element.parent is not None and element.parent.name in _TELLING))
    )


_TELLING = frozenset({"ChargeIndicator", "TaxScheme", "ApplicableTradeTax", "CategoryTradeTax", "AppliedTradeTax"})
