"""From an answer's leaves to the result and the evidence beside it: look, choose, report."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean as mean
from typing import Any

from ix.extraction.evidence.agreement import Method, Scalar, agrees, as_number
from ix.extraction.evidence.boxes import line_boxes
from ix.extraction.evidence.choosing import Chooser
from ix.extraction.evidence.doubts import credit_notes, is_ambiguous, other_day
from ix.extraction.evidence.folding import confusable
from ix.extraction.evidence.found import Found
from ix.extraction.evidence.own import own_part
from ix.extraction.evidence.searching import Search, as_date
from ix.extraction.evidence.wordindex import Hit
from ix.extraction.findings import finding
from ix.extraction.models import Leaf, Tree
from ix.extraction.page import Page, Word
from ix.fields import Field, Kind, fields_of, guess_kind
from ix.job import Finding
from ix.job import Scalar as JobScalar

QUALITY = {"exact": 1.0, "normalised": 0.95, "fuzzy": 0.9, "none": 0.0}
"""What each kind of match leaves of the confidence; the package says what else goes into it."""
_REPEATED: frozenset[Kind] = frozenset({"organisation", "person", "date", "money", "identifier"})
"""Kinds whose values are often printed more than once."""
CLOSE = 0.05
"""Least margin by which a value is better supported than its rival: of those that were closer, two in five were wrong
on the labelled receipts and invoices, of the others one in twelve."""
DERIVED = 0.9
"""What is left of the confidence in a value that is concluded rather than printed."""


@dataclass(frozen=True, slots=True)
class Placed:
    """The plain result, the evidence beside it (see the package), and what was found wanting. `found` is what else is
    known of each value, by its path."""

    result: dict[str, Any]
    evidence: dict[str, Any]
    findings: tuple[Finding, ...]
    found: Mapping[str, Found] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Support:
    """Words that support a value, and how the value follows from them."""

    hit: Hit
    method: Method


@dataclass(slots=True)
class Item:
    """One leaf on its way: where it goes, what supports it, which place was chosen, and what is wrong otherwise, with
    what its finding says beside the field. `row` is the path of the table row that it belongs to, empty outside one."""

    leaf: Leaf
    field: Field
    path: str
    row: str
    supports: list[Support] = dataclasses.field(default_factory=list)
    chosen: Support | None = None
    problem: str = ""
    params: dict[str, JobScalar] = dataclasses.field(default_factory=dict)

    @property
    def value(self) -> Scalar:
        """What the backend answered, an empty string where it answered nothing."""
        return self.leaf.value if self.leaf.value is not None else ""

    @property
    def wanted(self) -> bool:
        """Whether there is a value to look for."""
        return self.leaf.value not in (None, "")


def place(values: Mapping[str, Tree], schema: Mapping[str, Any], pages: Sequence[Page]) -> Placed:
    """Places every leaf of `values`, an answer to `schema` (JSON Schema with `x-ix`), in the words of `pages`."""
    fields, search = fields_of(schema), Search(pages)
    # complete, so that a result has every field of its schema whatever the backend left out
    values = complete(values, fields)
    items = {item.path: item for item in _members(values, fields, "", "")}
    for item in items.values():
        if item.wanted:
            _look(item, search)
    _choose(items.values(), Chooser(search, fields))
    _doubt(items.values(), search)
    evidence = _mapped(values, "", lambda path, _: _node(items[path], search))
    result = _mapped(values, "", lambda _, leaf: leaf.value)
    findings = [_finding(item) for item in items.values() if item.problem]
    known = {item.path: _known(item, search) for item in items.values() if item.wanted}
    return Placed(result, evidence, (*findings, *_credit_notes(items.values(), search)), known)


# Walking trees


def complete(values: Mapping[str, Tree], fields: Sequence[Field]) -> dict[str, Tree]:
    """The answer with every field of the schema in it, in its order: what the backend left out is null, or an empty
    list."""
    known = {
        field.name: _complete(values[field.name], field) if field.name in values else _nothing(field)
        for field in fields
    }
    return {**known, **{name: tree for name, tree in values.items() if name not in known}}


def _complete(tree: Tree, field: Field) -> Tree:
    if isinstance(tree, list):
        return [_complete(member, field) for member in tree]
    return complete(tree, field.fields) if isinstance(tree, dict) else tree


def _nothing(field: Field) -> Tree:
    if field.kind == "rows":
        return []
    # what only an electronic invoice has is null as a whole
    return complete({}, field.fields) if field.kind == "object" and not field.electronic else Leaf(None)


def _members(values: Mapping[str, Tree], fields: Sequence[Field], path: str, row: str) -> Iterator[Item]:
    known = {field.name: field for field in fields}
    for name, tree in values.items():
        yield from _items(tree, known.get(name) or _unknown(name, tree), _join(path, name), row)


def _items(tree: Tree, field: Field, path: str, row: str) -> Iterator[Item]:
    if isinstance(tree, Leaf):
        yield Item(tree, field, path, row)
    elif isinstance(tree, list):
        for at, member in enumerate(tree):
            yield from _items(member, field, _join(path, str(at)), _join(path, str(at)))
    else:
        yield from _members(tree, field.fields, path, row)


def _unknown(name: str, tree: Tree) -> Field:
    number = isinstance(tree, Leaf) and isinstance(tree.value, int | float)
    return Field(name, name, guess_kind(name, "number" if number else "string"))


def _mapped(tree: Any, path: str, change: Callable[[str, Leaf], Any]) -> Any:
    if isinstance(tree, Leaf):
        return change(path, tree)
    if isinstance(tree, list):
        return [_mapped(member, _join(path, str(at)), change) for at, member in enumerate(tree)]
    return {name: _mapped(member, _join(path, name), change) for name, member in tree.items()}


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


# Looking


def _look(item: Item, search: Search) -> None:
    # a backend that reads words itself says where, which beats any search, if they say the value too
    hint = search.hint(item.leaf)
    if hint and (support := _support(item, hint, search, item.leaf.quote or search.text(hint))):
        item.chosen, item.supports = support, [support]
        return
    item.supports = _quoted(item, search) or _printed(item, search)
    if not item.supports:
        item.problem = _problem(item, search)


def _quoted(item: Item, search: Search) -> list[Support]:
    """Places of the quote, if it says the value."""
    quote = item.leaf.quote
    if not quote or not _agrees(item, search, quote):
        return []
    return _first(item, search, search.quote(quote, item.field), quote)


def _printed(item: Item, search: Search) -> list[Support]:
    """Places of the value itself, for a backend that quotes nothing or something else."""
    return _first(item, search, search.value(item.value, item.field), str(item.value))


def _first(item: Item, search: Search, tiers: Iterable[list[Hit]], said: str) -> list[Support]:
    """The supports of the best kind of match that has any."""
    supports = ([s for hit in hits if (s := _support(item, hit, search, said))] for hits in tiers)
    return next(filter(None, supports), [])


def _support(item: Item, hit: Hit, search: Search, said: str) -> Support | None:
    method = _agrees(item, search, _evident(item, hit, search, said))
    if method is None:
        return None
    return Support(hit, "derive" if item.leaf.derived else method)


def _agrees(item: Item, search: Search, text: str) -> Method | None:
    """What `agrees` says, asked once for all fields of a kind."""
    value, field = item.value, item.field
    # True is 1 to a dictionary
    key = agrees, type(value), value, field.kind, bool(field.choices), text
    return search.once(key, lambda: agrees(value, field, text))


def _evident(item: Item, hit: Hit, search: Search, said: str) -> str:
    """The text that must say the value. The words themselves, because `12/2019` is not 12; but words read fuzzily and
    dates glued to numbers cannot, so there it is what was looked for."""
    words = search.text(hit)
    if as_number(item.value, item.field) is not None:
        return confusable(words) if hit.match == "fuzzy" else words
    return said if hit.match == "fuzzy" or item.field.kind == "date" else words


def _problem(item: Item, search: Search) -> str:
    # a no is often concluded from what a page does not say
    hidden, quote = search.with_hidden, item.leaf.quote
    if isinstance(item.value, bool):
        return ""
    if hidden and (_quoted(item, hidden) or _printed(item, hidden)):
        return "hidden_text"
    return "value_not_in_quote" if quote and any(search.quote(quote, item.field)) else "value_not_found"


# Choosing


def _choose(items: Iterable[Item], chooser: Chooser) -> None:
    """The unambiguous first, so that the others can stay clear of them; then fields, then rows from the top."""
    for item in sorted((item for item in items if item.supports), key=_ambiguity):
        if item.chosen is None:
            item.chosen = item.supports[chooser.best([s.hit for s in item.supports], item.field, item.row)]
        chooser.take(item.chosen.hit, item.row)


def _ambiguity(item: Item) -> tuple[bool, bool, list[int], int]:
    row = [int(part) for part in item.row.split(".") if part.isdigit()]
    return item.chosen is None and len(item.supports) > 1, bool(row), row, len(item.supports)


# Doubting


def _doubt(items: Iterable[Item], search: Search) -> None:
    for item in items:
        number = as_number(item.value, item.field) if item.field.kind == "money" and item.chosen else None
        if (
            item.chosen
            and number is not None
            and is_ambiguous(number, "" if item.row else item.field.name, item.chosen.hit, search)
        ):
            item.problem = "ambiguous"
        elif item.chosen and not item.problem and not item.row:
            _doubt_choice(item, item.chosen.hit, search)


def _doubt_choice(item: Item, hit: Hit, search: Search) -> None:
    """Whether a date may be another day, another value is as likely, or nothing names this one."""
    day = as_date(item.value) if item.field.kind == "date" else None
    if day and (other := other_day(day, hit, search)):
        item.problem, item.params = "ambiguous", {"case": "date", "other": other.isoformat()}
    elif item.leaf.rival is not None and item.leaf.margin is not None and item.leaf.margin < CLOSE:
        item.problem, item.params = "close_candidate", {"other": item.leaf.rival}
    elif item.leaf.guess:
        item.problem = "no_label"


def _credit_notes(items: Iterable[Item], search: Search) -> Iterator[Finding]:
    """Credits that are printed without a minus, which is how most credit notes print them."""
    numbers = (as_number(item.value, item.field) for item in items if item.field.kind == "money" and item.wanted)
    if any(number is not None and number > 0 for number in numbers):
        for document in credit_notes(search):
            yield finding("credit_note", document=document)


# Reporting


def _node(item: Item, search: Search) -> dict[str, Any] | None:
    if not item.wanted:
        return None
    if item.chosen is None:
        return _evidence("derive" if item.leaf.derived else "extract", "none", None, None, item.leaf.quote, [], 0.0)
    hit, method = item.chosen.hit, item.chosen.method
    page, whole = search.pages[hit.page], search.text(hit)
    # added up from several amounts, or concluded by the backend: all of them are the evidence
    start, end = (0, len(whole)) if item.leaf.derived else own_part(item.value, item.field, whole)
    words = search.cut(hit, start, end)
    confidence = _confidence(words, item.chosen, item.leaf)
    quote = whole[start:end]
    boxes = line_boxes(words, page.quad)
    return _evidence(method, hit.match, page.document, page.number, quote, boxes, confidence)


def _confidence(words: Sequence[Word], chosen: Support, leaf: Leaf) -> float:
    """The product that the package explains, to three decimals."""
    read = mean(word.confidence for word in words)
    derived = DERIVED if chosen.method == "derive" else 1.0
    own = 1.0 if leaf.confidence is None else leaf.confidence
    return round(read * QUALITY[chosen.hit.match] * chosen.hit.score * derived * own, 3)


def _known(item: Item, search: Search) -> Found:
    if item.chosen is None:
        return Found(item.field, item.leaf, bool(item.row))
    hit = item.chosen.hit
    # thousands of cells, of which nobody asks what stands beside them
    if item.row:
        return Found(item.field, item.leaf, True, search.words(hit))
    places = search.repeated(search.text(hit)) if item.field.kind in _REPEATED else 0
    return Found(item.field, item.leaf, False, search.words(hit), search.around(hit), places)


def _evidence(
    method: Method,
    match: str,
    document: int | None,
    page: int | None,
    quote: str | None,
    boxes: list[list[float]],
    confidence: float,
) -> dict[str, Any]:
    return {
        "method": method,
        "match": match,
        "document": document,
        "page": page,
        "quote": quote,
        "boxes": boxes,
        "confidence": confidence,
    }


def _finding(item: Item) -> Finding:
    # pages have hidden text, too
    params = {"case": "value"} if item.problem == "hidden_text" else item.params
    return finding(item.problem, item.path, field=item.field.name, **params)
