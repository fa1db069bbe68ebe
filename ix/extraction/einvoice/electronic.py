"""An electronic invoice as an answer: its values first, each then sought on the pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ix.errors import DocumentError
from ix.extraction.einvoice import comparing, rules_of_en16931
from ix.extraction.einvoice.mapping import Mapped
from ix.extraction.einvoice.reading import read as read_xml
from ix.extraction.evidence import Placed, place
from ix.extraction.evidence.placing import complete
from ix.extraction.findings import finding
from ix.extraction.models import Answer, Leaf, Question, Tree
from ix.extraction.models.rules.answer import answer as read_by_rules
from ix.extraction.page import Page
from ix.fields import Field, fields_of
from ix.job import Finding

MODEL = "xml"
"""What `usage` names in place of a model, and `source` in the evidence of each value of the XML."""
DOUBTED = 0.5
"""Confidence in a value of the XML that the page contradicts; in every other it is 1."""
MAX_SOUGHT = 2_000
"""Most values that are looked for on the pages, in the order of the fields; an invoice of 100 positions has 1,500."""
MAX_SOUGHT_TEXT = 1_000
"""Characters of the longest text that is looked for on the pages."""
_UNSOUGHT: Mapping[str, Any] = {
    "method": "extract",
    "match": "none",
    "document": None,
    "page": None,
    "quote": None,
    "boxes": [],
}
_LACKING: tuple[tuple[str, frozenset[str]], ...] = (
    (
        ":minimum",
        frozenset({"due_date", "buyer_vat_id", "iban", "line_total", "prepaid", "lines"}),
    ),
    ("basicwl", frozenset({"lines"})),
)
"""Ends of the names of profiles that are no full invoices, and the fields that they have no room for: what the page
says of these is taken."""


@dataclass(slots=True)
class Electronic:
    """What an electronic invoice says of the `fields` (`mapped`, and as an `answer`), what the rules `read` on the
    pages that somebody has `drawn`, and where these print the values (`printed`, once they are placed)."""

    answer: Answer
    mapped: Mapped
    fields: Sequence[Field]
    read: dict[str, Tree]
    drawn: list[Page]
    printed: Any = None

    def placed(self, schema: Mapping[str, Any], pages: Sequence[Page]) -> Placed:
        """The result, each value placed on a page: one that somebody drew, or else one that was laid out."""
        values = complete(self.answer.values, self.fields)
        sought = _sought(values, iter(range(MAX_SOUGHT)))
        found = place(sought, schema, self.drawn)
        self.printed = found.evidence
        if any(page.laid_out for page in pages):
            laid = place(sought, schema, [page for page in pages if page.laid_out])
            found = replace(found, evidence=_either(found.evidence, laid.evidence))
        kept = tuple(one for one in found.findings if one.path not in self.mapped.paths)
        return Placed(_plain(values), self._sourced(values, found.evidence, ""), kept, found.found)

    def findings(self, placed: Placed) -> list[Finding]:
        """Which of EN 16931's rules the values break, and what the pages say differently; the latter lowers the
        confidence in the evidence of `placed`."""
        differences = comparing.differences(self.fields, self.mapped, self.read, self.printed, self.drawn)
        for one in differences:
            _doubt(placed.evidence, one.path)
        # what others withhold, stamp or round has rules of its own
        broken = rules_of_en16931.broken(placed.result) if self.mapped.european else []
        return [*broken, *differences]

    def _sourced(self, tree: Tree, evidence: Any, at: str) -> Any:
        """The evidence, with the path in the XML where a value comes from there."""
        if isinstance(tree, list):
            return [self._sourced(one, evidence[number], f"{at}.{number}") for number, one in enumerate(tree)]
        if isinstance(tree, dict):
            return {
                name: self._sourced(one, evidence[name], f"{at}.{name}" if at else name) for name, one in tree.items()
            }
        if (path := self.mapped.paths.get(at)) is None:
            return evidence
        return {**(evidence or _UNSOUGHT), "source": MODEL, "path": path, "confidence": 1.0}


def taken(
    invoices: Sequence[tuple[int, bytes]], schema: Mapping[str, Any], question: Question
) -> tuple[Electronic | None, list[Finding]]:
    """What the first readable one of the electronic invoices (each with the number of its document) says, None where
    the schema takes none or none can be read; and what is wrong with them."""
    problems: list[Finding] = []
    first: Electronic | None = None
    fields = fields_of(schema)
    for document, data in invoices if (schema.get("x-ix") or {}).get("einvoice") else ():
        try:
            mapped = read_xml(data, fields)
        except DocumentError as error:
            problems.append(finding("xml_unreadable", document=document, text=error.message))
            continue
        if mapped.more:
            problems.append(finding("xml_several", document=document, count=mapped.more))
        if first is None:
            first = _electronic(mapped, fields, question)
        elif _number(mapped) != _number(first.mapped):
            problems.append(finding("xml_several", document=document, case="other"))
    return first, problems


def _number(mapped: Mapped) -> Tree | None:
    return mapped.values.get("invoice_number")


def _electronic(mapped: Mapped, fields: Sequence[Field], question: Question) -> Electronic:
    # pages keep their numbers, by which leaves refer to them
    drawn = [replace(page, words=()) if page.laid_out else page for page in question.pages]
    read = read_by_rules(drawn, question.schema) if any(page.words for page in drawn) else {}
    gaps = {name: read[name] for name in _lacking(mapped) if name in read and _is_empty(mapped.values.get(name))}
    answer = Answer({**mapped.values, **gaps}, {"model": MODEL})
    return Electronic(answer, mapped, fields, read, drawn)


def _sought(tree: Any, left: Iterator[int]) -> Any:
    """The values that are looked for on the pages; null in place of the others."""
    if isinstance(tree, list):
        return [_sought(one, left) for one in tree]
    if isinstance(tree, dict):
        # what has no field of its own is looked for by nobody
        return {name: [{}] * len(one) if name == "other_values" else _sought(one, left) for name, one in tree.items()}
    if tree.value is None or (isinstance(tree.value, str) and len(tree.value) > MAX_SOUGHT_TEXT):
        return Leaf(None)
    return tree if next(left, None) is not None else Leaf(None)


def _plain(tree: Any) -> Any:
    if isinstance(tree, list):
        return [_plain(one) for one in tree]
    return {name: _plain(one) for name, one in tree.items()} if isinstance(tree, dict) else tree.value


def _lacking(mapped: Mapped) -> frozenset[str]:
    profile = mapped.values.get("profile")
    named = str(profile.value).lower().replace(" ", "") if isinstance(profile, Leaf) else ""
    return next((fields for end, fields in _LACKING if named.endswith(end)), frozenset())


def _is_empty(tree: Tree | None) -> bool:
    return not tree or (isinstance(tree, Leaf) and tree.value is None)


def _either(first: Any, second: Any) -> Any:
    """The first evidence where it found a value, the second elsewhere."""
    if isinstance(first, list):
        return [_either(one, other) for one, other in zip(first, second)]
    if not isinstance(first, dict):
        return first
    if "match" in first:
        return second if first["match"] == "none" else first
    return {name: _either(one, second[name]) for name, one in first.items()}


def _doubt(evidence: Any, path: str) -> None:
    for part in path.split("."):
        evidence = evidence[int(part)] if isinstance(evidence, list) else evidence[part]
    # a whole row has no evidence of its own
    if isinstance(evidence, dict) and "match" in evidence:
        evidence["confidence"] = DOUBTED
