"""What an electronic invoice says, as values and as lines of text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from ix.errors import DocumentError
from ix.extraction.einvoice import cii, fatturapa, kinds, sheet, ubl
from ix.extraction.einvoice.mapping import Mapped, Spec, mapped
from ix.extraction.einvoice.parsing import Element, parsed
from ix.extraction.models import Leaf, Tree
from ix.fields import Field

MAX_OTHERS = 2_000
"""Most values without a field of their own that an answer lists."""
_TABLES: Mapping[str, tuple[Mapping[str, Spec], Mapping[str, str]]] = {
    kinds.CII: (cii.INVOICE, cii.VARIABLES),
    kinds.UBL: (ubl.INVOICE, ubl.VARIABLES),
    kinds.FATTURAPA: (fatturapa.INVOICE, fatturapa.VARIABLES),
}
_TITLES = {"CreditNote": "Credit note", "SCRDMCCBDACIOMessageStructure": "Order"}


def read(data: bytes, fields: Sequence[Field]) -> Mapped:
    """What an electronic invoice says of the fields. Raises `DocumentError` for what is none, or cannot be read."""
    root, table, variables = _known(data)
    more = _keep_first(root)
    made = mapped(root, table, fields, variables)
    made.more, made.european = more, table is not fatturapa.INVOICE
    _tell_subjects(made)
    if any(field.name == "other_values" for field in fields):
        made.values["other_values"] = _others(root, made)
    return made


def laid_out(data: bytes) -> str:
    """All that an electronic invoice says, as text to read. Raises `DocumentError` as `read` does."""
    root, table, variables = _known(data)
    _keep_first(root)
    made = mapped(root, table, sheet.fields(table), variables)
    values = {**made.values, "other_values": _others(root, made)}
    return "\n".join(sheet.lines(_TITLES.get(root.name, "Invoice"), values, table))


def unmapped(root: Element, made: Mapped) -> Iterator[Element]:
    """The elements with a text that no field took, without those that only tell what their neighbours are."""
    leaves = (one for one in root.walk() if one.text and not one.children)
    return (one for one in leaves if id(one) not in made.used and not _tells(one))


def _known(data: bytes) -> tuple[Element, Mapping[str, Spec], Mapping[str, str]]:
    root = parsed(data)
    if (syntax := kinds.syntax_of(root.space, root.name)) is None:
        raise DocumentError("the XML cannot be read: it is no invoice of a known kind")
    return root, *_TABLES[syntax]


def _keep_first(root: Element) -> int:
    """Leaves a file of several invoices, which only FatturaPA knows, with the first; how many were more."""
    bodies = [one for one in root.children if one.name == fatturapa.BODY]
    root.children = [one for one in root.children if one not in bodies[1:]]
    return len(bodies[1:])


_SUBJECT = re.compile(r"#([A-Z]{3})#")
"""How a note of UBL begins with the code of its subject (CEN/TS 16931-3-2, BT-21)."""


def _tell_subjects(made: Mapped) -> None:
    """Gives notes the subject that their text begins with, where it has no element of its own; the text stays."""
    notes = made.values.get("notes")
    for at, note in enumerate(notes if isinstance(notes, list) else ()):
        if isinstance(note, dict) and isinstance(text := note.get("text"), Leaf) and "subject" not in note:
            code = _SUBJECT.match(str(text.value or ""))
            note["subject"] = Leaf(code[1] if code else None)
            if code:
                made.paths[f"notes.{at}.subject"] = made.paths[f"notes.{at}.text"]


def _others(root: Element, made: Mapped) -> list[Tree]:
    rows: list[Tree] = []
    for number, one in enumerate(islice(unmapped(root, made), MAX_OTHERS)):
        made.paths |= {f"other_values.{number}.{name}": one.path for name in ("path", "value")}
        rows.append({"path": Leaf(one.path), "value": Leaf(one.text)})
    return rows


_TELLING = frozenset({"ChargeIndicator", "TaxScheme", "ApplicableTradeTax", "CategoryTradeTax", "AppliedTradeTax"})
"""Elements whose code says what the rest is: whether an amount is added or deducted, and that a tax is VAT."""


def _tells(element: Element) -> bool:
    parent = element.parent.name if element.parent is not None else ""
    return element.name == "ChargeIndicator" or (element.name in ("Indicator", "TypeCode", "ID") and parent in _TELLING)
